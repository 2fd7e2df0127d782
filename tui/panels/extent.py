"""How far a picture of the weights reaches: around what must be seen, growing in steps, never scrolling."""

from __future__ import annotations

import numpy as np

from tui.painting.axes import Array, Axis

_MARGIN = 0.18  # of the span, on either side
_GROWTH = 1.5
_LARGEST = 1e100


class Extent:
    """One axis of the weights. Starts around the initial weight and the minimum; when the present weight
    leaves it, it grows by half until it is inside again."""

    def __init__(self, *values: float) -> None:
        finite = [value for value in values if np.isfinite(value)] or [0.0]
        span = max(finite) - min(finite) or max(abs(finite[0]), 1.0)
        self._low, self._high = min(finite) - _MARGIN * span, max(finite) + _MARGIN * span

    def include(self, values: Array) -> None:
        """Grow until all finite values are inside."""
        finite = values[np.isfinite(values) & (np.abs(values) < _LARGEST)]
        if not len(finite):
            return
        while finite.min() < self._low:
            self._low = self._high - (self._high - self._low) * _GROWTH
        while finite.max() > self._high:
            self._high = self._low + (self._high - self._low) * _GROWTH

    @property
    def axis(self) -> Axis:
        """The limits as they stand."""
        return Axis(self._low, self._high)
