"""The verdict: how a training went, measured against its goal, against two others, and knob change by knob change."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from engine.goals import Goal, GoalState
from scenarios import attempts

if TYPE_CHECKING:
    from engine.objective import Array
    from engine.run import KnobChange, Run
    from scenarios.scenario import Scenario

_FEWEST = 8  # evaluations of a stretch, from which something can be said
_SURE = 3.0  # standard errors


@dataclass(frozen=True)
class Level:
    """Where the training loss stood towards the end of a stretch between two knob changes: its mean over the second
    half of it, and the standard error of that. settled: whether it was falling no more, nor rising."""

    mean: float
    error: float
    settled: bool


@dataclass(frozen=True)
class Effect:
    """What a knob change did: the levels of the stretches before and after it."""

    change: KnobChange
    before: Level
    after: Level

    @property
    def ratio(self) -> float:
        """After over before; NaN where either is not finite."""
        return self.after.mean / self.before.mean if self.before.mean else math.nan

    @property
    def is_sure(self) -> bool:
        """Whether the levels differ by more than chance."""
        return abs(self.after.mean - self.before.mean) > _SURE * math.hypot(self.before.error, self.after.error)


@dataclass(frozen=True)
class Verdict:
    """state: of the run. untouched, reference: of the same scenario with nobody at the knobs, and trained as its file
    says that it can be done; None where the file says nothing. effects: of the knob changes, in their order."""

    goal: Goal
    state: GoalState
    untouched: GoalState
    reference: GoalState | None
    effects: tuple[Effect, ...]


def verdict(scenario: Scenario, run: Run) -> Verdict:
    """Judge a run of `scenario`. The two trainings that it is compared with have its seed, and are trained here.

    Raises ValueError where the scenario has no goal.
    """
    seed = run.trainer.seed
    untouched, reference = attempts.untouched(scenario, seed=seed), attempts.reference(scenario, seed=seed)
    assert run.goal is not None  # or else there had been no attempt
    assert run.goal_state is not None
    assert untouched.goal_state is not None
    return Verdict(
        run.goal, run.goal_state, untouched.goal_state, reference.goal_state if reference else None, effects(run)
    )


def effects(run: Run) -> tuple[Effect, ...]:
    """What each knob change did to the level of the training loss, as far as the record tells. Changes with fewer than
    8 evaluations before or after them are left out: nothing can be said of those."""
    steps, losses = run.evaluations.steps, run.evaluations.training_loss
    borders = sorted({0, *(change.step for change in run.changes), run.trainer.steps + 1})
    levels = {a: _level(losses[(steps >= a) & (steps < b)]) for a, b in pairwise(borders)}
    earlier = {b: levels[a] for a, b in pairwise(borders)}
    found = []
    for change in run.changes:
        before, after = earlier.get(change.step), levels[change.step]
        if before is not None and after is not None:
            found.append(Effect(change, before, after))
    return tuple(found)


def _level(losses: Array) -> Level | None:
    losses = losses[len(losses) // 2 :]
    if 2 * len(losses) < _FEWEST:
        return None
    if not np.isfinite(losses).all():
        return Level(math.nan, math.nan, settled=False)
    earlier, later = np.array_split(losses, 2)
    error = _standard_error(losses)
    drift = abs(later.mean() - earlier.mean())
    settled = drift <= _SURE * math.hypot(_standard_error(earlier), _standard_error(later)) + 1e-3 * abs(losses.mean())
    return Level(float(losses.mean()), error, bool(settled))


def _standard_error(values: Array) -> float:
    """Of the mean of a correlated series, from the means of its quarters."""
    means = [part.mean() for part in np.array_split(values, min(4, len(values)))]
    return float(np.std(means, ddof=1) / math.sqrt(len(means))) if len(means) > 1 else 0.0
