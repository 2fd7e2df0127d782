"""Values to race: proposals for each kind of race, and what was typed."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from engine.training.knob_kinds import Whole
from engine.training.knobs import KNOBS, USUAL_RATES, Knobs
from tui.words.assignments import knob_value
from tui.words.usage_error import UsageError

USUAL = "usual_rates"  # a race of optimizers, each at its usual rate; the other kinds are named as their knob
_MOST = 4


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
    }


def entry(kind: str, text: str) -> Entry:
    """The values that were typed: two to four with commas between, optimizers also with a learning rate behind each.
    Raises ValueError, in words, for anything else."""
    knob = "optimizer" if kind == USUAL else kind
    words = [word for word in text.replace(",", " ").split() if word]
    rates: list[float | None] = []
    if knob == "optimizer":
        words, rates = _with_rates(words)
    if not 2 <= len(words) <= _MOST:
        raise ValueError(f"A race is between two to four values, with commas between, not {len(words)}.")
    try:
        values = tuple(knob_value(knob, knob, word) for word in words)
    except UsageError:
        row = KNOBS[knob]
        wanted = "whole numbers" if isinstance(row.kind, Whole) else "numbers"
        raise ValueError(f"{row.title.capitalize()}s are {wanted}, like {row.example}.") from None
    return Entry(knob, values, tuple(rates) if any(rate is not None for rate in rates) else ())


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
