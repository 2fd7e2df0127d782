"""The bytes of a change: exactly the cells that changed, and of their style what differs from the cell before. No
character of a cell ever steers the terminal, and none is a link.

Textual resends a line from the left edge of the widget, and wraps every run of cells in its full style and a
reset: four times the bytes (`tests/benchmarks/meter.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment
from rich.style import Style

from tui.terminal.textual_internals import ChopsUpdate, CompositorUpdate, LayoutUpdate

_RESET = "\x1b[m"
_ON_BLANKS = {"4", "7", "9", "21", "53"}  # underline, reverse, strike, double underline, overline


class Look(NamedTuple):
    """A style as the terminal is told: codes of its attributes, its foreground, its background."""

    attributes: frozenset[str]
    foreground: str
    background: str

    @property
    def shows_on_blanks(self) -> bool:
        return not _ON_BLANKS.isdisjoint(self.attributes)


_PLAIN = Look(frozenset(), "39", "49")

Piece = tuple[int, int, Iterable[Segment], int]  # its row, its first column, its cells, how many these are


class CellUpdate(CompositorUpdate):
    """Cells and where they go, from top to bottom and left to right."""

    def __init__(self, pieces: Iterable[Piece]) -> None:
        self.pieces = pieces

    def render_segments(self, console: Console) -> str:
        """The escape sequences; they begin and end with the terminal's plain style."""
        parts: list[str] = []
        look, at = _PLAIN, (-1, -1)
        for y, x, segments, width in self.pieces:
            if (x, y) != at:
                forward = x - at[0]
                parts.append(f"\x1b[{forward}C" if y == at[1] and 0 < forward < 100 else f"\x1b[{y + 1};{x + 1}H")
            for segment in segments:
                look = _write(parts, segment, look)
            at = (x + width, y)
        if look != _PLAIN:
            parts.append(_RESET)
        return "".join(parts)


def pieces_of(update: ChopsUpdate | LayoutUpdate | CellUpdate) -> Iterable[Piece]:
    """Return what an update writes, and where."""
    if isinstance(update, CellUpdate):
        return update.pieces
    return _changed(update) if isinstance(update, ChopsUpdate) else _all(update)


def _changed(update: ChopsUpdate) -> Iterator[Piece]:
    for y, first, after in update.spans:
        for end, (start, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=True):
            begin, stop = max(first, start), min(after, end)
            if strip is not None and begin < stop:
                yield y, begin, strip.crop(begin - start, stop - start), stop - begin


def _all(update: LayoutUpdate) -> Iterator[Piece]:
    for y, row in enumerate(update.strips, update.region.y):
        x = update.region.x
        for strip in row:
            yield y, x, strip, strip.cell_length
            x += strip.cell_length


def _write(parts: list[str], segment: Segment, before: Look) -> Look:
    """Append a run of cells in its style, where `before` is the terminal's; returns what that is afterwards."""
    text, style, _ = segment
    if not text.isprintable():
        text = "".join(map(_harmless, text))
    after = look_of(style)
    if text.isspace() and not before.shows_on_blanks and not after.shows_on_blanks:
        after = Look(before.attributes, before.foreground, after.background)  # the ink of a blank does not matter
    if after != before:
        parts.append(_transition(before, after))
    parts.append(text)
    return after


def _harmless(char: str) -> str:
    """Return what may stand for a character in the same number of cells. Texts from outside are plain long before this
    (`engine.plain_text`); what was pasted into a line, and what Markdown makes of its own codes, is not."""
    if char.isprintable():
        return char
    return (" " if char.isspace() else "?") * cell_len(char)


@lru_cache(4096)
def look_of(style: Style | None) -> Look:
    """Return what the terminal is told of a style."""
    if style is None:
        return _PLAIN
    bare = style.without_color.update_link(None).render("x").partition("m")[0].removeprefix("\x1b[")
    attributes = frozenset(bare.split(";")) if bare != "x" else frozenset()
    color, background = style.color, style.bgcolor
    return Look(
        attributes,
        ";".join(color.get_ansi_codes()) if color else "39",
        ";".join(background.get_ansi_codes(foreground=False)) if background else "49",
    )


@lru_cache(16384)
def _transition(before: Look, after: Look) -> str:
    """The shortest way from one style to the other."""
    if after == _PLAIN:
        return _RESET
    codes: list[str] = []
    if not before.attributes <= after.attributes:  # an attribute ends by a reset only, on all terminals
        before = _PLAIN
        codes.append("0")
    codes += sorted(after.attributes - before.attributes)
    codes += [after.foreground] * (after.foreground != before.foreground)
    codes += [after.background] * (after.background != before.background)
    return f"\x1b[{';'.join(codes)}m"
