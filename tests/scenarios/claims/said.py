"""The form of the table: what the presets say, cut into lines.

Every word of a title, a summary, a briefing and a reference's source is in one line. A line holds the measures that
prove its words, or says why there is nothing to measure.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

ALL, MOST = 1.0, 0.9  # shares of the seeds
_KEYS = {"up": "↑", "down": "↓", "left": "←", "right": "→", "plus": "+"}


@dataclass(frozen=True)
class Measure:
    """A number that the words are about, and where it lies if they are true.

    how: what it is. value: of a seed. rate: of the seeds at least. seeds: how many the whole table takes, 1 where
    nothing is random. slow: too slow for the test suite.
    """

    how: str
    value: Callable[[int], float]
    low: float = -math.inf
    high: float = math.inf
    rate: float = ALL
    seeds: int = 20
    slow: bool = False

    def holds(self, value: float) -> bool:
        return self.low <= value <= self.high


@dataclass(frozen=True)
class Line:
    """Words of a preset. measures: what proves them; without any, `why` there is nothing to prove. keys: that the
    words name, each with the command that it is said to give."""

    words: str
    measures: tuple[Measure, ...] = ()
    why: str = ""
    keys: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Outcome:
    """A measure over some seeds. values: (seeds,)."""

    measure: Measure
    values: tuple[float, ...]

    @property
    def holds(self) -> bool:
        """True if the number lies where it should in as many seeds as the table asks for."""
        missed = sum(not self.measure.holds(value) for value in self.values)
        return missed <= (1 - self.measure.rate) * len(self.values) + 1e-9

    def __str__(self) -> str:
        measure, values = self.measure, np.array(self.values)
        wanted = f"{measure.low:g}" if measure.low == measure.high else f"{measure.low:g} … {measure.high:g}"
        wanted += "" if measure.rate == ALL else f" in {measure.rate:.0%}"
        spread = "" if len(values) == 1 else f" ({values.min():.4g} … {values.max():.4g})"
        held = f"{sum(map(measure.holds, self.values))}/{len(values)}"
        return (
            f"{'' if self.holds else 'FALSE '}{held}  {measure.how}: {np.median(values):.4g}{spread}; wanted {wanted}"
        )


def outcome(measure: Measure, seeds: Sequence[int]) -> Outcome:
    """Measure it with these seeds, fewer where fewer will do."""
    with np.errstate(all="ignore"):
        return Outcome(measure, tuple(float(measure.value(seed)) for seed in seeds[: measure.seeds]))


def number(how: str, value: Callable[[int], float], low: float, high: float, **options) -> Measure:
    """A number on which the seed has an influence; options: rate, seeds, slow."""
    return Measure(how, value, low, high, **options)


def exactly(how: str, value: Callable[[], float], low: float, high: float) -> Measure:
    """A number on which no seed has an influence."""
    return Measure(how, lambda seed: value(), low, high, seeds=1)


def true(how: str, value: Callable[[], object]) -> Measure:
    """A fact of the file or of its data."""
    return exactly(how, lambda: bool(value()), 1, 1)


def says(words: str, *measures: Measure) -> Line:
    """A claim."""
    assert measures
    return Line(words, measures)


def asks(words: str) -> Line:
    """A question, or an invitation to try or to look."""
    return Line(words, why="asks or invites, and states nothing")


def shows(words: str) -> Line:
    """An explanation of what a key does or of what the screen shows."""
    return Line(words, why="of the screen and its keys: tests/tui")


def titled(words: str) -> Line:
    """A title."""
    return Line(words, why="a title, for what the lines below measure")


def press(line: Line, **commands: str) -> Line:
    """The line with the keys that it names: `press(line, r="again")`."""
    return replace(line, keys=tuple((_KEYS.get(key, key), command) for key, command in commands.items()))
