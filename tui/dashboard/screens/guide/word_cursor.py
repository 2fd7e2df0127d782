"""A cursor that goes from word to word over the screen, and explains the one that it is on."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Region
from textual.widgets import Static

from tui.dashboard.screens.dialog import Dialog, put_beside
from tui.dashboard.screens.guide.word_dialog import explained
from tui.words.glossary import Entry

_WIDTH = 76  # as the style sheet has it
_ROW = 4  # columns that a row is as far as, on the way up or down


class Spot(NamedTuple):
    """A word on the screen, at a column and a row of it."""

    column: int
    row: int
    word: str
    entry: Entry


class WordCursor(Dialog[None]):
    """Stands on a word and shows its entry of the glossary. spots: finds the words, panel by panel."""

    BINDINGS: ClassVar = [
        ("escape,enter,q,question_mark,K", "dismiss", "Close"),
        ("tab", "go(1)", "Next word"),
        ("shift+tab", "go(-1)", "Word before"),
        ("right", "beside(1)", "Word to the right"),
        ("left", "beside(-1)", "Word to the left"),
        ("down", "across(1)", "Word below"),
        ("up", "across(-1)", "Word above"),
    ]

    def __init__(self, spots: Callable[[], list[Spot]]) -> None:
        super().__init__()
        self._find = spots
        self._spots, self._place = spots(), 0
        self._word, self._body = Static(id="word"), Static()

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog small beside") as box:
            box.border_subtitle = Content("tab ↑↓←→ another word · esc close")
            yield self._body
        yield self._word

    def on_mount(self) -> None:
        self._show()

    def on_resize(self, _: events.Resize) -> None:
        self.call_after_refresh(self._look_again)

    def _look_again(self) -> None:
        """Find the words anew, after the panels have moved; stay on the same one where it is still there."""
        found = self._find()
        if not found:  # keys that come until it is closed stand on the words of before
            self.dismiss(None)
            return
        entry, self._spots = self._spots[self._place].entry, found
        self._place = next((place for place, spot in enumerate(found) if spot.entry == entry), 0)
        self._show()

    def action_go(self, direction: int) -> None:
        """Go to the next word, panel by panel, round and round."""
        self._place = (self._place + direction) % len(self._spots)
        self._show()

    def action_beside(self, direction: int) -> None:
        """Go to the next word of the row; behind the last one to the next of all."""
        here = self._spots[self._place]
        row = [spot for spot in self._spots if spot.row == here.row and (spot.column - here.column) * direction > 0]
        if row:
            self._stand_on(min(row, key=lambda spot: abs(spot.column - here.column)))
        else:
            self.action_go(direction)

    def action_across(self, direction: int) -> None:
        """Go to the nearest word below or above; none, where there is none."""
        here = self._spots[self._place]
        there = [spot for spot in self._spots if (spot.row - here.row) * direction > 0]
        if there:
            self._stand_on(
                min(there, key=lambda spot: _ROW * abs(spot.row - here.row) + abs(spot.column - here.column))
            )

    def _stand_on(self, spot: Spot) -> None:
        self._place = self._spots.index(spot)
        self._show()

    def _show(self) -> None:
        spot = self._spots[self._place]
        self._word.update(Content(spot.word))
        self._word.styles.offset = (spot.column, spot.row)
        box = self.query_one(VerticalScroll)
        box.border_title = Content(spot.entry.term)
        self._body.update(explained(spot.entry))
        box.scroll_home(animate=False)
        put_beside(self, box, Region(spot.column, spot.row, len(spot.word), 1), _WIDTH)
