"""The line at the bottom: the most useful keys, as many as fit, of those that stand at no panel."""

from __future__ import annotations

from textual import events
from textual.content import Content
from textual.widgets import Static

from tui.dashboard.commands import COMMANDS
from tui.dashboard.keys.keymap import Keymap

# In this order; those of one place share a word.
_ALWAYS = (
    ("pause",), ("step",), ("epoch",), ("again",), ("undo",), ("back", "forward"), ("branch",), ("scenarios",),
    ("help",),
)  # fmt: skip
_WHERE_WIDE = (("faster", "slower"), ("compare",), ("race",), ("quit",), ("entry",))


_PAUSED = "train"  # as long as "pause", so that nothing beside it moves
_KEY = "bold $footer-key-foreground"


class KeyLine(Static):
    """One row; a click on a word does what its key does. paused: nothing is training, so that the key that pauses
    trains on."""

    def __init__(self, keys: Keymap) -> None:
        super().__init__()
        self._keys = keys
        self.paused = False
        self._entries: list[tuple[str, str, str]] = []

    def on_resize(self, event: events.Resize) -> None:
        self._write(event.size.width)

    def show(self, *, paused: bool) -> None:
        """Say what the keys do now."""
        if paused != self.paused:
            self.paused = paused
            self._write(self.size.width)

    def _write(self, width: int) -> None:
        self._entries = fitting(self._keys, width, paused=self.paused)
        words = [part for _, shown, word in self._entries for part in (" ", (shown, _KEY), f" {word}")]
        self.update(Content.assemble(*words), layout=False)

    async def on_click(self, event: events.Click) -> None:
        column = 1
        for command, shown, word in self._entries:
            width = len(shown) + 1 + len(word)
            if column <= event.x < column + width:
                await self.app.run_action(f"command('{command}')", self.app)
            column += width + 1


def fitting(keys: Keymap, width: int, *, paused: bool = False) -> list[tuple[str, str, str]]:
    """(command, keys, word) of those that fit side by side, the less useful ones left out first."""
    places = [place for place in (*_ALWAYS, *_WHERE_WIDE) if place[0] in COMMANDS]
    entries: dict[tuple[str, ...], tuple[str, str, str]] = {
        place: (place[0], _shown(keys, place), _word(place)) for place in places
    }
    if paused:
        entries["pause",] = "pause", keys.shown("pause"), _PAUSED
    chosen: list[tuple[str, ...]] = []
    room = width - 1
    for place, (_, shown, word) in entries.items():
        if room >= len(shown) + len(word) + 2:
            room -= len(shown) + len(word) + 2
            chosen.append(place)
    # Help stays at the right end, whatever else there is room for.
    chosen.sort(key=lambda place: place == ("help",))
    return [entries[place] for place in chosen]


def _shown(keys: Keymap, place: tuple[str, ...]) -> str:
    shown = [keys.shown(command) for command in place]
    return ("" if shown[0] in "↑←" else " ").join(shown)


def _word(place: tuple[str, ...]) -> str:
    return next((COMMANDS[command].footer for command in place if COMMANDS[command].footer), "")
