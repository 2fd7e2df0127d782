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
    """The content of a terminal. Characters that are not one column wide are never known."""

    def __init__(self) -> None:
        self._rows: dict[int, _Row] = {}

    def forget(self) -> None:
        """The terminal may show something else by now: it was resized, or somebody else's for a while."""
        self._rows.clear()

    def briefly(self, update: Update, width: int) -> Update:
        """The update that Textual is about to write on a terminal of so many columns, in fewer bytes."""
        if isinstance(update, ChopsUpdate | LayoutUpdate | CellUpdate):
            return CellUpdate(self._news(pieces_of(update), width))
        return update

    def _news(self, pieces: Iterable[Piece], width: int) -> Iterator[Piece]:
        for y, x, segments, count in pieces:
            cells = list(segments)
            row = self._rows.get(y)
            if row is None or len(row.looks) != width:
                row = self._rows[y] = _Row(width)
            text, looks = _columns(cells)
            if len(text) != count or x + count > width:
                del self._rows[y]
                yield y, x, cells, count
                continue
            for start, stop in row.take(x, text, looks):
                part = cells if stop - start == count else Strip(cells, count).crop(start, stop)
                yield y, x + start, part, stop - start


def _columns(segments: Iterable[Segment]) -> tuple[str, list[Look]]:
    """A character and a look for each column."""
    texts: list[str] = []
    looks: list[Look] = []
    for text, style, _ in segments:
        texts.append(_known(text))
        looks += [look_of(style)] * len(texts[-1])
    return "".join(texts), looks


@lru_cache(512)
def _known(text: str) -> str:
    """A character for each column that the text takes."""
    if text.isascii() and text.isprintable():
        return text
    columns: list[str] = []
    for char in text:
        size = get_character_cell_size(char)
        if size == 1:
            columns.append(char)
        elif size == 0:  # it joins the one before
            columns[-1:] = [_UNKNOWN] * len(columns[-1:])
        else:
            columns += [_UNKNOWN] * size
    return "".join(columns)
