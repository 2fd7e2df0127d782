"""Recognising that a run has converged or diverged.

Both are judged on looks at the loss over all training examples: one look an epoch, but at least every
eighth step. What is recognised depends on the run alone, not on how its steps were grouped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.objective import Array

_LOOKS = 16  # to a window
_MIN_STEPS = 8  # between two looks
_DIVERGED = 1e6  # times the loss at the beginning
_MEDIAN_OF_DIFFERENCES = 0.954  # of two independent normal numbers, in standard deviations of one
_FLAT = 1e-4  # a relative decrease over half a window that nobody would see


@dataclass(frozen=True)
class Status:
    """running, converged or diverged; since which step, and why in words."""

    kind: Literal["running", "converged", "diverged"] = "running"
    step: int = 0
    reason: str = ""


class Watch:
    """Looks at a run's training loss and keeps its `status`.

    Converged: over 16 looks the loss no longer fell by more than chance (twice the standard error of the
    difference between the halves' means) or by 0.01 %, and one step of the best length could not lower it
    noticeably either, so that neither a tiny learning rate nor bouncing from wall to wall is mistaken for
    arrival. `potential(weights)` estimates that last decrease, |g|²/(2λmax).
    Diverged: the loss has grown a million times and is growing, or a number is not finite.
    """

    def __init__(self, initial_loss: float, potential: Callable[[Array], float]) -> None:
        self.status = Status()
        self._initial_loss = initial_loss
        self._potential = potential
        self._since = 0
        self._interval = _MIN_STEPS
        self._looks: Array = np.empty(0)

    def restart(self, step: int, steps_per_epoch: int) -> None:
        """Judge anew from `step` on, because a knob changed."""
        self.status = Status(step=step)
        self._since = step
        self._interval = max(_MIN_STEPS, steps_per_epoch)
        self._looks = np.empty(0)

    def due(self, first_step: int, count: int) -> range:
        """Which of the steps first_step … first_step + count − 1 are to be looked at."""
        if self.status.kind != "running":
            return range(0)
        begin = self._since + -(-(first_step - self._since) // self._interval) * self._interval
        return range(begin, first_step + count, self._interval)

    def look(self, steps: range, losses: Array, weights: Array) -> None:
        """Take in the losses, (n,), and the weights, (n, P), at the steps that `due` named."""
        for step, loss, present in zip(steps, losses, weights, strict=True):
            growing = not len(self._looks) or loss > self._looks[-1]
            if self._initial_loss > 0 and loss > _DIVERGED * self._initial_loss and growing:
                times = f"{loss / self._initial_loss:.1e} times where it began"
                self.status = Status("diverged", step, f"the training loss is {times} and growing")
                return
            self._looks = np.append(self._looks, loss)
            if len(self._looks) == _LOOKS:
                if self._has_settled(present):
                    self.status = Status("converged", step, f"the training loss no longer falls ({loss:.4g})")
                    return
                self._looks = self._looks[-1:]

    def blew_up(self, step: int) -> None:
        """The loss or the gradient of `step` is not finite."""
        self.status = Status("diverged", step, "the loss or the gradient is not a finite number")

    def _has_settled(self, weights: Array) -> bool:
        older, newer = self._looks[: _LOOKS // 2], self._looks[_LOOKS // 2 :]
        decrease = float(older.mean() - newer.mean())
        # The median of the differences between neighbours knows the noise and is blind to a steep beginning.
        noise = float(np.median(np.abs(np.diff(self._looks)))) / _MEDIAN_OF_DIFFERENCES
        flat = _FLAT * abs(float(newer.mean())) + 1e-9 * abs(self._initial_loss)
        if decrease > max(2 * noise * np.sqrt(2 / len(newer)), flat):
            return False
        return self._potential(weights) <= 4 * float(newer.std()) + 10 * flat
