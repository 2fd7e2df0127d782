"""The heat map of a grid: a block of colour for each place, its number where there is room, and marks on it.

With few colours a level is a shade of hatching. Where there are more rows of the grid than lines, a line holds two, as
half blocks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from tui.painting.canvas import Canvas
from tui.painting.heat.heat_grid import HeatGrid
from tui.painting.heat.heat_layout import Point, layout
from tui.painting.heat.heat_scale import HeatScale, scale_of
from tui.painting.look import PLAIN, Look
from tui.painting.numbers import short
from tui.painting.palette import HEATS, Ink
from tui.painting.styles import palette

if TYPE_CHECKING:
    from numpy.typing import NDArray

BEST, LOST, OPEN, PRESENT, NEVER = "★", "×", "·", "◆", "∞"
_SHADES = "█▓▒░"
_BRIGHT = HEATS // 2  # levels that dark text stands on
_NARROW = 5  # columns: too few for a number below
_DIGITS = 5  # of a number on the map, at most
_KEY = 8  # columns of each half of the colour key
_CHROME = 3  # lines above and below: names and key, labels, marks


class HeatMap:
    """A heat map as a picture.

    grid: what it shows. scale: of its colours, by default from its own values. limit: the line of the largest stable
    learning rate, as points of the grid, and limit_words which one it is. present: where the training on the screen
    is, perhaps between places. cursor: column and row of the place that is looked at.
    """

    def __init__(
        self,
        grid: HeatGrid,
        look: Look = PLAIN,
        width: int = 80,
        height: int = 24,
        *,
        scale: HeatScale | None = None,
        limit: Sequence[Point] = (),
        limit_words: str = "stability limit",
        present: Point | None = None,
        cursor: tuple[int, int] | None = None,
    ) -> None:
        self._few = palette(look).ansi
        left = min(max(map(len, grid.up.labels), default=0) + 1, max(0, width - 4))
        lines, columns = max(1, height - _CHROME), max(1, width - left)
        self._grid = grid.coarser(columns, lines if self._few else 2 * lines)
        rows, places = len(self._grid.up.labels), len(self._grid.across.labels)
        coarse = len(grid.across.labels) / places, len(grid.up.labels) / rows
        self._layout = layout(left, 1 if height > 2 else 0, places, rows, columns, lines)
        self._scale = scale or scale_of(grid.shown)
        self._limit_words = limit_words
        self._limit = [_coarsened(point, coarse) for point in limit]
        self._present = None if present is None else _coarsened(present, coarse)
        self._cursor = None if cursor is None else tuple(round(it) for it in _coarsened(cursor, coarse))
        self._width, self._height = width, height

    @cached_property
    def canvas(self) -> Canvas:
        """The picture, `width` × `height` cells."""
        canvas = Canvas(self._width, self._height)
        self._fill(canvas)
        self._draw_limit(canvas)
        self._write_places(canvas)
        self._mark(canvas)
        self._write_labels(canvas)
        if self._layout.top:
            self._write_head(canvas)
        return canvas

    def place_at(self, column: int, line: int) -> tuple[int, int] | None:
        """The column and row of the place that is drawn there, None beside the map."""
        return self._layout.at(column, line)

    def _level(self, up: int, across: int) -> int | None:
        """The level of a place, None where it has no number."""
        grid, value = self._grid, float(self._grid.values[up, across])
        if not grid.done[up, across] or grid.lost[up, across] or math.isnan(value):
            return None
        return self._scale.level(value)

    def _fill(self, canvas: Canvas) -> None:
        rows, places = self._grid.values.shape
        levels = [[self._level(up, across) for across in range(places)] for up in range(rows)]
        if self._layout.halves:
            self._fill_halves(canvas, levels)
            return
        for up, row in enumerate(levels):
            for across, level in enumerate(row):
                area = self._layout.cell(across, up).area
                if level is None:
                    continue
                if self._few:
                    canvas.chars[area] = _SHADES[level * len(_SHADES) // HEATS]
                    canvas.ink[area] = Ink.PLACE_0 + level
                else:
                    canvas.paper[area] = Ink.PLACE_0 + level

    def _fill_halves(self, canvas: Canvas, levels: list[list[int | None]]) -> None:
        inks = np.array([[0 if it is None else Ink.PLACE_0 + it for it in row] for row in levels[::-1]], dtype=np.uint8)
        lost = self._grid.lost[::-1] & self._grid.done[::-1]
        inks[lost] = Ink.DANGER
        if len(inks) % 2:
            inks = np.vstack([inks, np.zeros_like(inks[:1])])
        widths = [self._layout.cell(across, 0).width for across in range(inks.shape[1])]
        canvas.half_blocks(np.repeat(inks, widths, axis=1), self._layout.left, self._layout.top)

    def _write_sign(self, canvas: Canvas, across: int, up: int) -> None:
        """Write the sign of a place without a number into its middle."""
        cell = self._layout.cell(across, up)
        column, line = cell.column + (cell.width - 1) // 2, cell.middle
        if self._grid.lost[up, across]:
            canvas.text(column, line, LOST, Ink.DANGER)
        elif self._grid.done[up, across]:
            canvas.text(column, line, "–", Ink.FAINT)
        else:
            canvas.text(column, line, OPEN, Ink.FAINT)

    def _draw_limit(self, canvas: Canvas) -> None:
        if len(self._limit) < 2:
            return
        it = self._layout
        x = np.array([2 * it.column(across) for across, _ in self._limit])
        y = np.array([4 * it.line(up) for _, up in self._limit])
        box = (2 * it.left, 4 * it.top, 2 * (it.left + it.columns), 4 * (it.top + it.lines))
        before = canvas.chars.copy()
        canvas.line(x, y, Ink.STRONG, box, along_x=False)
        drawn = canvas.chars != before
        canvas.ink[drawn] = _readable(canvas.paper[drawn])

    def _write_places(self, canvas: Canvas) -> None:
        """Write the number of each place, where there is room, and the sign of one that has none, over all else."""
        rows, places = self._grid.values.shape
        for up in range(0 if self._layout.halves else rows):
            for across in range(places):
                if (level := self._level(up, across)) is None:
                    self._write_sign(canvas, across, up)
                elif self._layout.wide >= _NARROW:
                    cell = self._layout.cell(across, up)
                    starred = cell.height == 1 and self._grid.best == (across, up)
                    text = _fitted(float(self._grid.values[up, across]), int(self._layout.wide) - 1 - starred)
                    column = cell.column + (cell.width - len(text)) // 2
                    if self._few:  # parted from the hatching, whose dots are points of decimals in ASCII
                        canvas.text(column, cell.middle, f"{text} "[: cell.column + cell.width - column], Ink.PLAIN)
                        canvas.text(max(column - 1, cell.column), cell.middle, " ")
                    canvas.text(column, cell.middle, text, self._on(level))

    def _on(self, level: int) -> int:
        """The ink of text on a level."""
        return Ink.ON_BRIGHT if level < _BRIGHT else Ink.ON_DARK

    def _mark(self, canvas: Canvas) -> None:
        if self._grid.best is not None:
            self._sign(canvas, self._grid.best, BEST, Ink.STRONG)
        if self._present is not None and canvas.height and canvas.width:
            it = self._layout
            column = min(max(int(it.column(self._present[0])), it.left), it.left + it.columns - 1, canvas.width - 1)
            line = min(max(int(it.line(self._present[1])), it.top), it.top + it.lines - 1, canvas.height - 1)
            canvas.text(column, line, PRESENT, int(_readable(canvas.paper[line, column])))
        if self._cursor is not None:
            self._draw_cursor(canvas, *self._cursor)

    def _sign(self, canvas: Canvas, place: tuple[int, int], sign: str, ink: int) -> None:
        """A sign at a place, above its number where it has lines for both, else before it."""
        cell, level = self._layout.cell(*place), self._level(place[1], place[0])
        ink = ink if level is None else self._on(level)
        if cell.height > 1:
            canvas.text(cell.column + (cell.width - 1) // 2, cell.middle - 1, sign, ink)
        else:
            canvas.text(cell.column, cell.line, sign, ink)

    def _draw_cursor(self, canvas: Canvas, across: int, up: int) -> None:
        """Put a place between brackets, and on white where there are colours."""
        cell, level = self._layout.cell(across, up), self._level(up, across)
        if cell.width >= _NARROW and level is not None and not self._layout.halves:
            text = _fitted(float(self._grid.values[up, across]), cell.width - 2)
            canvas.text(cell.column, cell.middle, f"{text:^{cell.width}}")
        for line in range(cell.line, cell.line + cell.height):
            canvas.text(cell.column, line, "[")
            if cell.width > 1:
                canvas.text(cell.column + cell.width - 1, line, "]")
        canvas.ink[cell.area] = Ink.STRONG if self._few else Ink.ON_BRIGHT
        if not self._few:
            canvas.paper[cell.area] = Ink.ON_DARK

    def _write_labels(self, canvas: Canvas) -> None:
        for up, label in enumerate(self._grid.up.labels):
            if not self._layout.halves or (len(self._grid.up.labels) - 1 - up) % 2:  # of two on a line the lower one
                line = self._layout.cell(0, up).middle
                canvas.text(self._layout.left - 1 - len(label), line, label, Ink.FAINT)
        below, name = self._layout.top + self._layout.lines, self._grid.across.name
        for column, label in self._spaced():
            canvas.text(column, below, label, Ink.FAINT)
        if below + 1 < self._height:
            canvas.text(self._width - len(name), below + 1, name, Ink.AXIS)
            canvas.text(0, below + 1, _joined(self._signs(), self._width - len(name) - 2), Ink.FAINT)

    def _spaced(self) -> list[tuple[int, str]]:
        """The labels of the axis across with their columns: each one, or each second and so on, so that none touches
        the next."""
        labels = self._grid.across.labels
        columns = [max(0, int(self._layout.column(at)) - len(label) // 2) for at, label in enumerate(labels)]
        spaced = list(zip(columns, labels, strict=True))
        for every in range(1, len(labels) + 1):
            some = spaced[::every]
            if all(left + len(label) < right for (left, label), (right, _) in pairwise(some)):
                break
        return [(column, label) for column, label in some if column + len(label) <= self._width]

    def _signs(self) -> list[str]:
        """The meanings of the signs that are on the map."""
        grid = self._grid
        said = {
            f"{BEST} best": grid.best is not None,
            f"{LOST} blew up": bool(grid.lost.any()),
            f"{PRESENT} present": self._present is not None,
            f"⡇ {self._limit_words}": len(self._limit) > 1,
            f"{NEVER} goal not reached": bool(np.isinf(grid.shown).any()),
            f"{OPEN} to come": not grid.done.all(),
        }
        return [text for text, is_there in said.items() if is_there]

    def _write_head(self, canvas: Canvas) -> None:
        """Write the name of the axis that goes up, the title, and at the right the colours with their numbers."""
        words = [short(self._scale.value(share), 4) for share in (0.0, 0.5, 1.0)]
        words[-1] = f"≥{words[-1]}" if self._scale.beyond else words[-1]
        key = sum(map(len, words)) + 2 * (_KEY + 2)
        column = canvas.text(0, 0, self._grid.up.name, Ink.AXIS) + 2
        if self._grid.title:
            column = canvas.text(column, 0, self._grid.title, Ink.STRONG) + 2
        at = self._width - key
        if at - len(self._grid.measure) - 2 >= column:
            canvas.text(at - len(self._grid.measure) - 2, 0, self._grid.measure, Ink.PLAIN)
        if at < column or not np.isfinite(self._grid.shown).any():
            return
        for half, word in enumerate(words):
            at = canvas.text(at, 0, word, Ink.FAINT) + 1
            if half < 2:
                for step in range(_KEY):
                    level = (half * _KEY + step) * HEATS // (2 * _KEY)
                    if self._few:
                        canvas.text(at + step, 0, _SHADES[level * len(_SHADES) // HEATS], Ink.PLACE_0 + level)
                    else:
                        canvas.paper[0, at + step] = Ink.PLACE_0 + level
                at += _KEY + 1


def _joined(words: Sequence[str], width: int) -> str:
    """The words that fit, from the first on, joined; the sign `·` is one of theirs, so that it does not part them."""
    while words and len("   ".join(words)) > width:
        words = words[:-1]
    return "   ".join(words)


def _readable(paper: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Inks of what is to be read on this paper."""
    level = paper.astype(np.intp) - Ink.PLACE_0
    return np.where(level < 0, Ink.STRONG, np.where(level < _BRIGHT, Ink.ON_BRIGHT, Ink.ON_DARK)).astype(np.uint8)


def _coarsened(point: Point, coarse: Point) -> Point:
    """The point on the grid of which a place holds several of the one that it is given on."""
    across, up = ((at + 0.5) / factor - 0.5 for at, factor in zip(point, coarse, strict=True))
    return across, up


def _fitted(value: float, width: int) -> str:
    """The number in at most so many columns, with as many digits as fit, of five at most."""
    if not math.isfinite(value):
        return short(value)
    for decimals in range(0 if value == round(value) else _DIGITS - 1, -1, -1):  # steps are whole
        text = f"{value:.{decimals}f}"
        if abs(value) >= 1e-3 and len(text) <= min(width, _DIGITS + 1):
            return text
    shorter = (
        f"{value:.{decimals}e}".replace("e+0", "e").replace("e+", "e").replace("e-0", "e-") for decimals in (1, 0)
    )
    return next((text for text in (short(value), *shorter) if len(text) <= width), "")
