"""The scale of a heat map: from a number to one of sixteen levels, and back for its key."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from tui.painting.axes import Numbers, quantile
from tui.painting.palette import HEATS

_DECADES = 1e4  # of the smallest excess that is told apart, at most


class HeatScale(NamedTuple):
    """Levels even in log(1 + (value − least) / unit), from `least` to `most`: near the best values small differences
    show, and one value that is far off does not make all others alike."""

    least: float
    unit: float
    most: float

    def level(self, value: float) -> int:
        """The level of a value, 0 for the least to 15 for the most and what is beyond or infinite."""
        if value >= self.most:
            return HEATS - 1 if self.most > self.least else 0
        if not value > self.least:
            return 0
        return min(HEATS - 1, int(HEATS * math.log1p((value - self.least) / self.unit) / self._length))

    def value(self, share: float) -> float:
        """The value so far up the scale, 0 … 1."""
        return self.least + self.unit * math.expm1(share * self._length) if self.most > self.least else self.least

    @property
    def _length(self) -> float:
        return math.log1p((self.most - self.least) / self.unit)


def scale_of(values: Numbers) -> HeatScale:
    """The scale for (m,) values. Those that are not finite do not count; without any it is from 0 to 1.

    unit: the excess over the least that a tenth of the values stay below, so that the best tenth share a level or two.
    """
    finite = np.asarray(values, dtype=np.float64)[np.isfinite(values)]
    if not len(finite):
        return HeatScale(0.0, 1.0, 1.0)
    least = float(finite.min())
    excess = finite[finite > least] - least
    if not len(excess):
        return HeatScale(least, 1.0, least)
    largest = float(excess.max())
    unit = max(quantile(excess, 0.1), 1e-9 * largest)
    return HeatScale(least, unit, least + min(largest, _DECADES * unit))
