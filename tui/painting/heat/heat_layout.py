"""The places of a heat map on a canvas."""

from __future__ import annotations

from typing import NamedTuple

Point = tuple[float, float]  # column and row of a grid, a place's middle being whole numbers

_EVEN = 4  # columns of a place below which all have the same
_WIDEST, _HIGHEST = 24, 12  # columns and lines that a place is given, at most


class Cell(NamedTuple):
    """The cells of a canvas that a place has: the upper left one, and how many each way."""

    column: int
    line: int
    width: int
    height: int

    @property
    def area(self) -> tuple[slice, slice]:
        """The lines and columns, to be taken of a canvas's arrays."""
        return slice(self.line, self.line + self.height), slice(self.column, self.column + self.width)

    @property
    def middle(self) -> int:
        """The line of its number."""
        return self.line + self.height // 2


class HeatLayout(NamedTuple):
    """A grid of `places` columns and `rows` rows from (left, top) on: a place is `wide` columns and `high` lines in the
    mean, half a line where two rows share one."""

    left: int
    top: int
    places: int
    rows: int
    wide: float
    high: float

    @property
    def halves(self) -> bool:
        """True if a line holds two rows."""
        return self.high < 1

    @property
    def lines(self) -> int:
        """The lines of all rows."""
        return int(self.rows * self.high + 0.5)

    @property
    def columns(self) -> int:
        """The columns of all places."""
        return int(self.places * self.wide)

    def column(self, across: float) -> float:
        """The canvas's column of a point, in parts of columns."""
        return self.left + (across + 0.5) * self.wide

    def line(self, up: float) -> float:
        """The canvas's line of a point, in parts of lines from the top."""
        return self.top + (self.rows - 0.5 - up) * self.high

    def cell(self, across: int, up: int) -> Cell:
        """The cells of a place; of rows that share a line, both have it."""
        column, line = int(self.column(across - 0.5) + _ROUNDING), int(self.line(up + 0.5) + _ROUNDING)
        width = int(self.column(across + 0.5) + _ROUNDING) - column
        return Cell(column, line, width, max(1, int(self.line(up - 0.5) + _ROUNDING) - line))

    def at(self, column: int, line: int) -> tuple[int, int] | None:
        """The column and row of the place that has this cell; the upper one of two; None beside the map."""
        across = int((column + 1 - _ROUNDING - self.left) / self.wide)
        up = self.rows - 1 - int((line - self.top + (_ROUNDING if self.halves else 1 - _ROUNDING)) / self.high)
        inside = self.left <= column < self.left + self.columns and self.top <= line < self.top + self.lines
        return (across, up) if inside and 0 <= across < self.places and 0 <= up < self.rows else None


_ROUNDING = 1e-6


def layout(left: int, top: int, places: int, rows: int, columns: int, lines: int) -> HeatLayout:
    """Return the layout that fills so many columns and lines; there are not more places than columns, and not more
    rows than half lines."""
    wide, high = columns / places, lines / rows
    wide = min(wide, _WIDEST) if wide >= _EVEN else columns // places
    high = 0.5 if high < 1 else 1 if high < 2 else min(high, _HIGHEST)
    return HeatLayout(left, top, places, rows, wide, high)
