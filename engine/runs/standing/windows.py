"""Windows of looks at a run's training loss, and what they tell of its level and of its noise."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine.model.objective import Array

LOOKS = 64  # to a window
_BLOCKS = 4  # of half the looks: their spread tells the standard error, however neighbours resemble each other


class Window:
    """Looks at the loss over all examples, at equal distances, from one step on.

    The first window since the knobs changed is short, and not judged: it has the beginning in it, which is no noise.
    Every other one is as long as all that lies before it, and is judged when it is half full and when it is full: so
    the last judgement is of the latter third or half of the run. The distance has no divisor in common
    with the steps of an epoch, for the loss is lower at the ends of reshuffled epochs than within them.

    fewest: steps between two looks to begin with. epoch: steps that an epoch takes. losses, cosines: (n,) at the looks,
    the latter between the last two steps. total: (P,) the sum of the weights there.
    """

    def __init__(self, step: int, passed: int, *, fewest: int, epoch: int, num_weights: int) -> None:
        self._looks = LOOKS if passed else LOOKS // 2
        self.interval = max(fewest, passed // LOOKS, 1)
        while math.gcd(self.interval, epoch) > 1:
            self.interval += 1
        self.next_look = step
        self.rate = math.nan  # of the first look
        self.losses: Array = np.empty(0)
        self.cosines: Array = np.empty(0)
        self.total: Array = np.zeros(num_weights)

    def checkpoint(self) -> dict[str, Any]:
        """Plain data from which `restore` goes on."""
        return {name: value.copy() if isinstance(value, np.ndarray) else value for name, value in vars(self).items()}

    def restore(self, checkpoint: dict[str, Any]) -> None:
        """Stand where `checkpoint` was taken."""
        vars(self).update({k: v.copy() if isinstance(v, np.ndarray) else v for k, v in checkpoint.items()})

    @property
    def room(self) -> int:
        """Looks that are left until it is to be judged."""
        half = LOOKS // 2
        return half - len(self.losses) % half

    @property
    def is_due(self) -> bool:
        """True if it has just become half full or full."""
        return len(self.losses) > 0 and len(self.losses) % (LOOKS // 2) == 0

    @property
    def is_first(self) -> bool:
        return self._looks < LOOKS

    @property
    def is_full(self) -> bool:
        return len(self.losses) >= self._looks

    def add(self, losses: Array, cosines: Array, weights: Array) -> None:
        """Take in n looks: the losses and cosines, (n,), and the weights, (n, P)."""
        self.losses, self.cosines = np.append(self.losses, losses), np.append(self.cosines, cosines)
        for row in weights:  # one by one, so that the sum does not depend on how many came at once
            self.total += row

    @property
    def mean_weights(self) -> Array:
        return self.total / len(self.losses)

    @property
    def level(self) -> float:
        """The mean loss."""
        return float(self.losses.mean())

    @property
    def spread(self) -> float:
        """The standard deviation of a look."""
        return float(self.losses.std())

    @property
    def error(self) -> float:
        """The standard error of the level."""
        return self._block_error / math.sqrt(2 * _BLOCKS)

    @property
    def fall(self) -> float:
        """The height of the first half above the second."""
        first, second = np.split(self.losses, 2)
        return float(first.mean() - second.mean())

    @property
    def fall_error(self) -> float:
        """The standard error of the fall."""
        return self._block_error * math.sqrt(2 / _BLOCKS)

    @property
    def _block_error(self) -> float:
        """The standard deviation of the mean of a block, within the halves."""
        blocks = self.losses.reshape(2, _BLOCKS, -1).mean(axis=2)
        return float(np.sqrt(blocks.var(axis=1, ddof=1).mean()))
