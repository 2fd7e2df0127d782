"""One row of the table of commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tui.dashboard.commands.actions import Actions


class Command(NamedTuple):
    """A command of the dashboard. id: for remapping. keys: as Textual names them; shown: as people do. title: for
    footer and palette. help: a sentence. do: what it does. footer: what the footer says, "" for nothing; footer_keys:
    before it. at_once: never gathered with the keys that come after it, as those are meant for the dialog that it
    opens."""

    id: str
    keys: tuple[str, ...]
    shown: str
    title: str
    help: str
    do: Callable[[Actions], object]
    footer: str = ""
    footer_keys: str = ""
    at_once: bool = False
