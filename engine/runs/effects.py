"""Effects of a run's knob changes, from its record: the level of the training loss before and after each."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from engine.model.objective import Array
    from engine.runs.past.knob_change import KnobChange
    from engine.runs.run import Run

_FEWEST = 8  # evaluations of a stretch, from which something can be said
_SURE = 3.0  # standard errors
_STILL = 1e-3  # of the level: a drift that nobody would see
_DRIFT = 0.5  # of the level: a drift that is none by chance, however steep the stretch
_PARTS = 8  # of a stretch, whose means say how sure its mean is
_TREND = 3.7  # standard errors of a slope from eight parts: by chance in 1 of 100 stretches
_ONE_WAY = 22  # of the 28 pairs of eight parts, less those the other way: by chance in 1 of 200 stretches
_MOST_ALIKE = 0.7  # correlation of neighbouring parts that is made up for
_KNOWN = 0.7  # of a ratio: with a larger error it says nothing
_UNSEEN = 0.1  # of the level: an effect of this size would be worth a word
_WIDER = 4.0  # times the spread: more than chance makes of the few evaluations that there may be


@dataclass(frozen=True)
class Level:
    """The training loss over the second half of a stretch between two knob changes. mean: of it. error: the standard
    error of the mean; where the loss drifts, about the drift. settled: whether it was neither falling nor rising by
    more than chance. spread: the standard deviation there. last: the mean of the last eighth of it. drift: by how much
    a straight line through it falls or rises, if that is no chance."""

    mean: float
    error: float
    settled: bool
    spread: float
    last: float
    drift: float = 0.0


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
    def ratio_error(self) -> float:
        """The standard error of the ratio, from those of the two levels and from what is left of a drift in them."""
        errors = (
            math.hypot(level.error, level.drift / math.sqrt(12)) / (level.mean - self.lowest)
            for level in (self.before, self.after)
        )
        return self.ratio * math.hypot(*errors) if self.ratio > 0 else math.nan

    @property
    def is_ratio_known(self) -> bool:
        """True if both levels are settled and their ratio is known well enough to say something."""
        return self.before.settled and self.after.settled and self.ratio_error <= _KNOWN * self.ratio

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
    with np.errstate(all="ignore"):  # losses of a run that blows up
        return _found(run)


def _found(run: Run) -> tuple[Effect, ...]:
    minimum = run.trainer.objective.minimum() if run.changes else None
    lowest = run.trainer.objective.loss(minimum) if minimum is not None else 0.0
    found: list[Effect] = []
    start = 0
    pending: list[KnobChange] = []
    before: Level | None = None
    with np.errstate(all="ignore"):  # losses of a run that blows up
        for end, changes in [*_by_step(run.changes), (run.trainer.steps + 1, [])]:
            level = _level(run.evaluations.stretch(start, end))
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
    mean, last = float(losses.mean()), float(_part_means(losses)[-1])
    drift, by_chance = _drift(losses)
    seen = abs(drift) > _STILL * abs(mean)
    settled = not (seen and (_runs_one_way(losses) or abs(drift) > min(_TREND * by_chance, _DRIFT * abs(mean))))
    error = _standard_error(losses) if settled else by_chance / math.sqrt(12)
    sure_drift = drift if abs(drift) > _TREND * by_chance else 0.0
    return Level(mean, error, bool(settled), float(losses.std()), last, sure_drift)


def _drift(losses: Array) -> tuple[float, float]:
    """The rise of the straight line through the losses, and its standard error, from what is left beside the line: a
    trend must not pass for noise."""
    places = np.arange(len(losses)) - (len(losses) - 1) / 2
    slope = float(places @ losses / (places @ places))
    return slope * len(losses), math.sqrt(12) * _standard_error(losses - slope * places, fitted=2)


def _runs_one_way(losses: Array) -> bool:
    """Tell whether hardly any eighth lies the other way of one before it (Mann and Kendall's test, which asks for no
    straight line)."""
    means = _part_means(losses)
    later = np.sign(means[None, :] - means[:, None])
    return len(means) == _PARTS and bool(abs(np.triu(later).sum()) >= _ONE_WAY)


def _part_means(values: Array) -> Array:
    return np.array([part.mean() for part in np.array_split(values, min(_PARTS, len(values)))])


def _standard_error(values: Array, fitted: int = 1) -> float:
    """The standard error of the mean of a correlated series, from the means of its eighths. Where neighbours among
    these are alike still, it is larger by √((1 + ρ)/(1 − ρ)), ρ being their correlation. fitted: constants that were
    taken from the series."""
    means = _part_means(values)
    if len(means) <= fitted:
        return 0.0
    off = means - means.mean()
    squares = float(off @ off)
    alike = min(_MOST_ALIKE, max(0.0, float(off[1:] @ off[:-1]) / squares)) if squares > 0 else 0.0
    variance = squares / (len(means) - fitted) / len(means)
    return math.sqrt(variance * (1 + alike) / (1 - alike))
