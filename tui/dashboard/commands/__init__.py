"""The one table of commands: it feeds the key bindings, the footer, the help and the command palette."""

from __future__ import annotations

from textual.binding import Binding

from tui.dashboard.commands import (
    curve_commands,
    file_commands,
    knob_commands,
    lesson_commands,
    picture_commands,
    run_commands,
    screen_commands,
    sweep_commands,
    time_commands,
)
from tui.dashboard.commands.command_row import Command

GROUPS: dict[str, tuple[Command, ...]] = {
    "Knobs": knob_commands.COMMANDS,
    "Time": time_commands.COMMANDS,
    "Lesson": lesson_commands.COMMANDS,
    "Runs": run_commands.COMMANDS,
    "Sweep": sweep_commands.COMMANDS,
    "Loss curves": curve_commands.COMMANDS,
    "Pictures": picture_commands.COMMANDS,
    "Files": file_commands.COMMANDS,
    "Screen": screen_commands.COMMANDS,
}
_NO_KEY = "no_key"  # which no terminal sends: a binding needs one, so that a user's file can give it another
COMMANDS: dict[str, Command] = {command.id: command for group in GROUPS.values() for command in group}


def bindings() -> list[Binding]:
    """The table as Textual's key bindings; the footer shows those that have a word for it."""
    return [
        Binding(
            ",".join(command.keys) or _NO_KEY,
            f"command('{command.id}')",
            command.footer or command.title,
            show=bool(command.footer),
            key_display=command.footer_keys or command.shown,
            id=command.id,
        )
        for command in COMMANDS.values()
    ]
