"""The list of a dialog, safe at any size and at any moment."""

from __future__ import annotations

from textual import events
from textual.widgets import OptionList


class Options(OptionList):
    """Textual 8.2.8 pages through the lines of a list that has none, on a terminal too small for it, and takes a click
    on what stands on the screen for one on what is in the list, which may have been narrowed since."""

    def _move_page(self, direction: int) -> None:
        if self.highlighted in self._index_to_line and self._lines:
            super()._move_page(direction)

    async def _on_click(self, event: events.Click) -> None:
        event.prevent_default()  # Textual would call that of every base class
        clicked = event.style.meta.get("option")
        if clicked is not None and clicked < self.option_count:
            await super()._on_click(event)
