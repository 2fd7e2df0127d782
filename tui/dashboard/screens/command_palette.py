"""The command palette: all commands and every preset, narrowed down by typing."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from rich.text import Text
from textual.app import ComposeResult, SystemCommand
from textual.containers import Vertical
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from tui.dashboard.screens.dialog import TypedDialog
from tui.dashboard.screens.option_lists import Options

Action = Callable[[], object]


class CommandPalette(TypedDialog[Action | None]):
    """Dismissed with what the chosen entry does, or None."""

    def __init__(self, commands: Iterable[SystemCommand]) -> None:
        super().__init__(())  # ctrl+p acts everywhere, and closes it
        self._commands = list(commands)
        self._shown: list[SystemCommand] = []
        self._list = Options()

    def compose(self) -> ComposeResult:
        with Vertical(classes="small dialog") as dialog:
            dialog.border_title = "Commands"
            yield self._list

    def on_mount(self) -> None:
        self.narrow()
        self._list.focus()

    def narrow(self) -> None:
        """Show the commands that have all the words; those that have them in their titles come first."""
        words = self.typed.lower().split()
        found = [c for c in self._commands if all(word in f"{c.title} {c.help}".lower() for word in words)]
        self._shown = sorted(found, key=lambda c: not all(word in c.title.lower() for word in words))
        self._list.set_options([Option(_prompt(command)) for command in self._shown])
        self._list.highlighted = 0 if self._shown else None
        nothing = "" if self._shown else "nothing has these words · "
        self.query_one(".dialog").border_subtitle = nothing + self.hint("↑↓ choose · enter do it")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        if event.option_index < len(self._shown):  # what was chosen may be gone: letters come faster than messages
            self.dismiss(self._shown[event.option_index].callback)


def _prompt(command: SystemCommand) -> Text:
    return Text.assemble((command.title, "bold"), "\n", (command.help, "dim"))
