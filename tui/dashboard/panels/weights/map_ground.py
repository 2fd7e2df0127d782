"""The ground of a map: the loss over two axes in half blocks."""

from __future__ import annotations

import math

import numpy as np

from engine.serving import loss_grids
from tui.dashboard.panels.weights.ground import Ground, draw_pin, nearest
from tui.painting.axes import Array, Axis, Numbers
from tui.painting.canvas import Canvas
from tui.painting.contour import levels
from tui.painting.frame import Frame, frame
from tui.painting.numbers import short
from tui.painting.palette import Ink

_FOLLOWS = "now is outside · the map follows"
_MOST_CELLS = 5000  # of a grid, which has to cross the pipe; on larger screens the loss is interpolated


class MapGround(Ground):
    """The ground of a map. Its half blocks are painted once for each grid and part of it; everything else is drawn over
    them. Until the grid of a larger part arrives, the picture ends where the old one does, and says so."""

    _background: tuple[object, Canvas, Frame] | None = None
    _left = False  # by the present weights: they are outside of the picture

    def subtitle(self, marks: str) -> str:
        """Words for the marks; while zoomed, for the way back; that the present weights are outside until the map has
        followed them."""
        return super().subtitle(_FOLLOWS if self._left else marks)

    def request(
        self,
        width: int,
        height: int,
        *,
        top: int,
        cells: float = _MOST_CELLS,
        plane: int | None = None,
        margin: float = 0.0,
    ) -> loss_grids.LossGridRequest | None:
        """The grid for so many cells, of about so many points at most; None where it is here. margin: how far it
        reaches beyond each end, as a share of the axis."""
        first, second = self.viewport.axes
        inside = frame(Canvas(width, height), first, second, top=top)  # for the room that labels leave
        coarser = min(1 + 2 * margin, math.sqrt(cells / (inside.width * 2 * inside.height)))
        across, up = (max(2, round(coarser * points)) for points in (inside.width, 2 * inside.height))
        return self.missing(
            loss_grids.LossGridRequest((*_wider(first, margin), across), (*_wider(second, margin), up), plane)
        )

    @property
    def covered(self) -> bool:
        """True if there is a loss for all that is shown."""
        if self.grid is None or self.grid.request.second is None:
            return False
        areas = self.grid.request.first, self.grid.request.second
        return all(
            low <= axis.low and axis.high <= high
            for axis, (low, high, _) in zip(self.viewport.axes, areas, strict=True)
        )

    def draw(self, names: tuple[str, str], width: int, height: int, *, top: int = 0) -> tuple[Canvas, Frame]:
        """A fresh canvas with the axes and the loss: as far as the grid reaches, unless the user has chosen a part."""
        x_axis, y_axis = self._mapped_axes()
        key = (self.grid, x_axis, y_axis, width, height, top, names)
        if self._background is None or self._background[0] != key:
            canvas = Canvas(width, height)
            inside = frame(canvas, x_axis, y_axis, x_name=names[0], y_name=names[1], top=top)
            if self.grid is not None:
                _paint(canvas, inside, self.grid)
            self._background = (key, canvas, inside)
        _, canvas, self.inside = self._background
        return canvas.copy(), self.inside

    def _mapped_axes(self) -> list[Axis]:
        """The limits to draw in: of what is to be shown, the part that there are losses for."""
        axes, grid = self.viewport.axes, self.grid
        if self.viewport.zoomed or grid is None or grid.request.second is None:
            return axes
        areas = grid.request.first, grid.request.second
        mapped = [
            Axis(max(axis.low, low), min(axis.high, high)) for axis, (low, high, _) in zip(axes, areas, strict=True)
        ]
        return mapped if all(axis.low < axis.high for axis in mapped) else axes

    def draw_present(self, canvas: Canvas, inside: Frame) -> None:
        """Draw the present weights; an arrow at the edge towards them where they are outside."""
        shares = [
            axis.position(value) for axis, value in zip((inside.x_axis, inside.y_axis), self.present, strict=True)
        ]
        self._left = any(share < 0 or share > 1 for share in shares)
        if any(math.isnan(share) for share in shares):
            return
        across, up = (min(max(share, 0.0), 1.0) for share in shares)
        column = inside.left + int(across * (2 * inside.width - 1)) // 2
        beyond = [share - kept for share, kept in zip(shares, (across, up), strict=True)]
        symbol = "●"
        if self._left:
            sideways = abs(beyond[0]) >= abs(beyond[1])
            symbol = ("→" if beyond[0] > 0 else "←") if sideways else ("↑" if beyond[1] > 0 else "↓")
        canvas.text(column, inside.row(self.present[1]), symbol, Ink.BALL)

    def draw_pin(self, canvas: Canvas, inside: Frame) -> None:
        """Draw the point that was clicked, with its loss: of the nearest point of the grid, where it is exact."""
        if self.pin is None or self.grid is None or self.grid.request.second is None:
            return
        first, second = np.linspace(*self.grid.request.first), np.linspace(*self.grid.request.second)
        i, j = nearest(first, self.pin[0]), nearest(second, self.pin[1])
        x, y = float(first[i]), float(second[j])
        if 0 <= float(inside.y_axis.share(y)) <= 1:
            words = f" loss {short(float(self.grid.losses[j, i]), 4)} at {short(x)}, {short(y)} "
            draw_pin(canvas, inside, x, y, words)


def _wider(axis: Axis, margin: float) -> tuple[float, float]:
    """The ends of an axis, further out by a share of it."""
    beyond = margin * (axis.high - axis.low)
    return axis.low - beyond, axis.high + beyond


def _paint(canvas: Canvas, inside: Frame, grid: loss_grids.LossGrid) -> None:
    """The grid under the frame, interpolated where its points are not those of the half cells; bare beside it."""
    assert grid.request.second is not None  # it is a map
    across = _places(inside.x_axis, inside.width, grid.request.first)
    rows = _places(inside.y_axis, 2 * inside.height, grid.request.second)[::-1]
    covered_rows, covered_columns = ~np.isnan(rows), ~np.isnan(across)
    covered_rows = (covered_rows[0::2] & covered_rows[1::2]).repeat(2)  # a cell has both of its halves, or none
    if not (covered_rows.any() and covered_columns.any()):
        return
    inks = np.zeros((len(rows), len(across)), dtype=np.uint8)
    part = _between(_between(grid.losses, rows[covered_rows]).T, across[covered_columns]).T
    inks[np.ix_(covered_rows, covered_columns)] = levels(part)
    canvas.half_blocks(inks, inside.left, inside.top)


def _places(axis: Axis, count: int, points: tuple[float, float, int]) -> Array:
    """(count,) where the points of an axis lie among those of a grid, from 0 to its number − 1; NaN outside."""
    low, high, number = points
    places = (np.linspace(axis.low, axis.high, count) - low) / (high - low) * (number - 1)
    places = np.where(np.abs(places - places.round()) < 1e-6, places.round(), places)
    return np.where((places >= 0) & (places <= number - 1), places, np.nan)


def _between(rows: Numbers, places: Array) -> Array:
    """(m, …) linear interpolation between rows, at places from 0 to their number − 1."""
    lower = np.minimum(places.astype(np.intp), max(0, len(rows) - 2))
    share = (places - lower)[:, None]
    if not share.any():
        return np.asarray(rows[lower])
    with np.errstate(all="ignore"):
        return np.asarray(rows[lower] * (1 - share) + rows[np.minimum(lower + 1, len(rows) - 1)] * share)
