"""A plain frame of axes: labels, and from values to dots. All moving pictures are drawn in one.

plotext, which draws the plain reports, took 9 ms for the loss curves and 11 ms for nine weights over time
at 58 columns: at ten pictures a second all of the screen's share of a core, against 1 ms here. It also
lends the colour of the latest curve to the dots of the others in a cell.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from tui.painting.axes import Array, Axis, Numbers
from tui.painting.canvas import Canvas, Dots, line_dots
from tui.painting.numbers import ticks
from tui.painting.palette import Ink
from tui.painting.strokes import Stroke, stroke


class Frame(NamedTuple):
    """The area inside the axes: from (left, top), `width` × `height` cells; labels stand left and below it."""

    left: int
    top: int
    width: int
    height: int
    x_axis: Axis
    y_axis: Axis

    def _dots(self, across: Array, up: Array) -> tuple[Array, Array]:
        return 2 * self.left + across * (2 * self.width - 1), 4 * self.top + (1 - up) * (4 * self.height - 1)

    def _box_on(self, canvas: Canvas) -> tuple[int, int, int, int]:
        """Left, top, right and bottom of what can be seen, in dots."""
        right, bottom = min(self.left + self.width, canvas.width), min(self.top + self.height, canvas.height)
        return 2 * self.left, 4 * self.top, 2 * right, 4 * bottom

    def points(self, canvas: Canvas, x: Numbers, y: Numbers, ink: int) -> None:
        """A dot for every point inside."""
        across, up = self.x_axis.share(x), self.y_axis.share(y)
        with np.errstate(invalid="ignore"):
            outside = ~((across >= 0) & (across <= 1) & (up >= 0) & (up <= 1))
        canvas.dots(*self._dots(np.where(outside, np.nan, across), up), ink)

    def line(self, canvas: Canvas, x: Numbers, y: Numbers, ink: int) -> None:
        """A connected line that may leave the frame, keeping its direction."""
        canvas.line(*self._place(x, y), ink, self._box_on(canvas), along_x=False)

    def trail(self, canvas: Canvas, points: Numbers, ink: int) -> Dots:
        """Dots of a trail through (m, 2) points, for `Canvas.weave`."""
        dots = line_dots(*self._place(*columns(points)), stroke(ink), self._box_on(canvas), along_x=False)
        return Dots(*dots, ink)

    def _place(self, x: Numbers, y: Numbers) -> tuple[Array, Array]:
        return self._dots(self.x_axis.share(x), self.y_axis.share(y))

    def curve(self, canvas: Canvas, x: Numbers, y: Numbers, ink: int, drawn: Stroke | None = None) -> None:
        """A connected curve over x with gaps where it is not finite. What is above or below is drawn on the
        edge, so that it is not missed; what is left or right is left out. drawn: its stroke, the ink's without."""
        canvas.draw(self.curve_dots(canvas, x, y, ink, drawn))

    def curve_dots(self, canvas: Canvas, x: Numbers, y: Numbers, ink: int, drawn: Stroke | None = None) -> Dots:
        """Dots of `curve`, for `Canvas.draw`."""
        x, y = self._dots(self.x_axis.share(x), np.clip(self.y_axis.share(y), 0, 1))
        return Dots(*line_dots(x, y, drawn or stroke(ink), self._box_on(canvas)), ink)

    def column(self, x: float) -> int | None:
        """The canvas's column of the value x, None outside."""
        share = self.x_axis.position(x)
        return self.left + int(share * (2 * self.width - 1)) // 2 if 0 <= share <= 1 else None

    def x(self, column: int) -> float:
        """The value in the middle of the canvas's column, within the frame; on a linear axis."""
        share = (2 * (column - self.left) + 0.5) / max(1, 2 * self.width - 1)
        return self.x_axis.low + min(max(share, 0.0), 1.0) * (self.x_axis.high - self.x_axis.low)

    def row(self, y: float) -> int:
        """The canvas's row of the value y: the nearest edge where it is outside, the lower one without a place."""
        share = self.y_axis.position(y)
        share = 0.0 if math.isnan(share) else min(max(share, 0.0), 1.0)
        return self.top + int((1 - share) * (4 * self.height - 1)) // 4

    def symbol(self, canvas: Canvas, x: float, y: float, symbol: str, ink: int) -> None:
        """One character at a point, if it is inside."""
        share = self.y_axis.position(y)
        column = self.column(x)
        if column is not None and 0 <= share <= 1:
            canvas.text(column, self.row(y), symbol, ink)

    def symbols(self, canvas: Canvas, x: Numbers, y: Numbers, symbol: str, ink: int) -> None:
        """One character at every point inside."""
        across, up = self.x_axis.share(x), self.y_axis.share(y)
        inside = (across >= 0) & (across <= 1) & (up >= 0) & (up <= 1)
        columns = (across[inside] * (2 * self.width - 1)).astype(np.intp) // 2
        rows = ((1 - up[inside]) * (4 * self.height - 1)).astype(np.intp) // 4
        canvas.symbols(self.left + columns, self.top + rows, symbol, ink)


def frame(canvas: Canvas, x_axis: Axis, y_axis: Axis, *, x_name: str = "", y_name: str = "", top: int = 0) -> Frame:
    """Draw the labels of both axes on a canvas that is blank, and return the area that is left below row `top`: a cell
    at least, which on the smallest canvases lies beside them."""
    labels, inside = _labelled(canvas.width, canvas.height, x_axis, y_axis, x_name, y_name, top)
    canvas.paste(labels, 0, 0)
    return inside


@lru_cache(16)  # axes step, they do not slide: most frames have those of the one before
def _labelled(
    width: int, height: int, x_axis: Axis, y_axis: Axis, x_name: str, y_name: str, top: int
) -> tuple[Canvas, Frame]:
    canvas = Canvas(width, height)
    rows = max(1, height - 1 - top)
    y_ticks = y_axis.ticks(max(2, rows // 3))
    labels = ticks(y_ticks)
    left = min(max([len(label) for label in labels], default=0) + 1, max(0, width - 4))
    inside = Frame(left, top, max(1, width - left), rows, x_axis, y_axis)
    for value, label in zip(y_ticks, labels, strict=True):
        canvas.text(left - 1 - len(label), inside.row(value), label, Ink.FAINT)
    if y_name:  # may reach into the picture
        canvas.text(0, top, f"{y_name:<{left}}", Ink.AXIS)
    for column, label in _along(inside, width - (len(x_name) + 1 if x_name else 0)):
        canvas.text(column, top + rows, label, Ink.FAINT)
    canvas.text(width - len(x_name), top + rows, x_name, Ink.AXIS)
    return canvas, inside


def _along(inside: Frame, room: int) -> list[tuple[int, str]]:
    """The labels of the x-axis with their columns, up to the column `room`: so few that none between two others has to
    be left out."""
    found: list[tuple[int, str]] = []
    for at_most in range(max(2, inside.width // 7), 0, -1):
        values = inside.x_axis.ticks(at_most)
        found, end, whole = [], inside.left, True
        for value, label in zip(values, ticks(values), strict=True):
            at = inside.column(value)
            column = min(max(inside.left, (at or 0) - len(label) // 2), room - len(label))
            if at is None or not column <= at < column + len(label) + 2:  # too far from its place, at an end
                continue
            if column < end:
                whole = False
                continue
            found.append((column, label))
            end = column + len(label) + 1
        if whole:
            break
    return found


def columns(points: Numbers) -> tuple[Numbers, Numbers]:
    """Return the x and the y of (m, 2) points."""
    return points[:, 0], points[:, 1]


def point(values: Numbers) -> tuple[float, float]:
    """Return the x and the y of one point, (2,)."""
    return float(values[0]), float(values[1])


def band(x: Array, low: Array, high: Array) -> tuple[Array, Array]:
    """One zigzag line that covers low … high at every x, so that no spike is lost; a single point where the
    two are equal."""
    keep = np.stack([np.full(len(x), True), low != high], axis=1).ravel()
    return np.repeat(x, 2)[keep], np.stack([low, high], axis=1).ravel()[keep]
