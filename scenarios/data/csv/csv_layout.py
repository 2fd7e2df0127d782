"""The layout of a table's text: separator, lines above the table, names of the columns, and how each is written. The
bulk is read by `scenarios.data.csv.csv_files`."""

from __future__ import annotations

import csv
import io
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from engine.plain_text import plain, shortened
from scenarios.data.csv.header_rules import has_header
from scenarios.data.csv.number_texts import NumberStyle, Sample, is_date, is_missing, sample, unquoted, written
from scenarios.data.csv.table_text import TableText, text_below
from scenarios.scenario_error import ScenarioError

if TYPE_CHECKING:
    from _csv import Reader

MAX_COLUMNS = 1000
_MOST_ABOVE = 50  # lines above the table
_JUDGED = 2_000  # lines that the separator is judged by
_SEPARATORS = {";": "semicolon", "\t": "tab", "|": "pipe", ",": "comma", " ": "space"}
_FITTING = 0.75  # the least share of lines that have as many entries as the table has columns
_SEP_LINE = re.compile(r'"?sep=(\\t|[;,|\t ])"?[;,|\t ]*', re.IGNORECASE)


@dataclass(frozen=True)
class Layout:
    """The layout of a table's text. separator: of the entries. encoding: of the text. above: the text before the first
    line of data. first_line: its number. names: of the columns; x1, x2, … where nobody has named them (unnamed: places
    of these). samples: the entries of each column in the beginning. whole: whether that is all. has_blanks:
    whether there are blanks after separators. notes: sentences on
    what was skipped or guessed."""

    separator: str
    encoding: str
    above: str
    first_line: int
    names: tuple[str, ...]
    samples: tuple[Sample, ...]
    whole: bool
    has_blanks: bool
    unnamed: frozenset[int] = frozenset()
    notes: tuple[str, ...] = field(default=())

    @property
    def separator_name(self) -> str:
        """The name of the separator."""
        return _SEPARATORS[self.separator]

    def styles(self) -> list[NumberStyle | None]:
        """The way in which the numbers of each column are written; None for a column that is not of numbers."""
        usual = usual_decimal(self.samples)
        return [known.style(usual, self.separator) if known.is_numeric else None for known in self.samples]


@dataclass(frozen=True)
class _Record:
    """A line of a table, or more, where an entry has line breaks. end: the number of characters up to its end."""

    line: int
    end: int
    entries: list[str]

    @property
    def filled(self) -> int:
        return sum(1 for entry in self.entries if entry.strip())

    @property
    def is_comment(self) -> bool:
        return self.entries[0].lstrip().startswith("#") and not is_missing(self.entries[0])


def usual_decimal(samples: Iterable[Sample]) -> str | None:
    """The decimal mark that most columns of numbers prove; None where none is in the majority."""
    own = Counter(mark for known in samples if known.is_numeric and (mark := known.own_decimal))
    (first, votes), (_, others) = (own.most_common() + [("", 0)] * 2)[:2]
    return first if votes > others else None


def find_layout(path: Path, head: TableText) -> Layout:
    """The layout of the text that begins so. Raises ScenarioError where that is no table."""
    notes = [head.note] if head.note else []
    first_line = head.text.lstrip("\r\n").partition("\n")[0].strip()
    said = _SEP_LINE.fullmatch(first_line)
    separators = ["\t" if said[1] == r"\t" else said[1]] if said else list(_SEPARATORS)
    tables = {separator: _records(head.text, separator, head.whole) for separator in separators}
    separator = max(separators, key=lambda separator: _fitness(tables[separator], separator))
    all_records = tables[separator]
    records = all_records[1:] if said else all_records
    if not records:
        raise ScenarioError(f"{path}: the file is empty; a CSV has a line of names, and a line for every example")
    width = _width(records)
    _refuse_misfits(path, records, width, separator)
    above, records = _parted(records, width)
    names, body = _header(records, width, above)
    if above:
        shown = separator.join(above[0].entries).strip()
        lines = f"line {above[0].line}" if len(above) == 1 else f"lines {above[0].line} to {above[-1].line}"
        notes.append(f"{lines} skipped: above the table, {quoted(shown)}")
    width = max(width, *(len(record.entries) for record in body[:_JUDGED] if _ends_blank(record, width)), 0)
    while len(body) > 1 and len(body[0].entries) > width:
        notes.append(f"line {body[0].line:,} left out: it has {len(body[0].entries)} entries for {width} columns")
        del body[0]
    samples = _samples(body, width)
    first = body[0].line if body else math.inf
    skipped = max((record.end for record in all_records if record.line < first), default=0)
    if not any(names):
        notes.append(f"no line names the columns: they are called x1 to x{width}")
    elif number := next(filter(written, names), None):
        notes.append(f"line {body[0].line - 1 if body else 1:,} is read as names, such as {quoted(number)}")
    named = [*(plain(unquoted(name.strip())) for name in names), *[""] * (width - len(names))]
    return Layout(
        separator,
        head.encoding,
        head.text[:skipped],
        body[0].line if body else 1,
        distinct(named, notes),
        samples,
        head.whole,
        f"{separator} " in head.text,
        frozenset(place for place, name in enumerate(named) if not name and any(named)),
        tuple(notes),
    )


def lines_of_data(path: Path, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """The lines below the header, blank ones left out: number of the (first) line, and its entries."""
    with text_below(path, layout.encoding, layout.above) as text:
        reader = _reader(text, layout.separator)
        line = layout.first_line
        while True:
            try:
                record = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise _broken(path, line, error) from None
            if len(record) > 1 or any(entry.strip() for entry in record):
                yield line, record
            line = layout.first_line + reader.line_num


def check_quotes(path: Path, layout: Layout) -> None:
    """Raise ScenarioError, naming the line, where a quote is never closed or an entry is endless."""
    with text_below(path, layout.encoding, layout.above) as text:
        reader = _reader(text, layout.separator, strict=True)
        line = layout.first_line
        try:
            for _record in reader:
                line = layout.first_line + reader.line_num
        except csv.Error as error:
            raise _broken(path, line, error) from None


def _broken(path: Path, line: int, error: csv.Error) -> ScenarioError:
    if "field larger" in str(error) or "unexpected end" in str(error):
        most = csv.field_size_limit()
        return ScenarioError(
            f'{path}: a quote " on line {line:,} is never closed, or that line has an entry of more than {most:,} '
            "characters; a quote within quotes is written twice"
        )
    return ScenarioError(
        f'{path}: a quote " on line {line:,} is wrong ({error}); a quote within quotes is written twice'
    )


def _reader(lines: Iterable[str], separator: str, *, strict: bool = False) -> Reader:
    if separator == " ":  # any white space, as pandas has it
        lines = (" ".join(line.split()) for line in lines)
    return csv.reader(lines, delimiter=separator, skipinitialspace=True, strict=strict)


def _records(text: str, separator: str, whole: bool) -> list[_Record]:
    found: list[_Record] = []
    ends = [0]
    lines = []
    for line in io.StringIO(text, newline=""):
        lines.append(line)
        ends.append(ends[-1] + len(line))
    reader = _reader(lines, separator)
    begin = 0
    try:
        for entries in reader:
            if any(entry.strip() for entry in entries):
                found.append(_Record(begin + 1, ends[reader.line_num], entries))
            begin = reader.line_num
    except csv.Error:  # an endless entry: reading the bulk says which
        return found
    return found if whole else found[:-1]  # the last one may be cut


def _width(records: list[_Record]) -> int:
    """The number of entries that most lines have, more than one if any do."""
    widths = Counter(len(record.entries) for record in records[:_JUDGED] if not record.is_comment) or Counter([1])
    return max(widths, key=lambda width: (width > 1, widths[width], width))


def _fitness(records: list[_Record], separator: str) -> tuple[float, float]:
    """The fit of a separator to the lines: the share of them that have as many entries as most, times how clear the
    entries are: numbers and dates are, texts nearly, texts with another separator in them are not."""
    judged = records[:_JUDGED]
    width = _width(judged) if judged else 1
    if width < 2:
        return 0.0, 0.0
    fitting = [record for record in judged if len(record.entries) == width]
    share = len(fitting) / len(judged)
    entries = Counter(entry for record in fitting[:200] for entry in record.entries)
    others = re.compile("[" + re.escape("".join(set(_SEPARATORS) - {separator, " "})) + "]")
    clear = sum(count * _clearness(entry, others) for entry, count in entries.items()) / entries.total()
    # A space is part of many texts, and a tab among spaces is a space.
    return round(share, 2) * (clear - (0.05 if separator == " " else 0.0)), share


def _clearness(entry: str, others: re.Pattern[str]) -> float:
    if is_missing(entry) or is_date(entry) or written(entry):
        return 1.0
    return 0.5 if others.search(entry) else 0.9


def _refuse_misfits(path: Path, records: list[_Record], width: int, separator: str) -> None:
    if width < 2:
        raise ScenarioError(
            f"{path}: line {records[0].line} has a single column; at least two are needed, a feature and a target, "
            "separated by comma, semicolon, tab, pipe or space"
        )
    if width > MAX_COLUMNS:
        raise ScenarioError(f"{path}: line {records[0].line} has {width:,} columns; at most {MAX_COLUMNS:,} are read")
    fits = [record for record in records if width - 1 <= len(record.entries) <= width]
    misfits = [record for record in records if len(record.entries) != width]
    if len(records) - len(fits) > (1 - _FITTING) * len(records) + 1:
        other = misfits[0]
        raise ScenarioError(
            f"{path}: is no table: line {fits[0].line:,} has {width} entries, separated by {_SEPARATORS[separator]}, "
            f"but line {other.line:,} has {len(other.entries)}, and so on"
        )


def _parted(records: list[_Record], width: int) -> tuple[list[_Record], list[_Record]]:
    """The lines above the table, and those from its first one on."""
    count = 0
    while count < min(len(records) - 1, _MOST_ABOVE) and _is_above(records, count, width):
        count += 1
    return records[:count], records[count:]


def _is_above(records: list[_Record], place: int, width: int) -> bool:
    record, below = records[place], records[place + 1]
    if record.is_comment or (record.filled <= 1 and width >= 3) or len(record.entries) < max(width - 1, 2):
        return True
    entries = len(record.entries)
    if entries == width or _ends_blank(record, width):
        return False
    has_no_name_of_rows = entries == width - 1 and not any(written(entry) for entry in record.entries)
    is_below_text = len(below.entries) == width and not any(written(entry) for entry in below.entries)
    return not has_no_name_of_rows or is_below_text


def _ends_blank(record: _Record, width: int) -> bool:
    return len(record.entries) > width and not any(entry.strip() for entry in record.entries[width:])


def _header(records: list[_Record], width: int, above: list[_Record]) -> tuple[list[str], list[_Record]]:
    """The names of the columns, blank where they have none, and the lines of data. A comment right above the data that
    has as many words as there are columns names them."""
    first, body = records[0], records[1:]
    fitting = [record.entries for record in body[:1000] if len(record.entries) >= width]
    if len(first.entries) == width - 1:  # of the columns right of the names of rows, or left of an empty one
        is_last_empty = all(not entries[width - 1].strip() for entries in fitting)
        return ([*first.entries, ""] if is_last_empty else ["", *first.entries]), body
    if has_header(first.entries[:width], fitting):
        return first.entries, body
    if above and above[-1].is_comment:
        named = [entry for entry in [above[-1].entries[0].lstrip("# \t"), *above[-1].entries[1:]] if entry.strip()]
        if len(named) == width and not any(written(entry) for entry in named):
            return named, records
    return [""] * width, records


def _samples(body: list[_Record], width: int) -> tuple[Sample, ...]:
    columns: list[list[str]] = [[] for _ in range(width)]
    for record in body:
        if len(record.entries) > width and not _ends_blank(record, width):
            continue
        for column, entry in zip(columns, record.entries, strict=False):
            column.append(entry)
    return tuple(map(sample, columns))


def distinct(names: list[str], notes: list[str]) -> tuple[str, ...]:
    """The names, x1, x2, … for blank ones; those that are there already get a number."""
    taken: set[str] = set()
    found = []
    for place, name in enumerate(names, 1):
        own = name or f"x{place}"
        count = 2
        while own in taken:
            own, count = f"{name or f'x{place}'} ({count})", count + 1
        if name and own != name:
            notes.append(f"column {place} is called {quoted(own)} here, for {quoted(name)} is a name of two columns")
        taken.add(own)
        found.append(own)
    return tuple(found)


def quoted(text: str) -> str:
    """The text as a sentence shows it: not too long."""
    return shortened(plain(text))
