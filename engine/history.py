"""What a trainer leaves behind: per-step values in bounded memory.

The recent tail is exact; the whole run is kept as minimum, maximum, sum and count per bucket of steps,
and the buckets merge in pairs, doubling their stride, whenever they are full. So a spike never vanishes,
means stay exact, a run of any length takes the same few megabytes, and any window is quickly drawn.
Values that are not finite are gaps (NaN). What is kept depends on the steps alone, not on how they were
handed in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.objective import Array

_TAIL_BYTES = 16 * 2**20
_QUIETLY = np.errstate(over="ignore", invalid="ignore")  # sums of enormous values; window() clips their mean
_UNIT = 1024  # the longest bucket that is reduced from the tail directly; longer ones are sums of these


@dataclass(frozen=True)
class Series:
    """One field over a window of steps, ready to draw. All arrays (m,) float64; NaN where nothing is finite.

    steps: the first step of each bucket. low, mean, high: over the finite values in the bucket.
    """

    steps: Array
    low: Array
    mean: Array
    high: Array


class History:
    """Per-step values of the named fields. Not thread-safe; belongs to one trainer.

    fields: names. tail: how many of the latest steps are kept exactly (default: what fits 16 MB).
    buckets: how many buckets cover the whole run at most, an even number.
    """

    def __init__(self, fields: tuple[str, ...], *, tail: int | None = None, buckets: int = 4096) -> None:
        if buckets < 2 or buckets % 2:
            raise ValueError(f"buckets must be an even number of at least 2, not {buckets}")
        self.fields = fields
        self.steps = 0
        self._tail_steps = max(2 * _UNIT, tail or _TAIL_BYTES // (8 * len(fields)))
        # Twice the tail, so that the latest steps are always contiguous and move back only once a tail.
        self._values = np.empty((len(fields), 2 * self._tail_steps))
        self._stop = 0  # column after the latest step
        self._buckets = np.empty((4, len(fields), buckets))  # see _reduce
        self._closed = 0
        self._stride = 1
        self._open: list[Array] = []  # units of the bucket not yet full, each (4, F)

    @_QUIETLY
    def append(self, values: Array) -> None:
        """Record n further steps, (F, n)."""
        for start in range(0, values.shape[1], _UNIT):
            self._append_unit(values[:, start : start + _UNIT])

    def _append_unit(self, values: Array) -> None:
        count = values.shape[1]
        if self._stop + count > self._values.shape[1]:
            kept = self._values[:, self._stop - self._tail_steps : self._stop].copy()
            self._values[:, : self._tail_steps] = kept
            self._stop = self._tail_steps
        self._values[:, self._stop : self._stop + count] = values
        self._stop += count
        self.steps += count
        self._close_buckets()

    def _close_buckets(self) -> None:
        while True:
            unit = min(self._stride, _UNIT)
            covered = self._closed * self._stride + len(self._open) * unit
            due = (self.steps - covered) // unit
            if not due:
                return
            if unit == self._stride:
                due = min(due, self._buckets.shape[2] - self._closed)
            begin = self._stop - (self.steps - covered)
            reduced = _reduce(self._values[:, begin : begin + due * unit].reshape(len(self.fields), due, unit))
            if unit == self._stride:
                self._buckets[:, :, self._closed : self._closed + due] = reduced
                self._closed += due
            else:
                self._open.extend(reduced.transpose(2, 0, 1))
                self._close_long_buckets(self._stride // unit)
            if self._closed == self._buckets.shape[2]:
                self._merge_pairs()

    def _close_long_buckets(self, units: int) -> None:
        while len(self._open) >= units and self._closed < self._buckets.shape[2]:
            self._buckets[:, :, self._closed] = _merge(np.stack(self._open[:units], axis=-1))
            self._closed += 1
            del self._open[:units]

    def _merge_pairs(self) -> None:
        fields, buckets = self._buckets.shape[1:]
        pairs = self._buckets.reshape(4, fields, buckets // 2, 2)
        self._buckets[:, :, : buckets // 2] = _merge(pairs)
        self._closed = buckets // 2
        self._stride *= 2

    def tail(self, count: int) -> Array:
        """(F, m) the latest m ≤ count steps exactly, oldest first; m is less where the tail is shorter."""
        count = min(count, self.steps, self._tail_steps)
        return self._values[:, self._stop - count : self._stop].copy()

    @_QUIETLY
    def window(self, field: str, start: int, stop: int, columns: int) -> Series:
        """`field` over the steps start ≤ step < stop as at most about `columns` buckets (never fewer than half).

        Exact where the tail reaches back to `start`; else as fine as the buckets are.
        """
        stop = min(stop, self.steps)
        start = max(0, min(start, stop))
        index = self.fields.index(field)
        tail_start = self.steps - min(self.steps, self._tail_steps)
        if start >= tail_start:
            steps = np.arange(start, stop)
            begin = self._stop - (self.steps - start)
            values = _reduce(self._values[index, begin : begin + len(steps), None])
            stride = 1
        else:
            first, last = start // self._stride, -(-stop // self._stride)
            values = np.concatenate([self._buckets[:, index, : self._closed], self._unfinished(index)], axis=1)
            values = values[:, first:last]
            steps = np.arange(first, first + values.shape[1]) * self._stride
            stride = self._stride
        return _series(steps, values, max(1, -(-(stop - start) // (stride * max(1, columns)))))

    def _unfinished(self, index: int) -> Array:
        """(4, 1) the bucket still being filled, or (4, 0)."""
        parts = [unit[:, index] for unit in self._open]
        rest = self.steps - self._closed * self._stride - len(self._open) * min(self._stride, _UNIT)
        if rest:
            parts.append(_reduce(self._values[index, self._stop - rest : self._stop]))
        return _merge(np.stack(parts, axis=-1))[:, None] if parts else np.empty((4, 0))


def _reduce(values: Array) -> Array:
    """(4, …) minimum, maximum, sum and count of the finite values along the last axis of (…, n)."""
    finite = np.isfinite(values)
    extremes = np.where(finite, values, np.nan)
    return _merge(np.stack([extremes, extremes, np.where(finite, values, 0.0), finite]))


def _merge(parts: Array) -> Array:
    """(4, …) the same of several parts, (4, …, n)."""
    low, high, total, count = parts
    return np.stack(
        [
            np.fmin.reduce(low, axis=-1),
            np.fmax.reduce(high, axis=-1),
            np.add.reduce(total, axis=-1),
            np.add.reduce(count, axis=-1),
        ]
    )


def _series(steps: NDArray[np.intp], values: Array, group: int) -> Series:
    """Every `group` neighbours of (4, m) become one, counted from the first."""
    edges = np.arange(0, len(steps), group)
    if not len(edges):
        return Series(*np.empty((4, 0)))
    low, high, total, count = values
    low, high = np.fmin.reduceat(low, edges), np.fmax.reduceat(high, edges)
    total, count = np.add.reduceat(total, edges), np.add.reduceat(count, edges)
    # Clipped, for the sum of enormous values may be infinite.
    mean = np.clip(total / np.where(count, count, np.nan), low, high)
    return Series(steps[edges].astype(np.float64), low, mean, high)


class Evaluations:
    """The loss over all training and all validation examples, at steps that are multiples of a stride.

    Whenever more than `capacity` are held the stride doubles, so that what is kept depends on the step
    alone. NaN where there is no validation data.
    """

    def __init__(self, capacity: int = 512) -> None:
        self._capacity = capacity
        self.stride = 1
        self.steps: Array = np.empty(0)
        self.training_loss: Array = np.empty(0)
        self.validation_loss: Array = np.empty(0)

    def due(self, first_step: int, count: int) -> range:
        """Which of the steps first_step … first_step + count − 1 are to be evaluated."""
        return range(-(-first_step // self.stride) * self.stride, first_step + count, self.stride)

    def append(self, steps: range, training_loss: Array, validation_loss: Array) -> None:
        """Record the losses, both (len(steps),), at the steps that `due` named."""
        self.steps = np.append(self.steps, np.asarray(steps, dtype=np.float64))
        self.training_loss = np.append(self.training_loss, training_loss)
        self.validation_loss = np.append(self.validation_loss, validation_loss)
        while len(self.steps) > self._capacity:
            self.stride *= 2
            keep = self.steps % self.stride == 0
            self.steps = self.steps[keep]
            self.training_loss, self.validation_loss = self.training_loss[keep], self.validation_loss[keep]
