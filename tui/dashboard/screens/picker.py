"""Picking a scenario: the presets with the stars that were earned, and the briefing of the one under the cursor."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Group
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from engine.plain_text import plain
from scenarios import Scenario
from scenarios.files.goal_forms import in_words
from tui.dashboard.keys.keymap import Keymap
from tui.dashboard.screens.briefing import described
from tui.dashboard.screens.dialog import TypedDialog
from tui.dashboard.screens.option_lists import Options
from tui.dashboard.screens.presets import matches, presets
from tui.home.progress import Best


class PickerScreen(TypedDialog[Scenario | None]):
    """Dismissed with the chosen scenario, or None."""

    def __init__(self, present: Scenario, keys: Keymap, best: Mapping[str, Best]) -> None:
        super().__init__(keys.keys("scenarios"))
        self._scenarios = {**presets(), present.id: present}
        self._present, self._best = present, best
        self._list = Options()
        self._preview = Static(id="preview")
        self._previewed = ""  # the scenario whose briefing it is

    def compose(self) -> ComposeResult:
        with Horizontal(classes="dialog") as dialog:
            dialog.border_title = "Scenarios · ● on the screen" + (self._legend())
            yield self._list
            with VerticalScroll():
                yield self._preview

    def _legend(self) -> str:
        """Words for the stars; none where there are none."""
        outdated = any(best.outdated for best in self._best.values())
        return (" · ★ your best" + ", faint: before a change" * outdated) if self._best else ""

    def on_mount(self) -> None:
        self.narrow()
        self._list.focus()

    def narrow(self) -> None:
        shown = [name for name, scenario in self._scenarios.items() if matches(scenario, self.typed)]
        self._list.clear_options()
        self._list.add_options([Option(self._title(name), id=name) for name in shown])
        if shown:
            self._list.highlighted = shown.index(self._present.id) if self._present.id in shown else 0
        else:
            self._previewed = ""
            self._preview.update(Text("No scenario has these words.", "dim"))
        self.query_one(".dialog").border_subtitle = self.hint("↑↓ choose · enter train")

    def _title(self, name: str) -> Text:
        here = " ●" if name == self._present.id else ""
        best = self._best.get(name)
        earned = f" {'★' * best.stars}" if best else ""
        faint = "dim" if best and best.outdated else ""  # earned before the scenario was changed
        return Text.assemble((plain(self._scenarios[name].file.title), "bold"), here, (earned, faint))

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        self.call_later(self._show_preview, event.option.id)

    def _show_preview(self, name: str) -> None:
        option = self._list.highlighted_option
        if option is None or option.id != name or name == self._previewed:  # the cursor has moved on
            return
        self._previewed = name
        file = self._scenarios[name].file
        goal = [Text.assemble("\n", ("Goal: ", "bold"), in_words(file.goal.goal()))] if file.goal else []
        command = Text(f"\ndescend {plain(name)}", "dim")
        self._preview.update(Group(described(file, summary=True), *goal, command))
        self.query_one(VerticalScroll).scroll_home(animate=False)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._scenarios[str(event.option.id)])
