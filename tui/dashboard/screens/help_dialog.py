"""The briefing of the scenario, all keys from the command table, and the glossary; and a single word of it."""

from __future__ import annotations

from typing import ClassVar

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from scenarios import Scenario
from tui.dashboard.commands import GROUPS
from tui.dashboard.keys.keymap import Keymap, shown
from tui.dashboard.screens.briefing import described
from tui.dashboard.screens.dialog import LaidOut, TypedDialog
from tui.words.glossary import entries

_TWO_COLUMNS_FROM = 100
_KEY, _HEADING = "bold #59c2ff", "bold #ffb454"

Row = tuple[str, str, str]  # keys, title, help

_WORDS = "Words, figures and signs"


class HelpScreen(TypedDialog[bool]):
    """Closed by escape, and by the key that opened it. Dismissed with whether to go from word to word on the screen."""

    BINDINGS: ClassVar = [("tab", "dismiss(True)", "Point at a word")]

    def __init__(self, scenario: Scenario, keys: Keymap) -> None:
        super().__init__(keys.keys("help"))
        self._scenario = scenario
        self._sections = {
            name: tuple((" ".join(map(shown, keys.keys(c.id))), c.title, c.help) for c in commands)
            for name, commands in GROUPS.items()
        }
        self._sections[_WORDS] = tuple((", ".join(entry.labels[1:3]), entry.term, entry.plain) for entry in entries())
        self._body = Static()

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog") as dialog:
            dialog.border_title = "Help"
            yield self._body

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()

    def on_resize(self, _: events.Resize) -> None:
        self.call_after_refresh(self.narrow)

    def narrow(self) -> None:
        dialog = self.query_one(VerticalScroll)
        dialog.border_subtitle = self.hint("↑↓ scroll · tab point at a word")
        self._body.update(LaidOut(self._body, self._content(dialog.size.width)))
        dialog.scroll_home(animate=False)

    def _content(self, width: int) -> RenderableType:
        sections = {name: rows for name, rows in self._matching().items() if rows}
        if not sections:
            return Text("Nothing here has these words.", "dim")
        first = [] if self.typed else [described(self._scenario.file), Text()]
        if width < _TWO_COLUMNS_FROM:
            return Group(*first, *[_wide_table(name, rows) for name, rows in sections.items()])
        columns = Table.grid(expand=True, padding=(0, 2))
        columns.add_column(ratio=1)
        columns.add_column(ratio=1)
        left, right = _halves(sections)
        columns.add_row(_narrow_tables(left), _narrow_tables(right))
        return Group(*first, columns)

    def _matching(self) -> dict[str, list[Row]]:
        words = self.typed.lower().split()
        found = {
            name: [row for row in rows if all(word in f"{name} {' '.join(row)}".lower() for word in words)]
            for name, rows in self._sections.items()
        }
        if not words:
            return found
        return {
            _WORDS: _explained(self.typed.lower().strip()),
            **{name: found[name] for name in found if name != _WORDS},
        }


def _explained(typed: str) -> list[Row]:
    """The entries that have what was typed in their names; where none has, those that speak of it. In full."""
    named = [entry for entry in entries() if any(typed in label.lower() for label in entry.labels)]
    found = named or [entry for entry in entries() if typed in f"{entry.plain} {entry.advice}".lower()]
    found.sort(key=lambda entry: not any(label.lower() == typed for label in entry.labels))
    return [("", entry.term, "\n".join(filter(None, (entry.plain, entry.formula, entry.advice)))) for entry in found]


def _halves(sections: dict[str, list[Row]]) -> tuple[dict[str, list[Row]], dict[str, list[Row]]]:
    """Two groups of sections of about the same length, in order."""
    lengths = [len(rows) + 2 for rows in sections.values()]
    cut = min(range(len(lengths) + 1), key=lambda index: abs(sum(lengths[:index]) - sum(lengths[index:])))
    items = list(sections.items())
    return dict(items[:cut]), dict(items[cut:])


def _wide_table(title: str, rows: list[Row]) -> Table:
    """A line a command: keys, title, help."""
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", style=_KEY, no_wrap=True, min_width=7)
    table.add_column(style="bold", no_wrap=True, min_width=30)
    table.add_column()
    table.add_row("", Text(title, style=_HEADING), "")
    for row in rows:
        table.add_row(*map(Text, row))
    table.add_row("", "", "")
    return table


def _narrow_tables(sections: dict[str, list[Row]]) -> Table:
    """The help under the title, for half the width."""
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", style=_KEY, no_wrap=True, min_width=9)
    table.add_column()
    for title, rows in sections.items():
        table.add_row("", Text(title, style=_HEADING))
        for keys, name, about in rows:
            table.add_row(Text(keys), Text.assemble((name, "bold"), "\n", (about, "dim")))
        table.add_row("", "")
    return table
