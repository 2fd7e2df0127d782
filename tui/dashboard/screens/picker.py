"""Picking a scenario: the chapters of the course with the stars that were earned, and the briefing of the scenario
under the cursor."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import NamedTuple

from rich.console import Group
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from engine.plain_text import plain
from scenarios import Scenario
from scenarios.courses.course import Course
from tui.dashboard.keys.keymap import Keymap
from tui.dashboard.screens.briefing import before, described, goal
from tui.dashboard.screens.dialog import LaidOut, TypedDialog
from tui.dashboard.screens.option_lists import Options
from tui.home.progress_contents import Best


class Done(NamedTuple):
    """Progress in scenarios, by their ids. best: the best result of each that has one. tried: those that were
    trained."""

    best: Mapping[str, Best]
    tried: Container[str] = ()


class PickerScreen(TypedDialog[Scenario | None]):
    """Dismissed with the chosen scenario, or None."""

    def __init__(self, course: Course, present: Scenario, after: Scenario | None, keys: Keymap, done: Done) -> None:
        super().__init__(keys.keys("scenarios"))
        self._scenarios = {**course.scenarios, present.id: present}
        self._course, self._present, self._best, self._tried = course, present, done.best, done.tried
        self._after = after.id if after is not None else ""
        self._list = Options()
        self._preview = Static(id="preview")
        self._previewed = ""  # the scenario whose briefing it is

    def compose(self) -> ComposeResult:
        with Horizontal(classes="dialog") as dialog:
            dialog.border_title = Content(f"{plain(self._course.title)} · ● on the screen · → next{self._legend()}")
            yield self._list
            with VerticalScroll():
                yield self._preview

    def _legend(self) -> str:
        """Words for the stars; none where there are none."""
        with_goals = [name for name, one in self._course.scenarios.items() if one.file.goal]
        stars = sum(self._best[name].stars for name in with_goals if name in self._best)
        outdated = any(best.outdated for best in self._best.values())
        return f" · {stars} of {3 * len(with_goals)} ★{', faint: before a change' * outdated}" if stars else ""

    def on_mount(self) -> None:
        self.narrow()
        self._list.focus()

    def narrow(self) -> None:
        shown = [name for name, scenario in self._scenarios.items() if matches(scenario, self.typed)]
        self._list.clear_options()
        self._list.add_options(self._options(shown))
        if shown:
            chosen = self._present.id if self._present.id in shown else shown[0]
            self._list.highlighted = self._list.get_option_index(chosen)
        else:
            self._previewed = ""
            self._preview.update(Text("No scenario has these words.", "dim"))
        self.query_one(".dialog").border_subtitle = self.hint("↑↓ choose · enter open")

    def _options(self, shown: list[str]) -> Iterable[Option]:
        """Options for these; while nothing is typed, under their chapters, and what cannot be read below them."""
        rest = list(shown)
        for number, chapter in enumerate([] if self.typed else self._course.chapters, 1):
            ids = [entry.id for entry in chapter.entries if entry.id in rest]
            if ids:
                heading = f"{number} {plain(chapter.title)}" if len(self._course.chapters) > 1 else plain(chapter.title)
                yield Option(Text(heading), disabled=True)
            for name in ids:
                rest.remove(name)
                yield Option(self._title(name), id=name)
        if rest and len(rest) < len(shown):
            yield Option(Text("Your own"), disabled=True)
        yield from (Option(self._title(name), id=name) for name in rest)
        if self._course.faults and not self.typed:
            yield Option(Text("Cannot be read"), disabled=True)
            yield from (Option(Text(f"  {why}"), disabled=True) for why in self._course.faults.values())

    def _title(self, name: str) -> Text:
        mark = "● " if name == self._present.id else "→ " if name == self._after else "  "
        best = self._best.get(name)
        earned = f" {'★' * best.stars}" if best else " tried" if name in self._tried else ""
        faint = "dim" if not best or best.outdated else ""  # earned before the scenario was changed
        return Text.assemble(mark, (plain(self._scenarios[name].file.title), "bold"), (earned, faint))

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        self.call_after_refresh(self._show_preview, event.option.id)  # Textual drops a height that changes before it

    def _show_preview(self, name: str) -> None:
        option = self._list.highlighted_option
        if option is None or option.id != name or name == self._previewed:  # the cursor has moved on
            return
        self._previewed = name
        scenario = self._scenarios[name]
        parts = [*before(self._course, scenario), described(scenario.file, summary=True), *goal(scenario.file)]
        words = Group(*parts, Text(f"\ndescend {plain(name)}", "dim"))
        self._preview.update(LaidOut(self._preview, words))
        self.query_one(VerticalScroll).scroll_home(animate=False)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._scenarios[str(event.option.id)])


def matches(scenario: Scenario, words: str) -> bool:
    """Tell whether every one of the words is in its id, title or summary."""
    text = f"{scenario.id} {scenario.file.title} {scenario.file.summary}".lower()
    return all(word in text for word in words.lower().split())
