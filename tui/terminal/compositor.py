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
from typing import TYPE_CHECKING, Any, NamedTuple

from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from tui.terminal.cell_update import CellUpdate, Piece, pieces_of
from tui.terminal.textual_internals import (
    CompositorMap,
    CompositorUpdate,
    OpenCompositor,
    compositor_of,
    draw_now,
    forget_rows,
    take_turn,
    use_compositor,
)

if TYPE_CHECKING:
    from textual.geometry import Region, Size

_Places = dict[Widget, tuple["Region", "Region"]]  # of the visible widgets, the topmost first: its own, and what shows


class CellWidget(Widget):
    """A widget without children that can give single cells of its content."""

    def cells(self, row: int, start: int, stop: int, size: Size) -> Strip | None:
        """Return the cells of these columns of a row of the content, as `render_line` has them, with the app's filters
        not applied yet; None where they are not known of a content of this size."""
        raise NotImplementedError

    def refresh_cells(self, regions: Sequence[Region]) -> None:
        """Have these regions of the content drawn, which `cells` knows: soon, where the widget shows whole."""
        screen = self.screen
        compositor = compositor_of(screen)
        if self.app.screen is screen and isinstance(compositor, DrawnCompositor) and self in compositor.whole:
            forget_rows(self, regions)
            offset = compositor.whole[self].content.offset
            compositor.mark(region.translate(offset) for region in regions)
            compositor.draw_soon(screen)
        else:
            self.refresh(*regions)


class _Place(NamedTuple):
    """The place of a widget's content, and of what may lie over it."""

    content: Region
    above: tuple[Region, ...]

    def shows(self, region: Region) -> bool:
        """Tell whether a region lies in the content, and nothing over it."""
        return self.content.contains_region(region) and not any(map(region.overlaps, self.above))


class DrawnCompositor(OpenCompositor):
    """Marks for drawing whatever differs from the map before, and asks panels for the cells that changed."""

    _places: _Places | None = None
    _whole: Mapping[CellWidget, _Place]  # in these places
    _drawing = False

    @property
    def full_map(self) -> CompositorMap:
        """The places of all widgets."""
        before = self.latest_map
        found = super().full_map
        if found is not before:
            places = (geometry.clip.intersection(geometry.region) for _, geometry in found.items() ^ before.items())
            self.mark(region for region in places if region)
        return found

    def draw_soon(self, screen: Screen[Any]) -> None:
        """Draw what is marked on the screen as soon as whatever runs now has ended."""
        if not self._drawing:
            self._drawing = True
            asyncio.get_running_loop().call_soon(self._draw, screen)

    def _draw(self, screen: Screen[Any]) -> None:
        self._drawing = False
        if self.marked:
            take_turn(screen.app, draw_now, screen)

    def render_partial_update(self) -> CompositorUpdate | None:  # type: ignore[override] # it draws any update
        """The cells of panels, from the panels themselves; all else as Textual draws it."""
        pieces: list[Piece] = []
        others: set[Region] = set()
        for region in self.marked:
            found = self._cells(region)
            if found is None:
                others.add(region)
            else:
                pieces += found
        if not pieces:
            return super().render_partial_update()
        self.mark_only(others)
        if (update := super().render_partial_update()) is not None:
            pieces += pieces_of(update)
        pieces.sort(key=lambda piece: piece[:2])
        return CellUpdate(pieces)

    def _cells(self, region: Region) -> list[Piece] | None:
        """The cells of a region from the widget whose content it lies in; None where there is none that knows them."""
        for widget, place in self.whole.items():
            if not place.shows(region):
                continue
            pieces: list[Piece] = []
            x, y, *_ = place.content
            size = place.content.size
            for row in range(region.y, region.bottom):
                strip = widget.cells(row - y, region.x - x, region.right - x, size)
                if strip is None:
                    return None
                for line_filter in widget.get_line_filters():
                    strip = strip.apply_filter(line_filter, widget.background_colors[1])
                pieces.append((row, region.x, strip))
            return pieces
        return None

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
            yield widget, _Place(widget.content_region, tuple(filter(region.overlaps, above)))
        above.append(region.intersection(clip))


use_compositor(DrawnCompositor)
