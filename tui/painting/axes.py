"""Axes: limits that step instead of sliding, round ticks, and where a value falls."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

if TYPE_CHECKING:  # NumPy is loaded by the first picture, after the first frame
    from numpy.typing import NDArray

Array: TypeAlias = "NDArray[np.float64]"
Numbers: TypeAlias = "NDArray[np.floating[Any]]"  # of any precision

_FEW = 3  # ticks
_STEPS = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0)  # of the far end of a growing axis: a quarter to a half more


class Axis(NamedTuple):
    """An axis from low to high, low < high, both finite; on a `log` axis both above 0."""

    low: float
    high: float
    log: bool = False

    def position(self, value: float) -> float:
        """The place of one value, 0 at `low` and 1 at `high`; NaN where a log axis has no place for it."""
        if not self.log:
            return (value - self.low) / (self.high - self.low)
        if not 0 < value < math.inf:
            return value if value > 0 else math.nan
        return (math.log(value) - math.log(self.low)) / (math.log(self.high) - math.log(self.low))

    def share(self, values: Numbers | float) -> Array:
        """The same for many."""
        values = np.asarray(values, dtype=np.float64)
        if not self.log:
            return np.asarray((values - self.low) / (self.high - self.low))
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.log(np.where(values > 0, values, np.nan))
        return np.asarray((logs - math.log(self.low)) / (math.log(self.high) - math.log(self.low)))

    def ticks(self, at_most: int) -> tuple[float, ...]:
        """Round values within the limits, at most so many, at even distances: multiples of 1, 2 or 5 times a power of
        ten; on a log axis 1 or 3 times one, with 2 and 5 only where there would be hardly any."""
        if at_most < 1:
            return ()
        return _log_ticks(self.low, self.high, at_most) if self.log else _ticks(self.low, self.high, at_most)


@lru_cache(256)  # the same axes are drawn thirty times a second
def _ticks(low: float, high: float, at_most: int) -> tuple[float, ...]:
    power = 10.0 ** math.floor(math.log10((high - low) / at_most))
    for factor in (1, 2, 5, 10, 20, 50, 100):
        step = factor * power
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first + 1 <= at_most:
            return tuple(float(f"{index * step:.12g}") for index in range(first, last + 1))
    return ()


@lru_cache(256)
def _log_ticks(low: float, high: float, at_most: int) -> tuple[float, ...]:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    found: list[list[float]] = []
    for factors in ((1,), (1, 3), (1, 2, 5)):
        values = [float(f"{f}e{power}") for power in range(first, last + 1) for f in factors]
        found.append([value for value in values if low * (1 - 1e-9) <= value <= high * (1 + 1e-9)])
    decades, even, dense = found
    if len(dense) <= at_most and len(even) < _FEW:
        return tuple(dense)
    values = even if len(even) <= at_most else decades
    return tuple(values[:: max(1, -(-len(values) // at_most))])


def growing_axis(latest: float, at_least: float) -> Axis:
    """An axis from 0 to the next round number from `latest` on: it steps by a quarter to a half, it does not slide."""
    target = max(latest, at_least)
    power = 10.0 ** math.floor(math.log10(target))
    end = next((step * power for step in _STEPS if step * power >= target * (1 - 1e-12)), 10 * power)
    return Axis(0.0, end)


def enclosing_axis(low: float, high: float, *, log: bool = False) -> Axis:
    """An axis around the values, its ends on 1, 2 or 5 times a power of ten (log), or on round steps."""
    if log:
        low, high = max(low, 1e-300), min(high, 1e300)
        axis = Axis(_round_down(low), _round_up(high), log=True)
        return axis if axis.high / axis.low > 4.5 else Axis(axis.low / 2, axis.high * 2.5, log=True)
    low, high = max(low, -1e300), min(high, 1e300)
    if high - low < 1e-9 * max(abs(low), abs(high), 1e-300):
        margin = max(abs(high) * 0.1, 1e-6)
        low, high = low - margin, high + margin
    step = 10.0 ** math.floor(math.log10(high - low)) / 2
    return Axis(math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step)


def _round_down(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return max(factor * power for factor in (1, 2, 5) if factor * power <= value * (1 + 1e-9) or factor == 1)


def _round_up(value: float) -> float:
    power = 10.0 ** math.floor(math.log10(value))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= value * (1 - 1e-9))


def quantile(values: Numbers, share: float) -> float:
    """The value that `share` of the (m,) values are at most, m > 0; straight between two of them. `np.quantile` would
    do, but takes several times as long and loads NumPy's masked arrays, a megabyte."""
    ordered = np.sort(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    low, high = float(ordered[below]), float(ordered[min(below + 1, len(ordered) - 1)])
    return low + (high - low) * (place - below)


class StickyAxis:
    """An axis around changing values that moves only when it must: when a value leaves it, or when the
    values have shrunk to less than half of it."""

    def __init__(self) -> None:
        self._axis: Axis | None = None

    def around(self, low: float, high: float, *, log: bool) -> Axis:
        """The axis for values from `low` to `high`."""
        fresh = enclosing_axis(low, high, log=log)
        kept = self._axis
        if kept is not None and kept.log == log:
            span = kept.share(np.array([low, high]))
            wanted = fresh.share(np.array([kept.low, kept.high]))
            if span[0] >= -1e-9 and span[1] <= 1 + 1e-9 and wanted[1] - wanted[0] < 2:
                return kept
        self._axis = fresh
        return fresh

    def forget(self) -> None:
        """Begin anew."""
        self._axis = None
