"""Dialogs over the dashboard, and those that are narrowed down by typing."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from textual import events
from textual.await_complete import AwaitComplete
from textual.binding import Binding
from textual.content import Content
from textual.css.styles import RulesMap
from textual.geometry import Region
from textual.screen import ModalScreen, Screen, ScreenResultType
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, RichVisual
from textual.widget import Widget

_LONGEST = 60  # characters that can be searched for
# Textual takes a relative path from the folder of the class that inherits it, which may lie deeper.
_STYLE_SHEET = Path(__file__).parents[1] / "styles" / "dialog.tcss"


class ClosedOnce(Screen[ScreenResultType]):
    """A screen that is closed only while it is on top. Keys may come faster than it goes, or another one may have come
    over it: Textual would then close what is on top, and end the program when a result is given for the second time."""

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        if self.app.screen is self:
            return super().dismiss(result)
        nothing: AwaitComplete = AwaitComplete.nothing()  # type: ignore[no-untyped-call] # it has no types there
        return nothing


def leading(key: str, words: str, rest: str = "") -> Content:
    """A hint for a border of which the first key is the one that leads on."""
    return Content.assemble((key, "bold $footer-key-foreground"), (f" {words}", "$foreground"), rest)


class _LaidOutOnce:
    """Words that Rich lays out once for each width, both to count their rows and to paint them."""

    def __init__(self, words: RenderableType) -> None:
        self._words = words
        self._segments: dict[int, list[Segment]] = {}

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = options.max_width
        if width not in self._segments:
            self._segments[width] = list(console.render(self._words, options.reset_height()))
        yield from self._segments[width]


class LaidOut(RichVisual):
    """Words at length for a widget, which are laid out and painted once for each width. Textual asks for the height
    several times while a dialog opens, and for all rows whenever one of them may look different; a table takes 0.1 s
    each time."""

    def __init__(self, widget: Widget, words: RenderableType) -> None:
        self._words = _LaidOutOnce(words)
        super().__init__(widget, self._words)
        self._heights: dict[int, int] = {}
        self._rows: dict[tuple[int, int | None, Style], list[Strip]] = {}

    def __rich__(self) -> RenderableType:
        return self._words

    def get_height(self, rules: RulesMap, width: int) -> int:
        if width not in self._heights:
            self._heights[width] = super().get_height(rules, width)
        return self._heights[width]

    def render_strips(self, width: int, height: int | None, style: Style, options: RenderOptions) -> list[Strip]:
        key = (width, height, style)
        if key not in self._rows:
            self._rows[key] = super().render_strips(width, height, style, options)
        return self._rows[key]


def put_beside(dialog: Screen[Any], box: Widget, region: Region | None, width: int) -> None:
    """Put a box of a dialog, so wide at most, right below a part of the screen, or above it where there is more room;
    in the middle without one."""
    if region is None:
        dialog.styles.align, box.styles.margin = ("center", "middle"), 0
        return
    left = max(0, min(region.x, dialog.size.width - width))
    if dialog.size.height - region.bottom >= region.y:
        dialog.styles.align, box.styles.margin = ("left", "top"), (region.bottom, 0, 0, left)
    else:
        dialog.styles.align = "left", "bottom"
        box.styles.margin = (0, 0, dialog.size.height - region.y, left)


class Dialog(ClosedOnce[ScreenResultType], ModalScreen[ScreenResultType]):
    """A dialog over the dashboard, whose keys do not reach that; the one back to the shell acts everywhere."""

    CSS_PATH = _STYLE_SHEET
    BINDINGS: ClassVar = [Binding("ctrl+z", "app.command('suspend')", show=False, id="suspend")]


class TypedDialog(Dialog[ScreenResultType]):
    """A dialog to type into. `typed` is what was typed, and `narrow` is called when it has changed. Escape takes it
    back, and then closes. So do the keys that opened the dialog, but for letters and digits, which are typed."""

    def __init__(self, closing_keys: Iterable[str]) -> None:
        super().__init__()
        self._closing_keys = set(closing_keys)
        self.typed = ""
        self._narrowing = False

    def hint(self, keys: str) -> Content:
        """A hint for the border: what was typed, these keys, and what escape does."""
        typed, escape = (f"“{self.typed}”", "esc clear") if self.typed else ("type to search", "esc close")
        return Content(f"{typed} · {keys} · {escape}")

    def narrow(self) -> None:
        """Show what fits `typed`."""
        raise NotImplementedError

    def on_key(self, event: events.Key) -> None:
        is_word = event.character is not None and event.character.isalnum()
        if event.key == "escape" and self.typed:
            self._type("")
        elif event.key == "escape" or (event.key in self._closing_keys and not is_word):
            self.dismiss(None)
        elif event.key == "backspace":
            self._type(self.typed[:-1])
        elif event.is_printable and event.character:
            self._type((self.typed + event.character).lstrip())
        else:
            return
        event.stop()

    def _type(self, text: str) -> None:
        if text == self.typed or len(text) > _LONGEST:
            return
        self.typed = text
        if not self._narrowing:  # once for all the keys that wait already
            self._narrowing = True
            self.call_later(self._narrow)

    def _narrow(self) -> None:
        self._narrowing = False
        self.narrow()
