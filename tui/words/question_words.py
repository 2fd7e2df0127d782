"""A scenario's question in words: what is asked, and, once it is measured, who was right and why."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.plain_text import counted
from engine.training.knobs import KNOBS
from scenarios.files.goal_forms import unit
from tui.painting.numbers import short
from tui.words.knob_steps import value_words

if TYPE_CHECKING:
    from engine.runs.standing.goals import Goal
    from scenarios.files.goal_forms import Change
    from scenarios.files.question_forms import Question
    from scenarios.trainings.predictions import Finding

_INFINITE = {"goal": "not reached", "limit": "without limit"}


def asked(question: Question) -> str:
    """Markdown: the question with its answers."""
    answers = "\n".join(f"{place}. {answer.text}" for place, answer in enumerate(question.answers, 1))
    return f"**Before you train:** *{question.text}*" + (f"\n\n{answers}" if answers else "")


def told(question: Question, goal: Goal | None, finding: Finding | None, said: float | None) -> list[str]:
    """Paragraphs of Markdown: what one said, what was measured, why. said: the place of an answer, or the number that
    was guessed; None where nothing was. finding: None where it could not be measured."""
    text = [f"*{question.text}*", _said(question, finding, said)]
    if finding is None:
        return [*text, "The trainings that answer it could not be made."]
    return [*text, f"Measured, {_noun(question, goal)}:{_figures(question, finding)}", question.why]


def _said(question: Question, finding: Finding | None, said: float | None) -> str:
    told = finding is not None and (finding.answer is not None or not question.answers)
    if said is None:
        words, right = "You did not answer", None
    elif question.answers:
        place = int(said)
        words = f"You said: {question.answers[place].text}"
        right = finding.answer == place if finding and told else None
    else:
        assert question.tolerance is not None  # the form has either
        words = f"You guessed {short(said)}"
        right = finding.is_near(said, question.tolerance) if finding and told else None
    if right is True:
        near = "" if question.tolerance is None else f", within {100 * question.tolerance:g} %"
        return f"{words}. **That is right{near}.**"
    if not told or finding is None:
        return f"{words}. Nothing could be told."
    answer = question.answers[finding.answer].text if finding.answer is not None else short(finding.value)
    wrong = "wrong" if question.tolerance is None else f"more than {100 * question.tolerance:g} % off"
    verdict = "" if right is None else f" **That is {wrong}.**"
    return f"{words}.{verdict} The answer: **{answer}**."


def _noun(question: Question, goal: Goal | None) -> str:
    after = f" after {counted(question.steps, 'step')}" if question.steps else ""
    match question.measure:
        case "goal" if goal is not None:
            return f"{unit(goal)} to the goal" if goal.is_effort else f"{unit(goal)} within the budget"
        case "mean_training_loss":
            return f"mean training loss in the latter half of {counted(question.steps or 0, 'step')}"
        case "limit":
            return f"largest stable learning rate{after}"
    return f"{question.measure.replace('_', ' ')}{after}"


def _figures(question: Question, finding: Finding) -> str:
    figures = [_figure(question, value) for value in finding.figures]
    if question.compares:
        rows = zip(question.answers, figures, strict=True)
        return "\n\n" + "\n".join(f"- {answer.text}: **{found}**" for answer, found in rows)
    if question.over is None:
        return f" {figures[0]}{_with(question.changes)}."
    first, second = f"{figures[0]}{_with(question.changes)}", f"{figures[1]}{_with(question.over)}"
    return f" {second}; {first}{_ratio(finding.value)}."


def _ratio(value: float) -> str:
    """Words for the first figure beside the second."""
    if not math.isfinite(value):
        return ""
    return f", that is {100 * value:.3g} % of that" if 0 < value < 1 else f", that is {short(value, 3)} times as much"


def _figure(question: Question, value: float) -> str:
    if math.isnan(value):
        return "unknown"
    if math.isfinite(value):
        return f"{value:,.6g}" if question.measure == "goal" else short(value, 4)
    return _INFINITE.get(question.measure, "not finite any more")


def _with(changes: Sequence[Change]) -> str:
    return f" with {changes_in_words(changes)}" if changes else " without any change"


def changes_in_words(changes: Sequence[Change]) -> str:
    """Words such as `batch size 2, learning rate 0.01 from step 40 on`."""
    words = []
    for change in changes:
        knobs = ", ".join(f"{KNOBS[knob].title} {value_words(value)}" for knob, value in change.knobs().items())
        words.append(knobs + (f" from step {change.step:,} on" if change.step else ""))
    return ", ".join(words)
