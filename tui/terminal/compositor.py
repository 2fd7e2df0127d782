"""Textual's map of where widgets are, which never changes without being drawn, and draws single cells in few steps.

Textual 8.2.8 makes the whole map anew where somebody asks for a widget's place before the layout is refreshed. The
refresh then finds nothing changed: a notice that had just gone stayed on the terminal.

It also draws whole rows of all widgets where a few cells have changed, and cuts these out of them. Most of what changes
thirty times a second is cells of panels, with nothing over them; these are asked for alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual.strip import Strip
from textual.widget import Widget

from tui.terminal.cell_update import CellUpdate, Piece, pieces_of
from tui.terminal.textual_internals import CompositorMap, CompositorUpdate, OpenCompositor, use_compositor

if TYPE_CHECKING:
    from textual.geometry import Region

_Places = dict[Widget, tuple["Region", "Region"]]  # of the visible widgets, the topmost first: its own, and what shows


class CellWidget(Widget):
    """A widget without children that can give single cells of its content."""

    def cells(self, row: int, start: int, stop: int) -> Strip | None:
        """Return the cells of these columns of a row of the content, as `render_line` has them, with the app's filters
        not applied yet; None where they are not known."""
        raise NotImplementedError


class DrawnCompositor(OpenCompositor):
    """Marks for drawing whatever differs from the map before, and asks panels for the cells that changed."""

    _places: _Places | None = None
    _free: tuple[tuple[Region, CellWidget], ...] = ()  # the contents of those that nothing lies over, in these places

    @property
    def full_map(self) -> CompositorMap:
        """The places of all widgets."""
        before = self.latest_map
        found = super().full_map
        if found is not before:
            places = (geometry.clip.intersection(geometry.region) for _, geometry in found.items() ^ before.items())
            self.mark(region for region in places if region)
        return found

    def render_partial_update(self) -> CompositorUpdate | None:  # type: ignore[override] # it draws any update
        """The cells of panels, from the panels themselves; all else as Textual draws it."""
        pieces: list[Piece] = []
        others: set[Region] = set()
        free = self._free_contents()
        for region in self.marked:
            found = self._cells(region, free)
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

    def _cells(self, region: Region, free: tuple[tuple[Region, CellWidget], ...]) -> list[Piece] | None:
        """The cells of a region from the widget whose content it lies in; None where there is none that knows them."""
        for content, widget in free:
            if not content.contains_region(region):
                continue
            pieces: list[Piece] = []
            start, stop = region.x - content.x, region.right - content.x
            for y in range(region.y, region.bottom):
                strip = widget.cells(y - content.y, start, stop)
                if strip is None:
                    return None
                for line_filter in widget.get_line_filters():
                    strip = strip.apply_filter(line_filter, widget.background_colors[1])
                pieces.append((y, region.x, strip))
            return pieces
        return None

    def _free_contents(self) -> tuple[tuple[Region, CellWidget], ...]:
        if self._places is not self.visible_widgets:
            self._places = self.visible_widgets
            self._free = tuple(_free_contents(self._places))
        return self._free


def _free_contents(places: _Places) -> Iterator[tuple[Region, CellWidget]]:
    """The contents of the widgets that give single cells, of those that show whole and that no other lies over."""
    above: list[Region] = []
    for widget, (region, clip) in places.items():
        if isinstance(widget, CellWidget) and clip.contains_region(region) and not any(map(region.overlaps, above)):
            yield widget.content_region, widget
        above.append(region.intersection(clip))


use_compositor(DrawnCompositor)
