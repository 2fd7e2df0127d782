"""What the rivals train: models, data and batch sizes, and how many times the textbook loop's speed is needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np

Layers = list[tuple[np.ndarray, np.ndarray]]  # matrix (inputs, outputs) and bias of each


@dataclass(frozen=True)
class Workload:
    """A network of these widths, without hidden layers a linear model, and the data that it is to fit.

    loss: `mse`, `bce` (targets 0 and 1) or `softmax` (targets 0 … K − 1). needed: times the textbook loop.
    """

    name: str
    data: Callable[[], tuple[np.ndarray, np.ndarray]]
    widths: tuple[int, ...]
    loss: str
    batch_size: int
    activation: str = "tanh"
    optimizer: str = "sgd"
    learning_rate: float = 0.05
    dtype: type = np.float64
    needed: float | None = None

    def layers(self) -> Layers:
        """Weights to start from."""
        random = np.random.default_rng(0)
        return [(random.standard_normal(pair) / np.sqrt(pair[0]), np.zeros(pair[1])) for pair in pairwise(self.widths)]


# --- data -------------------------------------------------------------------------------------------


@cache
def line(examples: int = 256, features: int = 1) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    inputs = random.standard_normal((examples, features))
    return inputs, inputs @ np.full(features, 3.0) + 2 + random.standard_normal(examples)


@cache
def classes(examples: int, features: int, num_classes: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    inputs = random.standard_normal((examples, features))
    return inputs, (inputs @ random.standard_normal((features, num_classes))).argmax(axis=1).astype(np.float64)


@cache
def digits() -> tuple[np.ndarray, np.ndarray]:
    table = np.loadtxt(Path(__file__).parents[2] / "scenarios/data/bundled/digits.csv.gz", delimiter=",", skiprows=1)
    return table[:, :64] / 16, table[:, 64]


def workloads() -> list[Workload]:
    fit = Workload("line fit, batch 32", line, (1, 1), "mse", 32, needed=15)
    moons = Workload("2-8-8-1 tanh, batch 32", lambda: classes(512, 2, 2), (2, 8, 8, 1), "bce", 32, needed=6)
    digit = Workload("digits 64-64-10, batch 32", digits, (64, 64, 10), "softmax", 32, "relu", needed=2.4)
    large = Workload(
        "784-256-128-10, batch 128", lambda: classes(10_000, 784, 10), (784, 256, 128, 10), "softmax", 128, "relu"
    )
    million = Workload("million × 20, batch 256", lambda: line(1_000_000, 20), (20, 1), "mse", 256, needed=2.2)
    adam = {"optimizer": "adam", "learning_rate": 0.001, "needed": None}
    return [
        replace(fit, name="line fit, batch 1", batch_size=1, learning_rate=0.01, needed=30),
        fit,
        replace(fit, name="line fit, batch 256", batch_size=256, needed=5.5),
        Workload("logistic 2-D, batch 32", lambda: classes(512, 2, 2), (2, 1), "bce", 32),
        replace(moons, name="2-4-2-1 tanh, batch 10", widths=(2, 4, 2, 1), batch_size=10, needed=None),
        replace(moons, name="2-4-2-1 tanh, batch 32", widths=(2, 4, 2, 1), needed=None),
        replace(moons, name="2-8-8-1 tanh, batch 10", batch_size=10, needed=5.2),
        moons,
        digit,
        replace(digit, name="digits, batch 32, float32", dtype=np.float32, needed=3.2),
        replace(digit, name="digits, batch 128", batch_size=128, needed=None),
        replace(digit, name="digits, batch 32, Adam", **adam),
        replace(digit, name="digits, batch 128, Adam", batch_size=128, **adam),
        replace(large, needed=1.1),
        replace(large, name="784-256-128-10, float32", dtype=np.float32, needed=2.4),
        million,
        replace(million, name="million × 20, float32", dtype=np.float32, needed=3),
    ]
