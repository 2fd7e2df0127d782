"""The check of a scenario's question: whether it can be answered, with one answer whatever the seed."""

from __future__ import annotations

import math
from collections.abc import Sequence

from engine.plain_text import shortened
from scenarios.files.question_forms import Question
from scenarios.trainings.predictions import Finding

_LEAST, _MOST = 1e-6, 1e9  # of what is guessed, without its sign: a person has to type it
_WIDEST = 1.0  # of a tolerance: with it, nothing at all would be near


def faults(question: Question, found: Sequence[tuple[int, Finding]]) -> list[str]:
    """Return what is wrong with the question, each beginning with the key. found: the findings, each with its seed."""
    texts = [answer.text for answer in question.answers]
    twice = [text for place, text in enumerate(texts) if text in texts[:place]]
    wrong = [f"question.answers: two are the same, {shortened(twice[0])}"] if twice else []
    return wrong + (_of_choice(question, found) if question.answers else _of_guess(question, found))


def answered(question: Question, finding: Finding) -> str | float | None:
    """Return the right answer's text, or the number that is to be guessed; None where nothing could be told."""
    if question.answers:
        return None if finding.answer is None else question.answers[finding.answer].text
    return finding.value if math.isfinite(finding.value) else None


def _of_choice(question: Question, found: Sequence[tuple[int, Finding]]) -> list[str]:
    for seed, finding in found:
        if finding.answer is None:
            return [f"question: no answer is the right one with seed {seed}: {_why_not(question, finding)}"]
    first, *others = found
    for seed, finding in others:
        if finding.answer != first[1].answer:
            one, other = (shortened(str(answered(question, each))) for each in (first[1], finding))
            return [f"question: chance decides: the answer is {one} with seed {first[0]}, and {other} with seed {seed}"]
    return []


def _why_not(question: Question, finding: Finding) -> str:
    if not question.compares:
        return f"what is measured is {finding.value:.4g}"
    figures = ", ".join("not reached" if math.isinf(figure) else f"{figure:.6g}" for figure in finding.figures)
    return f"the answers measure {figures}"


def _of_guess(question: Question, found: Sequence[tuple[int, Finding]]) -> list[str]:
    tolerance = question.tolerance
    assert tolerance is not None  # the form has either
    if tolerance >= _WIDEST:
        return [f"question.tolerance: {tolerance:g} takes nearly any number for right; less than {_WIDEST:g}"]
    for seed, finding in found:
        if not _LEAST <= abs(finding.value) <= _MOST:
            size = f"from {_LEAST:g} to {_MOST:,.0f}"
            return [f"question: {finding.value:.4g}, with seed {seed}, is no number to guess; it should be {size}"]
    seed, first = found[0]
    for other_seed, finding in found[1:]:
        if not finding.is_near(first.value, tolerance):
            seeds = f"{first.value:.4g} with seed {seed}, {finding.value:.4g} with seed {other_seed}"
            return [f"question.tolerance: {tolerance:g} is less than what chance does: {seeds}"]
    return []
