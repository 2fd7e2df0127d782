"""Sentences on what was done to a table: lines that are left out, numbers that are written in an uncommon manner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scenarios.data.csv.csv_columns import Column, Table
from scenarios.data.csv.csv_layout import Layout, lines_of_data, quoted
from scenarios.data.csv.number_texts import LARGEST

_WORDS = """total totals sum subtotal average avg mean overall all summe gesamt insgesamt mittelwert durchschnitt totale
    totaal somme moyenne media suma ensemble"""
_TOTALS = frozenset(_WORDS.split()) | {"grand total", "sub total"}
_REASONS = {
    "totals": ("it sums up the others", "they sum up the others"),
    "foreign": ("it holds what is no number", "they hold what is no number"),
    "missing": ("it has a missing value", "they have a missing value"),
}
_MOST_AFFIXES = 3


def is_total(text: str) -> bool:
    """Tell whether the text is a word for the sum or the mean of other lines."""
    return text.strip().lower().rstrip(":") in _TOTALS


def left_out_lines(
    path: Path, layout: Layout, table: Table, sorts: Mapping[str, NDArray[np.bool_]], used: list[int]
) -> list[str]:
    """A sentence on each sort of lines, with its first culprit. sorts: (N,) True for the lines of the sort. used:
    places of the columns that count."""
    count = table.values.shape[1] + len(table.too_long)
    firsts = {sort: int(which.argmax()) for sort, which in sorts.items() if which.any()}
    lines = _lines(path, layout, firsts.values())
    notes = []
    for sort, row in firsts.items():
        line, entries = lines.get(row, (0, []))
        number = int(sorts[sort].sum())
        head = f"{number:,} of {count:,} lines left out, for {_REASONS[sort][number > 1]}"
        if sort == "totals":
            where = f"{quoted(next(filter(is_total, entries), ''))} on line {line:,}"
        else:
            values = table.values[used]
            culprits = (np.abs(values) > LARGEST) if sort == "foreign" else np.isnan(values)
            name = table.columns[used[int(culprits[:, row].argmax())]].name
            place = layout.names.index(name)
            is_short = place >= len(entries)
            text = "" if is_short else entries[place].strip()
            where = f"{quoted(text)} in column {quoted(name)} on line {line:,}"
            if is_short:
                where += f", which has {len(entries)} of {len(layout.names)} entries"
            worst = int(culprits[:, sorts[sort]].sum(axis=1).argmax())
            if number > 1 and sort == "missing":
                head += f", most of them in {quoted(table.columns[used[worst]].name)}"
        notes.append(f"{head}, such as {where}" if number > 1 else f"{head}: {where}")
    if table.too_long:
        notes.append(
            f"{len(table.too_long):,} of {count:,} lines left out, for more entries than there are columns, such as "
            f"line {table.too_long[0]:,}"
        )
    return notes


def _lines(path: Path, layout: Layout, rows: Iterable[int]) -> dict[int, tuple[int, list[str]]]:
    """Number and entries of the lines that stand in these rows of the table."""
    left = set(rows)
    found: dict[int, tuple[int, list[str]]] = {}
    if left:
        fitting = (line for line in lines_of_data(path, layout) if len(line[1]) <= len(layout.names))
        for row, line in enumerate(fitting):
            if row in left:
                found[row] = line
                if len(found) == len(left):
                    break
    return found


def number_notes(column: Column) -> Iterator[str]:
    """Sentences on the entries of a column that are not written as usual."""
    style, name = column.style, quoted(column.name)
    if style is None:
        if column.other_cases:
            yield f"column {name}: {quoted(column.other_cases[1])} is taken for {quoted(column.other_cases[0])}"
        return
    if column.other_marks[1]:
        text, count = column.other_marks
        others = "comma" if style.decimal == "," else "point"
        yield (
            f"column {name}: {count:,} {'entry has' if count == 1 else 'entries have'} another decimal mark than the "
            f"others, which have a {others}: {quoted(text)} is read as {style.number(text):.15g}"
        )
    elif style.is_a_guess:
        yield f"column {name}: {quoted(style.guessed)} is read as {style.number(style.guessed):.15g}, which is a guess"
    if style.affixes:
        told = dict(islice(style.affixes.items(), _MOST_AFFIXES))
        read = [f"{quoted(text)} is {style.number(text):.15g}" for text in told.values()]
        if style.bare:
            read.append(f"{quoted(style.bare)}, which has none, is {style.number(style.bare):.15g}")
        yield f"column {name} is read without {' and '.join(map(quoted, told))}: {', '.join(read)}"
    if style.padded:
        yield f"column {name}: {quoted(style.padded)} is read as the number {style.number(style.padded):.15g}"
