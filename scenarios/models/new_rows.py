"""New rows to predict for: the columns that a model needs, read from a table of text as the training's was.

The model says what its columns are called and what they hold; so nothing is guessed but the separator and how numbers
are written, and a row is never left out: what cannot be read is refused, with line and column.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from engine.plain_text import counted, did_you_mean, plain, shown_path
from scenarios.data.csv import table_text
from scenarios.data.csv.csv_columns import category
from scenarios.data.csv.csv_layout import Layout, check_quotes, distinct, lines_of_data, quoted, usual_decimal
from scenarios.data.csv.number_texts import is_missing, sample, unquoted
from scenarios.data.splitting import Array
from scenarios.models.trained_model import TrainedModel, categories_in_words, unknown_category
from scenarios.scenario_error import ScenarioError

_SEPARATORS = (",", ";", "\t", "|", " ")
_MOST_ABOVE = 50  # lines above the names of the columns
_JUDGED = 2_000  # rows from which is found out how a column's numbers are written
_ROWS = 4_096  # at a time

Table = dict[str, Array | list[str]]


def read_rows(path: Path, model: TrainedModel) -> Iterator[Table]:
    """The rows of a table in pieces, each as its columns by name: numbers, and texts that the model knows.

    Raises ScenarioError, naming file, line and column.
    """
    try:
        layout = _layout(path, table_text.head(path), model)
    except UnicodeDecodeError:
        encoding, _ = table_text.not_utf8(path)
        layout = _layout(path, table_text.head(path, encoding=encoding), model)
    check_quotes(path, layout)
    columns = _columns(path, layout, model)
    lines = lines_of_data(path, layout)
    while piece := list(islice(lines, _ROWS)):
        for line, entries in piece:
            if len(entries) != len(layout.names) and any(map(str.strip, entries[len(layout.names) :])):
                held, named = counted(len(entries), "entry", "entries"), counted(len(layout.names), "column")
                raise ScenarioError(f"{shown_path(path)}: line {line:,} has {held}, for {named}")
        yield {column.name: column.read(piece) for column in columns}


def _layout(path: Path, head: table_text.TableText, model: TrainedModel) -> Layout:
    """The layout of a table whose line of names has as many of the model's columns as there can be found."""
    best: tuple[int, int, str, int, list[str]] = (0, 0, ",", 0, [])
    for separator in _SEPARATORS:
        for place, (end, entries) in enumerate(islice(_records(head.text, separator), _MOST_ABOVE)):
            names = [plain(unquoted(entry.strip())) for entry in entries]
            known = len(set(names) & set(model.columns))
            if (known, -place) > best[:2]:
                best = known, -place, separator, end, names
    known, _, separator, end, names = best
    if not known:
        wanted = ", ".join(map(quoted, list(model.columns)[:10])) + (", …" if len(model.columns) > 10 else "")
        raise ScenarioError(
            f"{shown_path(path)}: no line names any of the columns that the model needs: {wanted}; the first line of "
            "the table must"
        )
    above = "".join(islice(io.StringIO(head.text, newline=""), end))
    names = list(distinct(names, []))
    return Layout(separator, head.encoding, above, end + 1, tuple(names), (), head.whole, f"{separator} " in head.text)


def _records(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """The lines of the text that hold something: their entries, and how many lines there are up to their end."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    try:
        for entries in reader:
            if any(entry.strip() for entry in entries):
                yield reader.line_num, entries
    except csv.Error:  # an endless entry: reading the rows says which
        return


@dataclass(frozen=True)
class _Column:
    """A column that the model needs. place: among the entries of a line. number: of an entry; None for what is none."""

    path: Path
    name: str
    place: int
    known: tuple[str, ...]
    number: Callable[[str], float | None]

    def read(self, lines: list[tuple[int, list[str]]]) -> Array | list[str]:
        """The entries of these lines. Raises ScenarioError."""
        entries = [entries[self.place].strip() if self.place < len(entries) else "" for _, entries in lines]
        if self.known:
            return [self._category(line, entry) for (line, _), entry in zip(lines, entries, strict=True)]
        return np.array([self._number(line, entry) for (line, _), entry in zip(lines, entries, strict=True)])

    def _number(self, line: int, entry: str) -> float:
        if is_missing(entry):
            raise self._refusal(line, f"{self._nothing(entry)} in the column {quoted(self.name)}")
        number = self.number(entry)
        if number is None:
            raise self._refusal(line, f"{quoted(entry)} in the column {quoted(self.name)} is no number")
        return number

    def _category(self, line: int, entry: str) -> str:
        text = category(entry)
        if text in self.known:
            return text
        alike = [known for known in self.known if len(text) > 1 and known.casefold() == text.casefold()]
        if len(alike) == 1:
            return alike[0]
        if is_missing(entry):
            raise self._refusal(line, f"{self._nothing(entry)} in the column {quoted(self.name)}")
        had = f"; it had {categories_in_words(self.known)}"
        raise self._refusal(line, f"{unknown_category(self.name, text)}{did_you_mean(text, self.known) or had}")

    def _nothing(self, entry: str) -> str:
        return f"{quoted(entry)} stands for a missing value" if entry else "there is no value"

    def _refusal(self, line: int, reason: str) -> ScenarioError:
        return ScenarioError(f"{shown_path(self.path)}: line {line:,}: {reason}")


def _columns(path: Path, layout: Layout, model: TrainedModel) -> list[_Column]:
    """The columns that the model needs. Raises ScenarioError where one is missing."""
    missing = [name for name in model.columns if name not in layout.names]
    if missing:
        there = [name for name in layout.names if name not in model.columns]
        hint = did_you_mean(missing[0], there) or f"; there are {', '.join(map(quoted, layout.names[:10]))}"
        more = f", and {len(missing) - 1:,} more" if len(missing) > 1 else ""
        raise ScenarioError(f"{shown_path(path)}: the column {quoted(missing[0])}{more} is missing{hint}")
    judged = [entries for _, entries in islice(lines_of_data(path, layout), _JUDGED)]
    places = {name: layout.names.index(name) for name in model.columns}
    samples = {
        name: sample([entries[place] for entries in judged if place < len(entries)])
        for name, place in places.items()
        if not model.columns[name]
    }
    usual = usual_decimal(samples.values())
    return [
        _Column(path, name, place, model.columns[name], samples[name].style(usual, layout.separator).number)
        if name in samples
        else _Column(path, name, place, model.columns[name], lambda entry: None)
        for name, place in places.items()
    ]
