"""The column beside the panels of a wide terminal: what the briefing says, the goal, hints, what comes next, and words
that stand on the screen, each in a box of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from engine.plain_text import plain

if TYPE_CHECKING:
    from rich.console import RenderableType

    from scenarios import Scenario
    from scenarios.courses.course import Course
    from tui.dashboard.keys.keymap import Keymap
    from tui.words.glossary import Entry

# Those first that a newcomer cannot guess.
_WORDS = (
    "limit", "noise floor", "noise scale", "sharpness", "gradient norm", "batch loss", "loss", "minibatch", "epoch",
    "learning rate", "momentum", "validation loss", "accuracy", "RMSE", "R²", "plane of most movement", "trajectory",
    "schedule", "seed", "status",
)  # fmt: skip
_LEAST_ROWS = 5  # of the box of words, its border included


class Told(NamedTuple):
    """Content of the column. after: the scenario to go on to; leads: the verb for the way there. hints: those that
    were given."""

    scenario: Scenario
    course: Course
    after: Scenario | None
    leads: str
    hints: tuple[str, ...]


class SideColumn(VerticalScroll, can_focus=False):
    """Shows what it is told, from top to bottom as it matters, and as many words as there is room for."""

    DEFAULT_CSS = """
    SideColumn { scrollbar-size-vertical: 1; }
    SideColumn Static { border: round $frame; border-title-color: $text; border-title-style: bold; padding: 0 1; }
    """

    def __init__(self, keys: Keymap) -> None:
        super().__init__()
        self._keys = keys
        self.told: Told | None = None
        self._words_box = Static()
        self._screen_text: Sequence[str] = ()

    async def tell(self, told: Told, screen_text: Sequence[str]) -> None:
        """Show this. screen_text: lines that stand on the screen, of which words are explained."""
        self.told, self._screen_text = told, screen_text
        boxes = [*self._boxes(told), self._words_box]
        await self.remove_children()
        await self.mount(*boxes)
        self.call_after_refresh(self._fill)
        if told.hints:  # the latest of them is to be seen
            self.call_after_refresh(self._show_hints)

    def on_resize(self) -> None:
        self.call_after_refresh(self._fill)

    def _boxes(self, told: Told) -> Iterable[Static]:
        from rich.console import Group  # none of these is needed for the first frame

        from scenarios.files.goal_forms import in_words
        from tui.dashboard.screens.briefing import before, described, place_words

        file, (title, *place) = told.scenario.file, place_words(told.course, told.scenario)
        yield _box(title, Group(*before(told.course, told.scenario), described(file)), *place)
        if file.goal:
            yield _box("Goal", Content(in_words(file.goal.goal())))
        if file.hints:
            hints = _box(f"Hints · {len(told.hints)} of {len(file.hints)}", self._hints(told))
            hints.add_class("hints")
            yield hints
        if told.after is not None:
            words = (plain(told.after.file.title), "bold"), f". {plain(told.after.file.summary)}"
            yield _box("Next", Content.assemble(f"{self._keys.shown('next')} {told.leads} ", *words))

    def _hints(self, told: Told) -> Content:
        lines = [f"{number} {plain(hint)}" for number, hint in enumerate(told.hints, 1)]
        if len(lines) < len(told.scenario.file.hints):
            lines.append(f"{self._keys.shown('hint')} gives {'the next' if lines else 'the first'} one.")
        return Content("\n".join(lines))

    def _show_hints(self) -> None:
        """Scroll down to the box of hints, where it is below the edge."""
        for box in self.query(".hints"):
            self.scroll_to_widget(box, animate=False)

    def _fill(self) -> None:
        """Fill what room is left with words of the screen."""
        box = self._words_box
        if not box.is_attached or not self.size.height:
            return
        above = sum(child.outer_size.height for child in self.children if child is not box)
        rows, width = self.size.height - above, self.size.width - 4
        found, used = list[Content](), 2
        for entry in _standing_in(self._screen_text):
            words = Content.assemble((f"{entry.term}: ", "bold"), entry.plain)
            used += len(words.wrap(width))
            if used > rows:
                break
            found.append(words)
        box.display = rows >= _LEAST_ROWS and bool(found)
        box.border_title = "Words on the screen"
        box.border_subtitle = Content(f"{self._keys.shown('help')} explains all")
        box.update(Content("\n").join(found))


def _box(title: str, words: RenderableType | Content, subtitle: str = "") -> Static:
    box = Static(words)
    box.border_title, box.border_subtitle = Content(title), Content(subtitle)
    return box


def _standing_in(lines: Sequence[str]) -> Iterable[Entry]:
    """Yield the entries of the words that stand in these lines, those first that a newcomer cannot guess."""
    from tui.words.glossary import labels_in

    found = {entry.term: entry for line in lines for _, _, entry in labels_in(line)}
    return (found[term] for term in _WORDS if term in found)
