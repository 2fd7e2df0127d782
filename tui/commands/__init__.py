"""The one table of commands: it feeds the key bindings, the footer, the help and the command palette."""

from __future__ import annotations

from textual.binding import Binding

from tui.commands import curves, files, knobs, pictures, runs, screen, time
from tui.commands.command import Command

GROUPS: dict[str, tuple[Command, ...]] = {
    "Knobs": knobs.COMMANDS,
    "Time": time.COMMANDS,
    "Runs": runs.COMMANDS,
    "Loss curves": curves.COMMANDS,
    "Pictures": pictures.COMMANDS,
    "Files": files.COMMANDS,
    "Screen": screen.COMMANDS,
}
COMMANDS: dict[str, Command] = {command.id: command for group in GROUPS.values() for command in group}


def bindings() -> list[Binding]:
    """The table as Textual's key bindings; the footer shows those that have a word for it."""
    return [
        Binding(
            ",".join(command.keys),
            f"command('{command.id}')",
            command.footer or command.title,
            show=bool(command.footer),
            key_display=command.footer_keys or command.shown,
            id=command.id,
        )
        for command in COMMANDS.values()
    ]
