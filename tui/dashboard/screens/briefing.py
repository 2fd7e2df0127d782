"""The words of a scenario, made ready for the screen; and the dialogs in which one reads them and answers before
training. What a file says at length is Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, Literal

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
from tui.dashboard.commands import COMMANDS
from tui.dashboard.screens.dialog import Dialog, LaidOut, leading
from tui.words.question_words import asked
from tui.words.verdict_words import stars_in_words

if TYPE_CHECKING:
    from scenarios import Scenario
    from scenarios.courses.course import Course
    from tui.dashboard.course.answering import Answering
    from tui.dashboard.keys.keymap import Keymap

_BEGIN, _CLOSE, _SCROLL = ("enter",), ("escape", "q"), ("up", "down")
Then = Literal["begin", "scenarios", "next"]  # what comes after a briefing


class BriefingScreen(Dialog[Then | None]):
    """The briefing of a scenario that stands before its first step, over its question, which does not scroll. Dismissed
    with what comes then; None to look around first. Keys that lead elsewhere do so from here too; of the others it is
    said that they act on what is behind it. answering: takes the keys that answer the question, if there is one."""

    def __init__(self, scenario: Scenario, course: Course, keys: Keymap, answering: Answering | None) -> None:
        super().__init__()
        self._scenario, self._course, self._keys, self._answering = scenario, course, keys, answering
        self._question = Static(id="question")

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="dialog briefing") as dialog:
            dialog.border_title = Content(" · ".join(place_words(self._course, self._scenario)))
            dialog.border_subtitle = self._hint(" · ↑↓ scroll · esc look around first")
            words = Static()
            words.update(LaidOut(words, Group(*self._parts())))
            yield words
            if self._answering is not None:
                yield self._question

    def _hint(self, others: str) -> Content:
        """The line of keys, with these words behind those that lead on."""
        answers = f" · {self._answering.hint}" if self._answering is not None else ""
        return leading(self._keys.shown("pause"), "begin", answers + others)

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
            self.dismiss("begin")
        elif event.key in _CLOSE:
            event.stop()
            self.dismiss()
        elif event.key in self._keys.keys("scenarios"):
            event.stop()
            self.dismiss("scenarios")
        elif event.key in self._keys.keys("next"):
            event.stop()
            self.dismiss("next")
        elif event.key in _SCROLL and self.query_one(VerticalScroll).max_scroll_y > 0:
            return  # they are knobs behind it; here they show the rest, the goal at its end
        elif (command := self._keys.command(event.key)) is not None:
            event.stop()
            words = f" · esc first, then {self._keys.shown(command)} {COMMANDS[command].title.lower()}"
            self.query_one(VerticalScroll).border_subtitle = self._hint(words)


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
