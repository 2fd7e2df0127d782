"""Layouts by the terminal's size; `styles/dashboard.tcss` says how each looks, and
`styles/rearranged.tcss` with one panel alone, the table of runs or the sweep."""

from __future__ import annotations

from typing import Literal, get_args

LOW = 38  # rows: with fewer of them the table of runs takes the place of more panels
MIN_WIDTH, MIN_HEIGHT = 80, 22  # the footer needs 79; tmux takes a row or two of 24

Layout = Literal["too-small", "compact", "tall", "full", "wide"]
LAYOUTS: tuple[Layout, ...] = get_args(Layout)


def layout_for(width: int, height: int) -> Layout:
    """The layout for a size. compact: two panels and three lines of controls. tall: all panels in one column. full: two
    by two. wide: full, with the briefing and the table of runs beside it."""
    if width < MIN_WIDTH or height < MIN_HEIGHT:
        return "too-small"
    if width < 100:
        return "tall" if height >= 50 else "compact"
    if height < 30:
        return "compact"
    return "wide" if width >= 170 and height >= 40 else "full"
