"""The plan that a command line asks for, the same for the dashboard, `train` and `export`. Without NumPy: the
dashboard's first frame does not wait for it."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.bounds import MOST_STEPS
from engine.runs.plan import Plan, in_order
from engine.serving.opening import Opening
from engine.training.knobs import KNOBS
from tui.words.assignments import check
from tui.words.usage_error import UsageError

if TYPE_CHECKING:
    from scenarios import Scenario


def given_options(options: Namespace) -> list[str]:
    """Return the options of a training that the line has, as they are written."""
    names = [*KNOBS, "seed", "steps", "epochs", "at", "target", "task", "drop", "scale_target"]
    return [f"--{name.replace('_', '-')}" for name in names if getattr(options, name) not in (None, False, [])]


def refuse_training_options(options: Namespace) -> None:
    """Raise UsageError where the line would change what a plan file says."""
    for option in given_options(options):
        raise UsageError(f"{option}: {options.scenario} is a plan file, and says all of a training itself")


def opening_of(scenario: Scenario, options: Namespace) -> Opening:
    """Return how the training begins: the scenario's seed and knobs, but for what the options say otherwise. Where
    they say no length, it is as long as can be.

    Raises UsageError for a value out of range.
    """
    given = {knob: getattr(options, knob) for knob in KNOBS if getattr(options, knob) is not None}
    for knob, value in given.items():
        check(f"--{knob.replace('_', '-')}", knob, value)
    for change in in_order(options.at):
        check(f"--at {change.step} {change.knob}", change.knob, change.value)
    training = scenario.file.training
    try:
        knobs = replace(training.starting_knobs(), **given)
    except ValueError as error:
        raise UsageError(str(error)) from None
    plan = Plan(
        seed=training.seed if options.seed is None else options.seed,
        knobs=knobs,
        changes=tuple(options.at),
        steps=MOST_STEPS if options.steps is None else options.steps,
    )
    return Opening(plan, options.epochs)
