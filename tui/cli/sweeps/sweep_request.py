"""The sweep that a command line asks for: the scenario, its plan, and what is refused of it."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any

import msgspec

from engine.bounds import MOST_SEED, MOST_STEPS
from engine.plain_text import counted
from engine.runs.standing.goals import EFFORTS
from engine.training.knob_kinds import listed
from engine.training.knobs import KNOBS, Knobs
from scenarios.files.goal_forms import GoalTable, Target
from scenarios.sweeps.sweep_plan import Axis, SweepPlan, Unit
from tui.words.usage_error import UsageError

if TYPE_CHECKING:
    from scenarios import Scenario

_MOST_CELLS = 2_000_000


def with_target(scenario: Scenario, loss: float) -> Scenario:
    """Return the scenario with another goal: a training loss of so much or less."""
    stars = (float(MOST_STEPS),) * 3  # of any effort: what counts is how much of it there was
    goal = GoalTable(measure="steps", stars=stars, target=Target(training_loss=loss))
    return replace(scenario, file=msgspec.structs.replace(scenario.file, goal=goal))


def sweep_plan(scenario: Scenario, options: Namespace) -> SweepPlan:
    """Return the plan that the options ask for. Raises UsageError for what makes no sense of this scenario."""
    given: dict[str, tuple[Any, ...]] = {
        knob: values for knob in KNOBS if (values := getattr(options, knob)) is not None
    }
    axes = tuple(Axis(knob, values) for knob, values in given.items() if len(values) > 1)
    if not axes:
        raise UsageError(
            "nothing is swept: give at least one knob several values, as in --learning-rate 0.001:1:13 or "
            f"--batch-size 1,4,16{_single_values(given)}"
        )
    try:
        fixed = {knob: values[0] for knob, values in given.items() if len(values) == 1}
        knobs = replace(scenario.file.training.starting_knobs(), **fixed)
    except ValueError as error:
        raise UsageError(str(error)) from None
    _check_acting(axes, knobs, given)
    plan = SweepPlan(axes, knobs, _seeds(scenario, options), *_length(scenario, options))
    if plan.num_cells > _MOST_CELLS:
        raise UsageError(f"{plan.num_cells:,} trainings are too many; at most {_MOST_CELLS:,} can be swept")
    _check_measure(scenario, options)
    return plan


def setting(scenario: Scenario, options: Namespace) -> tuple[Knobs, int]:
    """Return the knobs and the seed of the one setting that the options say. Raises UsageError for several values."""
    given = {knob: values for knob in KNOBS if (values := getattr(options, knob)) is not None}
    for knob, values in given.items():
        if len(values) > 1:
            raise UsageError(f"--range-test: is of one setting; give --{knob.replace('_', '-')} one value")
    seed = scenario.file.training.seed if options.seed is None else options.seed
    try:
        return replace(scenario.file.training.starting_knobs(), **{knob: it[0] for knob, it in given.items()}), seed
    except ValueError as error:
        raise UsageError(str(error)) from None


def check_room(plan: SweepPlan, num_examples: int) -> None:
    """Raise UsageError for trainings that are longer than any may be."""
    if plan.unit == "steps":
        return
    sizes = [axis.knob in ("batch_size", "sampling") for axis in plan.axes]  # on which the steps depend
    for place in product(*(range(len(axis.values) if it else 1) for it, axis in zip(sizes, plan.axes, strict=True))):
        if (steps := plan.steps_at(place, num_examples)) > MOST_STEPS:
            said = f"{counted(plan.length, plan.unit.removesuffix('s'))} are {counted(steps, 'step')}"
            raise UsageError(f"{said} here; at most {MOST_STEPS:,} can be taken")


def _single_values(given: dict[str, tuple[Any, ...]]) -> str:
    one = [f"--{knob.replace('_', '-')}" for knob in given]
    return f"; {listed(one)} {'has' if len(one) == 1 else 'have'} one value" if one else ""


def _check_acting(axes: tuple[Axis, ...], knobs: Knobs, given: dict[str, tuple[Any, ...]]) -> None:
    """Refuse an axis along which nothing changes at some or all of its places."""
    optimizers = given.get("optimizer", (knobs.optimizer,))
    samplings = given.get("sampling", (knobs.sampling,))
    for axis in axes:
        row = KNOBS[axis.knob]
        idle = [name for name in optimizers if not row.acts(name)]
        if idle:
            hint = "" if len(idle) == len(optimizers) else "; sweep them one after the other"
            raise UsageError(f"--{axis.knob.replace('_', '-')}: {row.idle_words(idle)}{hint}")
        if axis.knob == "batch_size" and "full_batch" in samplings:
            hint = "" if len(samplings) == 1 else "; sweep it apart"
            raise UsageError(f"--batch-size: does nothing where the sampling is full_batch{hint}")


def _seeds(scenario: Scenario, options: Namespace) -> tuple[int, ...]:
    first = scenario.file.training.seed if options.seed is None else options.seed
    if first + options.seeds - 1 > MOST_SEED:
        raise UsageError(f"--seed {first}: with {counted(options.seeds, 'seed')} it goes beyond {MOST_SEED:,}")
    return tuple(range(first, first + options.seeds))


def _length(scenario: Scenario, options: Namespace) -> tuple[int, Unit]:
    units: tuple[Unit, ...] = ("steps", "examples", "epochs")
    for unit in units:
        if (length := getattr(options, unit)) is not None:
            return length, unit
    if scenario.file.training.epochs is None:
        raise UsageError(
            f"{scenario.id} has no length of its own; say --steps N, --examples N or --epochs N, of each training"
        )
    return scenario.file.training.epochs, "epochs"


def _check_measure(scenario: Scenario, options: Namespace) -> None:
    goal = scenario.file.goal
    if options.measure.endswith("_to_goal") and (goal is None or goal.measure not in EFFORTS):
        what = "has no goal" if goal is None else f"has no goal that is reached: its {goal.measure} is to be low"
        raise UsageError(f"--measure {options.measure}: {scenario.id} {what}; set one with --target-loss LOSS")


def check_validation(scenario: Scenario, options: Namespace, num_validation: int) -> None:
    """Raise UsageError where the measure is of validation examples that there are not."""
    if options.measure == "validation_loss" and not num_validation:
        raise UsageError(f"--measure validation_loss: {scenario.id} has no validation examples")
