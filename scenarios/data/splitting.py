"""Data sets, and how they are split into training and validation."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def _no_examples() -> Array:
    return np.empty(0)


@dataclass(frozen=True)
class Offset:
    """Shift and scale of numbers: each less `mean`, by `scale`."""

    mean: float = 0.0
    scale: float = 1.0

    @property
    def is_none(self) -> bool:
        """Tell whether it changes nothing."""
        return self.mean == 0.0 and self.scale == 1.0


@dataclass(frozen=True)
class Source:
    """Origin of a feature in a table: a number of that column as it stands; or, where the column is of categories, 1
    for one `category` and 0 for all others, of which the `first` has no feature of its own."""

    column: str
    category: str = ""
    first: str = ""


_ROWS_AT_ONCE = 2**16


@dataclass(frozen=True)
class DataSet:
    """Examples for training and validation. features: d names. inputs: (N, d), targets: (N,) for training;
    validation_inputs: (V, d), validation_targets: (V,), both empty without validation.

    classes: K names, and the targets are class numbers 0 … K − 1; empty where the targets are numbers
    to predict. target_units: what was done to those. feature_units: (d,) what was done to each column of the inputs;
    () is nothing. target: name of what is predicted. sources: (d,) of the features; () are columns of their names.
    """

    features: tuple[str, ...]
    inputs: Array
    targets: Array
    validation_inputs: Array = field(default_factory=_no_examples)
    validation_targets: Array = field(default_factory=_no_examples)
    classes: tuple[str, ...] = ()
    target_units: Offset = Offset()
    feature_units: tuple[Offset, ...] = ()
    target: str = ""
    sources: tuple[Source, ...] = ()


def split(data: DataSet, share: float, random: np.random.Generator, *, stratify: bool) -> DataSet:
    """`data` with round(N·share) random examples moved to validation; without a share, as it is.

    With `stratify`, of a class with n examples n·share are held out, rounded down or up.
    """
    if not share:
        return data
    order = random.permutation(len(data.targets))
    if stratify:
        held_out = _first_of_each_class(data.targets[order].astype(int), share)
    else:
        held_out = np.arange(len(order)) < round(len(order) * share)
    validation, training = order[held_out], order[~held_out]
    return replace(
        data,
        inputs=_rows(data.inputs, training),
        targets=data.targets[training],
        validation_inputs=_rows(data.inputs, validation),
        validation_targets=data.targets[validation],
    )


def _rows(inputs: Array, order: NDArray[np.int_]) -> Array:
    """(n, d) these rows of the inputs, one after another in memory.

    They are taken column by column, as tables lie in memory, and turned a piece at a time, which stays in the cache.
    """
    found = np.empty((len(order), inputs.shape[1]))
    piece = np.empty((inputs.shape[1], min(_ROWS_AT_ONCE, len(order))))
    for start in range(0, len(order), _ROWS_AT_ONCE):
        rows = order[start : start + _ROWS_AT_ONCE]
        for column, into in zip(inputs.T, piece[:, : len(rows)], strict=True):
            column.take(rows, out=into, mode="clip")  # told to clip, NumPy writes there directly
        found[start : start + len(rows)] = piece[:, : len(rows)].T
    return found


def _first_of_each_class(labels: NDArray[np.int_], share: float) -> NDArray[np.bool_]:
    """(N,) True for the first examples of each class, round(N·share) in all.

    Largest remainder: every class gets its n·share rounded down, and what is then missing goes, one each,
    to the classes that lost most by it.
    """
    exact = np.bincount(labels) * share
    quotas = np.floor(exact).astype(int)
    missing = round(len(labels) * share) - int(quotas.sum())
    quotas[np.argsort(quotas - exact, kind="stable")[:missing]] += 1
    chosen = np.zeros(len(labels), dtype=bool)
    for label, quota in enumerate(quotas):
        chosen[np.flatnonzero(labels == label)[:quota]] = True
    return chosen


def standardised(data: DataSet) -> DataSet:
    """Each column of the inputs less its mean, by its standard deviation, both of the training part only.

    A column that is constant there is only shifted.
    """
    return standardise_in_place(
        replace(data, inputs=data.inputs.copy(), validation_inputs=data.validation_inputs.copy())
    )


def standardise_in_place(data: DataSet) -> DataSet:
    """The same in the memory of the inputs themselves."""
    mean, deviation = data.inputs.mean(axis=0), data.inputs.std(axis=0)
    # Not by the deviation alone: that of 0.1, 0.1, 0.1 is a rounding error, not zero.
    constant = (np.ptp(data.inputs, axis=0) == 0) | (deviation == 0)
    scale = np.where(constant, 1.0, deviation)
    for part in (data.inputs, data.validation_inputs):
        if len(part):
            np.subtract(part, mean, out=part)
            np.divide(part, scale, out=part)
    units = tuple(map(Offset, mean.tolist(), scale.tolist()))
    return replace(data, feature_units=units)
