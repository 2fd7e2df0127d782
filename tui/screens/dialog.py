"""Dialogs over the dashboard, and those that are narrowed down by typing."""

from __future__ import annotations

from collections.abc import Iterable

from textual import events
from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen, ScreenResultType


class Dialog(ModalScreen[ScreenResultType]):
    """Closed once: keys may come faster than it goes, and Textual would close what is under it."""

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        return super().dismiss(result) if self.is_current else AwaitComplete.nothing()


class TypedDialog(Dialog[ScreenResultType]):
    """What is typed is `typed`, and `narrow` is called at every letter. Escape takes it back, and then closes. So do
    the keys that opened the dialog, but for letters and digits, which are typed."""

    def __init__(self, closing_keys: Iterable[str]) -> None:
        super().__init__()
        self._closing_keys = set(closing_keys)
        self.typed = ""

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
            self._type(self.typed + event.character)
        else:
            return
        event.stop()

    def _type(self, text: str) -> None:
        if text != self.typed:
            self.typed = text
            self.narrow()
