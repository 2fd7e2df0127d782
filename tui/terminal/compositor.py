"""Textual's map of where widgets are, which never changes without being drawn.

Textual 8.2.8 makes the whole map anew where somebody asks for a widget's place before the layout is refreshed. The
refresh then finds nothing changed: a notice that had just gone stayed on the terminal.
"""

from __future__ import annotations

from tui.terminal.textual_internals import CompositorMap, OpenCompositor, use_compositor


class DrawnCompositor(OpenCompositor):
    """Marks for drawing whatever differs from the map before."""

    @property
    def full_map(self) -> CompositorMap:
        """The places of all widgets."""
        before = self.latest_map
        found = super().full_map
        if found is not before:
            places = (geometry.clip.intersection(geometry.region) for _, geometry in found.items() ^ before.items())
            self.mark(region for region in places if region)
        return found


use_compositor(DrawnCompositor)
