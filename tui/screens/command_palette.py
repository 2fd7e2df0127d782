"""The command palette: Textual's, made safe to close at any moment."""

from __future__ import annotations

from typing import Any

from textual.command import CommandPalette
from textual.worker import Worker

from tui.screens.dialog import ClosedOnce


class DashboardPalette(ClosedOnce, CommandPalette):
    """Its search for commands may begin, or go on, after it was closed. Textual 8.2.8 then looks for the list that has
    gone (`NoMatches` in `_gather_commands`) and ends the program; here that search ends alone."""

    def run_worker(self, *arguments: Any, **options: Any) -> Worker[Any]:
        """As Textual does, but for what an error means."""
        return super().run_worker(*arguments, **options | {"exit_on_error": False})
