"""Averages of the weights along a run: they only watch, and are often better than the weights themselves.

Near a minimum the weights stagger around it for as long as the learning rate is not lowered; their mean does
not. An average is an observer of a run: handed every chunk, it sees the weights after each update.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from engine.model.objective import Array, Objective
from engine.training.trainer import Chunk


class Observer(Protocol):
    """Sees all that a run does, and has no influence on it."""

    def observe(self, chunk: Chunk) -> None:
        """Take in a chunk's steps; nothing of the chunk may be kept or changed."""


class WeightAverage:
    """An average of the weights. weights: (P,) float64 the average so far, None before the first update that counts."""

    def __init__(self) -> None:
        self.weights: Array | None = None

    def observe(self, chunk: Chunk) -> None:
        """Take in the weights after each of the chunk's updates."""
        if chunk.steps:
            with np.errstate(all="ignore"):  # a run that blows up takes its average with it
                self.add(chunk.first_step, chunk.weights[1:])

    def add(self, first_step: int, weights: Array) -> None:
        """Take in weights, (n, P) with n ≥ 1, row k after update number first_step + k."""
        raise NotImplementedError

    def loss(self, objective: Objective) -> float:
        """The objective's loss over all its examples at the average; NaN before there is one."""
        with np.errstate(all="ignore"):
            return float("nan") if self.weights is None else objective.loss(self.weights)


class PolyakAverage(WeightAverage):
    """The mean of the weights after each update from number `start` (counted from 0) on.

    Source: Polyak & Juditsky, SIAM J. Control Optim. 30 (1992); Ruppert 1988. As torch's AveragedModel.
    Raises ValueError for a start below 0.
    """

    def __init__(self, start: int = 0) -> None:
        if start < 0:
            raise ValueError(f"start must be at least 0, not {start}")
        super().__init__()
        self.start = start
        self._count = 0

    def add(self, first_step: int, weights: Array) -> None:
        weights = weights[max(0, self.start - first_step) :]
        if not len(weights):
            return
        self._count += len(weights)
        before = np.zeros(weights.shape[1]) if self.weights is None else self.weights
        total = np.add.reduce(weights, axis=0, dtype=np.float64)
        self.weights = before + (total - len(weights) * before) / self._count


class ExponentialAverage(WeightAverage):
    """a ← ρa + (1 − ρ)w after each update, ρ = `decay`, beginning with the first w: it remembers 1/(1 − ρ) steps.

    As torch's AveragedModel with get_ema_multi_avg_fn. Raises ValueError unless 0 ≤ ρ < 1.
    """

    def __init__(self, decay: float = 0.99) -> None:
        if not 0 <= decay < 1:
            raise ValueError(f"decay must be at least 0 and below 1, not {decay}")
        super().__init__()
        self.decay = decay

    def add(self, first_step: int, weights: Array) -> None:
        if self.weights is None:
            self.weights, weights = weights[0].astype(np.float64), weights[1:]
        # After n updates: ρⁿa + (1 − ρ) Σ ρⁿ⁻¹⁻ᵏ wₖ
        powers = self.decay ** np.arange(len(weights), -1, -1.0)
        recent = powers[1:].astype(weights.dtype, copy=False).dot(weights)
        self.weights = powers[0] * self.weights + (1 - self.decay) * recent
