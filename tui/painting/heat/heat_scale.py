"""The scale of a heat map: from a number to one of sixteen levels, and back for its key."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from tui.painting.axes import Numbers
from tui.painting.palette import HEATS

_DECADES = 1e3  # from the smallest excess that is told apart to the largest, at most
_COUNTED = 0.9  # of the values


class HeatScale(NamedTuple):
    """Levels even in log(1 + (value − least) / unit), from `least` to `most`: near the best values small differences
    show, and one value that is far off does not make all others alike. beyond: whether there are larger values."""

    least: float
    unit: float
    most: float
    beyond: bool = False

    def level(self, value: float) -> int:
        """The level of a value, 0 for the least to 15 for the most and what is beyond or infinite."""
        if not value > self.least:
            return 0
        if value >= self.most:
            return HEATS - 1
        return min(HEATS - 1, int(HEATS * math.log1p((value - self.least) / self.unit) / self._length))

    def value(self, share: float) -> float:
        """The value so far up the scale, 0 … 1."""
        return self.least + self.unit * math.expm1(share * self._length) if self.most > self.least else self.least

    @property
    def _length(self) -> float:
        return math.log1p((self.most - self.least) / self.unit)


def scale_of(values: Numbers) -> HeatScale:
    """The scale for (m,) values. Those that are not finite do not count; without any it is from 0 to 1.

    It ends where nine tenths of them lie below, for the worst may be close to blowing up, and tells three decades of
    the excess over the least apart.
    """
    finite = np.asarray(values, dtype=np.float64)[np.isfinite(values)]
    if not len(finite):
        return HeatScale(0.0, 1.0, 1.0)
    least = float(finite.min())
    excess = np.sort(finite[finite > least] - least)
    if not len(excess):
        return HeatScale(least, 1.0, least)
    most = float(excess[int(_COUNTED * len(excess))])
    unit = max(float(excess[int((1 - _COUNTED) * len(excess))]), most / _DECADES)
    return HeatScale(least, unit, least + most, beyond=bool(excess[-1] > most))
