"""Textual's map of where widgets are, which never changes without being drawn, and draws single cells in few steps.

Textual 8.2.8 makes the whole map anew where somebody asks for a widget's place before the layout is refreshed. The
refresh then finds nothing changed: a notice that had just gone stayed on the terminal.

It also draws whole rows of all widgets where a few cells have changed, and cuts these out of them; and until it begins,
four messages go from task to task. Most of what changes thirty times a second is cells of panels, with nothing over
them; these are asked for alone, and drawn as soon as whatever changed them has ended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from rich.segment import Segment
from textual.geometry import Region, Size
from textual.screen import Screen
from textual.widget import Widget

from tui.terminal.cell_update import CellUpdate, Piece, pieces_of
from tui.terminal.textual_internals import (
    CompositorMap,
    CompositorUpdate,
    LayoutUpdate,
    OpenCompositor,
    compositor_of,
    draw_now,
    forget_rows,
    take_turn,
    use_compositor,
)

Span = tuple[int, int, int]  # of cells: a row, the first column, the column after the last
_Places = dict[Widget, tuple["Region", "Region"]]  # of the visible widgets, the topmost first: its own, and what shows


class CellWidget(Widget):
    """A widget without children that can give single cells of its content."""

    def cells(self, row: int, start: int, stop: int, size: Size) -> list[Segment] | None:
        """Return the cells of these columns of a row of the content, as `render_line` has them, with the app's filters
        not applied yet; None where they are not known of a content of this size."""
        raise NotImplementedError

    def refresh_cells(self, spans: Sequence[Span]) -> None:
        """Have these cells of the content drawn: as soon as whatever runs now has ended, where the widget shows
        whole."""
        screen = self.screen
        compositor = compositor_of(screen)
        if self.app.screen is screen and isinstance(compositor, DrawnCompositor) and self in compositor.whole:
            compositor.mark_cells(self, spans)
            compositor.draw_soon(screen)
        else:
            self.refresh(*(Region(start, row, stop - start, 1) for row, start, stop in spans))


class _Place(NamedTuple):
    """The place of a widget's content, how many rows of the widget are over it, and what lies over the widget."""

    x: int
    y: int
    size: Size
    top: int
    above: tuple[Region, ...]


class DrawnCompositor(OpenCompositor):
    """Marks for drawing whatever differs from the map before, and asks panels for the cells that changed."""

    _places: _Places | None = None
    _whole: Mapping[CellWidget, _Place]  # in these places
    _drawing = False

    def __init__(self) -> None:
        super().__init__()
        self._cells: dict[CellWidget, list[Span]] = {}  # that are drawn with the next frame

    @property
    def full_map(self) -> CompositorMap:
        """The places of all widgets."""
        before = self.latest_map
        found = super().full_map
        if found is not before:
            places = (geometry.clip.intersection(geometry.region) for _, geometry in found.items() ^ before.items())
            self.mark(region for region in places if region)
        return found

    def mark_cells(self, widget: CellWidget, spans: Sequence[Span]) -> None:
        """Have these cells of a widget's content drawn with the next frame."""
        top = self.whole[widget].top
        forget_rows(widget, top + spans[0][0], top + spans[-1][0] + 1)
        self._cells.setdefault(widget, []).extend(spans)

    def draw_soon(self, screen: Screen[Any]) -> None:
        """Draw what is marked on the screen as soon as whatever runs now has ended."""
        if not self._drawing:
            self._drawing = True
            asyncio.get_running_loop().call_soon(self._draw, screen)

    def _draw(self, screen: Screen[Any]) -> None:
        self._drawing = False
        if self._cells and screen.app.screen_stack:  # the program is not ending
            take_turn(screen.app, draw_now, screen)

    def render_full_update(self, simplify: bool = False) -> LayoutUpdate:
        """Everything, and so every cell too."""
        self._cells.clear()
        return super().render_full_update(simplify)

    def render_partial_update(self) -> CompositorUpdate | None:  # type: ignore[override] # it draws any update
        """The cells of panels, from the panels themselves; all else as Textual draws it."""
        marked, self._cells = self._cells, {}
        pieces = [piece for widget, spans in marked.items() for piece in self._pieces(widget, spans)]
        self.leave_out_what_is_outside()
        if not pieces:
            return super().render_partial_update()
        if (update := super().render_partial_update()) is not None:
            pieces += pieces_of(update)
        pieces.sort(key=itemgetter(0, 1))
        return CellUpdate(pieces)

    def _pieces(self, widget: CellWidget, spans: Sequence[Span]) -> Iterator[Piece]:
        """Cells of a widget; those that it does not know, or that something lies over, are marked for Textual. Those
        outside are left out: the content is smaller than it was when they were marked."""
        place = self.whole.get(widget)
        if place is None:  # no longer: its new place is marked
            return
        filters = widget.get_line_filters()
        for row, start, end in spans:
            y, x, stop = place.y + row, place.x + start, min(end, place.size.width)
            if row >= place.size.height or start >= stop:
                continue
            region = Region(x, y, stop - start, 1)
            covered = any(map(region.overlaps, place.above)) if place.above else False
            segments = None if covered else widget.cells(row, start, stop, place.size)
            if segments is None:
                self.mark([region])
                continue
            for line_filter in filters:
                segments = line_filter.apply(segments, widget.background_colors[1])
            yield y, x, segments, stop - start

    @property
    def whole(self) -> Mapping[CellWidget, _Place]:
        """The places of the widgets that give single cells, of those that no edge cuts off."""
        if self._places is not self.visible_widgets:
            self._places = self.visible_widgets
            self._whole = dict(_whole(self._places))
        return self._whole


def _whole(places: _Places) -> Iterator[tuple[CellWidget, _Place]]:
    above: list[Region] = []
    for widget, (region, clip) in places.items():
        if isinstance(widget, CellWidget) and clip.contains_region(region):
            content = widget.content_region
            yield (
                widget,
                _Place(content.x, content.y, content.size, content.y - region.y, tuple(filter(region.overlaps, above))),
            )
        above.append(region.intersection(clip))


use_compositor(DrawnCompositor)
