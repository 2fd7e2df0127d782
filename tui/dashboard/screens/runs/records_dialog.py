"""The records of the scenario: to be shown as a ghost, gone on with, or watched again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static
from textual.widgets.option_list import Option

from engine.plain_text import counted, plain
from tui.dashboard.screens.dialog import Dialog
from tui.dashboard.screens.option_lists import Options
from tui.painting.numbers import fixed

if TYPE_CHECKING:
    from scenarios.records.kept_run import KeptRun
    from tui.home.earlier_runs import Listed

_HEADING = f"{'id':<6} {'begun':<12} {'training loss':<13}{'steps':>10} {'at the end':>10} stars"

Wish = Literal["ghost", "resume", "replay"]


class Chosen(NamedTuple):
    """A record, and what is to become of it."""

    run: KeptRun
    wish: Wish


class RecordsScreen(Dialog[Chosen | None]):
    """Dismissed with what was chosen, or None."""

    BINDINGS: ClassVar = [
        ("escape", "dismiss(None)", "Close"),
        ("r", "choose('resume')", "Go on with it"),
        ("p", "choose('replay')", "Watch it again"),
    ]

    def __init__(self, title: str, listed: Sequence[Listed], keys: Sequence[str]) -> None:
        super().__init__()
        self._title, self._listed = title, {one.run.id: one for one in listed}
        self._list = Options(*[Option(_line(one), id=one.run.id) for one in listed])
        self._closing_keys = set(keys)

    def on_key(self, event: events.Key) -> None:
        if event.key in self._closing_keys:
            event.stop()
            self.dismiss(None)

    def compose(self) -> ComposeResult:
        with Vertical(classes="small dialog") as dialog:
            dialog.border_title = f"{plain(self._title)} · {counted(len(self._listed), 'record')}"
            dialog.border_subtitle = "esc close"
            if self._listed:
                dialog.border_subtitle = "↑↓ choose · enter ghost · r resume · p replay · esc close"
                yield Static(Text(_HEADING, "dim"))
                yield self._list
            else:
                yield Static("Nothing is recorded of this scenario yet.", markup=False)

    def on_mount(self) -> None:
        if self._listed:
            self._list.focus()

    def on_option_list_option_selected(self) -> None:
        self.action_choose("ghost")

    def action_choose(self, wish: Wish) -> None:
        """Dismiss with the record under the cursor."""
        option = self._list.highlighted_option if self._listed else None
        if option is not None:
            self.dismiss(Chosen(self._listed[str(option.id)].run, wish))


def _line(listed: Listed) -> Text:
    run, outcome = listed.run, listed.run.outcome
    loss = "–" if outcome.training_loss is None else fixed(outcome.training_loss)
    stars = "★" * outcome.goal.stars if outcome.goal else ""
    called = plain(run.name or run.note or outcome.label)
    return Text.assemble(
        (f"{run.id} ", "bold"),
        (f"{run.begun} ", "dim"),
        f"{listed.curve:<12} ",
        f"{outcome.steps:>11,} ",
        f"{loss:>10} ",
        f"{stars:<3} ",
        (called, "dim"),
    )
