"""The learning-rate range test: how the loss goes while the rate grows from far too small to too large."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.model.objective import Array
from engine.probes.pieces import Pieces, finish
from engine.training.schedules import Schedule
from engine.training.trainer import Trainer

_SMOOTHING = 0.95
_HOPELESS = 4.0  # times the smallest smoothed loss
_STEPS_AT_ONCE, _PIECE_WORK = 32, 2e6  # the latter in nanoseconds, about
_FEWEST_LOSSES, _FALLEN = 10, 0.9  # of the losses with the smallest rates


@dataclass(frozen=True)
class RateRange:
    """Rates that were tried, (m,), the batch loss of each, and that smoothed; the last ones may be infinite or NaN.

    blew_up: the first rate at which the loss was hopeless, infinite where none of them was.
    """

    rates: Array
    losses: Array
    smoothed: Array
    blew_up: float

    @property
    def suggestion(self) -> float:
        """A tenth of the rate at which the smoothed loss was smallest; NaN where it hardly fell after the first quarter
        of the rates: the test then says nothing but where it blew up.

        Source: Howard & Gugger, "fastai: A Layered API for Deep Learning", 2020.
        """
        known = np.flatnonzero(np.isfinite(self.smoothed))
        if len(known) < _FEWEST_LOSSES:
            return math.nan
        lowest, first = int(known[self.smoothed[known].argmin()]), max(1, len(known) // 4)
        fell = lowest >= first and self.smoothed[lowest] < _FALLEN * np.nanmin(self.smoothed[:first])
        return float(self.rates[lowest]) / 10 if fell else math.nan


@dataclass(eq=False, repr=False)
class _Growing(Schedule):
    """A schedule whose factor is `growth` to the power of the step."""

    growth: float
    kind = "growing"

    def at(self, step: int, memory: Any = None) -> float:
        return self.growth**step


def learning_rate_range(trainer: Trainer, *, low: float = 1e-6, high: float = 10.0, steps: int = 400) -> RateRange:
    """The test at once: as `rate_range_pieces` has it."""
    return finish(rate_range_pieces(trainer, low=low, high=high, steps=steps))


def rate_range_pieces(
    trainer: Trainer, *, low: float = 1e-6, high: float = 10.0, steps: int = 400
) -> Pieces[RateRange]:
    """Train a copy from the present weights on with rates low … high, evenly spaced in the logarithm.

    It has the optimizer, the other knobs and the seed of `trainer`, which is left alone, but begins with empty
    buffers and an epoch of its own. It ends when the loss is not finite or, smoothed, four times its smallest.
    Smoothing is an exponential average by 0.95 with its beginning corrected, as Adam's.
    Source: Smith, "Cyclical Learning Rates for Training Neural Networks", WACV 2017, section 3.3.
    """
    if not (0 < low < high < np.inf and steps >= 2):
        raise ValueError(f"rates 0 < low < high and at least 2 steps are needed, not {low}, {high}, {steps}")
    growth = (high / low) ** (1 / (steps - 1))
    knobs = replace(trainer.knobs, learning_rate=low, schedule=_Growing(growth))
    copy = Trainer(trainer.objective, trainer.weights, knobs=knobs, seed=trainer.seed)
    work = trainer.objective.effort(copy.batch_in_effect)
    at_once = int(np.clip(_PIECE_WORK / work, 1, _STEPS_AT_ONCE))
    rates, losses, smoothed = np.empty(0), np.empty(0), np.empty(0)
    ended = False
    while copy.steps < steps and copy.blew_up_at is None and not ended:
        taken = copy.run(min(at_once, steps - copy.steps))
        batch_losses, _, new_rates = copy.history.tail(taken)[:3]
        rates, losses = np.append(rates, new_rates), np.append(losses, batch_losses)
        smoothed = _smooth(losses)
        ended = bool(len(_hopeless(smoothed)))
        yield max(1, taken) * work
    bad = _hopeless(smoothed)
    if len(bad):
        rates, losses, smoothed = (values[: bad[0] + 1] for values in (rates, losses, smoothed))
    return RateRange(rates, losses, smoothed, float(rates[-1]) if len(bad) else np.inf)


def _smooth(losses: Array) -> Array:
    smoothed, average = np.empty(len(losses)), 0.0
    with np.errstate(all="ignore"):
        for k, loss in enumerate(losses):
            average = _SMOOTHING * average + (1 - _SMOOTHING) * float(loss)
            smoothed[k] = average / (1 - _SMOOTHING ** (k + 1))
    return smoothed


def _hopeless(smoothed: Array) -> NDArray[np.intp]:
    """Indices of losses that are not finite or far above the smallest before them."""
    with np.errstate(all="ignore"):
        return np.flatnonzero(~(smoothed <= _HOPELESS * np.fmin.accumulate(smoothed)))
