"""The words of a scenario, made ready for the screen; and the dialog in which one reads them before training. What a
file says at length is Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.markdown import Markdown
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from engine.plain_text import plain
from scenarios.files.goal_forms import in_words
from scenarios.files.schema import ScenarioFile
from tui.dashboard.screens.dialog import Dialog, leading

if TYPE_CHECKING:
    from scenarios import Scenario
    from scenarios.courses.course import Course
    from tui.dashboard.keys.keymap import Keymap

_BEGIN, _CLOSE = ("enter",), ("escape", "q")


class BriefingScreen(Dialog[bool]):
    """The briefing of a scenario that stands before its first step. Dismissed with whether it is to begin."""

    def __init__(self, scenario: Scenario, course: Course, keys: Keymap) -> None:
        super().__init__()
        self._scenario, self._course, self._keys = scenario, course, keys

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog briefing") as dialog:
            dialog.border_title = Content(self._title())
            dialog.border_subtitle = leading(self._keys.shown("pause"), "begin", " · ↑↓ scroll · esc look around first")
            yield Static(Group(*self._parts()))

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()

    def _title(self) -> str:
        place = self._course.place(self._scenario.id)
        if place is None:
            return "Briefing"
        chapter = f"Chapter {place.chapter_number} of {len(self._course.chapters)} · {plain(place.chapter.title)}"
        return f"{chapter} · scenario {place.number} of {len(self._course.entries)}"

    def _parts(self) -> Iterable[RenderableType]:
        yield from before(self._course, self._scenario)
        file = self._scenario.file
        yield described(file)
        yield from goal(file)

    async def on_key(self, event: events.Key) -> None:
        if event.key in (*_BEGIN, *self._keys.keys("pause")):
            event.stop()
            self.dismiss(True)
        elif event.key in _CLOSE:
            event.stop()
            self.dismiss(False)


def before(course: Course, scenario: Scenario) -> Iterable[RenderableType]:
    """Yield the course's own words before a scenario; and before those the chapter's, where it begins."""
    place = course.place(scenario.id)
    if place is None:
        return
    for words in (place.chapter.words if place.begins else "", place.entry.words):
        if words.strip():
            yield markdown(words)
            yield Text()


def goal(file: ScenarioFile) -> Iterable[RenderableType]:
    """Yield the goal in a sentence, where there is one."""
    if file.goal:
        yield Text.assemble("\n", ("Goal: ", "bold"), in_words(file.goal.goal()))


def described(file: ScenarioFile, *, summary: bool = False) -> RenderableType:
    """Return title and briefing, with the summary between them where it is wanted."""
    parts: list[RenderableType] = [Text(plain(file.title), "markdown.h1", justify="center"), Text()]
    if summary:
        parts += [Text(plain(file.summary), "italic"), Text()]
    return Group(*parts, markdown(file.briefing))


def markdown(text: str) -> Markdown:
    """Return text that is Markdown; its links are written out, for nothing from a file is to be clicked."""
    return Markdown(text, hyperlinks=False)
