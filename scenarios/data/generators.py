"""Generated data. Each table of scenarios.files.schema states its formula; here it is computed."""

from __future__ import annotations

from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from scenarios.data.splitting import Array, DataSet
from scenarios.files.data_sources import (
    BlobsData,
    ChebyshevData,
    CirclesData,
    GeneratedData,
    LineData,
    MoonsData,
    SineData,
    SpiralsData,
    XorData,
)

Labels = NDArray[np.int_]
Pattern = tuple[tuple[str, ...], Labels, Array]  # names of the classes, (N,) class numbers, (N, d) points


def generate(description: GeneratedData, random: np.random.Generator) -> DataSet:
    """The examples that the description asks for, all of them for training."""
    match description:
        case LineData():
            return _line(description, random)
        case SineData():
            return _sine(description, random)
        case ChebyshevData():
            return _chebyshev(description, random)
        case MoonsData():
            pattern = _moons(description)
        case CirclesData():
            pattern = _circles(description)
        case XorData():
            pattern = _xor(description)
        case SpiralsData():
            pattern = _spirals(description)
        case BlobsData():
            pattern = _blobs(description)
        case _:
            assert_never(description)
    return _scattered(pattern, description.noise, random)


def _line(line: LineData, random: np.random.Generator) -> DataSet:
    x = random.standard_normal(line.examples)
    noise = random.standard_normal(line.examples)
    return DataSet(("x",), x[:, None], line.slope * x + line.intercept + line.noise * noise)


def _sine(sine: SineData, random: np.random.Generator) -> DataSet:
    x = random.uniform(-1, 1, sine.examples)
    noise = random.standard_normal(sine.examples)
    return DataSet(("x",), x[:, None], sine.amplitude * np.sin(np.pi * sine.periods * x) + sine.noise * noise)


def _chebyshev(polynomial: ChebyshevData, random: np.random.Generator) -> DataSet:
    x = np.linspace(-1, 1, polynomial.examples)
    noise = random.standard_normal(polynomial.examples)
    return DataSet(("x",), x[:, None], np.cos(polynomial.degree * np.arccos(x)) + polynomial.noise * noise)


def _scattered(pattern: Pattern, noise: float, random: np.random.Generator) -> DataSet:
    """The points in random order, each moved at random."""
    classes, labels, points = pattern
    order = random.permutation(len(labels))
    inputs = points[order] + noise * random.standard_normal(points.shape)
    features = tuple(f"x{column}" for column in range(1, points.shape[1] + 1))
    return DataSet(features, inputs, labels[order].astype(np.float64), classes=classes)


def _moons(moons: MoonsData) -> Pattern:
    labels, place, size = _in_turn(moons.examples, 2)
    t = np.pi * place / np.maximum(size - 1, 1)
    upper, lower = _on_circle(t), np.array([1, 0.5]) - _on_circle(t)
    return ("upper", "lower"), labels, np.where(labels[:, None] == 0, upper, lower)


def _circles(circles: CirclesData) -> Pattern:
    labels, place, size = _in_turn(circles.examples, 2)
    radius = np.where(labels == 0, 1.0, circles.inner_radius)
    return ("outer", "inner"), labels, radius[:, None] * _on_circle(2 * np.pi * place / size)


def _xor(xor: XorData) -> Pattern:
    corner = np.arange(xor.examples) % 4
    a, b = corner // 2, corner % 2
    return ("same", "different"), a ^ b, np.column_stack([2.0 * a - 1, 2.0 * b - 1])


def _spirals(spirals: SpiralsData) -> Pattern:
    labels, place, size = _in_turn(spirals.examples, spirals.classes)
    radius = (place + 1) / size
    t = 2 * np.pi * (spirals.turns * radius + labels / spirals.classes)
    return _letters(spirals.classes), labels, radius[:, None] * _on_circle(t)


def _blobs(blobs: BlobsData) -> Pattern:
    labels, _, _ = _in_turn(blobs.examples, blobs.classes)
    t = 2 * np.pi * np.arange(blobs.classes) / blobs.classes
    waves = _on_circle(np.outer(t, np.arange(1, blobs.features // 2 + 2)))  # (classes, multiples of t, 2)
    centres = waves.reshape(blobs.classes, -1)[:, : blobs.features]
    return _letters(blobs.classes), labels, np.round(centres, 12)[labels]  # rounded, so that sin π is zero


def _in_turn(examples: int, classes: int) -> tuple[Labels, Labels, Labels]:
    """(N,) each: class numbers 0, 1, …, 0, 1, …; every example's place in its class; that class's size."""
    index = np.arange(examples)
    labels = index % classes
    return labels, index // classes, np.bincount(labels)[labels]


def _on_circle(t: Array) -> Array:
    """(…, 2) the points (cos t, sin t)."""
    return np.stack([np.cos(t), np.sin(t)], axis=-1)


def _letters(classes: int) -> tuple[str, ...]:
    return tuple("ABCDEFGHIJ"[:classes])
