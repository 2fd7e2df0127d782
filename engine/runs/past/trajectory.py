"""The trajectory of all weights, however many, in bounded memory: for the plane in which a run has moved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:  # the screen, which reads this file as well, has no need of it
    from engine.model.objective import Array
    from engine.training.trainer import Trainer

_CAPACITY = 256
_FEWEST = 8
_NUMBERS = 2**21  # 16 MB
_LATEST_STEPS = 100


class Trajectory:
    """The weights at steps that are multiples of a stride, which doubles when they become too many.

    At most 256 of them, and fewer where they would take more than 16 MB (never fewer than 8). What is kept
    depends on the steps alone.
    """

    def __init__(self, num_weights: int) -> None:
        self._capacity = max(_FEWEST, min(_CAPACITY, _NUMBERS // num_weights))
        self._num_weights = num_weights
        self.stride = 1
        self._kept: list[tuple[int, Array]] = []

    def append(self, first_step: int, weights: Array) -> None:
        """Take in the weights before n further steps, (n, P)."""
        for step in range(-(-first_step // self.stride) * self.stride, first_step + len(weights), self.stride):
            if step % self.stride:  # it has doubled meanwhile
                continue
            self._kept.append((step, weights[step - first_step].astype(np.float64)))
            while len(self._kept) > self._capacity:
                self.stride *= 2
                self._kept = [kept for kept in self._kept if kept[0] % self.stride == 0]

    def upto(self, step: int) -> Trajectory:
        """A copy with the steps before `step`, which then grows on its own."""
        past = Trajectory(self._num_weights)
        past.stride = self.stride
        past._kept = [kept for kept in self._kept if kept[0] < step]
        return past

    @property
    def kept(self) -> Sequence[tuple[int, Array]]:
        """Each step with the weights before it, (P,), oldest first; not to be changed."""
        return self._kept

    @property
    def steps(self) -> Array:
        """(m,) the steps before which the weights were these."""
        return np.array([step for step, _ in self._kept], dtype=np.float64)

    @property
    def weights(self) -> Array:
        """(m, P), oldest first."""
        return np.array([weights for _, weights in self._kept]).reshape(-1, self._num_weights)


def drawn_trajectory(trainer: Trainer, columns: int) -> Array:
    """(m, P) the weights from the start until now, in about `columns` points, for at most two weights; else (0, P).

    All of it as means of a few steps each; the latest steps one by one, so that its noise shows.
    """
    num_weights = len(trainer.objective.weight_names)
    if num_weights > 2:
        return np.empty((0, num_weights))
    earlier = max(0, trainer.steps - _LATEST_STEPS)
    parts = [trainer.history.window(f"w{j}", 0, earlier, 2 * columns).mean for j in range(num_weights)]
    means = np.stack(parts, axis=1)[:-1]  # the last one may reach into the latest steps
    latest = trainer.history.tail(_LATEST_STEPS)[-num_weights:].T
    return np.vstack([trainer.initial_weights, means, latest, trainer.weights])
