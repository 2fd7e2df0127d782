"""Answering a scenario's question with number keys, in whatever dialog it is asked."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from engine.plain_text import plain
from tui.painting.numbers import short

if TYPE_CHECKING:
    from textual import events

    from scenarios.files.question_forms import Question

_LONGEST = 12  # characters of a number
_CHOSEN = "bold reverse"


class Answering:
    """An answer in the making. said: the place of the answer, or the number that is guessed; None as long as there is
    none."""

    def __init__(self, question: Question, said: float | None = None) -> None:
        self.question, self.said = question, said
        self._typed = ""

    @property
    def hint(self) -> str:
        """Words on the keys."""
        return f"1–{len(self.question.answers)} answer" if self.question.answers else "type a number"

    def takes(self, event: events.Key) -> bool:
        """Take a key, or tell that it is none of these."""
        if self.question.answers:
            if not (event.key.isdigit() and 1 <= int(event.key) <= len(self.question.answers)):
                return False
            self.said = int(event.key) - 1.0
            return True
        if event.key == "backspace":
            self._typed = self._typed[:-1]
        elif event.character and event.character in "0123456789.e-" and len(self._typed) < _LONGEST:
            self._typed += event.character
        else:
            return False
        self.said = _number(self._typed)
        return True

    def parts(self) -> Iterable[RenderableType]:
        """Yield the question, and its answers with the one that is chosen lit, or the number as far as it is typed."""
        yield Text.assemble(("Before you train: ", "bold"), (plain(self.question.text), "italic"))
        for place, answer in enumerate(self.question.answers):
            style = _CHOSEN if self.said == place else ""
            yield Text.assemble((f"  {place + 1} ", "bold"), (f" {plain(answer.text)} ", style))
        if not self.question.answers:
            typed = self._typed or (short(self.said) if self.said is not None else "")
            wrong = "  is no number yet" if self._typed and self.said is None else ""
            yield Text.assemble("  Your guess: ", (f" {typed or '…'} ", _CHOSEN), wrong)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
