"""Textual's map of where widgets are, which never changes without being drawn.

Textual 8.2.8 makes the whole map anew where somebody asks for a widget's place before the layout is refreshed. The
refresh then finds nothing changed: a notice that had just gone stayed on the terminal.
"""

from __future__ import annotations

from textual import screen
from textual._compositor import Compositor, CompositorMap


class DrawnCompositor(Compositor):
    """Marks for drawing whatever differs from the map before."""

    @property
    def full_map(self) -> CompositorMap:
        """The places of all widgets."""
        before = self._full_map
        found = super().full_map
        if found is not before:
            places = (geometry.clip.intersection(geometry.region) for _, geometry in found.items() ^ before.items())
            self._dirty_regions.update(region for region in places if region)
        return found


screen.Compositor = DrawnCompositor  # type: ignore[misc]
