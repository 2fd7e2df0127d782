"""The cells that stand on the terminal, as far as they are known, so that none is written again.

Textual repeats the whole screen whenever a widget comes, goes or moves. For a notice of one row that would be 20 kB:
more than a second of a thin link, and a key waits behind it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from rich.cells import get_character_cell_size
from rich.segment import Segment
from textual.strip import Strip

from tui.terminal.cell_update import CellUpdate, Look, Piece, look_of, pieces_of
from tui.terminal.textual_internals import ChopsUpdate, LayoutUpdate, Update

_UNKNOWN = "\0"  # in a column: what stands there is not known, or a part of a wide character
_APART = 4  # columns that stay as they are between two changes: to go on behind them takes as many bytes


class _Row:
    """A row of the terminal. text: a character a column. looks: the look of each."""

    def __init__(self, width: int) -> None:
        self.text = _UNKNOWN * width
        self.looks: list[Look | None] = [None] * width

    def take(self, x: int, text: str, looks: list[Look]) -> list[tuple[int, int]]:
        """Write from column x on; returns which of these columns differ from what stood there: their first, and the
        one after their last, counted from x."""
        stop = x + len(text)
        before, looks_before = self.text[x:stop], self.looks[x:stop]
        if before == text and looks_before == looks and _UNKNOWN not in text:
            return []
        self.text = self.text[:x] + text + self.text[stop:]
        self.looks[x:stop] = looks
        spans: list[tuple[int, int]] = []
        columns = zip(text, before, looks, looks_before, strict=False)
        for column, (char, old, look, old_look) in enumerate(columns):
            if char == old != _UNKNOWN and look == old_look:
                continue
            start = spans.pop()[0] if spans and column - spans[-1][1] < _APART else column
            spans.append((start, column + 1))
        return spans


class ShownCells:
    """The content of a terminal. Pieces with characters that are not one column wide are never known."""

    def __init__(self) -> None:
        self._rows: dict[int, _Row] = {}

    def forget(self) -> None:
        """The terminal may show something else by now: it was resized, or somebody else's for a while."""
        self._rows.clear()

    def briefly(self, update: Update, width: int, height: int) -> Update:
        """The update that Textual is about to write on a terminal of this size, in fewer bytes."""
        if isinstance(update, ChopsUpdate | LayoutUpdate | CellUpdate):
            return CellUpdate(self._news(pieces_of(update), width, height))
        return update

    def _news(self, pieces: Iterable[Piece], width: int, height: int) -> Iterator[Piece]:
        for y, x, segments, count in pieces:
            if y >= height:  # the screen was larger: the terminal would write it over its last row
                continue
            cells = list(segments)
            row = self._rows.get(y)
            if row is None or len(row.looks) != width:
                row = self._rows[y] = _Row(width)
            if x + count > width:
                del self._rows[y]
                yield y, x, cells, count
                continue
            for start, stop in row.take(x, *_columns(cells, count)):
                part = cells if stop - start == count else Strip(cells, count).crop(start, stop)
                yield y, x + start, part, stop - start


def _columns(segments: list[Segment], count: int) -> tuple[str, list[Look]]:
    """A character and a look for each of so many columns."""
    text = "".join(segment.text for segment in segments)
    looks = [look_of(segment.style) for segment in segments for _ in segment.text]
    if len(text) == count and _is_simple(text):
        return text, looks
    return _UNKNOWN * count, [look_of(None)] * count


@lru_cache(512)
def _is_simple(text: str) -> bool:
    """Tell whether each character takes one column."""
    if text.isascii():
        return text.isprintable()
    return all(get_character_cell_size(char) == 1 for char in text)
