"""Minibatches drawn without replacement, reshuffled every epoch; the batch size may change within one.

The examples are copied in their new order into a small buffer, a piece at a time, so that a batch is a contiguous
slice of the buffer and the objective can prepare its views of such slices once for all. Where it fetches the examples
itself, it is their numbers that the buffer holds. Small data sets are shuffled several epochs at a time, because
NumPy's price is by the call. Neither changes the order in which examples are handed out.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.bounds import batch_in_effect
from engine.model.objective import Array, Objective
from engine.plain_text import shortened
from engine.refusals import RefusalError
from engine.training.knobs import SAMPLINGS

_PIECE_NUMBERS = 2**18  # copied at a time, at most: fewer make chunks short, more leave the caches
_PIECE_EXAMPLES = 2**15  # where it is their numbers only
_PIECE_BATCHES = 2048  # at most: they are prepared anew whenever the batch size changes
_SORTED = 2**8  # as few keys NumPy sorts within the registers of a processor, faster than it shuffles


@dataclass(frozen=True)
class _Bound:
    """A piece of the buffer as batches: what the objective has bound, and the emphasis on all numbers of the piece,
    (rows, c) or (1, 1), None for 1."""

    batches: list[Any]
    emphasis: Array | None


class Minibatches:
    """An endless supply of minibatches of an objective's examples.

    sampling: `reshuffled`, every epoch in a new order; `shuffled_once`, every epoch in the same one; both use
    every example exactly once an epoch, whatever the batch size does. `with_replacement`: N independent draws
    are an epoch. `full_batch`: all examples, in their own order, whatever the batch size is.
    An epoch is cut into batches of `batch_size` from where it stands; the last one may be shorter and
    is kept. A batch size above N is the full batch. Raises RefusalError for a batch size below 1.
    """

    def __init__(self, objective: Objective, *, batch_size: int, sampling: str = "reshuffled", seed: int) -> None:
        self._objective = objective
        self._seed, self._samplings = seed, 0
        self._taken = slice(0, 0)
        self._next = 0  # of the batches of the piece
        self._in_buffer: list[Any] | None = None  # these batches, once they are there
        self._num_examples: int = len(objective.examples)
        columns = objective.examples.shape[1]
        self._rows_at_once = _PIECE_EXAMPLES if objective.fetches else max(1, _PIECE_NUMBERS // columns)
        self._epochs_at_once = max(1, self._rows_at_once // self._num_examples)
        self._batch_size = batch_size
        self.sampling = sampling

    @property
    def sampling(self) -> str:
        """One of `SAMPLINGS`. A change begins a new epoch with the next minibatch, and a new stream of random
        numbers: how far ahead the old one was drawn must not matter."""
        return self._sampling

    @sampling.setter
    def sampling(self, sampling: str) -> None:
        if sampling not in SAMPLINGS:
            raise RefusalError(f"sampling must be one of {', '.join(SAMPLINGS)}, not {shortened(sampling)}")
        self._sampling = sampling
        self._generator = stream(self._seed, self._samplings)
        self._samplings += 1
        self._order: NDArray[np.intp] = np.empty(0, dtype=np.intp)  # of the examples, one or more epochs
        self._position = 0  # in that order, of the next minibatch
        self._generator_before = self._generator.bit_generator.state  # the order was drawn
        self.batch_size = self._batch_size

    @property
    def batch_size(self) -> int:
        """Examples in a minibatch, as asked for; at least 1. A change acts from the next minibatch on."""
        return self._batch_size

    @batch_size.setter
    def batch_size(self, batch_size: int) -> None:
        if batch_size < 1:
            raise RefusalError(f"batch_size must be at least 1, not {batch_size}")
        self._batch_size = int(batch_size)
        examples = self._objective.examples
        epoch = len(examples)
        self._size = batch_in_effect(self._sampling, self._batch_size, epoch)
        rows = min(self._rows_at_once, self._size * _PIECE_BATCHES)
        # Whole epochs, or else whole batches of one: so that nearly all pieces are cut alike.
        self._piece_rows = rows // epoch * epoch or max(1, rows // self._size) * self._size
        shape = (self._piece_rows, examples.shape[1])
        self._buffer: NDArray[Any] = (
            np.empty(shape[0], np.intp) if self._objective.fetches else np.empty(shape, examples.dtype)
        )
        self._filled = 0  # rows of it
        # Both by where in a piece its first epoch ends, and how many rows it has.
        self._cuts: dict[tuple[int, int], Array] = {}  # the sizes of its batches
        self._bindings: dict[tuple[int, int], _Bound] = {}
        self._begin_piece((0, 0), np.empty(0))

    @property
    def left_of_epoch(self) -> int:
        """Examples until the epoch ends, 1 … N; N where it begins."""
        return self._num_examples - self._position % self._num_examples

    def take(self, count: int) -> tuple[list[Any], Array]:
        """The next minibatches and their sizes: at least one, at most `count`, all of one piece.

        They stay valid until the next call.
        """
        window = self._hand_out(count)
        if self._in_buffer is None:
            self._in_buffer = self._copy_piece()
        return self._in_buffer[window], self._sizes[window]

    def take_numbers(self, count: int) -> tuple[NDArray[np.intp], Array]:
        """The same minibatches as `take` would give, as the numbers of their examples, one after another."""
        window = self._hand_out(count)
        return self._order[self._taken], self._sizes[window]

    def give_back(self, count: int) -> None:
        """Take back the last of the minibatches that the latest call handed out, to be handed out again."""
        self._next -= count
        self._position -= int(self._sizes[self._next : self._next + count].sum())
        self._taken = slice(self._taken.start, self._position)

    def _hand_out(self, count: int) -> slice:
        """The next batches of the piece."""
        if self._next == len(self._sizes):
            self._cut_piece()
        window = slice(self._next, min(self._next + count, len(self._sizes)))
        self._next = window.stop
        self._taken = slice(self._position, self._position + int(self._sizes[window].sum()))
        self._position = self._taken.stop
        return window

    def latest(self) -> NDArray[np.intp]:
        """(n,) which examples the latest `take` handed out, one after another; to be asked right after it."""
        return self._order[self._taken].copy()

    def upcoming(self) -> NDArray[np.intp]:
        """(B,) which examples the next minibatch holds. Asking changes nothing in what follows."""
        if self._next == len(self._sizes):
            self._cut_piece()
        size = int(self._sizes[self._next])
        return self._order[self._position : self._position + size].copy()

    def fixed_order(self) -> NDArray[np.intp] | None:
        """(N,) the order of the examples in every epoch; None where each has its own. Asking changes nothing in what
        follows."""
        if self._sampling != "shuffled_once":
            return None
        self.upcoming()
        order = self._order[: len(self._objective.examples)]
        order.flags.writeable = False
        return order

    def checkpoint(self) -> dict[str, Any]:
        """Plain data from which `restore` goes on with the same minibatches."""
        return {
            "seed": self._seed,
            "sampling": self._sampling,
            "samplings": self._samplings,
            "batch_size": self._batch_size,
            "generator": self._generator_before if len(self._order) else self._generator.bit_generator.state,
            "drawn": bool(len(self._order)),
            "position": self._position,
        }

    def restore(self, checkpoint: dict[str, Any]) -> None:
        """Go on where `checkpoint` was taken, over the same examples."""
        self._batch_size = checkpoint["batch_size"]
        self.sampling = checkpoint["sampling"]
        self._seed, self._samplings = checkpoint["seed"], checkpoint["samplings"]
        self._generator.bit_generator.state = checkpoint["generator"]
        if checkpoint["drawn"]:
            self._draw()
            self._position = checkpoint["position"]

    def _draw(self) -> None:
        """The order of the next epochs."""
        self._position = 0
        if self._sampling == "shuffled_once" and len(self._order):
            return
        self._generator_before = self._generator.bit_generator.state
        self._order = draw(self._generator, self._sampling, self._num_examples, self._epochs_at_once)

    def _cut_piece(self) -> None:
        """Go on to the next piece."""
        epoch = self._num_examples
        if self._position == len(self._order):
            self._draw()
        rows = min(self._piece_rows, len(self._order) - self._position)
        to_end_of_epoch = epoch - self._position % epoch
        if self._piece_rows < epoch:
            rows = min(rows, to_end_of_epoch)
        else:  # to the end of an epoch, also from the middle of one
            rows -= (rows - to_end_of_epoch) % epoch
        key = (min(to_end_of_epoch, rows), rows)
        if key not in self._cuts:
            self._cuts[key] = self._cut(*key)
        self._begin_piece(key, self._cuts[key])

    def _begin_piece(self, key: tuple[int, int], sizes: Array) -> None:
        self._piece, self._sizes = key, sizes
        self._next = 0
        self._piece_start = self._position
        self._in_buffer = None

    def _cut(self, to_end_of_epoch: int, rows: int) -> Array:
        """(batches,) the sizes of the batches that so many rows make, none of which crosses the end of an epoch."""
        start, edges = 0, [0]
        for end in (*range(to_end_of_epoch, rows, self._num_examples), rows):
            edges += [*range(start + self._size, end, self._size), end]
            start = end
        return np.diff(edges).astype(np.float64)

    def _copy_piece(self) -> list[Any]:
        """Bring the piece into the buffer; returns its batches."""
        if self._piece not in self._bindings:
            self._bindings[self._piece] = self._bind(self._sizes.astype(np.intp))
        bound, (_, rows) = self._bindings[self._piece], self._piece
        if self._sampling == "full_batch" and rows <= self._filled:
            return bound.batches  # the buffer holds all examples, and in this order, already
        self._filled, piece = rows, self._buffer[:rows]
        numbers = self._order[self._piece_start : self._piece_start + rows]
        if self._objective.fetches:
            piece[:] = numbers
            return bound.batches
        # Told to clip, NumPy writes to `piece` directly; no number is out of range.
        self._objective.examples.take(numbers, 0, piece, "clip")
        if bound.emphasis is not None:
            np.multiply(piece, bound.emphasis, piece)
        return bound.batches

    def _bind(self, sizes: NDArray[np.intp]) -> _Bound:
        """The first rows of the buffer as batches of these sizes."""
        edges = np.concatenate([[0], np.cumsum(sizes)]).tolist()
        batches = [self._objective.bind(self._buffer[start:stop]) for start, stop in pairwise(edges)]
        emphasis = self._objective.emphasis(np.repeat(sizes, sizes).astype(np.float64))
        if emphasis is not None:
            emphasis = emphasis[:, None].astype(self._buffer.dtype)
            # NumPy multiplies a table by one number, or by a table, much faster than by a column.
            alike = bool((emphasis == emphasis[0]).all())
            emphasis = emphasis[:1] if alike else np.repeat(emphasis, self._buffer.shape[1], axis=1)
        return _Bound(batches, emphasis)


def to_bind(objective: Objective, numbers: NDArray[np.intp]) -> NDArray[Any]:
    """The argument of the objective's `bind` for minibatches of the examples with these numbers, (…, B), a copy: their
    rows, emphasised, (…, B, c), or where it fetches those itself the numbers."""
    return numbers.copy() if objective.fetches else emphasised_rows(objective, numbers)


def emphasised_rows(objective: Objective, numbers: NDArray[np.intp]) -> Array:
    """(…, B, c) the rows of minibatches of the examples with these numbers, (…, B), by their emphasis; a copy."""
    rows = objective.examples[numbers]
    emphasis = objective.emphasis(np.full(numbers.shape[-1], float(numbers.shape[-1])))
    return rows if emphasis is None else rows * emphasis[:, None].astype(rows.dtype)


def stream(seed: int, samplings: int) -> np.random.Generator:
    """The random numbers that decide the order after so many changes of the sampling."""
    return np.random.default_rng((seed, samplings))


def draw(generator: np.random.Generator, sampling: str, epoch: int, epochs: int) -> NDArray[np.intp]:
    """(epochs · epoch,) the examples of the next epochs in order; the same however many are drawn at once, but
    for `shuffled_once`, which is to be drawn but once."""
    if sampling == "reshuffled":
        return _shuffled(generator, epoch, epochs)
    if sampling == "shuffled_once":
        return np.tile(generator.permutation(epoch), epochs)
    if sampling == "with_replacement":
        return generator.integers(epoch, size=epochs * epoch)
    return np.tile(np.arange(epoch), epochs)


def _shuffled(generator: np.random.Generator, epoch: int, epochs: int) -> NDArray[np.intp]:
    """(epochs · epoch,) the numbers 0 … epoch − 1 over and over, every time in an order of its own."""
    if epoch > _SORTED:
        order = np.tile(np.arange(epoch), (epochs, 1))
        for one in order:  # half the time of `permuted`, and the same order
            generator.shuffle(one)
        return order.ravel()
    # Random keys, sorted, whose low byte says which number they belong to. That two of them agree in the 24 random
    # bits, and so stand in their own order, moves a pair's chances from one half by 2⁻²⁵.
    count = epochs * epoch
    pairs = generator.integers(2**64, size=(count + 1) // 2, dtype=np.uint64)
    keys = pairs.view(np.uint32)[:count].reshape(epochs, epoch)
    keys &= np.uint32(2**32 - _SORTED)
    keys |= np.arange(epoch, dtype=np.uint32)
    keys.sort(axis=1)
    keys &= np.uint32(_SORTED - 1)
    return keys.ravel().astype(np.intp)
