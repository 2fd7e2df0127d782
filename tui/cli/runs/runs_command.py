"""`descend runs …`: hands over to what lists, shows, changes and takes out records."""

from __future__ import annotations

import difflib
import os
from argparse import Namespace
from pathlib import PurePath

from engine.plain_text import counted, shortened
from scenarios.records.kept_run import KeptRun
from scenarios.records.run_store import RunStore
from tui.home.paths import records_file, settings_file
from tui.home.settings import read_settings
from tui.terminal.console import tell
from tui.words.usage_error import UsageError

_LONGEST_NAME, _LONGEST_NOTE = 60, 2000


def runs(options: Namespace) -> None:
    """Carry out what `tui.cli.options.run_options` has read. Raises RecordsError and UsageError."""
    store = RunStore(records_file())
    match options.action:
        case "":
            from tui.cli.runs.run_list import list_runs

            most_bytes = read_settings(settings_file()).record_megabytes * 2**20
            list_runs(store, found_runs(store, options), options, most_bytes)
        case "show" | "compare":
            from tui.cli.runs import run_report

            found = found_runs(store, options)
            if options.action == "show":
                run_report.show(store, found[0], as_json=options.json)
            else:
                run_report.compare(store, found, as_json=options.json)
        case "name" | "note":
            _say_of(store, options)
        case "delete":
            _delete(store, found_runs(store, options), options)


def found_runs(store: RunStore, options: Namespace) -> list[KeptRun]:
    """The records that are named; where none is, all that the options ask for, the latest first. Raises
    RecordsError."""
    if not options.ids:
        kept = list(store.runs())
        if options.scenario is not None and not any(_is_of(run, options.scenario) for run in kept):
            _tell_of_none(options.scenario, kept)
        return [run for run in kept if _is_asked_for(run, options)]
    found = [store.find(name) for name in options.ids]
    return list({run.id: run for run in found}.values())


def _delete(store: RunStore, found: list[KeptRun], options: Namespace) -> None:
    """Delete these records; with --all, without --force, not those that somebody has named or noted, or that earned
    stars. Raises UsageError for one that trains just now, without --force."""
    trained = [] if options.force else [run for run in found if store.trains(run)]
    if trained and not options.all:
        ids = ", ".join(run.id for run in trained)
        raise UsageError(
            f"{ids}: trains just now; end that first. With --force it is deleted all the same: the training goes on, "
            "but is not recorded any further"
        )
    spares = options.all and not options.force
    left = [run for run in found if run in trained or (spares and (run.name or run.note or run.stars))]
    deleted = [run for run in found if run not in left]
    store.delete(deleted)
    told = f"deleted {counted(len(deleted), 'record')}" if deleted else "no record is deleted"
    if left:
        told += f"; left {counted(len(left), 'record')} with a name, a note or stars"
        told = told + (", or that trains just now" if trained else "") + ": --force deletes them too"
    tell(told)


def _is_asked_for(run: KeptRun, options: Namespace) -> bool:
    if options.scenario is not None and not _is_of(run, options.scenario):
        return False
    if options.since is not None and run.started < options.since:
        return False
    return options.stars is None or run.stars >= options.stars


def _is_of(run: KeptRun, scenario: str) -> bool:
    """Tell whether the record is of the scenario with this id, name of a file, or path."""
    names = (run.scenario, os.path.basename(run.scenario))  # noqa: PTH119
    return scenario in names or os.path.abspath(scenario) == run.scenario  # noqa: PTH100


def _tell_of_none(scenario: str, kept: list[KeptRun]) -> None:
    names = {PurePath(run.scenario).stem: PurePath(run.scenario).name for run in kept}
    near = difflib.get_close_matches(PurePath(scenario).stem, sorted(names), n=1)
    hint = f"; did you mean {names[near[0]]}?" if near else ""
    tell(f"no record is of a scenario {shortened(scenario)}{hint}")


def _say_of(store: RunStore, options: Namespace) -> None:
    run, text = store.find(options.ids[0]), options.ids[1].strip()
    longest = _LONGEST_NAME if options.action == "name" else _LONGEST_NOTE
    if len(text) > longest or not text.isprintable():
        raise UsageError(
            f"a {options.action} is text of at most {longest:,} letters on one line, without control characters"
        )
    if options.action == "note":
        store.annotate(run, text)
        return
    taken = [other for other in store.runs() if text and text in (other.name, other.id) and other.id != run.id]
    if taken or text == "last":
        raise UsageError(f"{text} means {taken[0].id if taken else 'the last record'} already; give another name")
    store.name(run, text)
