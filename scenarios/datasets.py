"""The data that scenarios train on: generated, or real and bundled."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from scenarios.schema import BundledData, LineData

Array = NDArray[np.float64]


def _no_examples() -> Array:
    return np.empty(0)


@dataclass(frozen=True)
class DataSet:
    """features: d names. inputs: (N, d), targets: (N,) for training; validation_inputs: (V, d),
    validation_targets: (V,), both empty without validation."""

    features: tuple[str, ...]
    inputs: Array
    targets: Array
    validation_inputs: Array = field(default_factory=_no_examples)
    validation_targets: Array = field(default_factory=_no_examples)


def make(description: LineData | BundledData) -> DataSet:
    """The data set that a scenario describes; the same description gives the same bits."""
    if isinstance(description, LineData):
        return _line(description)
    features, inputs, targets = auto_mpg()
    return _split(features, inputs, targets, description)


def _line(line: LineData) -> DataSet:
    generator = np.random.default_rng(line.seed)
    inputs = generator.standard_normal(line.examples)
    noise = generator.standard_normal(line.examples)
    return DataSet(("x",), inputs[:, None], line.slope * inputs + line.intercept + line.noise * noise)


def auto_mpg() -> tuple[tuple[str, ...], Array, Array]:
    """Miles per gallon of 392 cars: the names of 8 features, inputs (392, 8), targets (392,).

    Origin is two columns, Europe and Japan, each 0 or 1; both 0 is the USA. Units: cubic inches,
    horsepower, pounds, seconds from 0 to 60 mph, model year. See data/auto-mpg.md for where it is from.
    """
    text = (resources.files("scenarios") / "data" / "auto-mpg.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    numeric = ("cylinders", "displacement", "horsepower", "weight", "acceleration", "year")
    origins = ("Europe", "Japan")
    inputs = [
        [float(row[name]) for name in numeric] + [float(row["origin"] == origin) for origin in origins] for row in rows
    ]
    features = (*numeric, *(origin.lower() for origin in origins))
    return features, np.array(inputs), np.array([float(row["miles_per_gallon"]) for row in rows])


def _split(features: tuple[str, ...], inputs: Array, targets: Array, description: BundledData) -> DataSet:
    """A random share for validation; standardised by the training part's mean and standard deviation only."""
    order = np.random.default_rng(description.seed).permutation(len(targets))
    held_out = round(len(targets) * description.validation_share)
    validation, training = order[:held_out], order[held_out:]
    if description.standardise:
        mean, deviation = inputs[training].mean(axis=0), inputs[training].std(axis=0)
        inputs = (inputs - mean) / np.where(deviation > 0, deviation, 1.0)
    return DataSet(features, inputs[training], targets[training], inputs[validation], targets[validation])
