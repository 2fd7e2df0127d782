"""An entry of the glossary over the screen."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.dashboard.screens.dialog import Dialog
from tui.words.glossary import Entry


class WordScreen(Dialog[None]):
    """Shows an entry of the glossary; any click closes it."""

    BINDINGS: ClassVar = [("escape,q,enter,space,question_mark", "dismiss", "Close")]

    def __init__(self, entry: Entry, help_key: str) -> None:
        super().__init__()
        self._entry, self._help_key = entry, help_key

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog small") as dialog:
            dialog.border_title = Content(self._entry.term)
            dialog.border_subtitle = Content(f"{self._help_key} and a word: all others · esc close")
            yield Static(explained(self._entry))

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.dismiss(None)


def explained(entry: Entry) -> Content:
    """The entry in paragraphs."""
    formula = [("\n\n" + entry.formula, "$text-accent")] if entry.formula else []
    return Content.assemble(entry.plain, *formula, "\n\n", ("What to do: ", "bold"), entry.advice)
