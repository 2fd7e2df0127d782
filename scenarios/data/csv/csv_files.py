"""One's own data: a table of text, read into numbers.

`table_text` and `csv_layout` find text and layout, this one reads the columns, `csv_roles` says what each is for.
pandas reads what is plainly a number; entries that are written otherwise (thousands marks, currency …) stay texts and
are read by `number_texts`, each different one once.
"""

from __future__ import annotations

import difflib
import re
import warnings
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from engine.plain_text import counted, plain
from scenarios.data.csv import table_text
from scenarios.data.csv.csv_columns import FOREIGN, Column, Table
from scenarios.data.csv.csv_layout import Layout, check_quotes, find_layout, lines_of_data, quoted
from scenarios.data.csv.csv_roles import OwnData, own_data
from scenarios.data.csv.number_texts import MISSING_NUMBER, NumberStyle, Sample, is_missing
from scenarios.data.splitting import Array
from scenarios.files.data_sources import MAX_CLASSES, MAX_NUMBERS, CsvData
from scenarios.scenario_error import ScenarioError

MAX_ROWS = 1_000_000
_CHUNK_NUMBERS = 1_000_000
_ONE_IN = 20  # lines may be of a foreign kind
_LONG_HEAD_BYTES = 64_000_000
_ROOM = 1.25  # times as many lines as there seem to be: pandas has read ahead, and to make room again is a copy of all

Progress = Callable[[float], None]  # told the share that is done


def read_table(path: Path, description: CsvData, progress: Progress) -> OwnData:
    """The table in a file; the same file gives the same bits. Raises ScenarioError, naming file and line; OSError."""
    layout = find_layout(path, table_text.head(path))
    try:
        table = _table(path, layout, description, progress)
    except UnicodeDecodeError:
        encoding, note = table_text.not_utf8(path)
        head = table_text.head(path, encoding=encoding)
        layout = find_layout(path, table_text.TableText(head.text, encoding, head.whole, note))
        table = _table(path, layout, description, progress)
    if not layout.whole and _is_misjudged(table):
        layout = find_layout(path, table_text.head(path, _LONG_HEAD_BYTES, layout.encoding))
        table = _table(path, layout, description, progress)
    return own_data(path, layout, table, description)


def _table(path: Path, layout: Layout, description: CsvData, progress: Progress) -> Table:
    styles = layout.styles()
    places, notes = _chosen(path, layout, description)
    columns = [
        Column(
            layout.names[place],
            styles[place],
            is_named=place not in layout.unnamed,
            is_dates=styles[place] is None and layout.samples[place].is_dates,
            example=_example(layout.samples[place], styles[place]),
        )
        for place in places
    ]
    table = _Reading(path, layout, places, columns).table(progress)
    table.notes = notes
    return table


def _example(sample: Sample, style: NumberStyle | None) -> str:
    """An entry that is as it should be; another one, where there is none such; empty, where all are missing."""
    present = [text for text in sample.entries if not is_missing(text)]
    fitting = (text for text in present if style is None or style.number(text) is not None)
    return next(fitting, present[0] if present else "")


def _is_misjudged(table: Table) -> bool:
    """Tell whether the beginning of the file was not like the rest of it: a number column is full of texts, or of
    numbers with the other decimal mark."""
    rows = table.values.shape[1]
    foreign = [int((values == FOREIGN).sum()) for values in table.values]
    return any(
        wrong * _ONE_IN > rows + _ONE_IN or 2 * column.other_marks[1] > rows
        for wrong, column in zip(foreign, table.columns, strict=True)
    )


def _chosen(path: Path, layout: Layout, description: CsvData) -> tuple[list[int], list[str]]:
    """Places of the columns in use: the features, then the target; and a sentence where the target was guessed."""

    def place(name: str, key: str) -> int:
        if name in layout.names:
            return layout.names.index(name)
        shown = plain(name).strip()  # as the columns are called
        if shown in layout.names:
            return layout.names.index(shown)
        near = difflib.get_close_matches(shown, layout.names, n=3, cutoff=0.6)
        known = [quoted(column) for column in near or layout.names[:10]]
        hint = f"did you mean {' or '.join(known)}?" if near else f"there are {', '.join(known)}"
        more = ", …" if not near and len(layout.names) > len(known) else ""
        raise ScenarioError(f"{path}: the {key} {quoted(shown)} is no column of it; {hint}{more}")

    dropped = {place(name, "column to drop") for name in description.drop}
    there = [column for column in range(len(layout.names)) if column not in dropped]
    telling = [column for column in there if column not in layout.unnamed or layout.samples[column].is_filled]
    if not telling:
        raise ScenarioError(f"{path}: no column is left; drop fewer of them")
    notes = []
    if description.target is not None:
        target = place(description.target, "target")
    else:
        target = telling[-1]
        possible = (column for column in reversed(telling) if layout.samples[column].may_be_target(MAX_CLASSES))
        best = next(possible, target)
        if len(telling) > 2 and best != target:
            last, target = layout.names[target], best
            notes.append(
                f"the target is {quoted(layout.names[target])}, for the last column, {quoted(last)}, is neither "
                f"numbers nor at most {MAX_CLASSES} classes; --target names another one"
            )
    if target in dropped:
        raise ScenarioError(f"{path}: the target {quoted(layout.names[target])} cannot be dropped as well")
    if description.features is None:
        return [*(column for column in there if column != target), target], notes
    features = [place(name, "feature") for name in description.features]
    if target in features:
        raise ScenarioError(f"{path}: the target {quoted(layout.names[target])} cannot be a feature as well")
    return [*(column for column in dict.fromkeys(features) if column not in dropped), target], notes


class _Reading:
    """The bulk of a file, on its way through pandas."""

    def __init__(self, path: Path, layout: Layout, places: list[int], columns: list[Column]) -> None:
        self.path, self.layout, self.places, self.columns = path, layout, places, columns
        self.too_long: list[int] = []
        plain = [
            (place, column.style.decimal)
            for place, column in zip(places, columns, strict=True)
            if column.style and self._is_plain(column.style, layout.samples[place])
        ]
        self.decimal = max(".,", key=[decimal for _, decimal in plain].count)  # that of most; others are read as texts
        self.by_pandas = {place for place, decimal in plain if decimal == self.decimal}

    @staticmethod
    def _is_plain(style: NumberStyle, sample: Sample) -> bool:
        return not style.affixes and all(map(style.is_plain, islice(sample.numbers, 1000)))

    def table(self, progress: Progress) -> Table:
        """The whole of it, written column by column into memory for as many lines as there seem to be."""
        values = np.empty((len(self.columns), 0))
        rows = 0
        for frame, share in self._frames():
            begin, rows = rows, rows + len(frame)
            self._check_size(rows)
            if values.shape[1] < rows:
                values = _with_room(values, begin, round(rows / share * _ROOM) if share < 1 else rows)
            for place, column, into in zip(self.places, self.columns, values, strict=True):
                column.read(frame[place], into[begin:rows])
            progress(share)
        if len(self.too_long) > max(rows // _ONE_IN, rows >= 10):
            self._refuse_ragged()
        return Table(self.columns, values[:, :rows], self.too_long)

    def _check_size(self, rows: int) -> None:
        if rows > MAX_ROWS:
            raise ScenarioError(f"{self.path}: has more than {MAX_ROWS:,} lines of data; at most that many are read")
        if rows * len(self.columns) > MAX_NUMBERS:
            most = MAX_NUMBERS // len(self.columns)
            raise ScenarioError(
                f"{self.path}: has more than {most:,} lines of {len(self.columns)} columns; at most "
                f"{MAX_NUMBERS:,} numbers are read"
            )

    def _options(self) -> dict[str, Any]:
        # Words that are floats, nan and inf, cost a third of the time: only where there are any.
        met = {text for place in self.by_pandas for text in self.layout.samples[place].entries if is_missing(text)}
        known = (form for word in MISSING_NUMBER for form in (word, word.upper(), word.title()))
        words = sorted(met.union(word for word in known if not re.search("nan|inf", word, re.IGNORECASE)))
        return {
            "sep": r"\s+" if self.layout.separator == " " else self.layout.separator,
            "decimal": self.decimal,
            "header": None,
            "names": range(len(self.layout.names)),
            "index_col": False,
            "dtype": {place: str for place in self.places if place not in self.by_pandas},
            "keep_default_na": False,
            "na_values": dict.fromkeys(self.by_pandas, words),
            "skipinitialspace": self.layout.has_blanks,
            "on_bad_lines": "warn",  # they are counted
            "low_memory": False,
            "engine": "c",
        }

    def _frames(self) -> Iterator[tuple[pd.DataFrame, float]]:
        """The lines in pieces, each with the share of the file that has been read."""
        size = max(1, table_text.stamp(self.path)[1])
        content, file = table_text.bytes_below(self.path, self.layout.encoding, self.layout.above)
        rows = max(1, _CHUNK_NUMBERS // len(self.layout.names))
        with content:
            with self._in_words():
                frames = pd.read_csv(content, chunksize=rows, **self._options())
            while True:
                with self._in_words():
                    frame = next(frames, None)
                if frame is None:
                    return
                yield frame, 1.0 if file.closed else min(1.0, file.tell() / size)

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """Word what pandas finds wrong, by line and column: raises ScenarioError."""
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always", pd.errors.ParserWarning)
                yield
            for warning in caught:
                lines = re.findall(r"Skipping line (\d+)", str(warning.message))
                self.too_long += [int(line) + self.layout.first_line - 1 for line in lines]
        except pd.errors.EmptyDataError:
            raise ScenarioError(f"{self.path}: has no line of data below the names of the columns") from None
        except UnicodeDecodeError:
            raise
        except (ValueError, OverflowError, EOFError, zlib.error) as error:
            check_quotes(self.path, self.layout)
            self._refuse_short()
            words = " ".join(str(error).split())[:100]
            raise ScenarioError(f"{self.path}: cannot be read as CSV: {words}") from None

    def _refuse_short(self) -> None:
        width = len(self.layout.names)
        records = list(islice(lines_of_data(self.path, self.layout), 100))
        if records and all(len(record) < width for _, record in records):
            line, record = records[0]
            raise ScenarioError(
                f"{self.path}: line {line:,} has {len(record)} {'entry' if len(record) == 1 else 'entries'}, but the "
                f"table has {width} columns, separated by {self.layout.separator_name}"
            )

    def _refuse_ragged(self) -> None:
        width = len(self.layout.names)
        for line, record in lines_of_data(self.path, self.layout):
            if len(record) > width:
                number = len(self.too_long)
                such = f"{counted(number, 'line')} {'is' if number == 1 else 'are'} such"
                raise ScenarioError(
                    f"{self.path}: line {line:,} has {len(record)} entries, but the table has {width} columns, "
                    f"separated by {self.layout.separator_name}; {such}"
                )


def _with_room(values: Array, rows: int, wanted: int) -> Array:
    """The first rows of all columns, with room for as many as are wanted: what is not written to takes no memory."""
    found = np.empty((len(values), min(wanted, MAX_ROWS + _CHUNK_NUMBERS)))
    found[:, :rows] = values[:, :rows]
    return found
