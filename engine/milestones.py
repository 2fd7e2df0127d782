"""When a run came to its goal, and the lowest losses that it has seen: what runs are compared by."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.objective import Array

if TYPE_CHECKING:
    from engine.run import Run

_DROP_LEFT = 0.05  # of the way from the first loss down to the lowest, where no goal was set


@dataclass(frozen=True)
class Reached:
    """Updates taken and examples seen before the first evaluation at the goal or below."""

    steps: int
    examples: int


@dataclass(frozen=True)
class Milestones:
    """Of one run so far, by its evaluations. goal: a loss over all training examples, or None."""

    goal: float | None = None
    reached: Reached | None = None
    lowest_training: float = math.inf
    lowest_validation: float = math.inf

    def after(self, steps: NDArray[np.intp], examples: Array, training: Array, validation: Array) -> Milestones:
        """With n further evaluations, all (n,): at which steps, after how many examples, and the losses."""
        reached = self.reached or _first(self.goal, training, steps, examples)
        return Milestones(
            self.goal,
            reached,
            _lowest(self.lowest_training, training),
            _lowest(self.lowest_validation, validation),
        )

    def at(self, step: int, goal: float | None, reached: Reached | None) -> Milestones:
        """The same for a goal that was set later; `reached` is when the whole run came to it."""
        if goal == self.goal:
            return self
        return replace(self, goal=goal, reached=reached if reached and reached.steps <= step else None)


def _first(goal: float | None, losses: Array, steps: NDArray[Any], examples: Array) -> Reached | None:
    at = np.empty(0) if goal is None else np.flatnonzero(losses <= goal)
    return Reached(int(steps[at[0]]), int(examples[at[0]])) if len(at) else None


def _lowest(so_far: float, losses: Array) -> float:
    finite = losses[np.isfinite(losses)]
    return min(so_far, float(finite.min())) if len(finite) else so_far


@dataclass(frozen=True)
class Descent:
    """The evaluations that a run has kept, all (m,): to look for a goal that was set after they were made.

    They are as far apart as a few thousandths of the run; a goal that is set beforehand is found exactly.
    """

    steps: Array
    examples: Array
    training_loss: Array

    @classmethod
    def of(cls, run: Run) -> Descent:
        """Of a run; examples where the history no longer has every step by interpolation."""
        trainer, evaluations = run.trainer, run.evaluations
        seen = trainer.history.window("examples", 0, trainer.steps, len(evaluations.steps) or 1)
        steps, examples = np.append(seen.steps, trainer.steps), np.append(seen.low, trainer.examples)
        known = np.isfinite(examples)
        return cls(
            evaluations.steps,
            np.interp(evaluations.steps, steps[known], examples[known]).round(),
            evaluations.training_loss,
        )

    def first(self, goal: float | None) -> Reached | None:
        """When the loss was first at `goal` or below."""
        return _first(goal, self.training_loss, self.steps, self.examples)


def derived_goal(run: Run) -> float | None:
    """Where no goal was set: 5 % of the way down are left, from the first loss to that of the known minimum; where
    none is known, to 0. None where the run begins below that."""
    objective = run.trainer.objective
    with np.errstate(all="ignore"):
        minimum = objective.minimum()
        lowest = 0.0 if minimum is None else objective.loss(minimum)
        drop = objective.loss(run.trainer.initial_weights) - lowest
    return lowest + _DROP_LEFT * drop if 0 < drop < math.inf else None
