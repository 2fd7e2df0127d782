"""Minibatches drawn without replacement, reshuffled every epoch; the batch size may change within one.

The examples are copied in their new order into a small buffer, a piece at a time, so that a batch is a
contiguous slice of the buffer and the objective can prepare its views of such slices once for all. Small
data sets are shuffled several epochs at a time, because NumPy's price is by the call. Neither changes
the order in which examples are handed out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.objective import Array

_PIECE_ROWS = 8192  # examples copied at a time, about


class Minibatches:
    """An endless supply of minibatches; every example exactly once an epoch, whatever the batch size does.

    examples: (N, c), one row an example. `bind` prepares a (B, c) slice for the objective's kernel.
    An epoch is cut into batches of `batch_size` from where it stands; the last one may be shorter and
    is kept. A batch size above N is the full batch. Raises ValueError for a batch size below 1.
    """

    def __init__(self, examples: Array, bind: Callable[[Array], Any], *, batch_size: int, seed: int) -> None:
        self._examples = examples
        self._bind = bind
        self._generator = np.random.default_rng(seed)
        self._epochs_at_once = max(1, _PIECE_ROWS // len(examples))
        self._order: NDArray[np.intp] = np.empty(0, dtype=np.intp)  # of the examples, one or more epochs
        self._position = 0  # in that order, of the next minibatch
        self.batch_size = batch_size

    @property
    def batch_size(self) -> int:
        """Examples in a minibatch, as asked for; at least 1. A change acts from the next minibatch on."""
        return self._batch_size

    @batch_size.setter
    def batch_size(self, batch_size: int) -> None:
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, not {batch_size}")
        self._batch_size = int(batch_size)
        whole_batches = self._batch_size * max(1, _PIECE_ROWS // self._batch_size)
        epoch = len(self._examples)
        self._piece_rows = self._epochs_at_once * epoch if self._epochs_at_once > 1 else min(epoch, whole_batches)
        self._buffer = np.empty((self._piece_rows, self._examples.shape[1]))
        self._cuts: dict[tuple[int, int], list[tuple[Any, int]]] = {}
        self._batches: list[tuple[Any, int]] = []  # of the piece in the buffer
        self._next = 0

    def take(self, count: int) -> list[tuple[Any, int]]:
        """The next minibatches, each with its size: at least one, at most `count`, all of one piece.

        They stay valid until the next call.
        """
        if self._next == len(self._batches):
            self._fill()
        batches = self._batches[self._next : self._next + count]
        self._next += len(batches)
        self._position += sum(size for _, size in batches)
        return batches

    def upcoming(self) -> NDArray[np.intp]:
        """(B,) which examples the next minibatch holds. Asking changes nothing in what follows."""
        if self._next == len(self._batches):
            self._fill()
        _, size = self._batches[self._next]
        return self._order[self._position : self._position + size].copy()

    def _fill(self) -> None:
        """Bring the next piece into the buffer, shuffling anew where an epoch ends."""
        epoch = len(self._examples)
        if self._position == len(self._order):
            orders = np.tile(np.arange(epoch), (self._epochs_at_once, 1))
            self._order = self._generator.permuted(orders, axis=1).ravel()
            self._position = 0
        rows = min(self._piece_rows, len(self._order) - self._position)
        piece = self._order[self._position : self._position + rows]
        self._examples.take(piece, 0, self._buffer[:rows], "clip")
        to_end_of_epoch = epoch - self._position % epoch
        key = (min(to_end_of_epoch, rows), rows)
        if key not in self._cuts:
            self._cuts[key] = self._cut(*key)
        self._batches, self._next = self._cuts[key], 0

    def _cut(self, to_end_of_epoch: int, rows: int) -> list[tuple[Any, int]]:
        """The first `rows` of the buffer as batches, none of which crosses the end of an epoch."""
        batches, start = [], 0
        while start < rows:
            stop = min(start + self._batch_size, to_end_of_epoch)
            batches.append((self._bind(self._buffer[start:stop]), stop - start))
            start = stop
            if start == to_end_of_epoch:
                to_end_of_epoch = min(to_end_of_epoch + len(self._examples), rows)
        return batches
