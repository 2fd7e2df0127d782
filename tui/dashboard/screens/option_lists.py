"""The list of a dialog, safe at any size and at any moment."""

from __future__ import annotations

from textual import events
from textual.widgets import OptionList

from tui.terminal.textual_internals import has_pages


class Options(OptionList):
    """Textual 8.2.8 pages through the lines of a list that has none, on a terminal too small for it, and takes a click
    on what stands on the screen for one on what is in the list, which may have been narrowed since."""

    def action_page_up(self) -> None:
        if self.highlighted is None or has_pages(self):
            super().action_page_up()  # type: ignore[no-untyped-call] # it has no types there

    def action_page_down(self) -> None:
        if self.highlighted is None or has_pages(self):
            super().action_page_down()  # type: ignore[no-untyped-call] # nor has this

    def on_click(self, event: events.Click) -> None:
        clicked = event.style.meta.get("option")
        if clicked is None or clicked >= self.option_count:
            event.prevent_default()  # which calls what every base class does with a click
