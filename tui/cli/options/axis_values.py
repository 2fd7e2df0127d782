"""Values of a knob for an axis of a sweep, as they are typed. Standard library only."""

from __future__ import annotations

import math
from typing import Any

from engine.plain_text import counted, shortened
from engine.training.knob_kinds import Choice, Scheduled, Whole
from engine.training.knobs import KNOBS
from tui.words.assignments import check, knob_value
from tui.words.usage_error import UsageError

_MOST_VALUES = 100_000
_DIGITS = 6  # of the values of a range


def axis_values(where: str, knob: str, text: str) -> tuple[Any, ...]:
    """Return the values of a knob, each once, numbers in rising order, of a value, a list as
    1,2,4 or a range FROM:TO:COUNT.

    The values of a range have equal factors between them, or with :linear behind it equal differences; they are
    rounded to six digits, whole numbers to whole ones, of which doubles are left out. Raises UsageError that begins
    with `where`.
    """
    kind = KNOBS[knob].kind
    if isinstance(kind, Choice | Scheduled):
        values = [_checked(where, knob, part) for part in _words(text)]
    elif ":" in text:
        values = _range(where, knob, text)
    else:
        values = sorted(_checked(where, knob, part) for part in text.split(","))
    seen = set()
    for value in values:
        if value in seen:
            raise UsageError(f"{where}: {value} is there twice")
        seen.add(value)
    return tuple(values)


def _words(text: str) -> list[str]:
    """The parts of a list; a number of a schedule, as in cosine:steps=50,floor=0.1, belongs to what is before."""
    parts: list[str] = []
    for part in text.split(","):
        if parts and "=" in part and ":" not in part:
            parts[-1] += f",{part}"
        else:
            parts.append(part)
    return parts


def _checked(where: str, knob: str, text: str) -> Any:
    value: Any = knob_value(where, knob, text.strip())
    check(where, knob, value)
    return value


def _range(where: str, knob: str, text: str) -> list[Any]:
    parts = text.split(":")
    if not (len(parts) == 3 or (len(parts) == 4 and parts[3] == "linear")):
        raise UsageError(f"{where}: a range is FROM:TO:COUNT, or FROM:TO:COUNT:linear, not {shortened(text)}")
    first, last = (_checked(where, knob, part) for part in parts[:2])
    try:
        count = int(parts[2])
    except ValueError:
        count = 0
    if not 2 <= count <= _MOST_VALUES:
        words = f"of a range's values there must be from 2 to {_MOST_VALUES:,}, not {shortened(parts[2])}"
        raise UsageError(f"{where}: {words}; for one value write just that")
    if not first < last:
        raise UsageError(f"{where}: a range goes up, but {first:g} is not below {last:g}")
    if len(parts) == 3 and not first > 0:
        raise UsageError(f"{where}: a range of equal factors begins above 0; write {text}:linear for equal steps")
    if not math.isfinite(last):
        raise UsageError(f"{where}: a range ends at a finite number, not {last:g}")
    between = [_between(first, last, k / (count - 1), linear=len(parts) == 4) for k in range(1, count - 1)]
    if isinstance(KNOBS[knob].kind, Whole):
        return sorted({first, last, *(round(value) for value in between)})
    values = [first, *(float(f"{value:.{_DIGITS}g}") for value in between), last]
    if len(set(values)) < count:
        raise UsageError(f"{where}: {counted(count, 'value')} from {first:g} to {last:g} are too close together")
    return values


def _between(first: float, last: float, share: float, *, linear: bool) -> float:
    return first + share * (last - first) if linear else math.exp(math.log(first) + share * math.log(last / first))
