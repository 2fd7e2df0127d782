"""Values to race: proposals for each knob, and what was typed."""

from __future__ import annotations

from engine.training.knob_kinds import Whole
from engine.training.knobs import KNOBS, Knobs
from tui.words.assignments import knob_value
from tui.words.usage_error import UsageError

Entry = tuple[str, tuple[float | str, ...]]  # a knob and its values

_MOST = 4


def proposals(knobs: Knobs, num_examples: int) -> dict[str, list[str]]:
    """Values worth racing, as text, by knob: around the present ones."""
    present = knobs.batch_in_effect(num_examples)
    sizes = sorted({min(max(1, int(present * 4.0**power)), num_examples) for power in range(-3, 4)})
    first = max(0, min(sizes.index(present) - 1, len(sizes) - _MOST))
    rates = [float(f"{knobs.learning_rate * factor:.3g}") for factor in (0.5, 1, 2, 4)]
    return {
        # Without momentum, Nesterov's is plain descent.
        "optimizer": ["sgd", "nesterov" if knobs.momentum else "adagrad", "rmsprop", "adam"],
        "batch_size": [str(size) for size in sizes[first : first + _MOST]],
        "learning_rate": [f"{rate:g}" for rate in rates],
    }


def entry(knob: str, text: str) -> Entry:
    """The values that were typed: two to four with commas between. Raises ValueError, in words, for anything else."""
    words = [word for word in text.replace(",", " ").split() if word]
    if not 2 <= len(words) <= _MOST:
        raise ValueError(f"A race is between two to four values, with commas between, not {len(words)}.")
    try:
        return knob, tuple(knob_value(knob, knob, word) for word in words)
    except UsageError:
        row = KNOBS[knob]
        wanted = "whole numbers" if isinstance(row.kind, Whole) else "numbers"
        raise ValueError(f"{row.title.capitalize()}s are {wanted}, like {row.example}.") from None
