"""The user's own keys: `keys.toml` in the configuration folder, checked before anything starts.

    [keys]
    pause = "f5"
    help = ["f1", "?"]

Textual would ignore a command that there is not, and silently drop a binding whose key is taken.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from engine.plain_text import LONGEST, shortened
from tui.dashboard.commands import COMMANDS
from tui.dashboard.keys.keymap import Keymap, shown
from tui.home.paths import is_there
from tui.words.usage_error import UsageError

_MOST_BYTES = 100_000  # ten times what all commands with long names of keys take
_RESERVED = {"ctrl+p": "the command palette", "ctrl+q": "quitting from anywhere"}
_SAME = {"ctrl+m": "enter", "return": "enter", "ctrl+i": "tab", "ctrl+left_square_bracket": "escape"}


def read(path: Path) -> Keymap:
    """The keys that the file says, those of the table for all other commands and where there is no file.

    Raises UsageError naming the file, the command and the value, and what would be right.
    """
    if not is_there(path):
        return Keymap()
    from scenarios.files import outside_files, toml_text
    from scenarios.scenario_error import ScenarioError

    try:
        content = outside_files.content(path, most=_MOST_BYTES, what="a file of keys")
    except ScenarioError as error:
        raise UsageError(str(error)) from None
    try:
        return Keymap(_checked(toml_text.parse(toml_text.decode(content))))
    except (UsageError, ValueError) as error:
        raise UsageError(f"{path}: {error}") from None


def _checked(table: dict[str, object]) -> dict[str, tuple[str, ...]]:
    keys = table.pop("keys", {})
    if table:
        raise UsageError(f"{shortened(next(iter(table)))} is not understood; all keys go below a line [keys]")
    if not isinstance(keys, dict):
        raise UsageError(f"keys must be a table, [keys], not {shortened(keys)}")
    changed = {}
    for command, value in keys.items():
        if command not in COMMANDS:
            raise UsageError(f"keys.{_cut(command)}: there is no such command; {_nearest(command, COMMANDS)}")
        given = [value] if isinstance(value, str) else value
        if not isinstance(given, list) or not given or not all(isinstance(key, str) for key in given):
            raise UsageError(
                f'keys.{command}: must be a key, as in "f5", or several, as in ["f5", "x"], not {shortened(value)}'
            )
        changed[command] = tuple(dict.fromkeys(_checked_key(command, key) for key in given))
    _refuse_shared(changed)
    return changed


def _checked_key(command: str, key: str) -> str:
    """The key as Textual names it."""
    from textual.keys import REPLACED_KEYS, Keys, key_to_character

    name = _name(key)
    *modifiers, last = name.split("+")
    if modifiers == ["shift"] and len(last) == 1:
        raise UsageError(f'keys.{command}: {shortened(key)} is written "{last.upper()}"')
    named = {str(item.value) for item in Keys if not item.value.startswith("<")}
    character = key_to_character(REPLACED_KEYS.get(last, last)) or " "
    known = last in named or (character.isprintable() and character != " " and (len(last) == 1 or last.islower()))
    if not known or not {*modifiers} <= {"ctrl", "alt", "shift"} or len(set(modifiers)) < len(modifiers):
        named |= {_name(chr(code)) for code in range(33, 127)}
        raise UsageError(f"keys.{command}: there is no key {shortened(key)}; {_nearest(name, named)}")
    if name in _RESERVED:
        raise UsageError(f"keys.{command}: {key} is for {_RESERVED[name]} and stays so")
    return name


def _name(key: str) -> str:
    """`,` and `comma` are the same key, and so are `ctrl+m` and `enter`."""
    from textual.keys import KEY_NAME_REPLACEMENTS

    if len(key) == 1 and not key.isalnum():
        name = unicodedata.name(key, "").lower().replace("-", "_").replace(" ", "_")
        key = KEY_NAME_REPLACEMENTS.get(name, name)
    return _SAME.get(key, key)


def _refuse_shared(changed: dict[str, tuple[str, ...]]) -> None:
    """Raises UsageError where two commands would have the same key."""
    keymap, owners = Keymap(changed), dict[str, str]()
    for command in sorted(COMMANDS, key=lambda command: command in changed):  # those in the file are at fault
        for key in keymap.keys(command):
            owner = owners.setdefault(key, command)
            if owner != command:
                raise UsageError(
                    f"keys.{command}: the key {shown(key)} belongs to {owner} ({COMMANDS[owner].title.lower()}); "
                    f"give {'that one' if owner in changed else owner} another key as well, or take one that is free"
                )


def _cut(command: str) -> str:
    return command if command.replace("-", "_").isidentifier() and len(command) <= LONGEST else shortened(command)


def _nearest(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, known, n=3, cutoff=0.6)
    return f"did you mean {', '.join(near)}?" if near else "`descend keys` lists them"
