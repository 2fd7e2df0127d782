"""Completion of a command line in bash, zsh and fish: a short script for each, which asks the program itself.

So there is one list of options, that of `tui.cli.arguments`, and it is never out of date.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from engine.plain_text import plain
from engine.training.knob_kinds import Choice, Scheduled
from engine.training.knobs import KNOBS
from engine.training.schedules import SCHEDULES
from tui.words.assignments import FULL_SPEED, full_name

_ENDINGS = (".toml", ".csv", ".tsv", ".tab", ".txt", ".dat", ".data", ".gz")  # of scenarios and tables
_PLANS = (".toml",)

SCRIPTS = {
    "bash": r"""# bash completion for descend
_descend() {
    local words line prefix
    read -ra words <<< "${COMP_LINE:0:COMP_POINT}"
    [[ ${COMP_LINE:0:COMP_POINT} == *[[:space:]] ]] && words+=("")
    prefix=${words[-1]}
    prefix=${prefix%"${prefix##*[=:]}"}
    COMPREPLY=()
    while IFS= read -r line; do
        line=${line%%$'\t'*}
        printf -v line %q "${line#"$prefix"}"
        COMPREPLY+=("$line")
    done < <(descend --complete "${words[@]:1}" 2>/dev/null)
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=/] ]] && compopt -o nospace
}
complete -F _descend descend""",
    "zsh": r"""#compdef descend
_descend() {
    local -a found open closed shown
    local line name
    found=("${(@f)$(descend --complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    for line in $found; do
        name=${line%%$'\t'*}
        if [[ $name == *[=/] ]]; then
            open+=("$name")
        else
            closed+=("$name")
            shown+=("${${line/$'\t'/  -- }%  -- }")
        fi
    done
    (( $#open )) && compadd -S '' -- $open
    (( $#closed )) && compadd -l -d shown -- $closed
}
if [[ $funcstack[1] == _descend ]]; then _descend "$@"; else compdef _descend descend; fi""",
    "fish": r"""# fish completion for descend
function __descend_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    descend --complete $words[2..] "$current" 2>/dev/null
end
complete -c descend -f -a '(__descend_complete)'""",
}


class Candidate(NamedTuple):
    """A word that may stand there. about: what it is, in words."""

    text: str
    about: str = ""


_LAST = Candidate("last", "the record begun or resumed last")


def candidates(words: Sequence[str]) -> list[Candidate]:
    """Return what the last word, which may be empty, may become; the others are the words of the line before it."""
    from tui.cli.arguments import COMMANDS, parser_for

    *before, prefix = words or [""]
    is_command = bool(before) and before[0] in COMMANDS
    parser = parser_for(before[0] if is_command else "")
    found, given, words_before = _expected(parser, before[is_command:])
    if found is not None:
        possible: Iterable[Candidate] = _values(found, given, prefix)
    elif (place := _place(parser, len(words_before))) is None or prefix.startswith("-"):
        possible = _options(parser)
    else:
        commands = () if before else (Candidate(name, about) for name, about in COMMANDS.items())
        possible = (*commands, *_at(place, words_before, prefix))
    return [candidate for candidate in possible if candidate.text.startswith(prefix)]


def _expected(parser: argparse.ArgumentParser, before: Sequence[str]) -> tuple[argparse.Action | None, int, list[str]]:
    """The option of which a value comes next (None: none is waited for), how many it has got already, and the words
    that belong to no option."""
    action, given, others = None, 0, []
    for word in before:
        if action is not None:
            given += 1
        elif word in parser._option_string_actions:
            action, given = parser._option_string_actions[word], 0
        else:
            others.append(word)
        if action is not None and given >= _needed(action):
            action = None
    return action, given, others


def _needed(action: argparse.Action) -> int:
    return action.nargs if isinstance(action.nargs, int) else 1


def _options(parser: argparse.ArgumentParser) -> Iterable[Candidate]:
    for action in parser._actions:
        for option in action.option_strings:
            yield Candidate(option, about(action))


def about(action: argparse.Action) -> str:
    """The words on an option, as its help has them."""
    return (action.help or "") % vars(action) if "%(" in (action.help or "") else action.help or ""


def _values(action: argparse.Action, given: int, prefix: str) -> Iterable[Candidate]:
    """The words that may follow an option."""
    if action.dest == "at":
        return _changes(prefix) if given else ()
    if action.dest in KNOBS:
        return map(Candidate, _words_of(action.dest))
    if action.choices:
        return map(Candidate, map(str, action.choices))
    if action.dest == "speed":
        return [Candidate(FULL_SPEED)]
    if action.metavar == "SCENARIO":
        return _scenarios(prefix)
    if action.metavar == "ID":
        return _records()
    return _files(prefix) if action.metavar == "FILE" else ()


def _words_of(knob: str) -> Iterable[str]:
    """The words that a knob takes; none where it takes a number."""
    kind = KNOBS[knob].kind
    if isinstance(kind, Choice):
        return kind.names
    return SCHEDULES if isinstance(kind, Scheduled) else ()


def _changes(prefix: str) -> Iterable[Candidate]:
    knob, equals, _ = prefix.partition("=")
    if not equals:
        return [Candidate(f"{name}=", row.about) for name, row in KNOBS.items()]
    return [Candidate(f"{knob}={word}") for word in (_words_of(full_name(knob)) if full_name(knob) in KNOBS else ())]


def _place(parser: argparse.ArgumentParser, number: int) -> argparse.Action | None:
    """The action for the word with that number, from 0 on, of those that belong to no option; None beyond the last."""
    places = [action for action in parser._actions if not action.option_strings]
    if number < len(places):
        return places[number]
    return places[-1] if places and places[-1].nargs == "*" else None


def _at(place: argparse.Action, before: Sequence[str], prefix: str) -> Iterable[Candidate]:
    """The words that may stand in a place; before: those in the places before it."""
    from tui.cli.options.run_options import ACTIONS

    if place.metavar == "SCENARIO":
        return _scenarios(prefix)
    if place.metavar == "MODEL":
        return _files(prefix, (".npz",))
    if place.metavar == "TABLE":
        return _files(prefix, _ENDINGS)
    if place.metavar == "WORD" and not before:  # of `descend runs`
        return map(Candidate, ACTIONS)
    if before[:1] == ["import"]:
        return _files(prefix, _PLANS)
    if before[:1] in (["name"], ["note"]) and len(before) > 1:  # the user's own words
        return ()
    folders = before[:1] == ["export"] and len(before) > 1
    files = _files(prefix, _PLANS) if place.metavar == "ID|FILE" else _files(prefix, ("/",)) if folders else ()
    return (*_records(), *files)


def _records() -> Iterable[Candidate]:
    """The records: `last`, and each by its id and by the name that the user has given it."""
    from scenarios.records.database.store_file import known_names
    from tui.home.paths import records_file

    yield _LAST
    for record, name, scenario in known_names(records_file()):
        about = plain(os.path.basename(scenario))  # noqa: PTH119
        yield Candidate(record, f"{about}, {name}" if name else about)
        if name and " " not in name:
            yield Candidate(name, f"{about}, {record}")


def _scenarios(prefix: str) -> Iterable[Candidate]:
    from scenarios import preset_names

    yield from map(Candidate, preset_names())
    yield from _files(prefix, _ENDINGS)


def _files(prefix: str, endings: tuple[str, ...] = ("",)) -> Iterable[Candidate]:
    """The files and folders that the path may become; folders with a slash."""
    folder, name = os.path.split(prefix)
    try:
        with os.scandir(folder or ".") as entries:
            found = sorted((entry.name, entry.is_dir()) for entry in entries)
    except (OSError, ValueError):
        return
    for entry, is_folder in found:
        hidden = entry.startswith(".") and not name.startswith(".")
        if not hidden and entry.isprintable() and (is_folder or entry.lower().endswith(endings)):
            yield Candidate(os.path.join(folder, entry) + "/" * is_folder)  # noqa: PTH118  # as it was typed
