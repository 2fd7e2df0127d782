"""Roles of the columns of a table: target, features, and what is left out, each with its reason in words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.plain_text import counted, plain
from scenarios.data.csv.csv_columns import MAX_CATEGORIES, Column, Table
from scenarios.data.csv.csv_layout import Layout, quoted
from scenarios.data.csv.csv_notes import is_total, left_out_lines, number_notes
from scenarios.data.csv.number_texts import LARGEST
from scenarios.data.splitting import Array, DataSet, Offset, Source
from scenarios.files.data_sources import MAX_CLASSES, MAX_NUMBERS, CsvData
from scenarios.scenario_error import ScenarioError

MIN_ROWS_A_CLASS = 5  # on average; fewer, and whole numbers are numbers
MIN_ROWS = 2
_MANY_LINES = 10
_IDENTIFIER = re.compile(
    r"(?i:(?:^|[_ \-.])(?:id|ids|nr|no|num|number|index|idx|key|row|record|#)\.?)$|(?<=[a-z])I[dD]$"
)
_FAR = 10.0  # standard deviations of a target from zero, from which on it is centred


@dataclass(frozen=True)
class ColumnReport:
    """Report of what became of a column. how: in a few words. missing: how many entries. example: one of them."""

    name: str
    how: str
    missing: int
    example: str


@dataclass
class OwnData:
    """The content of a user's table. data: all of the examples, for training; None once it has been parted. target: the
    name of its column. notes: sentences about what was left out, or has changed on the way. columns: what became of
    each."""

    data: DataSet | None
    target: str
    notes: tuple[str, ...]
    columns: tuple[ColumnReport, ...]
    num_examples: int
    num_features: int
    num_classes: int


def own_data(path: Path, layout: Layout, table: Table, description: CsvData) -> OwnData:
    """The examples in a table, and what was left out of it. Raises ScenarioError where too little is left."""
    return _Roles(path, layout, table, description).own_data()


@dataclass
class _Roles:
    path: Path
    layout: Layout
    table: Table
    description: CsvData
    notes: list[str] = field(default_factory=list)
    reasons: dict[str, str] = field(default_factory=dict)  # why a column is left out
    gaps: NDArray[np.bool_] = field(init=False)  # (columns, N) where the values are missing
    foreign: NDArray[np.bool_] = field(init=False)  # and where they are no numbers in a column of numbers

    def own_data(self) -> OwnData:
        columns, values = self.table.columns, self.table.values
        target = columns[-1]
        if not values.shape[1]:
            raise ScenarioError(f"{self.path}: has no line of data below the names of the columns")
        self.notes += [*self.layout.notes, *self.table.notes, *chain.from_iterable(map(number_notes, columns))]
        self._check_target()
        self.gaps, self.foreign = np.zeros(values.shape, dtype=bool), np.zeros(values.shape, dtype=bool)
        for known, gaps, foreign in zip(values, self.gaps, self.foreign, strict=True):
            if not (known.min() >= -LARGEST and known.max() <= LARGEST):  # which is quick to see
                gaps[:], foreign[:] = np.isnan(known), np.abs(known) > LARGEST
        blank = self.gaps.all(axis=0)
        totals = self._totals()
        places = self._telling(~blank & ~totals)
        kept = self._kept(places, ~blank & ~totals, totals)
        places = self._varying(places, kept)
        sources, inputs = self._inputs(places, kept)
        targets, classes = _targets(self.path, target, values[-1, kept], self.description.classes)
        offset = self._offset(targets, classes)
        told = ~blank & ~totals & ~self.foreign[[*places, -1]].any(axis=0)  # the others are none of the table's lines
        missing = (self.gaps & told).sum(axis=1)
        notes = [note for note in self.notes if note]
        notes += [f"column {quoted(name)} left out: {reason}" for name, reason in self.reasons.items()]
        reports = [
            ColumnReport(column.name, self._how(place, classes, told), int(gaps), column.example)
            for place, (column, gaps) in enumerate(zip(columns, missing, strict=True))
        ]
        data = DataSet(
            tuple(f"{it.column}={it.category}" if it.category else it.column for it in sources),
            inputs,
            (targets - offset.mean) / offset.scale,
            classes=classes,
            target_units=offset,
            target=target.name,
            sources=sources,
        )
        size = len(targets), inputs.shape[1], len(classes)
        return OwnData(data, target.name, tuple(notes), tuple(reports), *size)

    def _check_target(self) -> None:
        target, values = self.table.columns[-1], self.table.values[-1]
        if target.is_text and (target.overflows or len(target.categories) > MAX_CLASSES):
            known = f"more than {MAX_CATEGORIES}" if target.overflows else len(target.categories)
            raise ScenarioError(
                f"{self.path}: the target {quoted(target.name)} has {known} different texts, such as "
                f"{quoted(next(iter(target.categories)))}; at most {MAX_CLASSES} classes can be told apart: name "
                "another column as the target (--target)"
            )
        if not np.isfinite(values).any():
            raise ScenarioError(
                f"{self.path}: all values of the target {quoted(target.name)} are missing; name another column as the "
                "target (--target)"
            )

    def _totals(self) -> NDArray[np.bool_]:
        """(N,) True for the last lines that sum up those above: a text says so that is in no other line."""
        values = self.table.values
        found = np.zeros(values.shape[1], dtype=bool)
        for place, column in enumerate(self.table.columns[:-1]):
            numbers = [number for text, number in column.categories.items() if is_total(text)]
            for number in numbers if column.is_text and not column.overflows else ():
                rows = np.flatnonzero(values[place] == number)
                if len(rows) == 1 and len(found) >= _MANY_LINES and rows[0] >= len(found) - 3:
                    found[rows] = True
        return found

    def _telling(self, rows: NDArray[np.bool_]) -> list[int]:
        """Places of the features that say something about a line, as far as that is seen before lines are left out."""
        places, counts = [], []
        for place, column in enumerate(self.table.columns[:-1]):
            values = self._column(place, rows)
            present = values[~np.isnan(values)] if self.gaps[place].any() else values
            if reason := self._useless(column, values, present):
                self.reasons[column.name] = reason
            elif not column.is_text and _is_a_count(values, column, is_first=place == 0):
                counts.append(place)
            elif present.min() < present.max():
                places.append(place)
            else:
                self.reasons[column.name] = "it is the same on all lines"
        if not places:  # as in a series over time
            return counts
        for place in counts:
            values, column = self._column(place, rows), self.table.columns[place]
            shown = ", ".join(f"{value:.15g}" for value in values[:3])
            in_turn = bool((np.diff(values) == 1).all())
            self.reasons[column.name] = f"it only {'numbers' if in_turn else 'names'} the lines, {shown} …"
        return places

    def _column(self, place: int, rows: NDArray[np.bool_]) -> Array:
        """Values of a column in these rows; without a copy, where they are all."""
        values: Array = self.table.values[place]
        return values if rows.all() else values[rows]

    def _useless(self, column: Column, values: Array, present: Array) -> str:
        """The reason why the column tells nothing; nothing where it may."""
        shown = quoted(column.example)
        if not len(present):
            return "all its values are missing"
        if len(present) * 2 < len(values):
            return _missing(len(values) - len(present), len(values))
        if column.is_dates:
            return f"it holds dates or times, such as {shown}, which are no numbers"
        if column.overflows:
            return f"more than {MAX_CATEGORIES} different texts, such as {shown}"
        if column.is_text:
            different = len(np.unique(present))
            if different > 2 and 2 * different > len(present) and (different == len(present) or different > 5):
                every = "every" if different == len(present) else "nearly every"
                return f"{every} line has a text of its own, such as {shown}"
        return ""

    def _kept(self, places: list[int], rows: NDArray[np.bool_], totals: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(N,) True for the lines in use, of `rows`. Columns with the most gaps are left out while they cost half of
        the lines."""
        columns = self.table.columns
        while True:
            used = [*places, len(columns) - 1]
            foreign = self.foreign[used].any(axis=0) & rows
            missing = self.gaps[used].any(axis=0) & rows & ~foreign
            costs = [int((self.gaps[place] & missing).sum()) for place in used]
            worst = int(np.argmax(costs[:-1])) if places else 0
            cost = costs[worst]
            if 2 * int(missing.sum()) <= int(rows.sum()) or len(places) < 2 or not cost:
                break
            self.reasons[columns[places[worst]].name] = _missing(cost, int(rows.sum()))
            del places[worst]
        self.notes += left_out_lines(
            self.path, self.layout, self.table, {"totals": totals, "foreign": foreign, "missing": missing}, used
        )
        kept = rows & ~missing & ~foreign
        if not kept.any():
            worst_name = quoted(columns[used[int(np.argmax(costs))]].name)
            raise ScenarioError(
                f"{self.path}: all {int(rows.sum()):,} lines have a missing value, most of them in {worst_name}; leave "
                "that column out (--drop)"
            )
        if int(kept.sum()) < MIN_ROWS:
            raise ScenarioError(
                f"{self.path}: a single line of data cannot be trained on; at least {MIN_ROWS} are needed"
            )
        return np.asarray(kept)

    def _varying(self, places: list[int], kept: NDArray[np.bool_]) -> list[int]:
        """Places of the features that are not the same on all lines in use."""
        telling = []
        for place in places:
            if np.ptp(self._column(place, kept)) > 0:
                telling.append(place)
            else:
                self.reasons[self.table.columns[place].name] = "it is the same on all lines"
        if not telling:
            reasons = [f"column {quoted(name)} left out: {reason}" for name, reason in self.reasons.items()]
            raise ScenarioError(
                f"{self.path}: no feature is left beside the target: {'; '.join(reasons) or 'there is no other column'}"
            )
        return telling

    def _inputs(self, places: list[int], kept: NDArray[np.bool_]) -> tuple[tuple[Source, ...], Array]:
        """Sources and (N, d) values of the features."""
        columns, values = self.table.columns, self.table.values
        texts = {place: self._categories(place, kept) for place in places}
        width = sum(max(1, len(texts[place]) - 1) for place in places)
        count = int(kept.sum())
        if count * width > MAX_NUMBERS:
            raise ScenarioError(
                f"{self.path}: {count:,} lines with {width} features (categories are one each) are more than "
                f"{MAX_NUMBERS:,} numbers; take fewer lines or columns (--drop)"
            )
        if width == len(places) == len(columns) - 1 and kept.all() and not any(texts.values()):
            return tuple(Source(columns[place].name) for place in places), values[:-1].T  # without a second copy
        sources: list[Source] = []
        inputs = np.empty((count, width))
        for place in places:
            column, known = columns[place], values[place, kept]
            if not column.is_text:
                inputs[:, len(sources)] = known
                sources.append(Source(column.name))
            for text in texts[place][1:]:  # the first is where all of them are 0
                inputs[:, len(sources)] = known == column.categories[text]
                sources.append(Source(column.name, text, texts[place][0]))
        return tuple(sources), inputs

    def _categories(self, place: int, kept: NDArray[np.bool_]) -> list[str]:
        column = self.table.columns[place]
        if not column.is_text:
            return []
        numbers = set(np.unique(self.table.values[place, kept]))
        return sorted(text for text, number in column.categories.items() if number in numbers)

    def _offset(self, targets: Array, classes: tuple[str, ...]) -> Offset:
        """The shift and scale of the target: none but where it is far from zero, or as asked for."""
        name = quoted(self.table.columns[-1].name)
        if classes:
            if self.description.scale_target:
                raise ScenarioError(f"{self.path}: the target {name} is classes, which cannot be scaled")
            return Offset()
        mean, deviation = float(targets.mean()), float(targets.std())
        if self.description.scale_target:
            self.notes.append(
                f"the target {name} is scaled: less its mean {mean:.6g}, by its standard deviation {deviation:.6g}; a "
                f"loss times {deviation**2:.6g} is in its own units"
            )
            return Offset(mean, deviation)
        if self.description.centre_target and abs(mean) > _FAR * deviation:
            self.notes.append(
                f"the target {name} is centred: its mean {mean:.9g} is taken off, for it is far from zero; losses do "
                "not change by that"
            )
            return Offset(mean)
        return Offset()

    def _how(self, place: int, classes: tuple[str, ...], rows: NDArray[np.bool_]) -> str:
        column = self.table.columns[place]
        role = "target: " if column is self.table.columns[-1] else ""
        if column.name in self.reasons:
            return f"left out: {self.reasons[column.name]}"
        if role and classes:
            return f"target: {len(classes)} classes ({', '.join(classes[:4])}{', …' if len(classes) > 4 else ''})"
        if column.is_text:
            return f"{role}category with {counted(len(self._categories(place, rows)), 'value')}"
        assert column.style is not None
        marks = ", decimal comma" if column.style.decimal == "," and column.style.marked else ""
        affixes = f", without {' '.join(map(quoted, list(column.style.affixes)[:3]))}" if column.style.affixes else ""
        return f"{role}number{marks}{affixes}"


def _is_a_count(values: Array, column: Column, *, is_first: bool) -> bool:
    """Tell whether the values are 0, 1, 2 … or 1, 2, 3 …, in a column called id or alike from any number on; few of
    them may be so by chance. In a first column without a name, whole numbers that are all different."""
    if len(values) < _MANY_LINES:
        return False
    if (values[0] in (0, 1) or _IDENTIFIER.search(column.name)) and bool((np.diff(values) == 1).all()):
        return True
    if column.is_named or not is_first or np.isnan(values).any():
        return False
    return len(np.unique(values)) == len(values) and bool((values == np.round(values)).all())


def _targets(path: Path, target: Column, values: Array, as_classes: bool | None) -> tuple[Array, tuple[str, ...]]:
    """(N,) numbers and no classes, or class numbers and the names of the classes."""
    if values.min() == values.max():
        shown = next((text for text, number in target.categories.items() if number == values[0]), f"{values[0]:.6g}")
        raise ScenarioError(
            f"{path}: the target {quoted(target.name)} is {plain(shown)} on all {len(values):,} complete lines; "
            "there is nothing to learn: name another column as the target (--target)"
        )
    is_whole = target.is_text or bool((values == np.round(values)).all())
    found = np.unique(values) if is_whole or as_classes else values
    if target.is_text:
        if as_classes is False:
            raise ScenarioError(
                f"{path}: the target {quoted(target.name)} is text, such as {quoted(next(iter(target.categories)))}; "
                "that is classes, not numbers: say --task classification (data.classes in a TOML file)"
            )
        names = sorted(text for text, number in target.categories.items() if number in set(found))
        order = np.empty(len(target.categories))
        order[[target.categories[name] for name in names]] = range(len(names))
        return order[values.astype(int)], tuple(names)
    few = is_whole and len(found) <= MAX_CLASSES and len(values) >= MIN_ROWS_A_CLASS * len(found)
    if not (few if as_classes is None else as_classes):
        return values.copy(), ()
    if len(found) > MAX_CLASSES:
        raise ScenarioError(
            f"{path}: the target {quoted(target.name)} has {len(found):,} different values; at most {MAX_CLASSES} "
            "classes can be told apart: say --task regression (data.classes in a TOML file)"
        )
    return np.searchsorted(found, values).astype(np.float64), tuple(f"{value:.15g}" for value in found)


def _missing(number: int, of: int) -> str:
    return f"{number:,} of its {of:,} values {'is' if number == 1 else 'are'} missing"
