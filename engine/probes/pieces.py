"""Long measurements in short pieces, so that whoever takes them can do other things between.

A piece yields its work, in about nanoseconds: reckoned from its numbers, not timed, so that how far a measurement
has got depends on nothing but how often it was asked to go on.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, Generic, TypeVar, cast

import numpy as np

from engine.model.objective import Array

T = TypeVar("T")
Pieces = Generator[float, None, T]
"""A measurement under way. It expects NumPy's warnings to be off, which a generator cannot see to itself."""

Product = Callable[[Array], Pieces[Array]]
"""The product of a matrix with a vector, by and by."""


def finish(pieces: Pieces[T]) -> T:
    """The result, after all pieces at once."""
    with np.errstate(all="ignore"):
        while True:
            try:
                next(pieces)
            except StopIteration as end:
                return cast("T", end.value)


def at_once(function: Callable[[Array], Array]) -> Product:
    """A product that is a single piece."""

    def product(vector: Array) -> Pieces[Array]:
        yield 0.0
        return np.asarray(function(vector), dtype=np.float64)

    return product


class Errand(Generic[T]):
    """One measurement after another, each carried on a little at a time.

    result: of the latest that ended, and `subject` what it was of; None before. under_way: what the present one is of.
    """

    def __init__(self) -> None:
        self.result: T | None = None
        self.subject: Any = None
        self.under_way: Any = None
        self._credit = 0.0
        self._pieces: Pieces[T] | None = None

    def begin(self, subject: Any, pieces: Pieces[T]) -> None:
        """Measure this, and give up what is under way."""
        self.under_way, self._pieces = subject, pieces

    def go_on(self, work: float, *, hurry: bool = False) -> None:
        """Measure on for about so much work; a piece that takes longer is made up for by the next calls, unless in a
        hurry."""
        self._credit = work if hurry else min(self._credit, 0.0) + work
        with np.errstate(all="ignore"):
            while self._pieces is not None and self._credit > 0:
                try:
                    self._credit -= next(self._pieces)
                except StopIteration as end:
                    self.result, self.subject = end.value, self.under_way
                    self.under_way = self._pieces = None
