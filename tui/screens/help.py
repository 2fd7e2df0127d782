"""All keys from the command table, and the briefing of the scenario."""

from __future__ import annotations

from collections.abc import Iterable
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
from tui.commands import GROUPS


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
            briefing = Markdown(f"# {self._scenario.file.title}\n{self._scenario.file.briefing}")
            yield Static(Group(_keys(), _table("Measured", MEASURES), briefing))


MEASURES = (
    ("", "batch loss", "Of the minibatch, before its step; training loss is over all training examples."),
    ("", "mean of 14", "Of the batch loss: of that many steps around each point of the curve."),
    ("", "full-batch limit", "Above it steps on all the data diverge; for plain SGD 2/sharpness."),
    ("", "batch-2 limit", "Above it minibatches of 2 blow up on average, though all the data would not."),
    ("", "gradient 30° off", "The angle between the next minibatch's gradient and that of all the data."),
    ("", "batch gradient", "The length of the latest minibatch's gradient."),
    ("", "noise scale", "The batch size up to which a larger batch pays: gradient spread over gradient length."),
    ("", "noise floor", "Where theory sees the training loss settle at this learning rate and batch size."),
    ("", "sharpness", "The largest curvature of the training loss, the largest eigenvalue of its Hessian."),
)  # fmt: skip


def _table(title: str, rows: Iterable[tuple[str, str, str]]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", style="bold #59c2ff", no_wrap=True, min_width=7)
    table.add_column(style="bold", no_wrap=True, min_width=30)
    table.add_column()
    table.add_row("", Text(title, style="bold #ffb454"), "")
    for row in rows:
        table.add_row(*row)
    table.add_row("", "", "")
    return table


def _keys() -> Group:
    tables = [_table(name, [(c.shown, c.title, c.help) for c in commands]) for name, commands in GROUPS.items()]
    return Group(*tables)
