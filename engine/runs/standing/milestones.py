"""Milestones that runs are compared by: when a run came to a level of the loss, and the lowest losses that it has
seen."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.model.objective import Array
from engine.training.history import Evaluations
from engine.training.trainer import Trainer

_DROP_LEFT = 0.05  # of the descent from the first loss to the lowest, where none is set


@dataclass(frozen=True)
class Reached:
    """Updates taken and examples seen before the first evaluation at the level or below."""

    steps: int
    examples: int


@dataclass(frozen=True)
class Milestones:
    """Milestones of one run so far, by its evaluations. level: a loss over all training examples, or None."""

    level: float | None = None
    reached: Reached | None = None
    lowest_training: float = math.inf
    lowest_validation: float = math.inf

    def after(self, steps: NDArray[np.intp], examples: Array, training: Array, validation: Array) -> Milestones:
        """The milestones with n further evaluations: the steps that they were made at, the examples seen before, and
        the losses, all (n,)."""
        reached = self.reached or _first(self.level, training, steps, examples)
        return Milestones(
            self.level,
            reached,
            _lowest(self.lowest_training, training),
            _lowest(self.lowest_validation, validation),
        )

    def at(self, step: int, level: float | None, reached: Reached | None) -> Milestones:
        """The same for a level that was set later; `reached` is when the whole run came to it."""
        if level == self.level:
            return self
        return replace(self, level=level, reached=reached if reached and reached.steps <= step else None)


def _first(level: float | None, losses: Array, steps: NDArray[Any], examples: Array) -> Reached | None:
    at = np.empty(0) if level is None else np.flatnonzero(losses <= level)
    return Reached(int(steps[at[0]]), int(examples[at[0]])) if len(at) else None


def _lowest(so_far: float, losses: Array) -> float:
    finite = losses[np.isfinite(losses)]
    return min(so_far, float(finite.min())) if len(finite) else so_far


@dataclass(frozen=True)
class Descent:
    """The evaluations that a run has kept, all (m,): to look for a level that was set after they were made.

    They are as far apart as a few thousandths of the run; a level that is set beforehand is found exactly.
    """

    steps: Array
    examples: Array
    training_loss: Array

    @classmethod
    def of(cls, trainer: Trainer, evaluations: Evaluations) -> Descent:
        """Take the evaluations of a run; examples where the history no longer has every step by interpolation."""
        seen = trainer.history.window("examples", 0, trainer.steps, len(evaluations.steps) or 1)
        steps, examples = np.append(seen.steps, trainer.steps), np.append(seen.low, trainer.examples)
        known = np.isfinite(examples)
        return cls(
            evaluations.steps,
            np.interp(evaluations.steps, steps[known], examples[known]).round(),
            evaluations.training_loss,
        )

    def first(self, level: float | None) -> Reached | None:
        """The moment when the loss was first at `level` or below."""
        return _first(level, self.training_loss, self.steps, self.examples)


def derived_level(trainer: Trainer) -> float | None:
    """The level where none is set: 5 % of the descent are left, from the first loss to that of the known minimum; where
    none is known, to 0. None where the run begins below that."""
    objective = trainer.objective
    with np.errstate(all="ignore"):
        minimum = objective.minimum()
        lowest = 0.0 if minimum is None else objective.loss(minimum)
        drop = objective.loss(trainer.initial_weights) - lowest
    return lowest + _DROP_LEFT * drop if 0 < drop < math.inf else None
