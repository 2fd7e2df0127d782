"""A rectangle of cells: a character, its ink and the paper under it. Painters write; panels show."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from engine.plain_text import plain
from tui.painting.axes import Array
from tui.painting.palette import Ink
from tui.painting.strokes import Stroke, stroke

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BRAILLE = ord("⠀")
_NO_PAPER = 0
_BRIDGED = 4  # columns: a shorter way than a move of the cursor


@lru_cache(64)  # as many sizes as panels and parts of them have
def _dot_places(width: int, height: int) -> NDArray[np.intp]:
    """(4 × height × 2 × width,) of every dot of a canvas, row by row: eight times its cell, plus its bit there."""
    row, column = np.indices((4 * height, 2 * width)).reshape(2, -1)
    bits = np.array([[0, 3], [1, 4], [2, 5], [6, 7]])  # of the dot in row r (0–3), column c (0–1) of a character
    places: NDArray[np.intp] = 8 * ((row >> 2) * width + (column >> 1)) + bits[row & 3, column & 1]
    return places


@cache
def _braille() -> NDArray[np.uint32]:
    """(256,) the character of every set of dots."""
    return np.arange(_BRAILLE, _BRAILLE + 256, dtype=np.uint32)


@lru_cache(64)
def _cell_places(width: int, height: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """(H, W) of every cell, row by row, its number; (H, 1) that of the first in each row."""
    numbers = np.arange(height * width).reshape(height, width)
    return numbers, width * np.arange(height)[:, None]


class Canvas:
    """A canvas of width × height cells. `chars` (H, W) of one character, `ink` and `paper` (H, W) uint8 numbers of
    `palette.STYLES`; paper 0 is the terminal's own. Everything outside is clipped."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = max(0, width), max(0, height)
        self._codes = np.full((self.height, self.width), ord(" "), dtype=np.uint32)
        self.chars = self._codes.view("<U1")  # the same memory, where numbers are quicker to compare
        self.ink = np.zeros((self.height, self.width), dtype=np.uint8)
        self.paper = np.full((self.height, self.width), _NO_PAPER, dtype=np.uint8)
        self._dots = np.zeros((self.height, self.width), dtype=np.uint8)

    def text(self, column: int, row: int, text: str, ink: int = Ink.PLAIN) -> int:
        """Write `text`, made plain, cut at the end of the row, with an ellipsis there; returns the column after all of
        it. The paper stays."""
        text, room = plain(text), self.width - column
        if len(text) == 1:  # as most are: gauges, marks, edges
            if 0 <= row < self.height and 0 <= column < self.width:
                self.chars[row, column], self.ink[row, column], self._dots[row, column] = text, ink, 0
            return column + 1
        shown = text if len(text.rstrip()) <= room else cut(text, room)
        start, stop = max(0, column), min(self.width, column + len(shown))
        if 0 <= row < self.height and start < stop:
            self.chars[row, start:stop] = list(shown[start - column : stop - column])
            self.ink[row, start:stop] = ink
            self._dots[row, start:stop] = 0
        return column + len(text)

    def dots(self, x: Array, y: Array, ink: int) -> None:
        """Braille dots at (x, y), in dots from the upper left corner; two to a column, four to a row.

        A cell has one ink: dots of the same ink add up, those of another are replaced, so that no curve
        lends its colour to another's dots. Not finite or outside: left out.
        """
        inside = (x >= 0) & (x < 2 * self.width) & (y >= 0) & (y < 4 * self.height)
        self.draw(Dots(x[inside], y[inside], ink))

    def symbols(self, columns: NDArray[np.intp], rows: NDArray[np.intp], symbol: str, ink: int) -> None:
        """Write one character into each of these cells, of those that the canvas has. The paper stays."""
        inside = (columns >= 0) & (columns < self.width) & (rows >= 0) & (rows < self.height)
        cells = (rows[inside], columns[inside])
        self.chars[cells], self.ink[cells], self._dots[cells] = symbol, ink, 0

    def line(
        self, x: Array, y: Array, ink: int, box: tuple[int, int, int, int] | None = None, *, along_x: bool = True
    ) -> None:
        """Braille dots along the polyline through (x, y), in dots, in the stroke of the ink (`strokes`). A point that
        is not finite is a gap.

        box: left, top, right, bottom in dots, outside of which nothing is drawn; default the whole canvas. along_x: a
        broken line counts its dots by the column, so that they hold still while a curve changes; else from its start,
        so that a steep line is broken too.
        """
        left, top, right, bottom = box or (0, 0, 2 * self.width, 4 * self.height)
        box = (left, top, min(right, 2 * self.width), min(bottom, 4 * self.height))
        self.draw(Dots(*line_dots(x, y, stroke(ink), box, along_x=along_x), ink))

    def draw(self, dots: Dots) -> None:
        """Draw what was worked out before; all of it lies on the canvas."""
        places = dots.down.astype(np.intp)
        places *= 2 * self.width
        places += dots.along.astype(np.intp)
        every = np.zeros(8 * self.width * self.height, dtype=np.uint8)
        every[_dot_places(self.width, self.height).take(places)] = 1
        of_cells = np.packbits(every, bitorder="little")
        cells = of_cells.nonzero()[0]
        drawn, inks = self._dots.reshape(-1), self.ink.reshape(-1)  # the same memory
        found = drawn[cells] * (inks[cells] == dots.ink) | of_cells[cells]
        drawn[cells], inks[cells] = found, dots.ink
        self._codes.reshape(-1)[cells] = _braille().take(found)

    def weave(self, trails: Sequence[Sequence[Dots]]) -> None:
        """Draw trails so that none hides another: where several come through a cell they take turns, from cell to cell.
        A trail is of pieces, the later ones over the earlier."""
        claims = np.zeros((len(trails), self.height, self.width), dtype=bool)
        for claim, pieces in zip(claims, trails, strict=True):
            for piece in pieces:
                claim[_cells(piece)] = True
        rank, claimants = np.cumsum(claims, axis=0) - 1, np.maximum(claims.sum(axis=0), 1)
        turn = np.add.outer(np.arange(self.height), np.arange(self.width)) % claimants
        for mine, pieces in zip(claims & (rank == turn), trails, strict=True):
            for piece in pieces:
                kept = mine[_cells(piece)]
                self.draw(Dots(piece.along[kept], piece.down[kept], piece.ink))

    def half_blocks(self, levels: NDArray[np.uint8], column: int = 0, row: int = 0) -> None:
        """Fill cells with two colours each, from (2h, w) numbers of inks."""
        top, bottom = levels[0::2], levels[1::2]
        height, width = min(len(top), self.height - row), min(top.shape[1], self.width - column)
        area = (slice(row, row + height), slice(column, column + width))
        self.chars[area] = np.where(top[:height, :width] == bottom[:height, :width], " ", "▀")
        self.ink[area] = top[:height, :width]
        self.paper[area] = bottom[:height, :width]

    def paste(self, other: Canvas, column: int, row: int) -> None:
        """Copy another canvas into this one, its upper left corner at (column, row)."""
        height, width = min(other.height, self.height - row), min(other.width, self.width - column)
        here = (slice(row, row + height), slice(column, column + width))
        there = (slice(0, height), slice(0, width))
        for mine, theirs in (
            (self.chars, other.chars),
            (self.ink, other.ink),
            (self.paper, other.paper),
            (self._dots, other._dots),
        ):
            mine[here] = theirs[there]

    def copy(self) -> Canvas:
        """An independent copy."""
        twin = Canvas(self.width, self.height)
        twin.paste(self, 0, 0)
        return twin

    def rows(self) -> list[str]:
        """The characters alone, a string a row."""
        return ["".join(row) for row in self.chars]

    def __str__(self) -> str:
        return "\n".join(row.rstrip() for row in self.rows())

    def settle(self) -> None:
        """Finish the canvas when all is painted: blanks take the ink of what stands left of them. It does not show, and
        so it neither counts as a change nor breaks a run."""
        numbers, starts = _cell_places(self.width, self.height)
        inked = np.where(self._codes == ord(" "), starts, numbers)
        np.maximum.accumulate(inked, axis=1, out=inked)
        self.ink = self.ink.reshape(-1).take(inked)

    def changed_spans(self, before: Canvas) -> list[tuple[int, int, int]]:
        """(row, first column, column after the last) of what differs from a canvas of the same size; a few
        unchanged cells in between are taken along, for moving over them costs more."""
        different = self._codes != before._codes
        different |= self.ink != before.ink
        different |= self.paper != before.paper
        spans: list[tuple[int, int, int]] = []
        row, first, last, end = 0, 0, -1, -1  # of the span that is open: its row, its cells; the end of that row
        for cell in different.reshape(-1).nonzero()[0].tolist():
            if cell >= end or cell - last > _BRIDGED:
                if end > 0:
                    spans.append((row, first % self.width, last % self.width + 1))
                row = cell // self.width
                first, end = cell, (row + 1) * self.width
            last = cell
        return [*spans, (row, first % self.width, last % self.width + 1)] if end > 0 else spans

    def runs(self, row: int, start: int, stop: int) -> list[tuple[str, int, int]]:
        """Return these columns of a row as runs of one style each: text, ink, paper."""
        if stop - start == 1:  # as most changes are
            return [(self.chars.item(row, start), self.ink.item(row, start), self.paper.item(row, start))]
        inks, papers = self.ink[row, start:stop].tolist(), self.paper[row, start:stop].tolist()
        chars = self.chars[row, start:stop].tolist()
        looks = list(zip(inks, papers, strict=True))
        edges = [0, *(at for at in range(1, len(looks)) if looks[at] != looks[at - 1]), len(looks)]
        return [("".join(chars[a:b]), *looks[a]) for a, b in pairwise(edges) if b > a]


def cut(text: str, width: int) -> str:
    """The text, in so many columns at most; with an ellipsis where it is cut."""
    return text if len(text) <= width else f"{text[: width - 1]}…" if width > 0 else ""


class Dots(NamedTuple):
    """Dots of a line that was not drawn yet: where they are, along and down, and their ink."""

    along: Array
    down: Array
    ink: int


def _cells(dots: Dots) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The rows and columns of the cells of dots."""
    return dots.down.astype(np.intp) >> 2, dots.along.astype(np.intp) >> 1


def line_dots(
    x: Array, y: Array, drawn: Stroke, box: tuple[int, int, int, int], *, along_x: bool = True
) -> tuple[Array, Array]:
    """The dots of a polyline in this stroke, as `Canvas.line` draws it; all of them within the box."""
    left, top, after, below = box
    right, bottom = after - 1e-6, below - 1e-6
    if len(x) < 2:
        inside = (x >= left) & (x <= right) & (y >= top) & (y <= bottom)
        return x[inside], y[inside]
    x0, y0, x1, y1 = x[:-1], y[:-1], x[1:], y[1:]
    clipped = False
    if not (left <= x.min() and x.max() <= right and top <= y.min() and y.max() <= bottom):  # or not a number
        inside = (x >= left) & (x <= right) & (y >= top) & (y <= bottom)
        clipped = bool((np.isfinite(x) & np.isfinite(y) & ~inside).any())
        if clipped:
            x0, y0, x1, y1 = _clipped(np.stack((x0, y0, x1, y1)), left, top, right, bottom)
        else:  # there are gaps, and nothing else
            whole = inside[:-1] & inside[1:]
            x0, y0, x1, y1 = x0[whole], y0[whole], x1[whole], y1[whole]
    across, up = x1 - x0, y1 - y0
    lengths = np.maximum(np.abs(across), np.abs(up))
    steps = lengths.astype(np.intp) + 1
    dots = steps + 1
    segment = np.arange(len(dots)).repeat(dots)
    share = (np.arange(len(segment)) - (dots.cumsum() - dots)[segment]) / steps[segment]
    along, down = x0[segment] + across[segment] * share, y0[segment] + up[segment] * share
    if drawn.pattern:
        place = along if along_x else (np.cumsum(lengths) - lengths)[segment] + lengths[segment] * share
        kept = _unbroken(drawn.pattern)[place.astype(np.intp) % sum(drawn.pattern)]
        along, down = along[kept], down[kept]
    if drawn.thick:
        beside = np.where(down + 1 <= bottom, down + 1, down - 1)
        along, down = np.append(along, along), np.append(down, np.maximum(beside, top))
    if clipped:  # what comes from far outside may be rounded out of the box
        kept = (along >= left) & (along < after) & (down >= top) & (down < below)
        along, down = along[kept], down[kept]
    return along, down


@cache
def _unbroken(pattern: tuple[int, ...]) -> NDArray[np.bool_]:
    """(sum of the pattern,) whether each dot is drawn."""
    return np.repeat(np.arange(len(pattern)) % 2 == 0, pattern)


def _clipped(segments: Array, left: float, top: float, right: float, bottom: float) -> Array:
    """The parts inside a box of (4, n) segments x0, y0, x1, y1; those outside or not finite are left out.

    Liang & Barsky, "A new concept and method for line clipping", ACM Transactions on Graphics 3 (1984).
    """
    segments = segments[:, np.isfinite(segments).all(axis=0) & (np.abs(segments) < 1e100).all(axis=0)]
    x0, y0, x1, y1 = segments
    steps = np.stack([x0 - x1, x1 - x0, y0 - y1, y1 - y0])
    room = np.stack([x0 - left, right - x0, y0 - top, bottom - y0])
    with np.errstate(divide="ignore", invalid="ignore"):
        share = room / steps
    begin = np.where(steps < 0, share, 0.0).max(axis=0, initial=0.0)
    end = np.where(steps > 0, share, 1.0).min(axis=0, initial=1.0)
    inside = (begin <= end) & ~((steps == 0) & (room < 0)).any(axis=0)
    x0, y0, x1, y1, begin, end = (values[inside] for values in (x0, y0, x1, y1, begin, end))
    width, height = x1 - x0, y1 - y0
    return np.stack([x0 + begin * width, y0 + begin * height, x0 + end * width, y0 + end * height])
