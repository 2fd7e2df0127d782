"""Common ground of all tables of a scenario file.

The files with tables do without `from __future__ import annotations`: msgspec reads the types of the fields, and as
texts it would have to compile each of them, which takes 2 ms of every start.
"""

import math
from typing import Annotated

from msgspec import Meta, Struct

from engine.bounds import LARGEST, MOST_SEED, MOST_STEPS

Positive = Annotated[float, Meta(gt=0)]
NotNegative = Annotated[float, Meta(ge=0)]
Count = Annotated[int, Meta(ge=1, le=MOST_STEPS)]  # of steps, epochs, examples
CountFromZero = Annotated[int, Meta(ge=0, le=MOST_STEPS)]
Seed = Annotated[int, Meta(ge=0, le=MOST_SEED)]


class Table(Struct, frozen=True, forbid_unknown_fields=True):
    """A table whose keys are its fields; numbers in it are finite."""

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            for number in value if isinstance(value, tuple) else (value,):
                if isinstance(number, float) and not math.isfinite(number):
                    raise ValueError(f"{name}: must be finite")

    def check_sizes(self) -> None:
        """Raise ValueError, beginning with the key, for a number in this table, or in one within, beyond 1e100."""
        for name in self.__struct_fields__:
            value = getattr(self, name)
            for part in value if isinstance(value, tuple) else (value,):
                if isinstance(part, float) and abs(part) > LARGEST:
                    raise ValueError(f"{name}: must be from −{LARGEST:g} to {LARGEST:g}".replace("e+", "e"))
                if isinstance(part, Table):
                    try:
                        part.check_sizes()
                    except ValueError as error:
                        raise ValueError(f"{name}.{error}") from None
