"""Marks on the way of a run: fingerprints of its weights, by which another training is compared with it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from engine.model.objective import Array
from engine.training.trainer import Chunk

_DIGITS = 12  # hexadecimal, of a mark's fingerprint


@dataclass(frozen=True)
class Mark:
    """The weights after so many `steps`. digest: the first 12 digits of their `weights_sha256`. length: their Euclidean
    norm, which says by how much others differ."""

    steps: int
    digest: str
    length: float


def weights_sha256(weights: Array) -> str:
    """Return the SHA-256 of the weights' little-endian float64 bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(np.asarray(weights, "<f8").tobytes()).hexdigest()


def mark_of(steps: int, weights: Array) -> Mark:
    """Return the mark of these weights, (P,)."""
    weights = np.asarray(weights, np.float64)
    with np.errstate(all="ignore"):
        return Mark(steps, weights_sha256(weights)[:_DIGITS], float(np.sqrt(weights.dot(weights))))


class Marks:
    """An observer of a run that marks it after 1, 2, 4, 8, … steps.

    known: marks of the steps that it has behind it.
    """

    def __init__(self, known: Iterable[Mark] = ()) -> None:
        self._marks = list(known)

    def observe(self, chunk: Chunk) -> None:
        """Mark the steps of the chunk that are due."""
        last = chunk.first_step + chunk.steps
        due = 1 << (chunk.first_step).bit_length()  # the first power of two above
        while due <= last:
            self._marks.append(mark_of(due, chunk.weights[due - chunk.first_step]))
            due *= 2

    def upto(self, steps: int) -> tuple[Mark, ...]:
        """Return the marks after at most so many steps."""
        return tuple(mark for mark in self._marks if mark.steps <= steps)
