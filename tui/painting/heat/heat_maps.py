"""Several heat maps side by side, on one scale of colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tui.painting.canvas import Canvas
from tui.painting.heat.heat_grid import HeatGrid
from tui.painting.heat.heat_layout import Point
from tui.painting.heat.heat_map import HeatMap
from tui.painting.heat.heat_scale import scale_of
from tui.painting.look import PLAIN, Look
from tui.painting.palette import Ink

_GAP = 2  # columns between two maps
_SMALLEST = (24, 7)  # columns and lines of a map


class Part(NamedTuple):
    """One of the maps. grid: what it shows; the rest as of `HeatMap`."""

    grid: HeatGrid
    limit: Sequence[Point] = ()
    limit_words: str = ""
    present: Point | None = None
    cursor: tuple[int, int] | None = None


class HeatMaps:
    """Small multiples: the maps of `parts` in rows, as large as there is room for. Where there is none for all of
    them, the last line says how many are left out."""

    def __init__(self, parts: Sequence[Part], look: Look = PLAIN, width: int = 80, height: int = 24) -> None:
        self._size = width, height
        self._across = _columns(parts, width, height)
        down = min(-(-len(parts) // self._across), max(1, height // _SMALLEST[1]))
        self._left_out = max(0, len(parts) - self._across * down)
        high = (height - bool(self._left_out)) // down
        wide = (width + _GAP) // self._across - _GAP
        scale = scale_of(np.concatenate([part.grid.shown for part in parts]))
        self._maps = []
        for number, (grid, limit, words, present, cursor) in enumerate(parts[: self._across * down]):
            marks = {"limit": limit, "limit_words": words, "present": present, "cursor": cursor}
            corner = number % self._across * (wide + _GAP), number // self._across * high
            self._maps.append((corner, HeatMap(grid, look, wide, high, scale=scale, **marks)))  # type: ignore[arg-type]

    @property
    def canvas(self) -> Canvas:
        """The picture of all of them."""
        canvas = Canvas(*self._size)
        for (column, line), one in self._maps:
            canvas.paste(one.canvas, column, line)
        if self._left_out:
            many = f"{self._left_out} more map{'s' if self._left_out > 1 else ''}: there is no room here"
            canvas.text(0, self._size[1] - 1, many, Ink.FAINT)
        return canvas

    def place_at(self, column: int, line: int) -> tuple[int, tuple[int, int]] | None:
        """The number of the map that is drawn there, and the column and row of the place; None beside the maps."""
        for number, ((left, top), one) in enumerate(self._maps):
            if (place := one.place_at(column - left, line - top)) is not None:
                return number, place
        return None


def _columns(parts: Sequence[Part], width: int, height: int) -> int:
    """The number of maps side by side with which a place is as large as can be."""
    sizes = {}
    rows, places = parts[0].grid.values.shape
    for across in range(1, len(parts) + 1):
        down = -(-len(parts) // across)
        wide, high = width // across - _GAP, height // down
        if across > 1 and wide < _SMALLEST[0]:
            break
        sizes[across] = (high >= _SMALLEST[1], min((wide - 4) // places, 2 * (high - 3) // rows), -across)
    return max(sizes, key=lambda across: sizes[across])
