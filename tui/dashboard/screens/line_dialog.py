"""The run on the screen as a line to type: in the clipboard, and here to select."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.dashboard.screens.dialog import Dialog

_WORDS = (
    "This line trains the same again, to the last bit; with `train` after `descend`, without a screen.\n"
    "It is in the clipboard, if your terminal allows that. If not: select it with the mouse "
    "(in some terminals while you hold shift)."
)


class LineScreen(Dialog[None]):
    """Shows the line. It has no border at its sides, which would be selected with it."""

    BINDINGS: ClassVar = [("escape,q,enter,C", "dismiss", "Close")]

    def __init__(self, line: str) -> None:
        super().__init__()
        self._line = line

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog small lines") as dialog:
            dialog.border_title = "This run as a line"
            dialog.border_subtitle = "esc close"
            yield Static(Content(self._line), id="line")
            yield Static(Content(f"\n{_WORDS}"))

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()
