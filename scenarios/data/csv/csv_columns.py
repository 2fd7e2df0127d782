"""The columns of a table, from the entries that pandas hands over to numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from engine.plain_text import plain
from scenarios.data.csv.number_texts import MISSING, NumberStyle, is_missing, unquoted
from scenarios.data.splitting import Array

if TYPE_CHECKING:
    import pandas as pd

MAX_CATEGORIES = 50
FOREIGN = np.inf  # stands for an entry that is no number in a column of numbers


@dataclass
class Column:
    """A column of a table. name: of it. style: how its numbers are written; None for texts. is_named: whether the file
    names it. is_dates: whether its texts are dates. example: an entry. categories: the texts so far, each with its
    number. overflows: whether there are more of them than count. other_marks: an entry that is a number by another
    decimal mark than the others, and how many such there are. cases: the texts in small letters, each as it was met
    first; other_cases: one that was met so, and with other capitals as well."""

    name: str
    style: NumberStyle | None
    is_named: bool = True
    is_dates: bool = False
    example: str = ""
    categories: dict[str, int] = field(default_factory=dict)
    overflows: bool = False
    other_marks: tuple[str, int] = ("", 0)
    other_cases: tuple[str, str] | None = None
    cases: dict[str, str] = field(default_factory=dict)

    @property
    def is_text(self) -> bool:
        """Tell whether the column is of texts."""
        return self.style is None

    def read(self, entries: pd.Series, into: Array) -> None:
        """(N,) the numbers, or those of the categories, into `into`: NaN where missing, beyond LARGEST where there is
        no number to train on. Zeros, once there are too many categories."""
        if entries.dtype.kind in "iuf":
            into[:] = entries.to_numpy()
        elif self.overflows:
            into[:] = 0.0
        else:
            codes, texts = entries.factorize(use_na_sentinel=True)
            counts = np.bincount(codes[codes >= 0], minlength=len(texts))
            numbers = np.array([self._number(str(text), count) for text, count in zip(texts, counts, strict=True)])
            into[:] = np.append(numbers, np.nan)[codes]  # −1, nothing at all, is the last one

    def _number(self, text: str, count: int) -> float:
        if self.style:
            number = self.style.number(text)
            if number is not None and self.style.is_other(text):
                self.other_marks = (self.other_marks[0] or text, self.other_marks[1] + int(count))
            return FOREIGN if number is None else number
        if is_missing(text, MISSING):
            return np.nan
        name = self._first_met(category(text))
        self.overflows |= len(self.categories) >= MAX_CATEGORIES and name not in self.categories
        return 0.0 if self.overflows else float(self.categories.setdefault(name, len(self.categories)))

    def _first_met(self, name: str) -> str:
        """The category as it was met first, whatever its capitals; a single letter may stand for another thing."""
        if len(name) == 1:
            return name
        first = self.cases.setdefault(name.casefold(), name)
        if first != name and self.other_cases is None:
            self.other_cases = first, name
        return first


@dataclass
class Table:
    """A table that has been read. columns: those in use, the target last. values: (columns, N) as `Column.take` has
    them. too_long: numbers of the lines that have too many entries and are left out. notes: sentences on what was
    guessed."""

    columns: list[Column]
    values: Array
    too_long: list[int]
    notes: list[str] = field(default_factory=list)


def category(text: str) -> str:
    """The text with single spaces, and none at its ends: what makes no difference."""
    return plain(unquoted(" ".join(text.split())))
