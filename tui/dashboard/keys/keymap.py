"""The keymap: the keys of every command, from the table or from the user's file."""

from __future__ import annotations

from collections.abc import Mapping

from tui.dashboard.commands import COMMANDS

_SHOWN = {"enter": "enter", "backspace": "backspace"}  # for which Textual has symbols that few know


class Keymap:
    """The keys of every command, by its id. changed: what differs from the table of commands."""

    def __init__(self, changed: Mapping[str, tuple[str, ...]] | None = None) -> None:
        self.changed = dict(changed or {})

    def keys(self, command_id: str) -> tuple[str, ...]:
        """The keys as Textual names them."""
        return self.changed.get(command_id) or COMMANDS[command_id].keys

    def command(self, key: str) -> str | None:
        """The command of a key, as Textual names it; None where it has none."""
        return next((command_id for command_id in COMMANDS if key in self.keys(command_id)), None)

    def shown(self, command_id: str) -> str:
        """The first one as people call it: ↑, space, ?; empty where there is no such command."""
        if command_id in self.changed:
            return shown(self.changed[command_id][0])
        return COMMANDS[command_id].shown if command_id in COMMANDS else ""


def shown(key: str) -> str:
    """A key as people call it."""
    from textual.keys import format_key

    *modifiers, last = key.split("+")
    return "+".join([*modifiers, _SHOWN.get(last) or format_key(last)])


DEFAULT = Keymap()
