"""Long measurements in short pieces, so that whoever takes them can do other things between.

A piece yields its work, in about nanoseconds: reckoned from its numbers, not timed, so that how far a measurement
has got depends on nothing but how often it was asked to go on.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TypeVar, cast

import numpy as np

from engine.objective import Array

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
