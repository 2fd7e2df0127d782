"""Entries typed into the prompt: `learning_rate 0.3`, `learning rate 0.3`, `lr 0.3`, `optimizer=adam`, `speed 300`; a
bare value: the last knob's."""

from __future__ import annotations

import difflib
import re

from engine.plain_text import shortened
from engine.training.knob_kinds import Choice, Scheduled
from engine.training.knobs import KNOBS, Knobs
from engine.training.schedules import SCHEDULES
from tui.words import knob_steps as steps
from tui.words.assignments import FULL_SPEED, LABELS, as_word, check, full_name, knob_value, speed_value
from tui.words.usage_error import UsageError

SPEED = "speed"
_NAMES = (*KNOBS, SPEED)
_SPEED_EXAMPLE = "300"


def parse(text: str, last_knob: str) -> tuple[str, float | str | None]:
    """The knob, or `speed`, and its value; a value alone is for `last_knob`, or for the learning rate where it is a
    number and that knob takes none. Speed None is as fast as can be.

    Raises UsageError in words for what cannot be set.
    """
    name, value = split(text)
    if not value and name not in _NAMES:
        in_words = isinstance(KNOBS[last_knob].kind, Choice | Scheduled)
        name, value = "learning_rate" if in_words and _is_number(name) else last_knob, name
    if name not in _NAMES:
        near = difflib.get_close_matches(name, [*_NAMES, *LABELS], n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(_NAMES)}"
        raise UsageError(f"there is no knob {shortened(name)}; {hint}")
    if not value:
        raise UsageError(f"{name} needs a value, as in {example(name)}")
    if name == SPEED:
        return name, speed_value(name)(value)
    number = knob_value(name, name, value)
    check(name, name, number)
    return name, number


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def example(name: str) -> str:
    """An example of how it is written."""
    return f"{name} {_SPEED_EXAMPLE if name == SPEED else KNOBS[name].example}"


def complete(text: str, knobs: Knobs, length: int) -> str | None:
    """The likeliest text that begins like this one, with the present value where none is begun; None if there is none.

    length: in steps, for schedules.
    """
    name, value = split(text)
    if not name:
        return None
    if not value and not text.endswith((" ", "=")):
        typed = as_word(text)
        return next((known for known in _NAMES if known.startswith(typed) and known != typed), None)
    words = _words(name, length)
    if name in KNOBS and not words:
        words = [f"{getattr(knobs, name):g}"]
    found = next((word for word in words if word.startswith(value) and word != value), None)
    return text.removesuffix(value) + found if found else None


def _words(name: str, length: int) -> list[str]:
    """The values to choose from; none for a number."""
    if name == SPEED:
        return [FULL_SPEED]
    match KNOBS[name].kind if name in KNOBS else None:
        case Choice(names):
            return list(names)
        case Scheduled():
            return [str(steps.schedule_over(kind, length)) for kind in SCHEDULES]
    return []


def split(text: str) -> tuple[str, str]:
    """The full name and the value, parted by a blank or an equals sign. A name may be of two words, as on the screen;
    what is no name is the first word."""
    text = text.strip()
    gaps = [gap.span() for gap in re.finditer(r"[\s=]+", text)]
    for start, end in (*gaps[1:2], *gaps[:1], (len(text), len(text))):
        name = full_name(text[:start])
        if name in _NAMES:
            return name, text[end:].rstrip(" =\t")
    start, end = gaps[0] if gaps else (len(text), len(text))
    return text[:start], text[end:].rstrip(" =\t")
