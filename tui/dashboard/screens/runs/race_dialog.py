"""Setting up a race: which knob the racers differ in, and its values."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tui.dashboard.screens.dialog import Dialog
from tui.dashboard.screens.option_lists import Options
from tui.words.race_proposals import ANOTHER, USUAL, Entry, TooManyError, entry, proposals
from tui.words.run_words import level_words

if TYPE_CHECKING:
    from engine.training.knobs import Knobs

_TITLES = {
    "optimizer": "Optimizers at the same rate",
    USUAL: "Optimizers at their usual rates",
    "batch_size": "Batch sizes",
    "learning_rate": "Learning rates",
    ANOTHER: "Another knob",
}
_NOTES = {
    "optimizer": level_words("updates"),
    USUAL: level_words("updates"),
    "batch_size": f"{level_words('examples')}, as a larger batch costs more",
    "learning_rate": level_words("updates"),
    ANOTHER: "its name, then values",
}


class RaceScreen(Dialog[Entry | None]):
    """Dismissed with a knob and its values, or None. sweep_key: that of the sweep, which takes more values."""

    BINDINGS: ClassVar = [("escape", "dismiss(None)", "Close")]

    def __init__(self, knobs: Knobs, num_examples: int, sweep_key: str = "") -> None:
        super().__init__()
        self._optimizer, self._sweep_key = knobs.optimizer, sweep_key
        self._proposals = proposals(knobs, num_examples)

    def compose(self) -> ComposeResult:
        with Vertical(classes="small dialog") as dialog:
            dialog.border_title = "Race: up to four runs at once from one start"
            dialog.border_subtitle = "↑↓ choose · tab edit the values · enter start · esc close"
            yield Options(*[self._option(kind) for kind in self._proposals])
            yield Input(id="values")
            yield Static(id="refusal", markup=False)

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()

    def _option(self, kind: str) -> Option:
        return Option(Text.assemble((_TITLES[kind], "bold"), "  ", (_NOTES[kind], "dim")), id=kind)

    @property
    def _kind(self) -> str:
        return list(self._proposals)[self.query_one(OptionList).highlighted or 0]

    def on_option_list_option_highlighted(self) -> None:
        self.query_one(Input).value = ", ".join(self._proposals[self._kind])
        self.query_one("#refusal", Static).update("")

    def on_option_list_option_selected(self) -> None:
        self._begin()

    def on_input_submitted(self) -> None:
        self._begin()

    def _begin(self) -> None:
        try:
            self.dismiss(entry(self._kind, self.query_one(Input).value, self._optimizer))
        except TooManyError as error:
            offer = f"The sweep ({self._sweep_key}) maps many learning rates and batch sizes; `descend sweep` any knob."
            self.query_one("#refusal", Static).update(f"{error} {offer}" if self._sweep_key else str(error))
        except ValueError as error:
            self.query_one("#refusal", Static).update(str(error))
