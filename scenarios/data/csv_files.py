"""One's own data: a CSV file, read into numbers by pandas.

The rules, which docs/scenarios.md tells the user: a column is of numbers where all its entries are (of the first
10,000 lines; a text further down is refused), otherwise of categories. A category column with k of them becomes
k − 1 columns of 0 and 1. Columns that tell nothing are left out, then lines with a missing value; both are said.
"""

from __future__ import annotations

import difflib
import math
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from engine.plain_text import plain
from scenarios.data.csv_columns import Column, data_set
from scenarios.data.csv_layout import MISSING, Layout, find_layout, not_utf8, opened, quoted, records
from scenarios.data.splitting import Array, DataSet
from scenarios.files.data_sources import MAX_NUMBERS, CsvData
from scenarios.files.outside_files import unreadable
from scenarios.scenario_error import ScenarioError

MAX_ROWS = 1_000_000
_HEAD_ROWS = 10_000
_CHUNK_NUMBERS = 1_000_000
_HUGE = 1e100  # squares of it, summed up, are far from overflowing

Progress = Callable[[float], None]  # told the share that is done


@dataclass(frozen=True)
class OwnData:
    """The content of a user's CSV file. data: all of the examples, for training. target: the name of its column. notes:
    sentences about what was left out, or has changed on the way."""

    data: DataSet
    target: str
    notes: tuple[str, ...]

    @property
    def num_examples(self) -> int:
        return len(self.data.targets)

    @property
    def num_features(self) -> int:
        return len(self.data.features)

    @property
    def num_classes(self) -> int:
        return len(self.data.classes)


_latest: dict[tuple[Any, ...], OwnData] = {}  # the last one read, since every run asks for its data again


def read(description: CsvData, progress: Progress = lambda share: None) -> OwnData:
    """The table in a CSV file; the same file gives the same bits on the same kind of processor.

    Raises ScenarioError, naming file and line.
    """
    path = Path(description.path)
    layout = find_layout(path)
    try:
        stamp = path.stat()
    except OSError as error:
        raise unreadable(path, error) from None
    key = (path, stamp.st_mtime_ns, stamp.st_size, description.target, description.features, description.classes)
    if key not in _latest:
        forget()
        table = _Table(path, layout, _chosen(path, layout, description))
        try:
            table.read(progress)
        except OSError as error:
            raise unreadable(path, error) from None
        _latest[key] = OwnData(*data_set(path, table.columns, table.values, description.classes))
    return _latest[key]


def forget() -> None:
    """Let go of the memory of the last file."""
    _latest.clear()


def _chosen(path: Path, layout: Layout, description: CsvData) -> list[int]:
    """Places of the columns in use: the features, then the target."""

    def place(name: str, key: str) -> int:
        name = plain(name)  # as the columns are called
        if name in layout.names:
            return layout.names.index(name)
        near = difflib.get_close_matches(name, layout.names, n=3, cutoff=0.6)
        shown = [quoted(known) for known in near or layout.names[:10]]
        hint = f"did you mean {' or '.join(shown)}?" if near else f"there are {', '.join(shown)}"
        more = ", …" if not near and len(layout.names) > len(shown) else ""
        raise ScenarioError(f"{path}: the {key} {quoted(name)} is no column of it; {hint}{more}")

    last = len(layout.names) - 1
    target = last if description.target is None else place(description.target, "target")
    if description.features is None:
        return [*(column for column in range(last + 1) if column != target), target]
    features = [place(name, "feature") for name in description.features]
    if target in features:
        raise ScenarioError(f"{path}: the target {quoted(layout.names[target])} cannot be a feature as well")
    return [*dict.fromkeys(features), target]


@dataclass
class _Table:
    """The table that is being read. columns: what is known of those in use. values: (N, columns) numbers, or those of
    categories in the order of their appearance; NaN where missing."""

    path: Path
    layout: Layout
    chosen: list[int]
    columns: list[Column] = field(default_factory=list)
    values: Array = field(default_factory=lambda: np.empty((0, 0)))

    def read(self, progress: Progress) -> None:
        head = self._head()
        for place in self.chosen:
            numeric = pd.api.types.is_numeric_dtype(head[place]) and not pd.api.types.is_bool_dtype(head[place])
            self.columns.append(Column(self.layout.names[place], is_text=not numeric))
        self.values = np.empty((len(head), len(self.columns)))
        rows, gaps_at_the_end = 0, False
        for chunk in self._chunks(progress):
            if rows + len(chunk) > MAX_ROWS:
                raise ScenarioError(
                    f"{self.path}: has more than {MAX_ROWS:,} lines of data; at most that many are read"
                )
            if (rows + len(chunk)) * len(self.columns) > MAX_NUMBERS:
                most = MAX_NUMBERS // len(self.columns)
                raise ScenarioError(
                    f"{self.path}: has more than {most:,} lines of {len(self.columns)} columns; at most "
                    f"{MAX_NUMBERS:,} numbers are read"
                )
            if len(self.values) < rows + len(chunk):  # in place, without a second copy
                self.values.resize((rows + max(len(chunk), rows // 4), len(self.columns)), refcheck=False)
            self._take(chunk, rows)
            rows += len(chunk)
            gaps_at_the_end |= bool(chunk.iloc[:, -1].isna().any())
        self.values.resize((rows, len(self.columns)), refcheck=False)
        if gaps_at_the_end:  # which may be because lines are short: pandas fills them up
            self._refuse_ragged()

    def _take(self, chunk: pd.DataFrame, begin: int) -> None:
        block = self.values[begin : begin + len(chunk)]
        for place, column, into in zip(self.chosen, self.columns, block.T, strict=True):
            if column.is_text:
                column.take(chunk[place], into)
                continue
            into[:] = chunk[place].to_numpy(np.float64)
            wild = np.flatnonzero(np.abs(into) > _HUGE)
            if len(wild):
                self._refuse_entry(place, begin + int(wild[0]), "is too large; numbers from −1e100 to 1e100 are read")

    def _options(self) -> dict[str, Any]:
        width = len(self.layout.names)
        return {
            "sep": r"\s+" if self.layout.separator == " " else self.layout.separator,
            "decimal": self.layout.decimal,
            "header": 0 if self.layout.header else None,
            "names": range(width),
            "index_col": False,
            "na_values": list(MISSING),
            "skipinitialspace": True,
            "encoding": "utf-8-sig",
            "on_bad_lines": "error",
            "engine": "c",
        }

    def _head(self) -> pd.DataFrame:
        """The first lines, with the types that pandas finds in them."""
        with opened(self.path) as file, self._in_words():
            return pd.read_csv(file, nrows=_HEAD_ROWS, low_memory=False, **self._options())

    def _chunks(self, progress: Progress) -> Iterator[pd.DataFrame]:
        texts = dict.fromkeys(range(len(self.layout.names)), str)
        numbers = {
            place: np.float64 for place, column in zip(self.chosen, self.columns, strict=True) if not column.is_text
        }
        size = self.path.stat().st_size
        with opened(self.path) as file:
            rows = max(1, _CHUNK_NUMBERS // len(self.layout.names))
            with self._in_words():
                chunks = pd.read_csv(file, dtype=texts | numbers, chunksize=rows, **self._options())
            while True:
                with self._in_words():
                    chunk = next(chunks, None)
                if chunk is None:
                    return
                yield chunk
                progress(file.tell() / size)

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """Word what pandas finds wrong, by line and column: raises ScenarioError."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", pd.errors.ParserWarning)  # it would drop the end of long lines
                yield
        except UnicodeDecodeError:
            raise not_utf8(self.path) from None
        except pd.errors.EmptyDataError:
            raise ScenarioError(f"{self.path}: has no line of data below the names of the columns") from None
        except (ValueError, OverflowError, pd.errors.ParserWarning) as error:
            self._refuse_ragged(strict=True)
            self._refuse_text()
            words = " ".join(str(error).split())[:100]
            raise ScenarioError(f"{self.path}: cannot be read as CSV: {words}") from None

    def _refuse_ragged(self, *, strict: bool = False) -> None:
        width = len(self.layout.names)
        first = "line 1" if self.layout.header else "the first line"
        for line, record in records(self.path, self.layout, strict=strict):
            if len(record) != width:
                raise ScenarioError(
                    f"{self.path}: line {line:,} has {len(record)} {'entry' if len(record) == 1 else 'entries'}, but "
                    f"{first} has {width}, separated by {self.layout.separator_name}"
                )

    def _refuse_text(self) -> None:
        known = zip(self.chosen, self.columns, strict=False)  # of the head, nothing is known yet
        numeric = [place for place, column in known if not column.is_text]
        for line, record in records(self.path, self.layout):
            for place in numeric:
                if self.layout.number(record[place]) is None:
                    raise ScenarioError(
                        f"{self.path}: line {line:,}, column {quoted(self.layout.names[place])}: "
                        f"{quoted(record[place])} is no number, but the first {_HEAD_ROWS:,} entries are"
                    )

    def _refuse_entry(self, place: int, row: int, words: str) -> None:
        for index, (line, record) in enumerate(records(self.path, self.layout)):
            number = self.layout.number(record[place]) if place < len(record) else None
            if index >= row and number is not None and not math.isnan(number):
                raise ScenarioError(
                    f"{self.path}: line {line:,}, column {quoted(self.layout.names[place])}: {record[place]} {words}"
                )
        raise ScenarioError(f"{self.path}: column {quoted(self.layout.names[place])}: a number {words}")
