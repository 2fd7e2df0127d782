"""Alarms: a loss that grows out of all proportion, and units that die, seen on the minibatch loss of every step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal

import numpy as np

from engine.model.objective import Array

Alarm = Literal["diverging", "calm", "diverged", "lost", "saturated", "back"]

_IN_A_ROW = 5  # minibatches: one that is high by chance is no growth
_GROWN = 30.0  # times the level before: out of proportion
DIVERGED = 1e6  # times the loss at the beginning
_AGAIN = 4.0  # times the loss when the knobs changed: not what was there already
_STILL_GROWING = 64  # steps without a new height: it grows no longer
_PATIENCE = 16  # steps after a knob was changed: has the loss begun to fall?
_LONG = 16.0  # times these steps: too long a way back
_HIGH = 4.0  # times the loss at the beginning: time to ask for saturated units
MOSTLY = 0.5  # of the units
_LOWEST_LEVEL = 1e-9  # of the loss at the beginning: below, a growth is out of rounding


class Alarms:
    """Watches the losses of all steps of a run that began at the loss `start`.

    The height of a step is the lowest of its minibatch's loss and the four before it, of steps with the same knobs.
    Diverging: the height is 30 times the level before, and there was a new height within 64 steps.
    Diverged: it is a million times the start, and 4 times what it was when the knobs changed.
    Lost: the knobs changed on a diverged run, and 16 steps later or more it is not on its way back: at the pace since
    then it would take 16 times as long as since then.
    Saturated: the median of the five is 4 times the start (the loss of a dead network jumps, and its height may stay
    low), and most units answer no example any more. They are asked for at the first such step, and then after ever
    longer pauses.
    """

    def __init__(self, start: float) -> None:
        self._start = start
        self.level = start
        self._level_rate = np.nan
        self.state: Literal["calm", "diverging", "diverged", "recovering", "saturated"] = "calm"
        self._latest = np.zeros(_IN_A_ROW - 1)  # losses before the present step
        self._last = start
        self.restart(1.0)

    def restart(self, share: float) -> None:
        """Watch anew, because the knobs changed. share: how much more noise the new ones make, at least 1: it may raise
        the level by as much."""
        if self.state in ("diverged", "recovering"):
            self.state = "recovering"
        elif self.state != "saturated":  # which no knob heals
            self.state = "calm"
        self.level *= share
        self._latest = np.zeros(_IN_A_ROW - 1)
        self._waited = 0
        self._base = self._last
        self._record, self._record_step = 0.0, -1
        self._pause, self._ask_from = _IN_A_ROW, 0

    def revive(self) -> None:
        """Watch anew, because the units are back."""
        self.state = "calm"
        self.restart(1.0)

    def learn(self, level: float, rate: float) -> None:
        """Take this for the level from now on, as it is with this learning rate."""
        if self.state == "calm" and np.isfinite(level):
            self.level, self._level_rate = max(level, _LOWEST_LEVEL * self._start), rate
            self._base = self.level

    def checkpoint(self) -> dict[str, Any]:
        """Plain data from which `restore` watches on."""
        return {name: value.copy() if isinstance(value, np.ndarray) else value for name, value in vars(self).items()}

    def restore(self, checkpoint: dict[str, Any]) -> None:
        """Watch on where `checkpoint` was taken."""
        vars(self).update(checkpoint)
        self._latest = self._latest.copy()

    def follow(
        self, first_step: int, losses: Array, rates: Array, saturated: Callable[[int], float]
    ) -> Iterator[tuple[int, Alarm]]:
        """Take in the losses of n further steps, (n,), and their learning rates, (n,); yields what is to be said of
        which of them. saturated: tells the share of such units before the k-th."""
        if not len(losses):
            return
        highest = max(losses.max(), self._latest.max())
        if self.state == "calm" and highest <= min(_HIGH * self._start, _GROWN * self.level):
            self._keep(losses)  # nearly always
            return
        series = np.concatenate([self._latest, losses])
        rows = np.lib.stride_tricks.sliding_window_view(series, _IN_A_ROW)
        heights, depths, medians = rows.min(axis=1), rows.max(axis=1), np.median(rows, axis=1)
        self._keep(losses)
        raised = np.fmax(1.0, rates / self._level_rate)  # what a schedule's higher rate may do to the level
        for k in range(len(heights)):
            step, height = first_step + k, float(heights[k])
            if self._asks(step, float(medians[k])) and saturated(k) > MOSTLY:
                found: Alarm | None = self._become("saturated", "saturated")
            else:
                found = self._at(step, height, float(depths[k]), float(raised[k]))
            if found:
                yield k, found

    def _keep(self, losses: Array) -> None:
        few = _IN_A_ROW - 1
        self._latest = losses[-few:].copy() if len(losses) >= few else np.append(self._latest, losses)[-few:]
        self._last = float(losses[-1])

    def _asks(self, step: int, median: float) -> bool:
        """Tell whether to ask for saturated units at this step."""
        if self.state in ("diverged", "saturated") or not median > _HIGH * self._start > 0 or step < self._ask_from:
            return False
        self._ask_from, self._pause = step + self._pause, 2 * self._pause
        return True

    def _at(self, step: int, height: float, depth: float, raised: float) -> Alarm | None:
        """The alarm of this step, of which the five latest losses are between `height` and `depth`."""
        grown = _GROWN * self.level * raised
        if self.state == "recovering" and not self._waited:
            self._base = max(self._base, depth)  # the first loss with the new knobs, which did not make it
        if height > _AGAIN * self._base and height > self._record:
            self._record, self._record_step = height, step
        if self.state == "saturated":
            return None  # a look at the loss of all examples tells when that is over
        if self.state == "diverged":
            return self._become("calm", "back") if depth <= DIVERGED * self._start else None
        is_new = self._record_step == step
        if self.state == "recovering" and not is_new and (found := self._recovery(height, depth)):
            return found
        if is_new and height > DIVERGED * self._start > 0:
            return self._become("diverged", "diverged")
        if self.state == "calm" and is_new and height > grown > 0:
            return self._become("diverging", "diverging")
        if self.state == "diverging" and (depth <= grown or step - self._record_step > _STILL_GROWING):
            self.level = max(self.level, height)
            return self._become("calm", "calm")
        return None

    def _recovery(self, height: float, depth: float) -> Alarm | None:
        """The alarm of a step after the knobs changed on a diverged run: it is back, or shows no way back."""
        self._waited += 1
        enough = DIVERGED * self._start
        if self._waited < _PATIENCE or not height > 0:
            return None
        if depth <= enough:
            return self._become("calm", "back")
        if height > enough and _LONG * np.log(self._base / height) < np.log(height / enough):
            return self._become("diverged", "lost")
        return None

    def _become(self, state: Literal["calm", "diverging", "diverged", "recovering", "saturated"], said: Alarm) -> Alarm:
        self.state = state
        if state == "calm":
            self._record = 0.0
        return said
