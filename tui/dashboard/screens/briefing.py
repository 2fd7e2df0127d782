"""The words of a scenario, made ready for the screen; and the dialogs in which one reads them and answers before
training. What a file says at length is Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

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
from tui.words.question_words import asked
from tui.words.verdict_words import stars_in_words

if TYPE_CHECKING:
    from scenarios import Scenario
    from scenarios.courses.course import Course
    from tui.dashboard.course.answering import Answering
    from tui.dashboard.keys.keymap import Keymap

_BEGIN, _CLOSE = ("enter",), ("escape", "q")


class BriefingScreen(Dialog[bool]):
    """The briefing of a scenario that stands before its first step, over its question, which does not scroll. Dismissed
    with whether it is to begin. answering: takes the keys that answer the question, if there is one."""

    def __init__(self, scenario: Scenario, course: Course, keys: Keymap, answering: Answering | None) -> None:
        super().__init__()
        self._scenario, self._course, self._keys, self._answering = scenario, course, keys, answering
        self._question = Static(id="question")

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog briefing") as dialog:
            dialog.border_title = Content(" · ".join(place_words(self._course, self._scenario)))
            others = " · ↑↓ scroll · esc look around first"
            if self._answering is not None:
                others = f" · {self._answering.hint}{others}"
            dialog.border_subtitle = leading(self._keys.shown("pause"), "begin", others)
            yield Static(Group(*self._parts()))
            if self._answering is not None:
                yield self._question

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()
        self._ask()

    def _ask(self) -> None:
        if self._answering is not None:
            self._question.update(Group(*self._answering.parts()))

    def _parts(self) -> Iterable[RenderableType]:
        yield from before(self._course, self._scenario)
        file = self._scenario.file
        yield described(file, question=False)
        yield from goal(file)

    async def on_key(self, event: events.Key) -> None:
        if self._answering is not None and self._answering.takes(event):
            event.stop()
            self._ask()
        elif event.key in (*_BEGIN, *self._keys.keys("pause")):
            event.stop()
            self.dismiss(True)
        elif event.key in _CLOSE:
            event.stop()
            self.dismiss(False)


class QuestionScreen(Dialog[None]):
    """Asks until a key closes it; a number key answers and closes it too. The answer is in `answering`."""

    BINDINGS: ClassVar = [("escape,q,enter,space", "dismiss", "Close")]

    def __init__(self, answering: Answering) -> None:
        super().__init__()
        self._answering = answering
        self._body = Static()

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="small dialog") as dialog:
            dialog.border_title = "Question"
            keys, _, words = self._answering.hint.partition(" ")
            dialog.border_subtitle = leading(keys, words, " · esc close")
            yield self._body

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()
        self._show()

    def _show(self) -> None:
        self._body.update(Group(*self._answering.parts()))

    def on_key(self, event: events.Key) -> None:
        if not self._answering.takes(event):
            return
        event.stop()
        self._show()
        if self._answering.question.answers:
            self.dismiss()


def place_words(course: Course, scenario: Scenario) -> tuple[str, ...]:
    """Return words for the chapter of a scenario, and for its place in the course; a title where it is in none."""
    place = course.place(scenario.id)
    if place is None:
        return ("Briefing",)
    chapter = f"Chapter {place.chapter_number} of {len(course.chapters)} · {plain(place.chapter.title)}"
    return chapter, f"scenario {place.number} of {len(course.entries)}"


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
        aim = file.goal.goal()
        yield Text.assemble("\n", ("Goal: ", "bold"), f"{in_words(aim)} {stars_in_words(aim)}")


def described(file: ScenarioFile, *, summary: bool = False, question: bool = True) -> RenderableType:
    """Return title and briefing, with the summary between them and the question below them where it is wanted."""
    parts: list[RenderableType] = [Text(plain(file.title), "markdown.h1", justify="center"), Text()]
    if summary:
        parts += [Text(plain(file.summary), "italic"), Text()]
    parts.append(markdown(file.briefing))
    if question and file.question is not None:
        parts += [Text(), markdown(asked(file.question))]
    return Group(*parts)


def markdown(text: str) -> Markdown:
    """Return text that is Markdown; its links are written out, for nothing from a file is to be clicked."""
    return Markdown(text, hyperlinks=False)
