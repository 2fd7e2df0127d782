"""The briefing of the scenario, all keys from the command table, and what the gauges measure."""

from __future__ import annotations

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
from tui.dashboard.screens.dialog import TypedDialog

_TWO_COLUMNS_FROM = 100
_KEY, _HEADING = "bold #59c2ff", "bold #ffb454"

Row = tuple[str, str, str]  # keys, title, help

MEASURES: tuple[Row, ...] = (
    ("", "redline ┃", "The largest stable learning rate: above it steps grow instead of settling."),
    ("", "full-batch limit", "Above it steps on all the data diverge; for plain SGD 2/sharpness."),
    ("", "batch-2 limit", "Above it minibatches of 2 blow up on average, though all the data would not."),
    ("", "sharpness", "The largest curvature of the training loss, the largest eigenvalue of its Hessian."),
    ("", "↗ 38° off", "The angle between the next minibatch's gradient and that of all the data."),
    ("", "noise 3 × gradient", "How long a minibatch gradient's error is, against the gradient itself."),
    (
        "",
        "noise scale",
        "The batch size up to which a larger batch pays: gradient spread over gradient length, a mean of recent steps.",
    ),
    ("", "noise floor", "Where the training loss settles on average at this learning rate and batch size."),
    ("", "batch loss", "Of the minibatch, before its step; training loss is over all training examples."),
    ("", "mean of 14", "Of the batch loss: of that many steps around each point of the curve."),
    ("", "gradient norm", "The length of the gradient over all training examples; `train --json` has the same."),
    (
        "",
        "batch gradient norm",
        "The length of the latest minibatch's gradient, before any clipping; as in the CSV file.",
    ),
    (
        "",
        "edge 20",
        "The sharpness at which this learning rate would be at its limit, for this optimizer and momentum.",
    ),
    ("", "preconditioned", "The sharpness as an adaptive optimizer sees it: each weight by its own scale."),
    ("", "≈ 1.2 ± 0.1", "From a sample of the examples or of the steps: the value and its standard error."),
    ("", "170 steps ago", "The gauges' step, where it is more than a twentieth of the steps ago; they are faint then."),
    ("", "at the noise floor", "Converged: only a smaller learning rate or a larger batch gets the loss lower."),
    ("", "on a plateau", "The loss hardly falls, but the curvature lets it fall on: waiting may pay."),
    ("", "saturated units", "Hidden units that answer no example; where most are, there is no limit to speak of."),
)


class HelpScreen(TypedDialog[None]):
    """Closed by escape, and by the key that opened it."""

    def __init__(self, scenario: Scenario, keys: Keymap) -> None:
        super().__init__(keys.keys("help"))
        self._scenario = scenario
        self._sections = {
            name: tuple((" ".join(map(shown, keys.keys(c.id))), c.title, c.help) for c in commands)
            for name, commands in GROUPS.items()
        }
        self._sections["Measured"] = MEASURES
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
        dialog.border_subtitle = self.hint("↑↓ scroll")
        self._body.update(self._content(dialog.size.width))
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
        return {
            name: [row for row in rows if all(word in f"{name} {' '.join(row)}".lower() for word in words)]
            for name, rows in self._sections.items()
        }


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
