"""Values of knobs as JSON and TOML can hold them: numbers and words; schedules and infinity as text."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from engine.plain_text import shortened
from engine.refusals import RefusalError
from engine.training.knob_kinds import Number
from engine.training.knobs import KNOBS, Knobs
from engine.training.schedules import Schedule

_INFINITE = "inf"

Plain = str | int | float


def as_plain(value: Any) -> Plain:
    """Return the value of a knob as a number or a word."""
    if isinstance(value, Schedule):
        return str(value)
    if value == math.inf:
        return _INFINITE
    plain: Plain = value
    return plain


def from_plain(knob: str, value: object) -> Any:
    """Return the value that `as_plain` wrote. Raises RefusalError for a knob that there is not, and for a value out of
    range."""
    if knob not in KNOBS:
        raise RefusalError(f"there is no knob {shortened(knob)}; there are {', '.join(KNOBS)}")
    kind = KNOBS[knob].kind
    return kind.checked(knob, math.inf if isinstance(kind, Number) and value == _INFINITE else value)


def set_otherwise(knobs: Knobs) -> dict[str, Plain]:
    """Return those that are not at their defaults, and the learning rate and the batch size, which everybody sets."""
    always = ("learning_rate", "batch_size")
    values = {name: getattr(knobs, name) for name in KNOBS}
    return {name: as_plain(value) for name, value in values.items() if name in always or value != KNOBS[name].default}


def knobs_of(values: Mapping[str, object]) -> Knobs:
    """Return the knobs that `set_otherwise` wrote. Raises RefusalError."""
    return Knobs(**{name: from_plain(name, value) for name, value in values.items()})
