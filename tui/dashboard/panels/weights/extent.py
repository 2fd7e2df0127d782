"""The extent of a picture of the weights: around what must be seen, growing in steps, never scrolling; or as far as
the user has zoomed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tui.painting.axes import Array, Axis
from tui.painting.frame import Frame

_MARGIN = 0.18  # of the span, on either side
_GROWTH = 1.5
_LARGEST = 1e100
_FAR = 10
_FINEST = 1e-9  # of the numbers' size and of the whole: a narrower axis has no room between its ticks


class Extent:
    """One axis of the weights. Starts around the values that must be seen; when the present weight leaves it, it grows
    by half until it is inside again."""

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
    def span(self) -> float:
        """The length from end to end."""
        return self._high - self._low

    @property
    def axis(self) -> Axis:
        """The limits as they stand."""
        return Axis(self._low, self._high)


class Viewport:
    """The part of a picture that is shown: all of its extents, or what the user has zoomed and dragged to."""

    def __init__(self, extents: Sequence[Extent]) -> None:
        self.extents = list(extents)
        self._window: list[Axis] | None = None

    @property
    def zoomed(self) -> bool:
        """True if the user has chosen the part."""
        return self._window is not None

    @property
    def axes(self) -> list[Axis]:
        """The limits to draw in."""
        return self._window or [extent.axis for extent in self.extents]

    def include(self, points: Array) -> None:
        """Grow the automatic extents around (m, axes) points."""
        for extent, values in zip(self.extents, points.T, strict=True):
            extent.include(values)

    def include_near(self, points: Array, extents: Sequence[Extent]) -> None:
        """Grow around points, too, of another run than the one in front that these extents are enough for: unless an
        axis would be more than ten times as wide for it, as of a run that has blown up."""
        needed = zip(extents, points.T, strict=True)
        if all(np.isfinite(values).all() and np.ptp(values) <= _FAR * extent.span for extent, values in needed):
            self.include(points)

    def begin(self, extents: Sequence[Extent], points: Array) -> None:
        """Begin with another run in front. These extents are enough for it: take them where the present ones, which a
        run may have blown up, are more than ten times as wide."""
        for extent, values in zip(extents, points.T, strict=True):
            extent.include(values)
        if any(now.span > _FAR * fresh.span for now, fresh in zip(self.extents, extents, strict=True)):
            self.extents, self._window = list(extents), None

    def zoom(self, factor: float, around: Sequence[float], *, centre: bool = False) -> None:
        """Show `factor` times less of every axis; the point `around` stays where it is, or goes to the centre.

        Showing as much as the automatic extent, or more, returns to it.
        """
        window, whole = [], [extent.axis for extent in self.extents]
        for axis, all_of_it, value in zip(self.axes, whole, around, strict=True):
            finest = _FINEST * max(abs(axis.low), abs(axis.high), all_of_it.high - all_of_it.low)
            span = max((axis.high - axis.low) / factor, finest)
            middle = (axis.low + axis.high) / 2
            fixed = value if np.isfinite(value) else middle
            share = 0.5 if centre else float(axis.share(fixed))
            window.append(Axis(fixed - share * span, fixed + (1 - share) * span))
        wide = all(a.high - a.low >= (b.high - b.low) * (1 - 1e-9) for a, b in zip(window, whole, strict=True))
        self._window = None if wide else window

    def pan(self, *shares: float) -> None:
        """Move what is shown by shares of each axis."""
        axes = self.axes
        self._window = [
            Axis(axis.low + share * (axis.high - axis.low), axis.high + share * (axis.high - axis.low))
            for axis, share in zip(axes, shares, strict=False)
        ]

    def reset(self) -> None:
        """Show everything again."""
        self._window = None


def values_at(inside: Frame, column: int, row: int) -> tuple[float, float] | None:
    """The values of the axes in the middle of a cell of the canvas; None outside of the frame."""
    across, up = (column - inside.left + 0.5) / inside.width, 1 - (row - inside.top + 0.5) / inside.height
    if not (0 <= across <= 1 and 0 <= up <= 1):
        return None
    x_axis, y_axis = inside.x_axis, inside.y_axis
    return x_axis.low + across * (x_axis.high - x_axis.low), y_axis.low + up * (y_axis.high - y_axis.low)
