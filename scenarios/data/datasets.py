"""The data that scenarios train on: generated, or real and bundled."""

from __future__ import annotations

import csv
import gzip
from importlib import resources

import numpy as np

from scenarios.data.csv import csv_memory
from scenarios.data.generators import generate
from scenarios.data.splitting import DataSet, split, standardised
from scenarios.files.data_sources import BundledData, CsvData, Data, GeneratedData

__all__ = ["DataSet", "auto_mpg", "breast_cancer", "digits", "make"]

_FILES = resources.files("scenarios") / "data" / "bundled"


def make(description: Data) -> DataSet:
    """The data set that a scenario describes; the same description gives the same bits on the same kind of
    processor.

    Raises ScenarioError for a CSV file that cannot be read. Where enormous parameters overflow, it holds
    values that are not finite.
    """
    if isinstance(description, CsvData):
        return csv_memory.made(description)
    random = np.random.default_rng(description.seed)
    with np.errstate(over="ignore", invalid="ignore"):
        data = _all(description, random)
        stratify = bool(data.classes) and description.stratify is not False
        data = split(data, description.validation_share, random, stratify=stratify)
        return standardised(data) if description.standardise else data


def _all(description: GeneratedData | BundledData, random: np.random.Generator) -> DataSet:
    match description:
        case BundledData():
            return _bundled(description)
        case _:
            return generate(description, random)


def _bundled(description: BundledData) -> DataSet:
    match description.name:
        case "auto-mpg":
            return auto_mpg()
        case "digits":
            return digits()
        case "breast-cancer":
            return breast_cancer()


def auto_mpg() -> DataSet:
    """Miles per gallon of 392 cars from 8 features.

    Origin is two columns, Europe and Japan, each 0 or 1; both 0 is the USA. Units: cubic inches,
    horsepower, pounds, seconds from 0 to 60 mph, model year. See bundled/auto-mpg.md for where it is from.
    """
    rows = list(csv.DictReader((_FILES / "auto-mpg.csv").read_text(encoding="utf-8").splitlines()))
    numeric = ("cylinders", "displacement", "horsepower", "weight", "acceleration", "year")
    origins = ("Europe", "Japan")
    inputs = [
        [float(row[name]) for name in numeric] + [float(row["origin"] == origin) for origin in origins] for row in rows
    ]
    features = (*numeric, *(origin.lower() for origin in origins))
    return DataSet(
        features,
        np.array(inputs),
        np.array([float(row["miles_per_gallon"]) for row in rows]),
        target="miles_per_gallon",
    )


def digits() -> DataSet:
    """1,797 handwritten digits: 8x8 pixels row after row, each 0 (paper) to 16 (ink). See data/digits.md."""
    return _classified("digits", tuple("0123456789"))


def breast_cancer() -> DataSet:
    """569 tumours, each by 30 measures of its cells' nuclei: malignant or benign. See data/breast-cancer.md."""
    return _classified("breast-cancer", ("malignant", "benign"))


def _classified(name: str, classes: tuple[str, ...]) -> DataSet:
    """Read a table of classified examples whose first line names the columns, and whose last column is the class
    number."""
    text = gzip.decompress((_FILES / f"{name}.csv.gz").read_bytes()).decode()
    columns, *rows = text.splitlines()
    table = np.loadtxt(rows, delimiter=",")
    return DataSet(
        tuple(columns.split(",")[:-1]),
        np.ascontiguousarray(table[:, :-1]),
        np.ascontiguousarray(table[:, -1]),
        classes=classes,
    )
