"""Values to race: proposals for each kind of race, and what was typed."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

from engine.training.knob_kinds import Scheduled, Whole
from engine.training.knobs import KNOBS, USUAL_RATES, Knobs
from tui.words.assignments import check, full_name, knob_value
from tui.words.usage_error import UsageError

USUAL = "usual_rates"  # a race of optimizers, each at its usual rate; the other kinds are named as their knob
ANOTHER = "another_knob"  # which is typed before its values
_MOST = 4
_SEPARATORS, _OF_SCHEDULES = r"[\s,]+", r"\s*,\s+|\s+"  # these have commas in them


class TooManyError(ValueError):
    """More values than a race is between."""


class Entry(NamedTuple):
    """A knob and its values. rates: of optimizers, the learning rate of each that has one of its own; none where all
    train at the present one."""

    knob: str
    values: tuple[float | str, ...]
    rates: tuple[float | None, ...] = ()


def proposals(knobs: Knobs, num_examples: int) -> dict[str, list[str]]:
    """Values worth racing, as text, by the kind of race: around the present ones."""
    present = knobs.batch_in_effect(num_examples)
    sizes = sorted({min(max(1, int(present * 4.0**power)), num_examples) for power in range(-3, 4)})
    first = max(0, min(sizes.index(present) - 1, len(sizes) - _MOST))
    rates = [float(f"{knobs.learning_rate * factor:.3g}") for factor in (0.5, 1, 2, 4)]
    # Without momentum, Nesterov's is plain descent.
    optimizers = ["sgd", "nesterov" if knobs.momentum else "adagrad", "rmsprop", "adam"]
    return {
        "optimizer": optimizers,
        USUAL: [f"{name} {USUAL_RATES[name]:g}" for name in optimizers],
        "batch_size": [str(size) for size in sizes[first : first + _MOST]],
        "learning_rate": [f"{rate:g}" for rate in rates],
        ANOTHER: ["momentum 0", "0.5", "0.9", "0.99"] if knobs.acts("momentum") else ["weight_decay 0", "0.001", "0.1"],
    }


def entry(kind: str, text: str, optimizer: str = "sgd") -> Entry:
    """The values that were typed: two to four with commas between, optimizers also with a learning rate behind each,
    those of another knob behind its name. optimizer: with which they have to act.

    Raises TooManyError for more values, ValueError, in words, for anything else.
    """
    knob = "optimizer" if kind == USUAL else kind
    if kind == ANOTHER:
        knob, text = _named(text)
    separators = _OF_SCHEDULES if isinstance(KNOBS[knob].kind, Scheduled) else _SEPARATORS
    words = [word for word in re.split(separators, text.strip(" ,")) if word]
    rates: list[float | None] = []
    if knob == "optimizer":
        words, rates = _with_rates(words)
    if not 2 <= len(words) <= _MOST:
        error = TooManyError if len(words) > _MOST else ValueError
        raise error(f"A race is between two to four values, with commas between, not {len(words)}.")
    try:
        values = tuple(knob_value(knob, knob, word) for word in words)
    except UsageError:
        row = KNOBS[knob]
        wanted = "whole numbers" if isinstance(row.kind, Whole) else "numbers"
        raise ValueError(f"{row.title.capitalize()}s are {wanted}, like {row.example}.") from None
    if kind == ANOTHER:
        _check(knob, values, optimizer)
    return Entry(knob, values, tuple(rates) if any(rate is not None for rate in rates) else ())


def _named(text: str) -> tuple[str, str]:
    """The knob whose name the text begins with, of one word or two, and the rest. Raises ValueError without one."""
    words = text.split()
    for count in (2, 1):
        name = full_name(" ".join(words[:count]))
        if name in KNOBS:
            return name, " ".join(words[count:])
    raise ValueError(f"Begin with the name of a knob: {', '.join(KNOBS)}.")


def _check(knob: str, values: tuple[float | str, ...], optimizer: str) -> None:
    """Raises ValueError, in words, for values out of range, and for a knob that does not act."""
    try:
        for value in values:
            check(knob, knob, value)
    except UsageError as error:
        words = str(error)
        raise ValueError(f"{words[:1].upper()}{words[1:]}.") from None
    if not KNOBS[knob].acts(optimizer):
        words = KNOBS[knob].idle_words([optimizer])
        raise ValueError(f"{words[:1].upper()}{words[1:]}.")


def _with_rates(words: list[str]) -> tuple[list[str], list[float | None]]:
    """The names among the words, and the number that follows each, if one does. Raises ValueError for a number that
    follows none."""
    if any(_number(word) is not None and _number(before) is not None for before, word in pairwise(["0", *words])):
        raise ValueError("A learning rate stands behind its optimizer, like adam 0.001.")
    followed = [(word, _number(after)) for word, after in pairwise([*words, ""]) if _number(word) is None]
    return [name for name, _ in followed], [rate for _, rate in followed]


def _number(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return None
