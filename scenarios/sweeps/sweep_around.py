"""The sweep around a setting: which rates and batch sizes lie about it, how long each training is, in which order."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from engine.refusals import RefusalError
from scenarios.sweeps.sweep_plan import Axis, Cell, SweepPlan

if TYPE_CHECKING:
    from engine.model.objective import Objective
    from engine.training.knobs import Knobs
    from scenarios.files.schema import ScenarioFile

_RATES, _SIZES, _SEEDS = 9, 7, 3
_RATE_STEP = math.sqrt(10)
_LEAST_STEPS, _EPOCHS = 200, 20  # of the present setting; where a scenario does not say how long it is trained
_MOST_WORK = 4e10  # nanoseconds, about, of all trainings
_STEP_WORK = 2e3  # of a step, beside its gradient


def sweep_around(file: ScenarioFile, objective: Objective, knobs: Knobs, seed: int) -> SweepPlan:
    """Return the plan: batch sizes across and learning rates up, the present ones among them, with three seeds.

    Batch sizes double, up to all the examples; rates grow by √10. Where the batch size does not act, as every step
    takes all examples or there is only one, there are rates alone. All see equally many examples, as many as the
    scenario's length, goal or twenty epochs say; fewer where that would take minutes.
    """
    num_examples = len(objective.examples)
    rates = Axis("learning_rate", _rates(knobs))
    sizes = _sizes(knobs, num_examples)
    axes = (Axis("batch_size", sizes), rates) if len(sizes) > 1 else (rates,)
    seeds = tuple(range(seed, seed + _SEEDS))
    length = _examples(file, knobs, num_examples)
    plan = SweepPlan(axes, knobs, seeds, length, "examples")
    work = sum(_work(plan, place, objective) for place in plan.places) * len(seeds)
    if work > _MOST_WORK:
        length = max(1, int(length * _MOST_WORK / work))
        plan = SweepPlan(axes, knobs, seeds, length, "examples")
    return plan


def nearest_first(plan: SweepPlan) -> list[Cell]:
    """All trainings, in the order in which they tell most: one of every place before a second one of any, from the
    setting in the middle outwards."""
    middle = place_of(plan, plan.knobs)

    def distance(place: tuple[int, ...]) -> int:
        return sum(abs(at - there) for at, there in zip(place, middle, strict=True))

    return sorted(plan.cells, key=lambda cell: (plan.seeds.index(cell.seed), distance(cell.place)))


def place_of(plan: SweepPlan, knobs: Knobs) -> tuple[int, ...]:
    """Return the place that is nearest to a setting, by the ratio of the values."""
    return tuple(
        min(range(len(axis.values)), key=lambda at: abs(math.log(axis.values[at] / max(_value(axis, knobs), 1e-300))))
        for axis in plan.axes
    )


def _value(axis: Axis, knobs: Knobs) -> float:
    return float(getattr(knobs, axis.knob))


def _rates(knobs: Knobs) -> tuple[float, ...]:
    present = knobs.learning_rate or 0.01
    found = []
    for power in range(-(_RATES // 2), _RATES // 2 + 1):
        rate = float(f"{present * _RATE_STEP**power:.3g}") if power else present
        try:
            knobs.set_by_hand("learning_rate", rate, learning_rate=knobs.learning_rate)
        except RefusalError:  # out of range
            continue
        found.append(rate)
    return tuple(found)


def _sizes(knobs: Knobs, num_examples: int) -> tuple[int, ...]:
    """Batch sizes around the present one, each twice the last, as many on either side as there are."""
    if knobs.sampling == "full_batch":
        return (num_examples,)
    present = knobs.batch_in_effect(num_examples)
    sizes = [present]
    while sizes[0] > 1:
        sizes.insert(0, sizes[0] // 2)
    while sizes[-1] < num_examples:
        sizes.append(min(2 * sizes[-1], num_examples))
    first = max(0, min(sizes.index(present) - _SIZES // 2, len(sizes) - _SIZES))
    return tuple(sizes[first : first + _SIZES])


def _examples(file: ScenarioFile, knobs: Knobs, num_examples: int) -> int:
    """The examples that each training sees."""
    size = knobs.batch_in_effect(num_examples)
    wanted = (file.training.epochs or _EPOCHS) * num_examples
    if file.training.epochs is None and file.goal is not None and file.goal.budget is not None:
        effort, most = file.goal.budget.effort
        wanted = int(most * {"steps": size, "epochs": num_examples, "examples": 1}[effort])
    return max(wanted, _LEAST_STEPS * size)


def _work(plan: SweepPlan, place: tuple[int, ...], objective: Objective) -> float:
    """The nanoseconds, about, of a training at a place."""
    num_examples = len(objective.examples)
    size = plan.knobs_at(place).batch_in_effect(num_examples)
    return plan.steps_at(place, num_examples) * (objective.effort(size) + _STEP_WORK)
