"""`descend runs export`: a file for each record, or one folder of event files."""

from __future__ import annotations

import json
import math
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from engine.plain_text import counted, plain, shown_path
from engine.runs.plan import play
from engine.runs.records.agreement import Awaited
from engine.runs.records.record import CURVES
from scenarios.records.kept_scenario import scenario_of
from scenarios.records.plan_file import as_plan_file, expected_of
from scenarios.records.run_store import RunStore
from scenarios.scenario_error import ScenarioError
from tui.cli.runs.run_report import in_full
from tui.cli.runs.runs_command import found_runs
from tui.cli.training.train_command import progress
from tui.export.csv_log import csv_log
from tui.export.event_file import Scalar, event_file
from tui.export.new_files import file_stem
from tui.home.paths import records_file
from tui.home.whole_files import refused_in_words, whole_files
from tui.terminal.console import tell, write
from tui.terminal.ending.ending_signals import Stop, interruptible
from tui.words.usage_error import UsageError

if TYPE_CHECKING:
    from engine.runs.records.record import Curves
    from scenarios.records.kept_run import KeptRun

_SUFFIXES = {"csv": ".csv", "json": ".json", "plan": ".toml", "tensorboard": ""}
_EVENTS = "events.out.tfevents.{}.descend"
_LOSSES = {"training_loss": 2, "validation_loss": 3}  # rows of the evaluations


def export_records(options: Namespace) -> int:
    """Write what `tui.cli.options.run_options` has read; returns 1 where some could not be written.

    Raises RecordsError for a record that there is not, UsageError where the first file cannot be written, and Ended
    where a signal ended it early, with whole files by then.
    """
    store, folder = RunStore(records_file()), Path(options.folder)
    found = found_runs(store, options)
    if not found:
        raise UsageError("there is nothing to export: " + _why_nothing(store))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{shown_path(folder)}: cannot be made: {error.strerror}") from None
    failed = 0
    with interruptible() as stop:
        for run in found:
            path = folder / f"{file_stem(Path(run.scenario).stem)}-{run.id}{_SUFFIXES[options.to]}"
            try:
                _export_one(store, run, path, options, stop)
            except ScenarioError as error:  # its data is gone, say: the others are written all the same
                tell(f"{run.id}: {error}")
                failed += 1
            if stop.is_set():
                break
    write(f"wrote {counted(len(found) - failed, 'record')} to {plain(str(folder))}")
    stop.end()
    return 1 if failed else 0


def _why_nothing(store: RunStore) -> str:
    return "no record is what the options ask for" if store.size().runs else "nothing is recorded yet"


def _export_one(store: RunStore, run: KeptRun, path: Path, options: Namespace, stop: Stop) -> None:
    match options.to:
        case "csv":
            _train_again(store, run, path, options, stop)
            return
        case "plan":
            content = as_plan_file(run, store.scenario_file(run)).encode()
        case "json":
            content = json.dumps({**in_full(run), "curves": _curves(store.curves(run))}, allow_nan=False).encode()
        case _:
            curves = store.curves(run)
            if curves is None:
                raise ScenarioError("its curves were dropped to make room")
            with refused_in_words("--to"):
                try:
                    path.mkdir(exist_ok=True)
                except OSError as error:
                    raise UsageError(f"{shown_path(path)}: cannot be made: {error.strerror}") from None
            path /= _EVENTS.format(int(run.started))
            content = event_file(_scalars(run, curves), run.started)
    with refused_in_words("--to"), whole_files(path, replace=options.force) as (file,):
        file.write(content)


def _train_again(store: RunStore, run: KeptRun, path: Path, options: Namespace, stop: Stop) -> None:
    """Every step, exactly: so it is trained again."""
    scenario, plan = scenario_of(run, store.scenario_file(run)), run.plan()
    again = scenario.run(seed=plan.seed, knobs=plan.knobs)
    awaited = Awaited(expected_of(run.outcome), again)
    with (
        progress(f"{run.id} {scenario.file.title}", plan.steps) as show,
        csv_log(str(path), again, option="--to", replace=options.force) as log,
    ):
        play(again, plan, after=lambda taken: (log(taken), show(again)), over=stop.is_set)
    if not awaited.agrees and not stop.is_set():
        tell(f"{run.id}: {awaited.sentence()}")


def _curves(curves: Curves | None) -> dict[str, object] | None:
    """The curves for programs: numbers that are not finite are null."""
    if curves is None:
        return None
    said: dict[str, object] = {"steps_a_bucket": curves.stride}
    for row, field in enumerate(CURVES):
        said[field] = {
            part: _finite(curves.buckets[place, row].tolist()) for place, part in enumerate(("min", "mean", "max"))
        }
    steps, examples, training, validation = curves.evaluations
    said["evaluations"] = {
        "step": steps.astype(int).tolist(),
        "examples": examples.astype(int).tolist(),
        "training_loss": _finite(training.tolist()),
        "validation_loss": _finite(validation.tolist()),
    }
    return said


def _finite(values: list[float]) -> list[float | None]:
    return [value if math.isfinite(value) else None for value in values]


def _scalars(run: KeptRun, curves: Curves) -> Iterator[Scalar]:
    """The means of the buckets, and the losses where they were taken; as if every step had taken as long."""
    a_step = run.outcome.seconds / max(1, run.outcome.steps)
    for row, field in enumerate(CURVES):
        for place, value in enumerate(curves.buckets[1, row].tolist()):
            step = place * curves.stride
            if math.isfinite(value):
                yield Scalar(field, step, value, run.started + step * a_step)
    for name, row in _LOSSES.items():
        for step, value in zip(curves.evaluations[0].tolist(), curves.evaluations[row].tolist(), strict=True):
            if math.isfinite(value):
                yield Scalar(name, int(step), value, run.started + step * a_step)
