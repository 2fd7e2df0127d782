"""`descend export`: a scripted training, taken away as a file."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from engine.plain_text import counted, plain
from engine.runs.plan import play
from scenarios import Scenario
from tui.cli.training.train_command import prepare, progress, spare_sources, tell_of_end
from tui.export.csv_log import csv_log
from tui.export.new_files import file_stem, write_script
from tui.export.recording import record
from tui.export.script import Script, arrays_beside
from tui.export.targets import LIBRARIES
from tui.home.paths import is_there
from tui.home.whole_files import is_regular, refused_in_words, try_place
from tui.terminal.console import write
from tui.terminal.ending.ending_signals import interruptible
from tui.words.usage_error import UsageError


def export(scenario: Scenario, options: Namespace) -> None:
    """Train as `tui.cli.arguments` says and write the file.

    Raises Ended where a signal ended it early, with what there was by then written; UsageError for what cannot be
    done, ScenarioError for a scenario that does not fit its data.
    """
    run, plan = prepare(scenario, options)
    path = _path(scenario, options)
    with interruptible() as stop, progress(scenario.file.title, plan.steps) as show:
        if options.to == "csv":
            with csv_log(str(path), run, option="--output", replace=options.force) as log:
                play(run, plan, after=lambda taken: (log(taken), show(run)), over=stop.is_set)
            files = str(path)
        else:
            recording = record(run, plan, lambda taken: show(run), stop.is_set)
            files = _save(LIBRARIES[options.to](scenario, recording), path, replace=options.force)
    write(f"wrote {plain(files)}: {counted(run.trainer.steps, 'step')}, loss {run.trainer.loss():.6g} at the end")
    tell_of_end(stop, run, plan.steps)
    stop.end()


def _path(scenario: Scenario, options: Namespace) -> Path:
    """The path of the file; its name follows from the scenario's unless the command line says it.

    Raises UsageError where it cannot be written, before minutes are spent on what is to be in it.
    """
    if options.output == "-":
        raise UsageError("--output -: needs a file's name; standard output says what has been written")
    stem = file_stem(Path(scenario.id).stem)
    path = Path(f"{stem}.csv" if options.to == "csv" else f"{stem}-{options.to}.py")
    if options.output is not None:
        path = Path(options.output)
    elif is_there(path) and not options.force:
        raise UsageError(f"{path} is there already; name a file with --output, or replace it with --force")
    spare_sources("--output", str(path), scenario)
    with refused_in_words("--output"):
        for place in (path,) if options.to == "csv" else (path, arrays_beside(path)):
            try_place(place, replace=options.force)
    return path


def _save(made: Script, path: Path, *, replace: bool) -> str:
    """Write the script, with its arrays where it needs them beside it; return in words which files those are."""
    with refused_in_words("--output"):
        if made.arrays is not None and not is_regular(path):
            raise UsageError(f"--output {path}: so much data needs a file beside the script; name a file in a folder")
        write_script(made, path, replace=replace)
    return f"{path}" if made.arrays is None else f"{path} and {arrays_beside(path)}, which it reads"
