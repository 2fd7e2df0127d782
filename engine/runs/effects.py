"""Effects of a run's knob changes, from its record: the level of the training loss before and after each."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from engine.model.objective import Array
    from engine.runs.run import KnobChange, Run

_FEWEST = 8  # evaluations of a stretch, from which something can be said
_SURE = 3.0  # standard errors
_STILL = 1e-3  # of the level: a drift that nobody would see
_DRIFT = 0.5  # of the level: a drift that is none by chance, however steep the stretch
_UNSEEN = 0.1  # of the level: an effect of this size would be worth a word
_WIDER = 4.0  # times the spread: more than chance makes of the few evaluations that there may be


@dataclass(frozen=True)
class Level:
    """The training loss over the second half of a stretch between two knob changes. mean: of it. error: the standard
    error of the mean. settled: whether it was neither falling nor rising by more than chance. spread: the standard
    deviation there. last: the mean of the last eighth of it."""

    mean: float
    error: float
    settled: bool
    spread: float
    last: float


@dataclass(frozen=True)
class Effect:
    """The effect of knob changes that were made together: the levels of the stretches before and after them.

    lowest: the training loss at the known minimum; 0 where none is known.
    """

    changes: tuple[KnobChange, ...]
    before: Level
    after: Level
    lowest: float

    @property
    def ratio(self) -> float:
        """The height above `lowest`, after over before; NaN where one of them is none."""
        before, after = self.before.mean - self.lowest, self.after.mean - self.lowest
        return after / before if before > 0 and after > 0 else math.nan

    @property
    def is_sure(self) -> bool:
        """True if the levels differ by more than chance."""
        return abs(self.after.mean - self.before.mean) > self._chance

    @property
    def is_told(self) -> bool:
        """True if the stretches are long and calm enough for an effect of a tenth of the level to be seen."""
        return self._chance <= _UNSEEN * max(abs(self.before.mean), abs(self.after.mean))

    @property
    def changed_spread(self) -> bool:
        """True if the loss of one stretch spreads enormously wider than that of the other."""
        narrow, wide = sorted((self.before.spread, self.after.spread))
        seen = wide > _STILL * max(abs(self.before.mean), abs(self.after.mean))
        return self.before.settled and seen and wide > _WIDER * narrow

    @property
    def _chance(self) -> float:
        return _SURE * math.hypot(self.before.error, self.after.error)


def effects(run: Run) -> tuple[Effect, ...]:
    """The effects of the knob changes, as far as the record tells: it takes 8 evaluations of the loss before and after.
    Changes that follow one another more closely are taken together."""
    steps, losses = run.evaluations.steps, run.evaluations.training_loss
    minimum = run.trainer.objective.minimum() if run.changes else None
    lowest = run.trainer.objective.loss(minimum) if minimum is not None else 0.0
    found: list[Effect] = []
    start = 0
    pending: list[KnobChange] = []
    before: Level | None = None
    for end, changes in [*_by_step(run.changes), (run.trainer.steps + 1, [])]:
        level = _level(losses[(steps >= start) & (steps < end)])
        if level is not None:
            if before is not None and pending:
                found.append(Effect(_merged(pending), before, level, lowest))
            before, pending = level, []
        start, pending = end, [*pending, *changes]
    return tuple(found)


def _by_step(changes: list[KnobChange]) -> list[tuple[int, list[KnobChange]]]:
    return [(step, list(group)) for step, group in groupby(changes, key=lambda change: change.step)]


def _merged(changes: list[KnobChange]) -> tuple[KnobChange, ...]:
    """One a knob, from what it was to what it became, at the step of the last."""
    merged: dict[str, KnobChange] = {}
    for change in changes:
        before = merged[change.knob].before if change.knob in merged else change.before
        merged[change.knob] = replace(change, before=before)
    return tuple(merged.values())


def _level(losses: Array) -> Level | None:
    if len(losses) < _FEWEST:
        return None
    losses = losses[len(losses) // 2 :]
    if not np.isfinite(losses).all():
        return Level(math.nan, math.nan, settled=False, spread=math.nan, last=math.nan)
    earlier, later = np.array_split(losses, 2)
    drift = abs(later.mean() - earlier.mean())
    by_chance = math.hypot(_standard_error(earlier), _standard_error(later))
    mean, last = float(losses.mean()), float(np.array_split(losses, min(8, len(losses)))[-1].mean())
    settled = drift <= min(_SURE * by_chance + _STILL * abs(mean), _DRIFT * abs(mean))
    return Level(mean, _standard_error(losses), bool(settled), float(losses.std()), last)


def _standard_error(values: Array) -> float:
    """The standard error of the mean of a correlated series, from the means of its eighths."""
    means = [part.mean() for part in np.array_split(values, min(8, len(values)))]
    return float(np.std(means, ddof=1) / math.sqrt(len(means))) if len(means) > 1 else 0.0
