"""Kinds of values that a knob may have, and a row of the table of knobs. Standard library only."""

from __future__ import annotations

import math
from collections.abc import Iterable
from numbers import Integral, Real
from typing import Any, NamedTuple

from engine.plain_text import did_you_mean, shortened
from engine.refusals import RefusalError
from engine.training.schedules import Schedule, parse


class Number(NamedTuple):
    """A number within a range. least, above, below: its ends, where it has them. infinite: may be infinite."""

    least: float | None = None
    above: float | None = None
    below: float | None = None
    infinite: bool = False

    def checked(self, name: str, value: object) -> float:
        """Return the value as a float. Raises RefusalError, beginning with the name, for one out of range."""
        number = math.inf if self.infinite and value == math.inf else _as_float(value)
        high = self.below is None or number < self.below
        low = (self.least is None or number >= self.least) and (self.above is None or number > self.above)
        if not (low and high and (self.infinite or math.isfinite(number))):
            raise RefusalError(f"{name} must be {self._range()}, not {shortened(value)}")
        return number

    def _range(self) -> str:
        start = f"above {self.above:g}" if self.above is not None else f"at least {self.least:g}"
        if self.below is not None:
            return f"{start} and below {self.below:g}"
        if self.infinite:
            return start
        return f"a finite number {start.replace('at least', 'of at least')}"


class Whole(NamedTuple):
    """A whole number."""

    least: int

    def checked(self, name: str, value: object) -> int:
        """Return the value as an int. Raises RefusalError, beginning with the name, for anything else."""
        if not isinstance(value, Integral) or isinstance(value, bool) or value < self.least:
            raise RefusalError(f"{name} must be a whole number of at least {self.least}, not {shortened(value)}")
        return int(value)


COUNT = Whole(least=0)


class Choice(NamedTuple):
    """One of some names."""

    names: tuple[str, ...]

    def checked(self, name: str, value: object) -> Any:
        """Return the value. Raises RefusalError, beginning with the name, for one that there is not."""
        if value not in self.names:
            hint = did_you_mean(str(value), self.names)
            raise RefusalError(f"{name} must be one of {', '.join(self.names)}, not {shortened(value)}{hint}")
        return value


class Scheduled(NamedTuple):
    """A schedule of the learning rate, or the text that `engine.training.schedules.parse` reads."""

    def checked(self, name: str, value: object) -> Schedule:
        """Return the schedule. Raises RefusalError, beginning with the name, for anything else."""
        if isinstance(value, str):
            try:
                return parse(value)
            except ValueError as error:
                raise RefusalError(f"{name} {error}") from None
        if not isinstance(value, Schedule):
            raise RefusalError(f"{name} must be one of engine.training.schedules, or text, not {shortened(value)}")
        return value


class Knob(NamedTuple):
    """A row of the table of knobs.

    words: of what it is, for help and prompt. example: a value as it is typed. label: its name where there is little
    room. ladder: the values that keys go through, one after the other; without them it has no keys, or keys that know
    how to go on from any value. acts_with: the optimizers that it acts with, all of them where there are none here.
    quiet: shown only where it is not at its default.
    """

    name: str
    default: Any
    kind: Number | Whole | Choice | Scheduled
    words: str
    example: str
    label: str
    ladder: tuple[float, ...]
    acts_with: tuple[str, ...]
    quiet: bool

    @property
    def about(self) -> str:
        """Words for what it is, which names there are, and which optimizers it acts with."""
        names = ", ".join(self.kind.names) if isinstance(self.kind, Choice) else ""
        optimizers = f"for {listed(self.acts_with)}" if self.acts_with else ""
        return "; ".join(part for part in (self.words, names, optimizers) if part)

    def acts(self, optimizer: str) -> bool:
        """Return whether it acts with this optimizer."""
        return not self.acts_with or optimizer in self.acts_with

    def idle_words(self, optimizers: Iterable[str]) -> str:
        """Return a sentence that says why it does not act with these."""
        return f"{self.title} acts with {listed(self.acts_with)}, not with {listed(optimizers)}"

    @property
    def title(self) -> str:
        """The name as people write it."""
        return self.name.replace("_", " ")


def listed(names: Iterable[str]) -> str:
    """The names as in `sgd and nesterov`, or `sgd, nesterov and adam`."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _as_float(value: object) -> float:
    """The value as a float; NaN for what is no number, or none that a float can hold. A bool is not meant as one."""
    try:
        return float(value) if isinstance(value, Real) and not isinstance(value, bool) else math.nan
    except OverflowError:
        return math.nan
