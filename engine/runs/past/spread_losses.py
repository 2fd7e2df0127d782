"""Losses over all examples where one takes long: a part of them at a time, spread over the steps that follow.

A loss over ten thousand images takes as long as fifty steps. Taken in one piece it would hold the training up, and the
keys with it. So the weights of the step are kept, and the steps until the next evaluation each pay their share. What
comes out depends on those weights alone; when it comes, on the step alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from engine.model.objective import Array, Objective
from engine.probes.pieces import Pieces

_PART_WORK = 5e6  # nanoseconds of a gradient, of which a loss is about half


@dataclass(frozen=True)
class Pending:
    """An evaluation under way, that of `step`; it is never changed.

    weights: (P,). rate, examples: the learning rate there, and the examples seen before. until: the step at which it
    is to be ready. parts: how many are done. losses: the sums so far, over training and over validation examples.
    """

    step: int
    weights: Array
    rate: float
    examples: float
    until: int
    parts: int = 0
    losses: tuple[float, float] = (0.0, 0.0)


class SpreadLosses:
    """The losses over all training and all validation examples, NaN without the latter, in parts of a few
    milliseconds."""

    def __init__(self, training: Objective, validation: Objective | None) -> None:
        self._parts = [(part, share, 0.0) for part, share in _parts(training)]
        self._parts += [(part, 0.0, share) for part, share in _parts(validation)] if validation else []
        self._absent = 0.0 if validation else math.nan

    def go_on(self, pending: Pending, step: int) -> Pending:
        """Do the parts that are to be done by `step`."""
        share = (step - pending.step) / (pending.until - pending.step)
        return self._until(pending, min(len(self._parts), math.ceil(share * len(self._parts))))

    def pieces(self, weights: Array) -> Pieces[tuple[float, float]]:
        """The losses at these weights, (P,), by and by."""
        pending = Pending(0, weights, math.nan, math.nan, 0)
        for due in range(1, len(self._parts) + 1):
            pending = self._until(pending, due)
            yield _PART_WORK / 2
        return self.result(pending)

    def _until(self, pending: Pending, due: int) -> Pending:
        """Do the parts before number `due`."""
        training, validation = pending.losses
        for objective, of_training, of_validation in self._parts[pending.parts : due]:
            loss = float(objective.losses(pending.weights[None])[0])
            training += of_training * loss if of_training else 0.0
            validation += of_validation * loss if of_validation else 0.0
        return replace(pending, parts=due, losses=(training, validation))

    def result(self, pending: Pending) -> tuple[float, float]:
        """The losses that the parts have come to."""
        training, validation = pending.losses
        return training, validation + self._absent


def _parts(objective: Objective) -> list[tuple[Objective, float]]:
    """The objective in parts, and the share of its examples that each has."""
    count = math.ceil(objective.effort(objective.loss_examples) / _PART_WORK)
    edges = np.linspace(0, len(objective.examples), count + 1).astype(int)
    return [
        (objective.restricted(slice(start, stop)), (stop - start) / len(objective.examples))
        for start, stop in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
    ]
