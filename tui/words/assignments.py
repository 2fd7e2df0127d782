"""A knob and its value as text: on the command line, and in the dashboard's prompt. Standard library only."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable

from engine.bounds import FASTEST, MOST_STEPS, SLOWEST
from engine.plain_text import shortened
from engine.training.knob_kinds import Choice, Knob, Number, Scheduled, Whole
from engine.training.knobs import KNOBS, Knobs
from tui.words.usage_error import UsageError

FULL_SPEED = "full"
_METAVARS = {Number: "X", Whole: "N", Choice: "NAME", Scheduled: "KIND"}


LABELS = {knob.label: name for name, knob in KNOBS.items()}  # what the screen says for them where it has little room
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")


def full_name(text: str) -> str:
    """The name of a knob that is written as on the screen: `lr`, `learning rate`; any other text as it is."""
    name = as_word(text)
    name = LABELS.get(name, name)
    return name if name in KNOBS else text


def as_word(text: str) -> str:
    """The text as names are in the code, underscores in place of blanks and hyphens."""
    return re.sub(r"[\s-]+", "_", text.strip().lower())


def metavar(knob: Knob) -> str:
    """Return what stands for the knob's value in help and prompt."""
    return _METAVARS[type(knob.kind)]


def known_knob(where: str, knob: str) -> None:
    """Raises UsageError, beginning with `where`, for a knob that there is not."""
    if knob not in KNOBS:
        near = difflib.get_close_matches(knob, KNOBS, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(KNOBS)}"
        raise UsageError(f"{where}there is no knob {shortened(knob)}; {hint}")


def knob_value(where: str, knob: str, text: str) -> float | str:
    """A number or a word; which of them are possible is `check`'s to say, except that whole numbers stay within
    reason."""
    match KNOBS[knob].kind:
        case Choice(names):
            return as_word(text) if as_word(text) in names else text
        case Scheduled():
            return text
        case Whole(least):
            return whole_number(where, least=least)(_plain(text))
    try:
        return float(_plain(text))
    except ValueError:
        raise UsageError(f"{where} must be a number, not {shortened(text)}") from None


def _plain(text: str) -> str:
    """A number without the commas of its thousands, with which the screen writes it."""
    return text.replace(",", "") if _THOUSANDS.fullmatch(text) else text


def check(where: str, knob: str, value: float | str) -> None:
    """Raises UsageError, beginning with `where`, for a value that the engine would refuse."""
    try:
        Knobs(**{knob: value})  # type: ignore[arg-type]  # a knob's value has its type from `knob_value`
    except ValueError as error:  # it begins with the knob's name
        raise UsageError(where + str(error).removeprefix(knob)) from None


def speed_value(where: str) -> Callable[[str], float | None]:
    """A function that reads a speed in steps a second, None for `full`, or raises UsageError that begins with
    `where`."""

    def parse(text: str) -> float | None:
        if text == FULL_SPEED:
            return None
        try:
            speed = float(_plain(text))
        except ValueError:
            speed = math.nan
        if not SLOWEST <= speed <= FASTEST:
            raise UsageError(
                f"{where} must be {FULL_SPEED}, or steps a second from {SLOWEST:g} to {FASTEST:,.0f}, "
                f"not {shortened(text)}"
            )
        return speed

    return parse


def whole_number(where: str, *, least: int, most: int = MOST_STEPS) -> Callable[[str], int]:
    """A function that reads a whole number within these, or raises UsageError that begins with `where`."""

    def parse(text: str) -> int:
        try:
            number = int(text)
        except ValueError:  # also for more digits than Python reads
            number = least - 1
        if not least <= number <= most:
            raise UsageError(f"{where} must be a whole number from {least} to {most:,}, not {shortened(text)}")
        return number

    return parse
