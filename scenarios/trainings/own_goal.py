"""A goal for a table of one's own: most of the way to the best that a quick search finds."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec import structs

from engine.plain_text import counted
from engine.runs.run import evaluations_of
from engine.training.trainer import Trainer
from scenarios.files.goal_forms import Change, GoalTable, Reference, Target
from scenarios.scenario import is_table

if TYPE_CHECKING:
    from engine.training.knobs import Knobs
    from scenarios.scenario import Scenario

_LEFT = 0.05  # of the way from the first loss to the best
_EPOCHS, _MOST_EXAMPLES = 20, 64_000  # of each training of the search
_MOST_WORK = 4e8  # of all of them: about the nanoseconds of their gradients
_FEWEST = 2  # trainings, whatever they take
_LOSSES_WORK, _POINTS = 4e7, (12, 120)  # of the losses over all examples in each: the nanoseconds, and how many
_SEEDS = 3  # that the best of them is tried with
_STARS = (20, 4, 1.3)  # times the examples that it takes at most
_RATES = (3, 10, 1)  # times the learning rate of the scenario
_SMALL_BATCH = 8
_ADAM_RATES = (0.05, 0.01)


def with_goal(scenario: Scenario) -> Scenario:
    """The same scenario with a goal and a reference where it is a table and has none, and where training lowers its
    loss. The search takes well under a second, and its numbers do not depend on the machine's speed."""
    if scenario.file.goal is not None or not is_table(scenario.id):
        return scenario
    trainer = scenario.run().trainer
    examples = min(_EPOCHS * trainer.num_examples, _MOST_EXAMPLES)
    with np.errstate(all="ignore"):
        start = trainer.loss()
        tried = [(knobs, _train(trainer, knobs, examples)) for knobs in _affordable(trainer, examples)]
        best = min((losses[-1] for _, (_, losses) in tried if math.isfinite(losses[-1])), default=math.inf)
        if not best < start < math.inf:
            return scenario
        level = _rounded_up(best + _LEFT * (start - best), digits=4)
        knobs = min(tried, key=lambda one: _examples_to(level, *one[1]))[0]
        takes = max(_takes(trainer, knobs, level, examples, more) for more in range(_SEEDS))
    if not 0 < takes < math.inf or not level < start:  # nothing to do, or chance
        return scenario
    budget = f"the best of {len(tried)} short trainings of {counted(examples, 'example')} each"
    # As a file is read: a whole number written there is a float here, and the fingerprints are to be the same.
    one, two, three = (float(math.ceil(_rounded_up(times * takes, digits=2))) for times in _STARS)
    goal = GoalTable(measure="examples", stars=(one, two, three), target=Target(training_loss=level))
    changed = {name: value for name, value in _as_keys(knobs).items() if value != _as_keys(trainer.knobs)[name]}
    reference = Reference(source=budget, changes=(Change(step=0, **changed),)) if changed else None
    words = f"\nThe goal is 95 % of the way from the first training loss, {start:.4g}, to {best:.4g}: {budget}.\n"
    file = structs.replace(
        scenario.file, goal=goal, reference=reference, briefing=f"{scenario.file.briefing.rstrip()}\n{words}"
    )
    return replace(scenario, file=file)


def _candidates(knobs: Knobs) -> Iterator[Knobs]:
    """Knobs to try, those first that find most."""
    for batch_size in (knobs.batch_size, _SMALL_BATCH):
        for times in _RATES:
            yield replace(knobs, learning_rate=float(f"{times * knobs.learning_rate:.3g}"), batch_size=batch_size)
    for times in _RATES[::2]:
        rate = float(f"{times * knobs.learning_rate:.3g}")
        yield replace(knobs, learning_rate=rate, momentum=0.9, optimizer="nesterov")
    for rate in _ADAM_RATES:
        yield replace(knobs, learning_rate=rate, optimizer="adam")


def _affordable(trainer: Trainer, examples: int) -> list[Knobs]:
    """Return as many of them as there is work for, two at least."""
    objective, left = trainer.objective, _MOST_WORK
    taken: list[Knobs] = []
    for knobs in _candidates(trainer.knobs):
        batch = knobs.batch_in_effect(trainer.num_examples)
        left -= examples / batch * objective.effort(batch) + _points(trainer) * objective.effort(trainer.num_examples)
        if left < 0 and len(taken) >= _FEWEST:
            break
        taken.append(knobs)
    return taken


def _points(trainer: Trainer) -> int:
    """Return how often the loss over all examples is looked at in one training."""
    return int(np.clip(_LOSSES_WORK / trainer.objective.effort(trainer.num_examples), *_POINTS))


def _train(trainer: Trainer, knobs: Knobs, examples: int) -> tuple[list[float], list[float]]:
    """Train with these knobs from the same start; return how many examples had been seen at each look, and the losses
    over all of them."""
    one = Trainer(trainer.objective, trainer.initial_weights, knobs=knobs, seed=trainer.seed)
    steps = math.ceil(examples / knobs.batch_in_effect(trainer.num_examples))
    seen, losses = [0.0], [one.loss()]
    for step in np.unique(np.geomspace(1, steps, _points(trainer)).round().astype(int)):
        one.run(int(step) - one.steps)
        seen.append(one.examples)
        losses.append(one.loss())
    return seen, losses


def _takes(trainer: Trainer, knobs: Knobs, level: float, examples: int, more: int) -> float:
    """The examples that a goal of that level will count of a run with these knobs, its seed so much higher: at the
    evaluations that it makes. Infinite where it does not come there."""
    objective, validation = trainer.objective, trainer.validation
    one = Trainer(objective, trainer.initial_weights, knobs=knobs, seed=trainer.seed + more, validation=validation)
    due, most = evaluations_of(one), math.ceil(examples / knobs.batch_in_effect(trainer.num_examples))
    while one.steps <= most and one.blew_up_at is None:
        if one.loss() <= level:
            return one.examples
        one.run(due.next_due(one.steps + 1) - one.steps)
    return math.inf


def _examples_to(level: float, seen: list[float], losses: list[float]) -> float:
    """The examples that it took to come to that loss; infinite where it never did."""
    return next((examples for examples, loss in zip(seen, losses, strict=True) if loss <= level), math.inf)


def _as_keys(knobs: Knobs) -> dict[str, Any]:
    return {name: getattr(knobs, name) for name in ("learning_rate", "batch_size", "momentum", "optimizer")}


def _rounded_up(value: float, *, digits: int) -> float:
    """The number to so many digits, not lower than it is."""
    if value == 0:
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(abs(value))) - digits + 1)
    return float(f"{math.ceil(value / unit - 1e-9) * unit:.{digits + 1}g}")
