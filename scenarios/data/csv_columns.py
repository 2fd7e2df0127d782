"""Features and targets from the columns of a table: what is left out, categories, classes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.plain_text import plain
from scenarios.data.csv_layout import quoted
from scenarios.data.splitting import Array, DataSet
from scenarios.files.data_sources import MAX_CLASSES, MAX_NUMBERS
from scenarios.scenario_error import ScenarioError

if TYPE_CHECKING:
    import pandas as pd

MAX_CATEGORIES = 50
MIN_ROWS_A_CLASS = 5  # on average; fewer, and whole numbers are numbers
MIN_ROWS = 2
_MANY_LINES = 10


@dataclass
class Column:
    """A column of a CSV file. categories: the texts so far, each with its number. overflows: whether there are more of
    them than count."""

    name: str
    is_text: bool
    categories: dict[str, int] = field(default_factory=dict)
    overflows: bool = False

    def take(self, texts: pd.Series[str], into: Array) -> None:
        """(N,) the numbers of the categories into `into`; NaN where missing. Zeros, once there are too many."""
        if not self.overflows:
            for text in texts.dropna().unique():
                self.categories.setdefault(str(text), len(self.categories))
            self.overflows = len(self.categories) > MAX_CATEGORIES
        into[:] = 0.0 if self.overflows else texts.map(self.categories).to_numpy(np.float64)


def data_set(
    path: Path, columns: list[Column], values: Array, as_classes: bool | None
) -> tuple[DataSet, str, tuple[str, ...]]:
    """The examples, the name of the target, and what was left out. Raises ScenarioError where too little is left.

    columns, values: (N, columns) as they were read, the target last.
    """
    *features, target = columns
    if not len(values):
        raise ScenarioError(f"{path}: has no line of data below the names of the columns")
    notes: list[str] = []
    used = [*_telling(features, values, notes), len(features)]
    _check_target(path, target, values[:, -1])
    kept = np.asarray(~np.isnan(values[:, used]).any(axis=1))
    if not kept.all():
        gaps = np.isnan(values[:, used]).sum(axis=0)
        worst = f"most of them in {quoted(columns[used[int(gaps.argmax())]].name)}"
        dropped = len(kept) - int(kept.sum())
        if not kept.any():
            raise ScenarioError(
                f"{path}: all {len(kept):,} lines have a missing value, {worst}; leave that column out "
                "(data.features in a TOML file)"
            )
        notes.append(f"{dropped:,} of {len(kept):,} lines left out, for they have a missing value, {worst}")
        values = values[kept]
    if len(values) < MIN_ROWS:
        raise ScenarioError(f"{path}: a single line of data cannot be trained on; at least {MIN_ROWS} are needed")
    inputs = _inputs(path, [(columns[place], values[:, place]) for place in used[:-1]], notes)
    targets, classes = _targets(path, target, values[:, -1], as_classes)
    targets.flags.writeable = False
    return DataSet(inputs[0], inputs[1], targets, classes=classes), target.name, tuple(notes)


def _telling(features: list[Column], values: Array, notes: list[str]) -> list[int]:
    """Places of the features that have values, and no more categories than count; notes say of the others why."""
    places = []
    for place, column in enumerate(features):
        if column.overflows:
            shown = quoted(next(iter(column.categories)))
            notes.append(
                f"column {quoted(column.name)} left out: more than {MAX_CATEGORIES} different texts, such as {shown}"
            )
        elif np.isnan(values[:, place]).all():
            notes.append(f"column {quoted(column.name)} left out: all its values are missing")
        else:
            places.append(place)
            if len(features) > 1 and not column.is_text and _counts_lines(values[:, place]):
                notes.append(
                    f"column {quoted(column.name)} counts the lines; if it tells nothing, leave it out (data.features "
                    "in a TOML file)"
                )
    return places


def _counts_lines(values: Array) -> bool:
    """Tell whether the values are 0, 1, 2 … or 1, 2, 3 …; few of them may be so by chance."""
    return len(values) >= _MANY_LINES and values[0] in (0, 1) and bool((np.diff(values) == 1).all())


def _check_target(path: Path, target: Column, values: Array) -> None:
    if target.overflows or len(target.categories) > MAX_CLASSES:
        known = f"more than {MAX_CATEGORIES}" if target.overflows else len(target.categories)
        raise ScenarioError(
            f"{path}: the target {quoted(target.name)} has {known} different texts, such as "
            f"{quoted(next(iter(target.categories)))}; at most {MAX_CLASSES} classes can be told apart: name another "
            "column as the target"
        )
    if np.isnan(values).all():
        raise ScenarioError(
            f"{path}: all values of the target {quoted(target.name)} are missing; name another column as the target"
        )


def _inputs(path: Path, columns: list[tuple[Column, Array]], notes: list[str]) -> tuple[tuple[str, ...], Array]:
    """Names and (N, d) values of the features; constant columns are left out."""
    telling = []
    for column, values in columns:
        if np.ptp(values) > 0:
            numbers = set(np.unique(values)) if column.is_text else set()
            texts = [text for text, number in column.categories.items() if number in numbers]
            telling.append((column, values, sorted(texts)))
        else:
            notes.append(f"column {quoted(column.name)} left out: it is the same on all lines")
    if not telling:
        raise ScenarioError(
            f"{path}: no feature is left beside the target: {'; '.join(notes) or 'there is no other column'}"
        )
    width = sum(max(1, len(texts) - 1) for _, _, texts in telling)
    count = len(telling[0][1])
    if count * width > MAX_NUMBERS:
        raise ScenarioError(
            f"{path}: {count:,} lines with {width} features (categories are one each) are more than {MAX_NUMBERS:,} "
            "numbers; take fewer lines or columns"
        )
    names: list[str] = []
    inputs = np.empty((count, width))
    for column, values, texts in telling:
        if not column.is_text:
            inputs[:, len(names)] = values
            names.append(column.name)
        for text in texts[1:]:  # the first is where all of them are 0
            inputs[:, len(names)] = values == column.categories[text]
            names.append(f"{column.name}={plain(text)}")
    inputs.flags.writeable = False
    return tuple(names), inputs


def _targets(path: Path, target: Column, values: Array, as_classes: bool | None) -> tuple[Array, tuple[str, ...]]:
    """(N,) numbers and no classes, or class numbers and the names of the classes."""
    found = np.unique(values)
    if len(found) == 1:
        shown = next((text for text, number in target.categories.items() if number == found[0]), f"{found[0]:.6g}")
        raise ScenarioError(
            f"{path}: the target {quoted(target.name)} is {plain(shown)} on all {len(values):,} complete lines; "
            "there is nothing to learn: name another column as the target"
        )
    if target.is_text:
        if as_classes is False:
            raise ScenarioError(
                f"{path}: the target {quoted(target.name)} is text, such as {quoted(next(iter(target.categories)))}; "
                "that is classes, and data.classes = false asks for numbers"
            )
        names = sorted(text for text, number in target.categories.items() if number in set(found))
        order = np.empty(len(target.categories))
        order[[target.categories[name] for name in names]] = range(len(names))
        return order[values.astype(int)], tuple(map(plain, names))
    whole = bool((found == np.round(found)).all())
    few = whole and len(found) <= MAX_CLASSES and len(values) >= MIN_ROWS_A_CLASS * len(found)
    if not (few if as_classes is None else as_classes):
        return values.copy(), ()
    if len(found) > MAX_CLASSES:
        raise ScenarioError(
            f"{path}: the target {quoted(target.name)} has {len(found):,} different values; at most {MAX_CLASSES} "
            "classes can be told apart"
        )
    return np.searchsorted(found, values).astype(np.float64), tuple(f"{value:.15g}" for value in found)
