"""The layout of CSV files: separator, decimal mark, header; and what it holds line by line, for refusals that
name the line. The bulk is read by `scenarios.data.csv_files`."""

from __future__ import annotations

import codecs
import csv
import io
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.plain_text import plain, shortened
from scenarios.files import outside_files
from scenarios.scenario_error import ScenarioError

if TYPE_CHECKING:
    from _csv import Reader

MAX_BYTES = 4_000_000_000
MAX_COLUMNS = 1000
# Beside those that pandas knows: "", NA, N/A, NaN, NULL, None and their like.
MISSING = ("?", "-", ".", "na", "none", "Null", "NONE", "missing")
_KNOWN_MISSING = {word.lower() for word in (*MISSING, "", "n/a", "nan", "null", "#n/a", "<na>", "-nan", "#na")}
_HEAD_BYTES = 262_144
# Where two fit every line, the rarer one in plain text: a comma may be a decimal mark, a space part of a name.
_SEPARATORS = {";": "semicolon", "\t": "tab", "|": "pipe", ",": "comma", " ": "space"}
_COMMA_DECIMAL, _POINT_DECIMAL = re.compile(r"[+-]?\d+,\d+(e[+-]?\d+)?"), re.compile(r"[+-]?\d+\.\d+(e[+-]?\d+)?")


@dataclass(frozen=True)
class Layout:
    """The layout of a CSV file. separator: of the fields. decimal: "." or ",". header: whether the first line names the
    columns. names: of the columns; x1, x2, … where nobody has named them."""

    separator: str
    decimal: str
    header: bool
    names: tuple[str, ...]

    @property
    def separator_name(self) -> str:
        """The name of the separator."""
        return _SEPARATORS[self.separator]

    def number(self, entry: str) -> float | None:
        """The number that an entry is; NaN where it is missing, None where it is text."""
        entry = entry.strip()
        if entry.lower() in _KNOWN_MISSING:
            return float("nan")
        try:
            return None if "_" in entry else float(entry.replace(self.decimal, "."))
        except ValueError:
            return None


def opened(path: Path) -> io.FileIO:
    """The file, open for reading. Raises ScenarioError for what is no regular file, or too large."""
    return outside_files.open_file(path, most=MAX_BYTES, what="a CSV file")


def find_layout(path: Path) -> Layout:
    """The layout of the file, from its first quarter of a megabyte. Raises ScenarioError where that is no table of
    text."""
    text, whole = _head(path)
    tables = {separator: _records(text, separator, whole) for separator in _SEPARATORS}
    separator = max(tables, key=lambda separator: _uniformity(tables[separator]))
    records = tables[separator]
    if not records:
        raise ScenarioError(f"{path}: the file is empty; a CSV has a line of names, and a line for every example")
    width = len(records[0])
    if width < 2:
        raise ScenarioError(
            f"{path}: line 1 has a single column; at least two are needed, a feature and a target, separated by "
            "comma, semicolon, tab, pipe or space"
        )
    if width > MAX_COLUMNS:
        raise ScenarioError(f"{path}: line 1 has {width:,} columns; at most {MAX_COLUMNS:,} are read")
    layout = Layout(separator, _decimal(records, separator), False, tuple(f"x{k}" for k in range(1, width + 1)))
    if not _has_header(records, layout):
        return layout
    names = tuple(plain(entry.strip()) or f"x{k}" for k, entry in enumerate(records[0], 1))
    _refuse_duplicates(path, names)
    return Layout(separator, layout.decimal, True, names)


def records(path: Path, layout: Layout, *, strict: bool = False) -> Iterator[tuple[int, list[str]]]:
    """The lines below the header, blank ones left out: number of the (first) line, and its entries.

    strict: a quote that is never closed, or that text follows, raises ScenarioError.
    """
    with io.TextIOWrapper(io.BufferedReader(opened(path)), encoding="utf-8-sig", newline="", errors="replace") as file:
        reader = _reader(file, layout.separator, strict=strict)
        line, header = 1, layout.header
        while True:
            try:
                record = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                too_long = "field larger" in str(error)
                if too_long and reader.line_num == line:
                    most = csv.field_size_limit()
                    raise ScenarioError(
                        f"{path}: line {line:,} has an entry of more than {most:,} characters; leave it out"
                    ) from None
                wrong = "is never closed" if too_long or "unexpected end" in str(error) else f"is wrong ({error})"
                raise ScenarioError(
                    f'{path}: a quote " on line {line} {wrong}; a quote within quotes is written twice'
                ) from None
            if record and not header:
                yield line, record
            header = header and not record
            line = reader.line_num + 1


def _head(path: Path) -> tuple[str, bool]:
    """The beginning of the file, and whether that is all of it."""
    try:
        with opened(path) as file:
            content, size = file.read(_HEAD_BYTES) or b"", os.fstat(file.fileno()).st_size
    except OSError as error:
        raise outside_files.unreadable(path, error) from None
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ScenarioError(f"{path}: line 1 is not UTF-8 text, but UTF-16; save the file as UTF-8")
    if b"\0" in content:
        line = content.count(b"\n", 0, content.index(b"\0")) + 1
        raise ScenarioError(f"{path}: line {line} holds a zero byte, so this is a binary file; a CSV is text")
    whole = len(content) == size
    try:
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(content, final=whole)
    except UnicodeDecodeError:
        raise not_utf8(path) from None
    if not text.strip():
        raise ScenarioError(f"{path}: the file is empty; a CSV has a line of names, and a line for every example")
    if not whole and not re.search(r"[\r\n]", text):
        raise ScenarioError(f"{path}: line 1 is longer than {_HEAD_BYTES:,} bytes; that is no CSV file")
    return text, whole


def not_utf8(path: Path) -> ScenarioError:
    """The refusal that names the line."""
    with io.BufferedReader(opened(path)) as file:
        for number, line in enumerate(file, 1):
            try:
                line.decode()
            except UnicodeDecodeError as error:
                return ScenarioError(
                    f"{path}: line {number} is not UTF-8 text (byte 0x{line[error.start]:02x}); save the file as UTF-8"
                )
    return ScenarioError(f"{path}: is not UTF-8 text; save the file as UTF-8")


def _reader(lines: Iterable[str], separator: str, *, strict: bool = False) -> Reader:
    if separator == " ":  # any white space, as pandas has it
        lines = (" ".join(line.split()) for line in lines)
    return csv.reader(lines, delimiter=separator, skipinitialspace=True, strict=strict)


def _records(text: str, separator: str, whole: bool) -> list[list[str]]:
    found: list[list[str]] = []
    try:
        found.extend(record for record in _reader(io.StringIO(text, newline=""), separator) if record)
    except csv.Error:  # an endless field: reading the bulk says which
        return found
    return found if whole else found[:-1]  # the last one may be cut


def _uniformity(records: list[list[str]]) -> tuple[float, float]:
    """How well a separator parts the lines: the share of them that have the same number of entries, above one, and
    where none fits them all, that of the entries."""
    widths = Counter(map(len, records))
    if not records or max(widths) < 2:
        return 0.0, 0.0
    width, count = max(widths.items(), key=lambda item: (item[0] > 1) * item[1])
    return count / len(records), 0.0 if count == len(records) else width


def _decimal(records: list[list[str]], separator: str) -> str:
    """A comma, if some entries are numbers with one and none has a point."""
    if separator == ",":
        return "."
    entries = [entry.strip().lower() for record in records for entry in record]
    commas = any(_COMMA_DECIMAL.fullmatch(entry) for entry in entries)
    return "," if commas and not any(_POINT_DECIMAL.fullmatch(entry) for entry in entries) else "."


def _has_header(records: list[list[str]], layout: Layout) -> bool:
    """Tell whether the first line differs from the others: text above columns of numbers. Where no column is of
    numbers, a first line of text is one."""
    first, rest = records[0], records[1:1001]
    votes = 0
    for column, entry in enumerate(first):
        below = [layout.number(record[column]) for record in rest if column < len(record)]
        if None in below or all(number != number for number in below):
            continue  # text, or nothing
        above = layout.number(entry)
        votes += 1 if above is None else -(above == above)
    return votes > 0 or (votes == 0 and all(layout.number(entry) is None for entry in first if entry.strip()))


def _refuse_duplicates(path: Path, names: tuple[str, ...]) -> None:
    places: dict[str, int] = {}
    for place, name in enumerate(names, 1):
        if name in places:
            raise ScenarioError(
                f"{path}: line 1: columns {places[name]} and {place} are both called {quoted(name)}; "
                "every column needs a name of its own"
            )
        places[name] = place


def quoted(text: str) -> str:
    """The text as a sentence shows it: not too long."""
    return shortened(text)
