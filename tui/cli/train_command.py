"""`descend train`: the dashboard's training without a screen."""

from __future__ import annotations

import os
import shutil
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from engine.bounds import MOST_STEPS
from engine.plain_text import plain
from engine.runs.effects import effects
from engine.runs.plan import Change, Plan, in_order, play, steps_of_epochs
from engine.runs.run import Run
from engine.training.knobs import KNOBS, Knobs
from scenarios import Scenario, ScenarioError
from scenarios.building import starting_knobs
from scenarios.files import goal_forms
from scenarios.files.data_sources import CsvData
from scenarios.trainings.verdict import Verdict, compare
from tui.cli.report import as_json, as_text, measure, own_units
from tui.export.csv_log import csv_log
from tui.home.paths import is_there
from tui.terminal.console import shown, tell, write, write_styled
from tui.terminal.ending.ending_signals import Stop, interruptible
from tui.words.assignments import check
from tui.words.usage_error import UsageError
from tui.words.verdict_words import effect_in_words, verdict_in_words


def train(scenario: Scenario, options: Namespace) -> None:
    """Train as `tui.cli.arguments` says and print the report.

    Raises Ended where a signal ended it early, with what there was by then said and written; UsageError for what
    cannot be done, ScenarioError for a scenario that does not fit its data.
    """
    run, plan = prepare(scenario, options)
    spare_sources("--csv", options.csv, scenario)
    with (
        interruptible() as stop,
        progress(scenario.file.title, plan.steps) as show,
        csv_log(options.csv, run.trainer, replace=options.force) as log,
    ):
        play(run, plan, after=lambda taken: (log(taken), show(run)), over=stop.is_set)
    report = measure(scenario.id, run) | own_units(scenario.file, run)
    if options.json:
        write(as_json(report))
    else:
        write(as_text(scenario.file.title, report, run, _judged(scenario, run)))
    if not options.json and sys.stdout.isatty():
        _plot(run)
    tell_of_end(stop, run, plan.steps)
    stop.end()


def tell_of_end(stop: Stop, run: Run, steps: int) -> None:
    """Say how far the training has come, where a signal ended it early."""
    if stop.is_set():
        tell(f"interrupted after {run.trainer.steps:,} of {steps:,} steps")


def prepare(scenario: Scenario, options: Namespace) -> tuple[Run, Plan]:
    """A run with the command line's seed and knobs, and the plan by which it is to train.

    Raises UsageError for a value out of range, for changes that never happen, and where nobody has said how long.
    """
    try:
        run = scenario.run(seed=options.seed, knobs=_knobs(scenario, options))
    except ScenarioError:
        raise
    except ValueError as error:  # knobs that do not go with the scenario
        raise UsageError(str(error)) from None
    steps = _length(scenario, options, run)
    _check_changes(options.at, steps, run)
    _tell_of_idle_knobs(run.trainer.knobs, options)
    return run, Plan(run.trainer.seed, run.trainer.knobs, tuple(options.at), steps)


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


def _judged(scenario: Scenario, run: Run) -> dict[str, str]:
    """Words on the goal; none where there is no goal."""
    if run.goal is None or run.goal_state is None or scenario.file.goal is None:
        return {}
    compared = compare(scenario, run.trainer.seed)
    found = effects(run)
    words = verdict_in_words(Verdict(run.goal, run.goal_state, compared))
    return {
        "goal": goal_forms.in_words(run.goal),
        "verdict": " ".join(words),
        "knob changes": " ".join(map(effect_in_words, found)),
    }


def _plot(run: Run) -> None:
    """The loss curves under the summary, for a person at a terminal."""
    from tui.cli.loss_plot import loss_plot

    columns = min(100, shutil.get_terminal_size().columns)
    if picture := loss_plot(run, columns, colors="NO_COLOR" not in os.environ):
        write_styled(f"\n{picture}")


def _knobs(scenario: Scenario, options: Namespace) -> Knobs:
    """The scenario's knobs, with those of the command line. Raises UsageError for a value out of range."""
    given = {knob: getattr(options, knob) for knob in KNOBS if getattr(options, knob) is not None}
    for knob, value in given.items():
        check(f"--{knob.replace('_', '-')}", knob, value)
    return replace(starting_knobs(scenario.file), **given)


def _length(scenario: Scenario, options: Namespace, run: Run) -> int:
    """Steps to take. Raises UsageError where nobody has said how many."""
    if options.steps is not None:
        return int(options.steps)
    epochs = scenario.file.training.epochs if options.epochs is None else options.epochs
    if epochs is None:
        raise UsageError(f"{scenario.id} has no length of its own; say --steps N or --epochs N")
    trainer = run.trainer
    steps = steps_of_epochs(
        epochs,
        examples=len(trainer.objective.examples),
        batch_size=trainer.knobs.batch_size,
        sampling=trainer.knobs.sampling,
        changes=options.at,
    )
    if steps > MOST_STEPS:
        raise UsageError(f"{epochs:,} epochs are {steps:,} steps here; at most {MOST_STEPS:,} can be taken")
    return steps


def _check_changes(changes: list[Change], steps: int, run: Run) -> None:
    knobs = run.trainer.knobs
    for change in in_order(changes):
        check(f"--at {change.step} {change.knob}", change.knob, change.value)
        if change.step >= steps:
            last = f"its last step is {steps - 1:,}" if steps else "it takes no step"
            raise UsageError(f"{change}: never happens, as this training is {steps:,} steps long; {last}")
        knobs = replace(knobs, **{change.knob: change.value})
        try:
            run.trainer.check_room(knobs)
        except ValueError as error:
            raise UsageError(f"{change}: {error}") from None


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
