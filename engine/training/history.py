"""History: the values of every step of a trainer, in bounded memory.

The recent tail is exact; the whole run is kept as minimum, maximum, sum and count per bucket of steps,
and the buckets merge in pairs, doubling their stride, whenever they are full. So a spike never vanishes,
means stay exact, a run of any length takes the same few megabytes, and any window is quickly drawn.
Values that are not finite are gaps (NaN). What is kept depends on the steps alone, not on how they were
handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.model.objective import Array

_TAIL_BYTES = 6 * 2**20
_QUIETLY = np.errstate(over="ignore", invalid="ignore")  # sums of enormous values; window() clips their mean
_UNIT = 1024  # the longest bucket that is reduced from the tail directly; longer ones are sums of these
_FIRST_STRIDE = 64  # at most; reducing fewer steps at a time costs more by the call than by the value


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

    fields: names. tail: how many of the latest steps are kept exactly (default: what fits 6 MB).
    buckets: how many buckets cover the whole run at most, an even number.
    """

    def __init__(self, fields: tuple[str, ...], *, tail: int | None = None, buckets: int = 4096) -> None:
        if buckets < 2 or buckets % 2:
            raise ValueError(f"buckets must be an even number of at least 2, not {buckets}")
        self.fields = fields
        self.steps = 0
        self._tail_steps = max(2 * _UNIT, tail or _TAIL_BYTES // (8 * len(fields)))
        self._values = np.empty((len(fields), 2 * _UNIT))  # see _make_room
        self._stop = 0  # column after the latest step
        self._exact_from = 0  # nothing earlier is in the tail, even where there is room
        self._buckets = np.empty((4, len(fields), buckets))  # see _reduce
        self._closed = 0
        # Nobody looks at buckets while the tail holds the whole run, so they need not begin with single steps.
        self._stride = min(_FIRST_STRIDE, _power_of_two(self._tail_steps // buckets))
        self._open: list[Array] = []  # units of the bucket not yet full, each (4, F)

    @_QUIETLY
    def append(self, values: Array) -> None:
        """Record n further steps, (F, n)."""
        for start in range(0, values.shape[1], _UNIT):
            self._append_unit(values[:, start : start + _UNIT])

    def _append_unit(self, values: Array) -> None:
        count = values.shape[1]
        self._make_room(count)
        self._values[:, self._stop : self._stop + count] = values
        self._stop += count
        self.steps += count
        if self._not_in_buckets >= _UNIT:  # many at a time: the price is by the call
            self._close_buckets()

    @property
    def _not_in_buckets(self) -> int:
        """The latest steps that are in the tail only."""
        return self.steps - self._closed * self._stride - len(self._open) * min(self._stride, _UNIT)

    def _make_room(self, count: int) -> None:
        """Room for `count` further steps in the tail.

        It grows to twice its length, so that the latest steps are always contiguous and move back only once a tail.
        """
        if self._stop + count <= self._values.shape[1]:
            return
        kept = self._values[:, max(0, self._stop - self._tail_steps) : self._stop]
        room = min(max(2 * self._values.shape[1], self._stop + count), 2 * self._tail_steps)
        values = self._values if room == self._values.shape[1] else np.empty((len(self.fields), room))
        self._stop = kept.shape[1]
        for row, latest in zip(values, kept, strict=True):  # by rows NumPy moves in place; all at once it copies first
            row[: self._stop] = latest
        self._values = values

    def _close_buckets(self) -> None:
        while True:
            unit = min(self._stride, _UNIT)
            due = self._not_in_buckets // unit
            if not due:
                return
            if unit == self._stride:
                due = min(due, self._buckets.shape[2] - self._closed)
            begin = self._stop - self._not_in_buckets
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

    def skip(self, count: int) -> None:
        """`count` further steps of which nothing is known: gaps."""
        gap = np.full((len(self.fields), min(count, _UNIT)), np.nan)
        for start in range(0, count, _UNIT):
            self.append(gap[:, : count - start])

    def upto(self, step: int) -> History:
        """A history that ends before `step`, with what this one holds of the steps until then.

        It is as if nothing had followed where the tail reaches back that far. Else its buckets are as long as
        they became since, and the steps from the last whole bucket to `step` are a gap.
        """
        past = History(self.fields, tail=self._tail_steps, buckets=self._buckets.shape[2])
        tail_start = self.steps - self._tail_count
        if tail_start == 0:
            past.append(self._exactly(0, step))
            return past
        self._close_buckets()
        past._stride, past._closed = self._stride, min(step // self._stride, self._closed)
        past._buckets[:, :, : past._closed] = self._buckets[:, :, : past._closed]
        past.steps = past._closed * past._stride
        past._exact_from = min(max(tail_start, past.steps - self._tail_steps), past.steps)
        past._make_room(past.steps - past._exact_from)
        past._stop = past.steps - past._exact_from
        past._values[:, : past._stop] = self._exactly(past._exact_from, past.steps)
        past.skip(max(0, min(tail_start, step) - past.steps))
        past.append(self._exactly(past.steps, step))
        return past

    @_QUIETLY
    def recall(self, steps: int, stride: int, buckets: Mapping[str, Array]) -> None:
        """Stand after so many steps, of which only these buckets are known: of some fields minimum, mean and maximum,
        (3, m), every `stride` steps, a power of two, m ≤ the number of buckets. Nothing was recorded before."""
        self._stride, self._closed = stride, min(steps // stride, *(len(known[0]) for known in buckets.values()))
        self._buckets[:2, :, : self._closed] = np.nan
        self._buckets[2:, :, : self._closed] = 0.0
        for field, known in buckets.items():
            low, mean, high = known[:, : self._closed]
            count = np.where(np.isfinite(mean), float(stride), 0.0)
            values = low, high, np.where(count > 0, mean * stride, 0.0), count
            self._buckets[:, self.fields.index(field), : self._closed] = values
        self.steps = self._exact_from = self._closed * stride
        self.skip(steps - self.steps)

    @property
    def exact_from(self) -> int:
        """The first of the latest steps whose values are held exactly."""
        return self.steps - self._tail_count

    @property
    def stride(self) -> int:
        """Steps of a bucket: how fine that is which lies before `exact_from`."""
        self._close_buckets()
        return self._stride

    @property
    def _tail_count(self) -> int:
        return min(self.steps - self._exact_from, self._tail_steps)

    def _exactly(self, start: int, stop: int) -> Array:
        """(F, stop − start) values in the tail."""
        return self._values[:, self._stop - (self.steps - start) : self._stop - (self.steps - stop)]

    def tail(self, count: int) -> Array:
        """(F, m) the latest m ≤ count steps exactly, oldest first; m is less where the tail is shorter."""
        return self._exactly(self.steps - min(count, self._tail_count), self.steps).copy()

    def recent(self, count: int) -> Array:
        """Values as `tail` gives them, but no copy: valid until the next call of `append`."""
        return self._exactly(self.steps - min(count, self._tail_count), self.steps)

    @_QUIETLY
    def window(self, field: str, start: int, stop: int, columns: int) -> Series:
        """`field` over the steps start ≤ step < stop as at most about `columns` buckets (never fewer than half).

        Exact where the tail reaches back to `start`; else as fine as the buckets are. A `stop` beyond the latest step
        leaves room for those to come: what is shown of the others stays as it is until then.
        """
        length = stop - start
        stop = min(stop, self.steps)
        start = max(0, min(start, stop))
        index = self.fields.index(field)
        columns = max(1, columns)
        if self.steps - start <= self._tail_count:
            group = max(1, _ceil(length, columns))
            if group == 1:
                return _single_steps(np.arange(start, stop), self._exactly(start, stop)[index])
            return _series(np.arange(start, stop, group), _reduce_groups(self._exactly(start, stop)[index], group))
        self._close_buckets()
        first, last = start // self._stride, _ceil(stop, self._stride)
        buckets = np.concatenate([self._buckets[:, index, : self._closed], self._unfinished(index)], axis=1)
        group = max(1, _ceil(length, self._stride * columns))
        edges = np.arange(first, min(last, buckets.shape[1]), group)
        return _series(edges * self._stride, _merge_groups(buckets[:, first:last], edges - first))

    def _unfinished(self, index: int) -> Array:
        """(4, 1) the bucket still being filled, or (4, 0)."""
        parts = [unit[:, index] for unit in self._open]
        if rest := self._not_in_buckets:
            parts.append(_reduce(self._values[index, self._stop - rest : self._stop]))
        return _merge(np.stack(parts, axis=-1))[:, None] if parts else np.empty((4, 0))


def _power_of_two(limit: int) -> int:
    """The largest that is at most `limit`; at least 1."""
    return 1 << max(0, limit.bit_length() - 1)


def _reduce(values: Array) -> Array:
    """(4, …) minimum, maximum, sum and count of the finite values along the last axis of (…, n)."""
    finite = np.isfinite(values)
    if finite.all():  # fmin and fmax, which pass over gaps, take three times as long
        low, high = np.minimum.reduce(values, axis=-1), np.maximum.reduce(values, axis=-1)
        count = np.full_like(low, values.shape[-1])
        return np.stack([low, high, np.add.reduce(values, axis=-1), count])
    extremes = np.where(finite, values, np.nan)
    return _merge((extremes, extremes, np.where(finite, values, 0.0), finite.astype(np.float64)))


_MERGES = (np.fmin, np.fmax, np.add, np.add)


def _merge(parts: Iterable[Array]) -> Array:
    """(4, …) the same of several parts, (4, …, n)."""
    return np.stack([merge.reduce(part, axis=-1) for merge, part in zip(_MERGES, parts, strict=True)])


def _reduce_groups(values: Array, group: int) -> Array:
    """(4, m) minimum, maximum, sum and count of every `group` neighbours of (n,); the last may be fewer."""
    whole = len(values) // group * group
    groups = [_reduce(values[:whole].reshape(-1, group))]
    if whole < len(values):
        groups.append(_reduce(values[None, whole:]))
    return np.concatenate(groups, axis=1)


def _merge_groups(parts: Array, edges: NDArray[np.intp]) -> Array:
    """(4, m) the same of neighbours among (4, n), from each edge to the next."""
    if not len(edges):
        return np.empty((4, 0))
    return np.stack([merge.reduceat(part, edges) for merge, part in zip(_MERGES, parts, strict=True)])


def _single_steps(steps: NDArray[np.intp], values: Array) -> Series:
    """Buckets of one step each, with these values, (m,)."""
    known = np.where(np.isfinite(values), values, np.nan)
    return Series(steps.astype(np.float64), known, known, known)


def _series(steps: NDArray[np.intp], values: Array) -> Series:
    """Buckets from each of `steps`, (m,), on; what `_reduce` tells of them, (4, m)."""
    low, high, total, count = values
    # Clipped, for the sum of enormous values may be infinite.
    mean = np.clip(total / np.where(count, count, np.nan), low, high)
    return Series(steps.astype(np.float64), low, mean, high)


def _ceil(number: int, divisor: int) -> int:
    """The quotient, rounded up."""
    return -(-number // divisor)


_STRETCHES, _OF_STRETCH = 32, 64  # between two changes of knobs: how many are remembered, and how many losses of each


class Evaluations:
    """The loss over all training and all validation examples, at steps that are multiples of a stride.

    stride: to begin with. Whenever more than `capacity` are held it doubles, so that what is kept depends on the step
    alone. thrift: where an evaluation takes long, they are as far apart as a part of so many of the steps since the
    knobs changed, in doublings of the stride. NaN where there is no validation data.
    listeners: are told the steps and both losses of all that is recorded, before anything of it is dropped.
    """

    def __init__(self, capacity: int = 512, *, stride: int = 1, thrift: int | None = None) -> None:
        self._capacity, self._thrift = capacity, thrift
        self.stride = stride
        self._since = 0
        self._stretches: dict[int, Array] = {}
        self.steps: Array = np.empty(0)
        self.training_loss: Array = np.empty(0)
        self.validation_loss: Array = np.empty(0)
        self.listeners: list[Callable[[Array, Array, Array], None]] = []

    def restart(self, step: int) -> None:
        """Be as close together again as in the beginning, because the knobs changed; and remember the stretch that has
        ended as it is held now."""
        ended = self.training_loss[self.steps >= self._since]
        if step > self._since and len(ended):
            stretches = {**self._stretches, self._since: ended[:: _ceil(len(ended), _OF_STRETCH)].copy()}
            self._stretches = dict(list(stretches.items())[-_STRETCHES:])
        self._since = step

    def stretch(self, start: int, end: int) -> Array:
        """The training losses between the changes of knobs before step `start` and before step `end`, as many as are
        held; or up to 64 of those that were held when the stretch ended, where these are more."""
        held = self.training_loss[(self.steps >= start) & (self.steps < end)]
        if end <= start:  # what is kept of the start is of the stretch after it
            return held
        return max(held, self._stretches.get(start, held), key=len)

    def next_due(self, step: int) -> int:
        """The first step from `step` on that is to be evaluated."""
        while step % (stride := self._stride_at(step)):
            step = _ceil(step, stride) * stride
        return step

    def _stride_at(self, step: int) -> int:
        if self._thrift is None:
            return self.stride
        return self.stride << ((step - self._since) // (self._thrift * self.stride)).bit_length()

    def due(self, first_step: int, count: int) -> list[int]:
        """The steps among first_step … first_step + count − 1 that are to be evaluated."""
        stop = first_step + count
        if self._thrift is None:
            return list(range(_ceil(first_step, self.stride) * self.stride, stop, self.stride))
        steps, step = [], self.next_due(first_step)
        while step < stop:
            steps.append(step)
            step = self.next_due(step + 1)
        return steps

    def checkpoint(self) -> dict[str, Any]:
        """Plain data from which `restore` goes on."""
        return {
            "stride": self.stride,
            "since": self._since,
            "stretches": self._stretches,  # never changed, but replaced
            "steps": self.steps.copy(),
            "training_loss": self.training_loss.copy(),
            "validation_loss": self.validation_loss.copy(),
        }

    def restore(self, checkpoint: dict[str, Any]) -> None:
        """Hold what was held where `checkpoint` was taken."""
        self.stride, self._since, self.steps = checkpoint["stride"], checkpoint["since"], checkpoint["steps"].copy()
        self._stretches = checkpoint.get("stretches", {})  # older ones have none
        self.training_loss = checkpoint["training_loss"].copy()
        self.validation_loss = checkpoint["validation_loss"].copy()

    def append(
        self, steps: Sequence[int] | NDArray[np.intp], training_loss: Array, validation_loss: Array
    ) -> NDArray[np.intp]:
        """Record the losses, both (len(steps),), at the steps that `due` named; returns which of them, by index,
        would have been due had they come one by one, so that they do not depend on how steps are grouped."""
        numbers, taken = np.asarray(steps), [np.empty(0, dtype=np.intp)]
        start = 0
        while start < len(numbers):
            due = start + np.flatnonzero(numbers[start:] % self.stride == 0)
            taken.append(due[: self._capacity + 1 - len(self.steps)])
            self.steps = np.append(self.steps, numbers[taken[-1]].astype(np.float64))
            self.training_loss = np.append(self.training_loss, training_loss[taken[-1]])
            self.validation_loss = np.append(self.validation_loss, validation_loss[taken[-1]])
            start = len(numbers)
            if len(self.steps) > self._capacity:
                start = int(taken[-1][-1]) + 1
                self._thin_out()
        recorded = np.concatenate(taken)
        for listener in self.listeners:
            listener(numbers[recorded], training_loss[recorded], validation_loss[recorded])
        return recorded

    def _thin_out(self) -> None:
        self.stride *= 2
        keep = self.steps % self.stride == 0
        self.steps = self.steps[keep]
        self.training_loss, self.validation_loss = self.training_loss[keep], self.validation_loss[keep]
