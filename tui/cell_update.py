"""What goes over the wire for a change: exactly the cells that changed, and of their style what differs from
the cell before.

Textual resends a line from the left edge of the widget, and wraps every run of cells in its full style and a
reset: four times the bytes (`tests/benchmarks/meter.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from rich.color import ColorSystem
from rich.console import Console, RenderableType
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

_RESET = "\x1b[m"
_ON_BLANKS = {"4", "7", "9", "21", "53"}  # underline, reverse, strike, double underline, overline


class _Look(NamedTuple):
    """A style as the terminal is told: codes of its attributes, its foreground, its background."""

    attributes: frozenset[str]
    foreground: str
    background: str

    @property
    def shows_on_blanks(self) -> bool:
        return not _ON_BLANKS.isdisjoint(self.attributes)


_PLAIN = _Look(frozenset(), "39", "49")


class CellUpdate(CompositorUpdate):
    """Strips of cells and where they go: (row, column, strip), from top to bottom and left to right."""

    def __init__(self, strips: Iterable[tuple[int, int, Strip]]) -> None:
        self._strips = strips

    def render_segments(self, console: Console) -> str:
        """The escape sequences; they begin and end with the terminal's plain style."""
        parts: list[str] = []
        look, at = _PLAIN, (-1, -1)
        for y, x, strip in self._strips:
            if (x, y) != at:
                forward = x - at[0]
                parts.append(f"\x1b[{forward}C" if y == at[1] and 0 < forward < 100 else f"\x1b[{y + 1};{x + 1}H")
            for segment in strip:
                look = _write(parts, segment, look)
            at = (x + strip.cell_length, y)
        if look != _PLAIN:
            parts.append(_RESET)
        return "".join(parts)


def briefly(update: RenderableType | None) -> RenderableType | None:
    """What Textual is about to write, in fewer bytes."""
    match update:
        case ChopsUpdate():
            return CellUpdate(_changed(update))
        case LayoutUpdate():
            return CellUpdate(_all(update))
    return update


def _changed(update: ChopsUpdate) -> Iterator[tuple[int, int, Strip]]:
    for y, first, after in update.spans:
        for end, (start, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=True):
            begin, stop = max(first, start), min(after, end)
            if strip is not None and begin < stop:
                yield y, begin, strip.crop(begin - start, stop - start)


def _all(update: LayoutUpdate) -> Iterator[tuple[int, int, Strip]]:
    for y, row in enumerate(update.strips, update.region.y):
        x = update.region.x
        for strip in row:
            yield y, x, strip
            x += strip.cell_length


def _write(parts: list[str], segment: Segment, before: _Look) -> _Look:
    """Append a run of cells in its style, where `before` is the terminal's; returns what that is afterwards."""
    text, style, _ = segment
    if style is not None and style.link:  # a hyperlink is rare: leave it to Textual, which resets around it
        parts.append((_RESET if before != _PLAIN else "") + Strip.render_style(style, text, ColorSystem.TRUECOLOR))
        return _PLAIN
    after = _look(style)
    if text.isspace() and not before.shows_on_blanks and not after.shows_on_blanks:
        after = _Look(before.attributes, before.foreground, after.background)  # the ink of a blank does not matter
    if after != before:
        parts.append(_transition(before, after))
    parts.append(text)
    return after


@lru_cache(4096)
def _look(style: Style | None) -> _Look:
    if style is None:
        return _PLAIN
    bare = style.without_color.render("x").partition("m")[0].removeprefix("\x1b[")
    attributes = frozenset(bare.split(";")) if bare != "x" else frozenset()
    color, background = style.color, style.bgcolor
    return _Look(
        attributes,
        ";".join(color.get_ansi_codes()) if color else "39",
        ";".join(background.get_ansi_codes(foreground=False)) if background else "49",
    )


@lru_cache(16384)
def _transition(before: _Look, after: _Look) -> str:
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
