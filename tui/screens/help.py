"""All keys from the command table, and the briefing of the scenario."""

from __future__ import annotations

from itertools import groupby
from typing import ClassVar

from rich.console import Group
from rich.markdown import Markdown
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from scenarios import Scenario
from tui.commands import COMMANDS


class HelpScreen(ModalScreen[None]):
    """Closed by escape, ? or q."""

    BINDINGS: ClassVar = [("escape,question_mark,q,enter", "dismiss", "Close")]

    def __init__(self, scenario: Scenario) -> None:
        super().__init__()
        self._scenario = scenario

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog") as dialog:
            dialog.border_title = "Help"
            dialog.border_subtitle = "↑↓ scroll · esc close"
            yield Static(Group(_keys(), Markdown(f"# {self._scenario.file.title}\n{self._scenario.file.briefing}")))


def _keys() -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", style="bold #59c2ff", no_wrap=True)
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    for group, commands in groupby(COMMANDS, key=lambda command: command.group):
        table.add_row("", Text(group, style="bold #ffb454"), "")
        for command in commands:
            table.add_row(command.shown, command.title, command.help)
        table.add_row("", "", "")
    return table
