"""Many seeds of the same settings at once: the cloud of outcomes that one run is a point of.

Every replica gets the minibatches that a trainer with its seed gets, and agrees with that trainer to rounding. The
replicas are at the same step and have batches of the same size, so one call of NumPy serves all of them.
What the batches are multiplied with lies on a leading axis; and as optimizers act on every column of their
stack alone, R replicas of P weights are to them one long vector of R·P. Nothing is recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.model.objective import Array, Objective, StackedGradients
from engine.refusals import RefusalError
from engine.training.gradient_clipping import clip_rows, clips
from engine.training.knobs import Knobs
from engine.training.minibatches import draw, stream
from engine.training.optimizers import OPTIMIZERS, Rows
from engine.training.trainer import Trainer

_CHUNK_STEPS = 256
_RATES_AT_ONCE = 2**18  # where every column has its own
_DRAWN_EXAMPLES = 4096  # of a replica at once, about
_GATHERED_NUMBERS = 2**17  # at once, about: what a core's own cache holds


@dataclass(frozen=True)
class Cloud:
    """The places of R replicas. weights: (R, P). losses: (R,) over all training examples; not finite for those
    that blew up."""

    step: int
    weights: Array
    losses: Array

    @property
    def mean(self) -> float:
        """The mean of the finite losses; NaN without any."""
        finite = self.losses[np.isfinite(self.losses)]
        return float(finite.mean()) if len(finite) else float("nan")


class Replicas:
    """R trainers of one objective that differ in their seed, and perhaps in their learning rate.

    weights: (P,) where all of them begin, or (R, P). seeds: R of them. learning_rates: R of them, which stand until
    the knob is changed; else the knob's. Raises RefusalError for other shapes, and without a seed. steps, examples:
    that every one has taken. A replica that blows up does not stop the others; its numbers are infinite or NaN from
    there on.
    """

    def __init__(
        self,
        objective: Objective,
        weights: Array,
        knobs: Knobs,
        seeds: Sequence[int],
        *,
        learning_rates: Sequence[float] | None = None,
    ) -> None:
        num_weights = len(objective.weight_names)
        if not len(seeds):
            raise RefusalError("at least one seed is needed")
        if np.shape(weights) not in ((num_weights,), (len(seeds), num_weights)):
            shapes = f"({num_weights},) or (R, {num_weights})"
            raise RefusalError(f"initial weights of shape {shapes} are needed, not {np.shape(weights)}")
        if learning_rates is not None and len(learning_rates) != len(seeds):
            raise RefusalError(f"{len(seeds)} learning rates are needed, not {len(learning_rates)}")
        self.objective = objective
        self.seeds = tuple(seeds)
        self._learning_rates = self._same(knobs.learning_rate) if learning_rates is None else np.array(learning_rates)
        self.steps = self.examples = 0
        self._knobs = knobs
        self._orders = _Orders(len(objective.examples), self.seeds, knobs.sampling)
        self._optimizer_since = self._schedule_since = 0
        self._memories: list[Any] = [None] * len(seeds)
        self._prepare(np.broadcast_to(np.asarray(weights, dtype=np.float64), (len(seeds), num_weights)))

    @classmethod
    def beside(cls, trainer: Trainer, seeds: Sequence[int]) -> Replicas:
        """Replicas that stand where the trainer stands, with its buffers and its place in the schedule. Their
        minibatches are from here on those of their own seeds, in a new epoch."""
        checkpoint = trainer.checkpoint()
        replicas = cls(trainer.objective, trainer.weights, trainer.knobs, seeds)
        replicas._stacks[0, : len(checkpoint.rows)] = checkpoint.rows[:, None]
        replicas.steps, replicas.examples = trainer.steps, trainer.examples
        replicas._optimizer_since, replicas._schedule_since = checkpoint.optimizer_since, checkpoint.schedule_since
        replicas._memories = [checkpoint.schedule_memory] * len(seeds)
        return replicas

    def _prepare(self, weights: Array) -> None:
        """Begin with the weights, (R, P), and empty buffers."""
        objective, optimizer = self.objective, OPTIMIZERS[self._knobs.optimizer]
        columns = len(objective.weight_names) + objective.padding
        # Axes: present and next step; weights, buffers, gradient; replica; column.
        self._stacks = np.zeros((2, optimizer.buffers + 2, len(weights), columns), dtype=objective.examples.dtype)
        self._stacks[0, 0, :, : weights.shape[1]] = weights
        self._rows = Rows.of(self._stacks.reshape(2, optimizer.buffers + 2, -1))
        (self._bound,) = optimizer.bind(self._rows)
        self._prepare_batches()

    @np.errstate(all="ignore")  # a penalty may be no float32
    def _prepare_batches(self) -> None:
        weights, gradients = self._stacks[0, 0], self._stacks[0, -1]
        size = self._batch_size
        at_once = max(1, _GATHERED_NUMBERS // (size * self.objective.examples.shape[1]))
        self._parts = [slice(start, start + at_once) for start in range(0, len(weights), at_once)]
        buffer = np.empty((min(at_once, len(weights)), size, self.objective.examples.shape[1]), weights.dtype)
        self._buffer = buffer.reshape(len(buffer), -1)
        self._emphases: dict[int, Array | None] = {}
        batched = self.objective.stacked_gradients()
        self._gradients = [batched or _one_by_one(self.objective, weights[p], gradients[p], size) for p in self._parts]

    @property
    def _batch_size(self) -> int:
        return self._knobs.batch_in_effect(len(self.objective.examples))

    def _same(self, learning_rate: float) -> Array:
        return np.full(len(self.seeds), learning_rate)

    @property
    def weights(self) -> Array:
        """(R, P) float64 the present weights, a copy."""
        return np.array(self._stacks[0, 0, :, : len(self.objective.weight_names)], dtype=np.float64)

    def cloud(self) -> Cloud:
        """The places of the replicas."""
        weights = self.weights
        with np.errstate(all="ignore"):
            return Cloud(self.steps, weights, self.objective.losses(weights))

    @property
    def knobs(self) -> Knobs:
        """The knobs of all replicas. A change acts as on a trainer, from the next step on."""
        return self._knobs

    @knobs.setter
    def knobs(self, knobs: Knobs) -> None:
        before, self._knobs = self._knobs, knobs
        if knobs.learning_rate != before.learning_rate:
            self._learning_rates = self._same(knobs.learning_rate)
        if knobs.schedule != before.schedule:
            self._schedule_since, self._memories = self.steps, [None] * len(self.seeds)
        if knobs.sampling != before.sampling:
            self._orders.change(knobs.sampling)
        if knobs.optimizer != before.optimizer:
            self._optimizer_since = self.steps
            self._prepare(self.weights)
        elif (knobs.batch_size, knobs.sampling) != (before.batch_size, before.sampling):
            self._prepare_batches()

    def run(self, steps: int) -> None:
        """Take `steps` updates of every replica."""
        schedule = self._knobs.schedule
        with np.errstate(all="ignore"):  # a replica that blows up is a result, not a warning
            while steps > 0:
                count = min(steps, _CHUNK_STEPS)
                if self._differ:
                    count = min(count, max(1, _RATES_AT_ONCE // self._stacks[0, 0].size))
                if schedule.watches_loss:
                    count = min(count, -(-self._orders.left_of_epoch // self._batch_size))
                self._advance(count)
                steps -= count
                if schedule.watches_loss and self._orders.left_of_epoch == len(self.objective.examples):
                    losses = [self.objective.loss(weights) for weights in self.weights]
                    self._memories = [schedule.observe(*seen) for seen in zip(self._memories, losses, strict=True)]

    def _advance(self, count: int) -> None:
        optimizer, taken = OPTIMIZERS[self._knobs.optimizer], self.steps - self._optimizer_since
        for update in optimizer.updates(self._rates(count), self._rows, self._knobs, taken=taken):
            self._write_gradients()
            update(*self._bound)
            self._stacks[0, :-1] = self._stacks[1, :-1]
        self.steps += count

    @property
    def _differ(self) -> bool:
        """True if the learning rates of the replicas are not all the same."""
        return len(set(self._memories)) > 1 or len(set(self._learning_rates.tolist())) > 1

    def _rates(self, count: int) -> Array:
        """(count,) the learning rates of the next steps; (count, columns) where they are not those of all replicas."""
        schedule, since = self._knobs.schedule, self.steps - self._schedule_since
        factors = {memory: [schedule.at(since + k, memory) for k in range(count)] for memory in set(self._memories)}
        if not self._differ:
            return np.asarray(self._learning_rates[0] * np.array(factors[self._memories[0]]))
        rates: Array = self._learning_rates * np.array([factors[memory] for memory in self._memories]).T
        return np.repeat(rates, self._stacks.shape[-1], axis=1)

    def _emphasis(self, size: int) -> Array | None:
        """(B · c,) on every number of a minibatch of B examples, None for 1."""
        if size not in self._emphases:
            emphasis = self.objective.emphasis(np.full(size, float(size)))
            columns = self.objective.examples.shape[1]
            self._emphases[size] = None if emphasis is None else np.repeat(emphasis, columns).astype(self._buffer.dtype)
        return self._emphases[size]

    def _write_gradients(self) -> None:
        """Write the gradients of the next minibatches."""
        examples = self.objective.examples
        which = self._orders.take(self._batch_size)
        size = which.shape[1]
        self.examples += size
        emphasis = self._emphasis(size)
        for part, gradients in zip(self._parts, self._gradients, strict=True):
            mine = which[part]
            rows = self._buffer[: len(mine), : size * examples.shape[1]]
            table = rows.reshape(len(mine), size, -1)
            # Told to clip, NumPy writes to `table` directly; no number is out of range.
            examples.take(mine, 0, table, "clip")
            if emphasis is not None:
                np.multiply(rows, emphasis, rows)
            gradients(table, mine, self._stacks[0, 0, part], self._stacks[0, -1, part])
        if clips(self._knobs):
            clip_rows(self._stacks[0, -1, :, : len(self.objective.weight_names)], self._knobs)


class _Orders:
    """The order in which every replica uses the N examples, as `Minibatches` has it for its seed.

    Memory: R numbers an example, as small as N allows.
    """

    def __init__(self, num_examples: int, seeds: Sequence[int], sampling: str) -> None:
        self._epoch, self._seeds, self._samplings = num_examples, seeds, -1
        self._epochs = max(1, _DRAWN_EXAMPLES // num_examples)
        self.change(sampling)

    def change(self, sampling: str) -> None:
        """Begin a new epoch with another sampling."""
        self._sampling = sampling
        self._samplings += 1
        self._generators = [stream(seed, self._samplings) for seed in self._seeds]
        self._orders = np.empty((len(self._seeds), 0), dtype=np.min_scalar_type(self._epoch - 1))
        self._position = 0

    @property
    def left_of_epoch(self) -> int:
        """Examples until the epoch ends, 1 … N; N where it begins."""
        return self._epoch - self._position % self._epoch

    def take(self, batch_size: int) -> NDArray[np.intp]:
        """(R, B) the examples of the next minibatches; B is `batch_size`, or what is left of the epoch."""
        if self._position == self._orders.shape[1]:
            self._draw()
        start = self._position
        self._position += min(batch_size, self.left_of_epoch)
        return self._orders[:, start : self._position].astype(np.intp)

    def _draw(self) -> None:
        self._position = 0
        if not self._orders.shape[1]:
            self._orders = np.empty((len(self._seeds), self._epochs * self._epoch), dtype=self._orders.dtype)
        elif self._sampling == "shuffled_once":
            return
        for generator, order in zip(self._generators, self._orders, strict=True):
            order[:] = draw(generator, self._sampling, self._epoch, self._epochs)


def _one_by_one(objective: Objective, weights: Array, gradients: Array, batch_size: int) -> StackedGradients:
    """The slower way, for every objective: its kernel sees replicas as the rows of a chunk."""
    kernel = objective.kernel(weights, gradients, batch_size)

    def write(rows: Array, numbers: NDArray[np.intp], weights: Array, gradients: Array) -> None:
        batches = [objective.bind(minibatch) for minibatch in (numbers if objective.fetches else rows)]
        for batch, row in zip(kernel.fetch(batches), kernel.rows, strict=True):
            kernel.gradient(batch, row)

    return write
