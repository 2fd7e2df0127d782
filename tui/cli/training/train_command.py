"""`descend train`: the dashboard's training without a screen."""

from __future__ import annotations

import os
import shutil
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from engine.plain_text import counted, plain
from engine.runs.effects import effects
from engine.runs.obstacles import obstacle_now
from engine.runs.plan import ChangeError, Plan, plan_for, play
from engine.runs.run import Run
from engine.runs.run_set import Live
from engine.training.knobs import KNOBS, Knobs
from scenarios import Scenario, ScenarioError
from scenarios.files import goal_forms
from scenarios.files.data_sources import CsvData
from scenarios.records.writing.recording_wish import Recording
from scenarios.trainings.verdict import Comparison, Verdict, compare
from tui.cli.runs.record_wish import recording_for
from tui.cli.runs.resuming import prepared
from tui.cli.training.planning import opening_of
from tui.cli.training.report import as_json, as_text, in_full, measure, own_units
from tui.export.csv_log import csv_log
from tui.export.written_model import model_to_write
from tui.home.paths import is_there
from tui.terminal.console import shown, tell, write, write_styled
from tui.terminal.ending.ending_signals import Stop, interruptible
from tui.words.usage_error import UsageError
from tui.words.verdict_words import effect_in_words, verdict_in_words

if TYPE_CHECKING:
    from scenarios.records.kept_run import KeptRun

_RECORD_SECONDS = 5.0  # that the end waits for the disk of the records


def train(scenario: Scenario, options: Namespace, resumes: KeptRun | None = None) -> None:
    """Train as `tui.cli.arguments` says and print the report. resumes: the record of the scenario that is gone on with.

    Raises Ended where a signal ended it early, with what there was by then said and written; UsageError for what
    cannot be done, ScenarioError for a scenario that does not fit its data.
    """
    wish = recording_for(options, resumes)
    run, plan = prepare(scenario, options) if resumes is None else prepared(scenario, resumes, options)
    for option, file in (("--csv", options.csv), ("--model", options.model)):
        spare_sources(option, file, scenario)
    with (
        interruptible() as stop,
        recorded(scenario, run, wish) as keep,
        progress(scenario.file.title, plan.steps) as show,
        csv_log(options.csv, run, replace=options.force) as log,
        model_to_write(options.model, scenario, run, replace=options.force),
    ):
        play(run, plan, after=lambda taken: (log(taken), show(run), keep()), over=stop.is_set)
    report = measure(scenario.id, run) | own_units(scenario.file, run)
    comparison = compare(scenario, run.trainer.seed) if run.goal is not None else None
    if options.json:
        write(as_json(report | in_full(scenario, run, comparison)))
    else:
        write(as_text(scenario.file.title, report, run, _judged(run, comparison)))
    if not options.json and sys.stdout.isatty():
        _plot(run)
    tell_of_end(stop, run, plan.steps)
    stop.end()


@contextmanager
def recorded(scenario: Scenario, run: Run, wish: Recording | None) -> Iterator[Callable[[], None]]:
    """A function to be called after every few steps, so that the run is recorded; what went wrong with that is told."""
    if wish is None:
        yield lambda: None
        return
    recorder, live = wish(), [Live(run, 1)]
    if run.milestones.level is None:
        run.aim(run.usual_level())
    recorder.follow(scenario, live)
    try:
        yield lambda: recorder.follow(scenario, live)
    finally:
        recorder.close(_RECORD_SECONDS)
        for notice in recorder.take_notices():
            tell(notice)


def tell_of_end(stop: Stop, run: Run, steps: int) -> None:
    """Say how far the training has come, where a signal ended it early."""
    if stop.is_set():
        tell(f"interrupted after {run.trainer.steps:,} of {counted(steps, 'step')}")


def prepare(scenario: Scenario, options: Namespace) -> tuple[Run, Plan]:
    """A run with the command line's seed and knobs, and the plan by which it is to train.

    Raises UsageError for a value out of range, for changes that never happen, and where nobody has said how long.
    """
    opening = opening_of(scenario, options)
    assert opening.plan is not None
    epochs = opening.epochs
    if epochs is None and options.steps is None:
        epochs = scenario.file.training.epochs
        if epochs is None:
            raise UsageError(f"{scenario.id} has no length of its own; say --steps N or --epochs N")
    try:
        run = scenario.run(seed=opening.plan.seed, knobs=opening.plan.knobs)
        plan = plan_for(run, opening.plan, epochs)
    except (ScenarioError, ChangeError):
        raise
    except ValueError as error:  # knobs that do not go with the scenario
        raise UsageError(str(error)) from None
    _tell_of_idle_knobs(run.trainer.knobs, options)
    return run, plan


@contextmanager
def progress(title: str, steps: int) -> Iterator[Callable[[Run], None]]:
    """A function that brings a progress bar up to date; the bar is on standard error, if that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda run: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TextColumn("[cyan]{task.fields[rate]:,.0f} steps/s"),
        TextColumn("loss {task.fields[loss]:.4g}"),
        TimeRemainingColumn(compact=True),
    )
    begin = time.perf_counter()
    with shown(Progress(*columns, console=Console(stderr=True), expand=True)) as bar:
        task = bar.add_task(plain(title), total=steps, rate=0.0, loss=float("nan"))

        def show(run: Run) -> None:
            taken = run.trainer.steps
            rate = taken / max(time.perf_counter() - begin, 1e-6)
            bar.update(task, completed=taken, rate=rate, loss=run.evaluations.training_loss[-1])

        yield show


def _judged(run: Run, comparison: Comparison | None) -> dict[str, str]:
    """Words on the goal; none where there is no goal."""
    if run.goal is None or run.goal_state is None or comparison is None:
        return {}
    found = effects(run)
    words = verdict_in_words(Verdict(run.goal, run.goal_state, comparison), obstacle_now(run))
    return {
        "goal": goal_forms.in_words(run.goal),
        "verdict": " ".join(words),
        "knob changes": " ".join(map(effect_in_words, found)),
    }


def _plot(run: Run) -> None:
    """The loss curves under the summary, for a person at a terminal."""
    from tui.cli.runs.loss_plot import loss_plot

    columns = min(100, shutil.get_terminal_size().columns)
    if picture := loss_plot(run, columns, colors="NO_COLOR" not in os.environ):
        write_styled(f"\n{picture}")


def _tell_of_idle_knobs(begin: Knobs, options: Namespace) -> None:
    """Say so where a knob was asked for that acts with none of the training's optimizers."""
    optimizers = [begin.optimizer, *(str(change.value) for change in options.at if change.knob == "optimizer")]
    for name, knob in KNOBS.items():
        asked = getattr(options, name) is not None or any(change.knob == name for change in options.at)
        if asked and not any(knob.acts(optimizer) for optimizer in optimizers):
            tell(knob.idle_words(dict.fromkeys(optimizers)))


def spare_sources(option: str, target: str | None, scenario: Scenario) -> None:
    """Raises UsageError where the file that an option names would overwrite the scenario, or the data, that it is made
    from."""
    data = scenario.file.data
    sources = [scenario.id, *([data.path] if isinstance(data, CsvData) else [])]
    if target and is_there(target) and any(is_there(it) and Path(target).samefile(it) for it in sources):
        raise UsageError(f"{option} {target}: is the scenario's own file; name another one")
