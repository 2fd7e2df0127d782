"""The question of a scenario, answered with a number key, or with a number."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar

from rich.console import Group
from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.dashboard.screens.briefing import markdown
from tui.dashboard.screens.dialog import Dialog
from tui.words.question_words import asked

if TYPE_CHECKING:
    from scenarios.files.question_forms import Question

_LONGEST = 12  # characters of a number


class QuestionScreen(Dialog[float | None]):
    """Dismissed with the place of an answer, or the number that was guessed; with None where it is skipped."""

    BINDINGS: ClassVar = [("escape,A", "dismiss(None)", "Skip")]

    def __init__(self, question: Question) -> None:
        super().__init__()
        self._question = question
        self._typed = ""
        self._body = Static()

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="small dialog") as dialog:
            dialog.border_title = "Question"
            dialog.border_subtitle = Content(self._hint())
            yield self._body

    def _hint(self) -> str:
        if not self._question.answers:
            return "type a number · enter answer · esc skip"
        return f"1–{len(self._question.answers)} answer · esc skip"

    def on_mount(self) -> None:
        self.query_one(VerticalScroll).focus()
        self._show()

    def _show(self, refusal: str = "") -> None:
        parts = [markdown(asked(self._question))]
        if not self._question.answers:
            parts.append(markdown(f"\nYour guess: **{self._typed}▏** {refusal}"))
        self._body.update(Group(*parts))

    def on_key(self, event: events.Key) -> None:
        if self._question.answers:
            if event.key.isdigit() and 1 <= int(event.key) <= len(self._question.answers):
                event.stop()
                self.dismiss(int(event.key) - 1.0)
            return
        if event.key == "enter":
            self._guess()
        elif event.key == "backspace":
            self._typed = self._typed[:-1]
            self._show()
        elif event.character and event.character in "0123456789.e-" and len(self._typed) < _LONGEST:
            self._typed += event.character
            self._show()
        else:
            return
        event.stop()

    def _guess(self) -> None:
        try:
            guess = float(self._typed)
        except ValueError:
            guess = math.nan
        if math.isfinite(guess):
            self.dismiss(guess)
        else:
            self._show("is no number")
