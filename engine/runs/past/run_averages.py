"""The averages of a run's weights from a step on, and their losses at some of the steps since: what averaging buys."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from engine.model.objective import Objective
from engine.runs.past.spread_losses import Pending, SpreadLosses
from engine.training.averages import ExponentialAverage, PolyakAverage, WeightAverage
from engine.training.history import Evaluations
from engine.training.trainer import Chunk, Trainer

_THRIFT = 8  # evaluations are no closer than such a part of the steps: averages are smooth, and cost little so
DECAY = 0.99  # of the exponential average, which so remembers about a hundred steps


@dataclass
class AverageCurve:
    """An average, and its training and validation losses over all examples, before update number `steps`, each (m,).
    pending: an evaluation under way, where one takes long."""

    average: WeightAverage
    evaluations: Evaluations
    pending: Pending | None = None


class RunAverages:
    """The Polyak and the exponential average of a run's weights from where it stands; it watches, and changes nothing.

    since: the updates taken before the first one that counts. stride: steps between two losses to begin with. spread:
    takes the losses a part at a time, where one over all examples takes long.
    """

    def __init__(self, trainer: Trainer, stride: int, spread: SpreadLosses | None = None) -> None:
        self.since = trainer.steps
        self._objective, self._validation, self._spread = trainer.objective, trainer.validation, spread
        averages = PolyakAverage(trainer.steps), ExponentialAverage(DECAY)
        self.polyak, self.exponential = (
            AverageCurve(average, Evaluations(stride=stride, thrift=_THRIFT)) for average in averages
        )
        for curve in self.curves:
            curve.evaluations.restart(self.since)

    @property
    def curves(self) -> tuple[AverageCurve, AverageCurve]:
        """The Polyak average's, and the exponential one's."""
        return self.polyak, self.exponential

    def observe(self, chunk: Chunk) -> None:
        """Take in the weights after each update, up to each step that is to be evaluated, and evaluate there."""
        if not chunk.steps:
            return
        with np.errstate(all="ignore"):  # a run that blows up takes its averages with it
            for curve in self.curves:
                self._follow(curve, chunk)

    def _follow(self, curve: AverageCurve, chunk: Chunk) -> None:
        taken, end, seen = 0, chunk.first_step + chunk.steps, []
        steps = curve.evaluations.due(chunk.first_step + 1, chunk.steps)
        for step in steps:
            done = step - chunk.first_step
            curve.average.add(chunk.first_step + taken, chunk.weights[1 + taken : 1 + done])
            taken = done
            if self._spread is None:
                assert curve.average.weights is not None
                seen.append(curve.average.weights)
            else:
                self._go_on(self._spread, curve, step)
                self._begin(curve, step)
        if taken < chunk.steps:
            curve.average.add(chunk.first_step + taken, chunk.weights[1 + taken :])
        if self._spread is not None:
            self._go_on(self._spread, curve, end)
        elif seen:
            weights, validation = np.array(seen), self._validation
            held_out = validation.losses(weights) if validation is not None else np.full(len(steps), np.nan)
            curve.evaluations.append(steps, self._objective.losses(weights), held_out)

    def _begin(self, curve: AverageCurve, step: int) -> None:
        """Begin an evaluation that lasts until the next step that is due, unless one is under way."""
        weights = curve.average.weights
        if curve.pending is None and weights is not None and step not in curve.evaluations.steps[-1:]:
            until = curve.evaluations.next_due(step + 1)
            curve.pending = Pending(step, weights.copy(), math.nan, math.nan, until)

    def _go_on(self, spread: SpreadLosses, curve: AverageCurve, step: int) -> None:
        """Do the part of the evaluation under way that is due by `step`."""
        if curve.pending is None:
            return
        curve.pending = spread.go_on(curve.pending, step)
        if step >= curve.pending.until:
            training, validation = spread.result(curve.pending)
            curve.evaluations.append([curve.pending.step], np.array([training]), np.array([validation]))
            curve.pending = None


def losses_of(average: WeightAverage, objective: Objective, validation: Objective | None) -> tuple[float, float]:
    """The losses of an average over all training and all validation examples; NaN without the latter."""
    return average.loss(objective), average.loss(validation) if validation is not None else math.nan
