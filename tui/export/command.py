"""`descend export`: a scripted training, taken away as a file."""

from __future__ import annotations

import re
from argparse import Namespace
from pathlib import Path

from scenarios import Scenario
from tui.csv_log import csv_log
from tui.errors import UsageError
from tui.export.libraries import LIBRARIES
from tui.export.recording import record
from tui.export.script import Script, arrays_beside
from tui.output import write
from tui.signals import interruptible
from tui.train import prepare, progress, spare_sources, take_steps, tell_of_end


def export(scenario: Scenario, options: Namespace) -> None:
    """Train as `tui.arguments` says and write the file.

    Raises Ended where a signal ended it early, with what there was by then written; UsageError for what cannot be
    done, ScenarioError for a scenario that does not fit its data.
    """
    run, steps = prepare(scenario, options)
    path = _path(scenario, options)
    with interruptible() as stop, progress(scenario.file.title, steps) as show:
        if options.to == "csv":
            with csv_log(str(path), run.trainer, "--output") as log:
                take_steps(run, steps, options.at, lambda taken: (log(taken), show(run)), stop.is_set)
            files = str(path)
        else:
            recording = record(run, steps, options.at, lambda taken: show(run), stop.is_set)
            files = _save(LIBRARIES[options.to](scenario, recording), path)
    write(f"wrote {files}: {run.trainer.steps:,} steps, loss {run.trainer.loss():.6g} at the end")
    tell_of_end(stop, run, steps)
    stop.end()


def _path(scenario: Scenario, options: Namespace) -> Path:
    """Of the file; its name follows from the scenario's unless the command line says it."""
    if options.output is not None:
        if options.output == "-":
            raise UsageError("--output -: needs a file's name; standard output says what has been written")
        spare_sources("--output", options.output, scenario)
        return Path(options.output)
    stem = re.sub(r"[^\w.-]+", "-", Path(scenario.id).stem)
    path = Path(f"{stem}.csv" if options.to == "csv" else f"{stem}-{options.to}.py")
    if path.exists():
        raise UsageError(f"{path} is there already; name a file with --output, the same one to overwrite it")
    return path


def _save(made: Script, path: Path) -> str:
    """Returns which files it has written, in words."""
    beside = arrays_beside(path)
    try:
        path.write_text(made.text, encoding="utf-8")
        if made.arrays is not None:
            beside.write_bytes(made.arrays)
    except OSError as error:
        raise UsageError(f"--output {path}: cannot be written: {error.strerror}") from None
    return f"{path}" if made.arrays is None else f"{path} and {beside}, which it reads"
