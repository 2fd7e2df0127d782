"""An app at the other end of a link: what the driver needs to know of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.terminal.link import Link
from tui.terminal.textual_internals import OpenApp

if TYPE_CHECKING:
    from tui.terminal.ending.guardian import Guardian


class LinkedApp(OpenApp):
    """An app on a terminal. link: how much the terminal takes. guardian: who gives the terminal back where the program
    cannot, if anybody."""

    def __init__(self, guardian: Guardian | None = None) -> None:
        self.link, self.guardian = Link(), guardian
        super().__init__()
