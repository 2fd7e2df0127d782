"""Picking a scenario: the presets on the left, the briefing of the one under the cursor beside them."""

from __future__ import annotations

from typing import ClassVar

from rich.markdown import Markdown
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

import scenarios
from scenarios import Scenario


class PickerScreen(ModalScreen[Scenario | None]):
    """Dismissed with the chosen scenario, or None."""

    BINDINGS: ClassVar = [("escape,p,q", "dismiss(None)", "Close")]

    def __init__(self, present: Scenario) -> None:
        super().__init__()
        self._scenarios = {name: scenarios.load(name) for name in scenarios.preset_names()}
        self._scenarios.setdefault(present.id, present)
        self._present = present

    def compose(self) -> ComposeResult:
        with Horizontal(classes="dialog") as dialog:
            dialog.border_title = "Scenarios"
            dialog.border_subtitle = "↑↓ choose · enter train · esc close"
            yield OptionList(*[self._option(name) for name in self._scenarios])
            with VerticalScroll():
                yield Static(id="preview")

    def on_mount(self) -> None:
        options = self.query_one(OptionList)
        options.highlighted = list(self._scenarios).index(self._present.id)
        options.focus()

    def _option(self, name: str) -> Option:
        file = self._scenarios[name].file
        return Option(Text.assemble((file.title, "bold"), "\n", (name, "dim")), id=name)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        file = self._scenarios[str(event.option.id)].file
        self.query_one("#preview", Static).update(Markdown(f"# {file.title}\n*{file.summary}*\n\n{file.briefing}"))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._scenarios[str(event.option.id)])
