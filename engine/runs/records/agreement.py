"""Agreement of a training with an earlier one of the same plan: to the same bits; or else from which step on they
differ, and by how much."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.plain_text import counted
from engine.runs.records.marks import Mark, Marks, mark_of, weights_sha256

if TYPE_CHECKING:
    from engine.model.objective import Array
    from engine.runs.run import Run


@dataclass(frozen=True)
class Expected:
    """The outcome of an earlier training after so many `steps`. marks: on its way there. by: what trained it, in words.

    training_loss: None where it was not finite.
    """

    steps: int
    weights_sha256: str
    training_loss: float | None
    marks: tuple[Mark, ...] = ()
    by: str = ""


def agreement_in_words(expected: Expected, marks: Sequence[Mark], steps: int, weights: Array, loss: float) -> str:
    """Return a sentence on a training that has come so many `steps` far: to these weights, (P,), and to this loss over
    all examples. marks: on its way."""
    if steps < expected.steps and not math.isfinite(loss):
        return f"This training ended after {counted(steps, 'step')}, the earlier one after {expected.steps:,}."
    if weights_sha256(weights) == expected.weights_sha256:
        return f"The same bits as before, after {counted(expected.steps, 'step')}."
    last = mark_of(steps, weights)
    others = {mark.steps: mark for mark in marks}
    same, first, by = 0, last.steps, math.nan
    for mark in expected.marks:
        other = others.get(mark.steps)
        if other is not None and other.digest != mark.digest:
            first, by = mark.steps, abs(other.length - mark.length) / mark.length if mark.length else math.nan
            break
        same = mark.steps
    words = (
        f"Not the same bits as before: the weights are the same after {counted(same, 'step')}"
        if same
        else "Not the same bits as before"
    )
    words += f", and others after {first:,}" + (f", by {by:.0e} of their length" if by > 0 else "")
    if expected.training_loss is not None:
        before = f"{expected.training_loss:.9g}"
        instead = f"{before}, as before" if f"{loss:.9g}" == before else f"{loss:.9g} instead of {before}"
        words += f"; at the end the training loss is {instead}"
    return f"{words}{_because(expected.by)}."


class Awaited:
    """A run of which it is awaited what it comes to."""

    def __init__(self, expected: Expected, run: Run) -> None:
        self._expected, self._run = expected, run
        begun = run.trainer.steps
        self._marks = Marks(mark for mark in expected.marks if mark.steps <= begun)
        run.observers.append(self._marks)

    @property
    def agrees(self) -> bool:
        """True if it has come to the same weights."""
        return weights_sha256(self._run.trainer.weights) == self._expected.weights_sha256

    def sentence(self) -> str:
        """Return the sentence on it as soon as it has come so far, or ends before; "" until then."""
        trainer = self._run.trainer
        if trainer.blew_up_at is None and trainer.steps != self._expected.steps:
            return ""
        weights = trainer.weights
        return agreement_in_words(
            self._expected, self._marks.upto(trainer.steps), trainer.steps, weights, trainer.loss()
        )


def _because(by: str) -> str:
    return f". It was trained by {by}; another processor or version adds up in another order" if by else ""
