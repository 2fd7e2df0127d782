"""An app that goes on after an error of its own: what broke is built anew, and the training does not stop.

Textual ends at the first exception, wherever it comes from.
"""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING
from weakref import WeakSet

from rich.text import Text
from textual.css.query import NoMatches
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import WorkerFailed

from engine.plain_text import plain
from tui.dashboard.recovery.faults import Faults, in_a_line
from tui.dashboard.recovery.notices import NoticeApp
from tui.terminal.ending.out_of_memory import OUT_OF_MEMORY, is_out_of_memory
from tui.terminal.textual_internals import guard
from tui.words.usage_error import UsageError

if TYPE_CHECKING:
    from tui.terminal.ending.guardian import Guardian

_READ = 30  # seconds, for a sentence with the name of a file


def _deal_with(owner: MessagePump, error: Exception) -> None:
    app = owner.app
    if not isinstance(app, RecoveringApp) or not app.goes_on:
        raise error
    app.deal_with(error)


guard(_deal_with)


class RecoveringApp(NoticeApp):
    """Tells an exception in a notice and goes on; a second one within a second ends it in order, exit code 1."""

    faults: Faults

    def __init__(self, guardian: Guardian | None = None) -> None:
        super().__init__(guardian)
        self._given_up: WeakSet[Screen[object]] = WeakSet()  # whose further errors follow from the first
        self._leaving = False

    def rebuild(self, broken: Widget | None) -> None:
        """Build anew what broke, as far as that is known."""
        raise NotImplementedError

    @property
    def goes_on(self) -> bool:
        """True if there is something to go on with: the first frame was shown, and the end was not asked for."""
        return self.is_in_use and not self._leaving

    def deal_with(self, error: Exception) -> None:
        """The one door of every exception that nobody took."""
        if isinstance(error, WorkerFailed) and isinstance(error.error, Exception):
            error = error.error
        if not self.goes_on:
            if not self._leaving:
                self._end(error)
            return
        if isinstance(error, UsageError):  # of a command that a dialog gave
            self.remark(str(error), warning=True)
            return
        broken = innermost_widget(error.__traceback__)
        dialog = self.dialog_of(broken)
        if dialog is not None and dialog in self._given_up:
            return
        again = self.faults.again()
        try:
            words = self.faults.keep(error)
            if not again:
                if dialog is not None:
                    self._given_up.add(dialog)
                self.notify(f"{words} The training goes on.", severity="error", markup=False, timeout=_READ)
                self.call_later(self.rebuild, broken)
                return
        except Exception:  # nothing is left to go on with
            words = f"Something in descend itself went wrong: {in_a_line(error)}."
        self._leave(error, words)

    def _end(self, error: Exception) -> None:
        """End in order, with the traceback where it tells something, because there is nothing to go on with."""
        if is_out_of_memory(error):
            self._leaving = True
            self.end_with(error, Text(f"descend: error: {OUT_OF_MEMORY}"))
        else:
            super().deal_with(error)

    def _leave(self, error: Exception, words: str) -> None:
        """End in order: the terminal as it was, then what happened, exit code 1."""
        self._leaving = True
        self.end_with(error, Text(plain(f"{words} It happened again within a second, so descend has ended.")))

    def dialog_of(self, broken: Widget | None) -> Screen[object] | None:
        """The dialog in which something broke."""
        if broken is None or not self.screen_stack:
            return None
        try:
            screen = broken if isinstance(broken, Screen) else broken.screen
        except (NoMatches, LookupError):
            return None
        return screen if screen is not self.screen_stack[0] else None


def innermost_widget(trace: TracebackType | None) -> Widget | None:
    """The widget whose method raised, or called what did."""
    found = None
    while trace is not None:
        owner = trace.tb_frame.f_locals.get("self")
        if isinstance(owner, Widget):
            found = owner
        trace = trace.tb_next
    return found
