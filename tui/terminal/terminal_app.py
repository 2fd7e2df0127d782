"""An app on a terminal: how little it writes there, and how it lets go of the terminal and takes it again."""

from __future__ import annotations

import os
import time
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from textual.driver import Driver
from textual.screen import Screen

from tui.terminal.linked_app import LinkedApp
from tui.terminal.shown_cells import ShownCells
from tui.terminal.textual_internals import Update

if TYPE_CHECKING:
    from tui.terminal.ending.guardian import Guardian

_ASKED_BEFORE = 0.5  # seconds after `fg` within which nobody asks to stop anew


class TerminalApp(LinkedApp):
    """An app that draws no more than its link takes, and that can be suspended."""

    def __init__(self, guardian: Guardian | None = None) -> None:
        self._on_terminal = ShownCells()
        self._undrawn = False
        self._continued = -_ASKED_BEFORE
        super().__init__(guardian)

    def draw(self, screen: Screen[Any], update: Update) -> None:
        """Write what has changed, in few bytes; later, where the terminal takes nothing now."""
        # Where the terminal takes nothing, Textual would queue, and then block.
        if self.link.behind:
            self._undrawn = True
        else:
            super().draw(screen, self._on_terminal.briefly(update, *self.size))

    def draw_what_waits(self) -> None:
        """Draw what the terminal did not take before, if it takes something now."""
        if self._undrawn and not self.link.behind:
            self._undrawn = False
            self.screen.refresh()

    def forget_what_is_drawn(self) -> None:
        """Have every cell written with the next drawing."""
        self._on_terminal.forget()

    def on_resize(self) -> None:
        self.forget_what_is_drawn()

    def get_driver_class(self) -> type[Driver]:
        """A driver that measures the link and knows every way out, where there is one."""
        if os.name != "posix":
            return super().get_driver_class()
        from tui.terminal.driver import TerminalDriver

        return TerminalDriver

    def stop_until_continued(self, resting: AbstractContextManager[None]) -> None:
        """Give the terminal back to the shell and stop, until `fg`, within `resting`.

        A key held down asks often. What still waits when the program is continued has been done by that.
        Raises SuspendNotSupported where there is no shell.
        """
        if time.monotonic() < self._continued + _ASKED_BEFORE:
            return
        with resting, self.suspend():
            from tui.terminal.driver import TerminalDriver  # the one that can be suspended

            self.forget_what_is_drawn()
            if isinstance(self.driver, TerminalDriver):
                self.driver.stop_process()
        self._continued = time.monotonic()
