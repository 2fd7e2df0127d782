"""One optimisation in progress: weights, optimizer state, minibatch sampler, knobs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.bounds import check_units
from engine.model.objective import Array, Kernel, Objective
from engine.refusals import RefusalError
from engine.training.affine import AffineSteps, Block, next_attempt
from engine.training.checkpoints import TrainerCheckpoint
from engine.training.epochs import steps_to_see
from engine.training.gradient_clipping import clips, measured
from engine.training.history import History
from engine.training.knob_kinds import COUNT
from engine.training.knobs import KnobAttributes, Knobs
from engine.training.minibatches import Minibatches
from engine.training.optimizers import OPTIMIZERS, Preconditioner, Rows

_MAX_CHUNK_STEPS = 1024
_MAX_COMPOSED_STEPS = 2048  # of an objective whose steps may be composed
_CHUNK_NUMBERS = 2**21  # a step holds its stack of rows and up to B residuals: what the caches together hold
_MAX_WATCHED_WEIGHTS = 16


@dataclass(frozen=True)
class Chunk:
    """The steps that one call of `Trainer.advance` took: n of them, valid until the next call.

    first_step: steps taken before. weights: (n + 1, P), row k before step first_step + k.
    """

    first_step: int
    weights: Array

    @property
    def steps(self) -> int:
        return len(self.weights) - 1


class Trainer(KnobAttributes):
    """Minimises an objective by minibatch steps, and records every one of them.

    The knobs are attributes and may be set between any two steps; learning_rate is that of the next step, the
    schedule's factor in it. An attribute that there is not cannot be set. For the same objective, initial
    weights, seed and knob changes the weights have the same bits on the same kind of processor, however
    the steps are grouped.
    The loss of a step is the mean over its minibatch *before* its update.

    A change of the optimizer keeps the weights and begins with empty buffers; its own count of steps
    begins at 1 again. A change of the batch size acts within the epoch; one of the sampling begins a new
    epoch. Setting the learning rate ends a schedule; setting a schedule starts it at that step, from the
    learning rate of that moment (see `engine.training.schedules`).

    weights: (P,), not kept. seed: of the shuffling. validation: the objective over the validation examples, where any
    are held out. Raises RefusalError for weights of another length than the objective's and for knobs out of range.
    """

    __slots__ = (
        *("objective", "validation", "seed", "steps", "examples", "blew_up_at", "watched", "history"),
        *("initial_weights", "_knobs", "_minibatches", "_optimizer_since", "_schedule_since", "_schedule_memory"),
        *("_affine", "_block", "_general_until", "_rows", "_row", "_weights", "_gradients", "_one_by_one"),
    )

    def __init__(
        self,
        objective: Objective,
        weights: Array,
        *,
        knobs: Knobs,
        seed: int = 0,
        validation: Objective | None = None,
    ) -> None:
        num_weights = len(objective.weight_names)
        if np.shape(weights) != (num_weights,):
            raise RefusalError(f"{num_weights} initial weights are needed, not an array of shape {np.shape(weights)}")
        self.objective, self.validation = objective, validation
        self.seed = seed
        self.steps = 0
        self.examples = 0
        self.blew_up_at: int | None = None
        self.watched = _evenly_spaced(num_weights)
        names = tuple(f"w{j}" for j in self.watched)
        self.history = History(("batch_loss", "batch_gradient_norm", "learning_rate", "batch_size", "examples", *names))
        self.check_room(knobs)
        self.initial_weights: Array = np.array(weights, dtype=np.float64)
        self._knobs = knobs
        self._minibatches = Minibatches(objective, batch_size=knobs.batch_size, sampling=knobs.sampling, seed=seed)
        self._optimizer_since = self._schedule_since = 0
        self._schedule_memory: Any = None
        forms = objective.quadratic_forms()
        self._affine = AffineSteps(forms) if forms else None
        self._block: Block | None = None  # of the affine way, None where that begins anew
        self._general_until = 0  # the step at which the affine way may be tried again
        self._prepare_chunk(self.initial_weights[None])

    @np.errstate(all="ignore")  # a penalty may be no float32
    def _prepare_chunk(self, rows: Array) -> None:
        """Room for as many steps as fit, beginning with the weights and buffers in `rows`, (≥ 1, ≤ P + padding)."""
        objective, optimizer = self.objective, OPTIMIZERS[self._knobs.optimizer]
        batch_size = self.batch_in_effect
        columns, dtype = len(objective.weight_names) + objective.padding, objective.examples.dtype
        streams = optimizer.streams(columns)
        height = 1 if streams else optimizer.buffers + 2
        most = _MAX_COMPOSED_STEPS if self._affine else _MAX_CHUNK_STEPS
        steps = max(1, min(most, _CHUNK_NUMBERS // max(batch_size, height * columns)))
        stacks = np.zeros((steps + 1, height, columns), dtype)
        self._rows = Rows.streaming(stacks[:, 0], optimizer.buffers) if streams else Rows.of(stacks)
        self._rows.weights[0, : rows.shape[1]] = rows[0]
        self._rows.buffers[0, : len(rows) - 1, : rows.shape[1]] = rows[1:]
        self._row = 0  # of the present weights
        self._weights: Array = self._rows.weights[:, : len(objective.weight_names)]
        self._gradients: Array = self._rows.gradients[:, : len(objective.weight_names)]
        self._one_by_one: tuple[Kernel, Sequence[Any]] | None = None

    @property
    def _present(self) -> Array:
        """(1 + buffers, P + padding) weights and the buffers that matter, a copy."""
        buffers = self._rows.buffers[self._row, : OPTIMIZERS[self._knobs.optimizer].remembered]
        return np.vstack([self._rows.weights[self._row], buffers])

    @property
    def weights(self) -> Array:
        """(P,) float64 the present weights, a copy."""
        return np.array(self._weights[self._row], dtype=np.float64)

    @property
    def num_examples(self) -> int:
        """The number of examples of an epoch."""
        return len(self.objective.examples)

    @property
    def batch_in_effect(self) -> int:
        """The number of examples of a minibatch that no end of an epoch cuts short."""
        return self._knobs.batch_in_effect(self.num_examples)

    @property
    def epoch(self) -> float:
        """Passes over the training examples so far."""
        return self.examples / len(self.objective.examples)

    @property
    def steps_per_epoch(self) -> int:
        """Steps that a whole epoch takes with the present batch size and sampling."""
        return self._knobs.steps_per_epoch(self.num_examples)

    @property
    def steps_left_of_epoch(self) -> int:
        """Steps until the sampler's epoch ends, at least 1."""
        return self._steps_to_see(self._minibatches.left_of_epoch)

    @property
    def examples_of_epoch(self) -> int:
        """Seen since the sampler's epoch began, 0 … N − 1."""
        return len(self.objective.examples) - self._minibatches.left_of_epoch

    def _steps_to_see(self, examples: int) -> int:
        return -(-examples // self.batch_in_effect)

    @property
    def knobs(self) -> Knobs:
        """All knobs as they stand, the learning rate as it was set: a schedule multiplies it."""
        return self._knobs

    @knobs.setter
    def knobs(self, knobs: Knobs) -> None:
        before = self._knobs
        self.check_room(knobs)
        self._knobs = knobs
        if knobs.schedule != before.schedule:
            self._schedule_since, self._schedule_memory = self.steps, None
        if knobs.sampling != before.sampling:
            self._minibatches.sampling = knobs.sampling
        if knobs.batch_size != before.batch_size:
            self._minibatches.batch_size = knobs.batch_size
        if knobs.optimizer != before.optimizer:
            self._optimizer_since, self._block = self.steps, None
            self._prepare_chunk(self._present[:1])
        elif (knobs.batch_size, knobs.sampling) != (before.batch_size, before.sampling):
            self._prepare_chunk(self._present)

    def check_room(self, knobs: Knobs) -> None:
        """Raise RefusalError for minibatches that are too large for a network's hidden units to be held."""
        check_units(knobs.batch_in_effect(self.num_examples), self.objective.units)

    def set_knob(self, knob: str, value: Any) -> None:
        """Change one knob from the next step on. Raises RefusalError for a value out of range."""
        self.knobs = self._knobs.set_by_hand(knob, value, learning_rate=self.learning_rate)

    @property
    def learning_rate(self) -> float:
        """The learning rate η of the next step: what was set, times the schedule's factor. Setting it ends a
        schedule."""
        return float(self._rates(1)[0])

    @learning_rate.setter
    def learning_rate(self, learning_rate: float) -> None:
        self.set_knob("learning_rate", learning_rate)

    def loss(self) -> float:
        """The loss over all training examples at the present weights."""
        with np.errstate(all="ignore"):
            return self.objective.loss(self.weights)

    def validation_loss(self) -> float:
        """The loss over all validation examples at the present weights; NaN without any."""
        with np.errstate(all="ignore"):
            return self.validation.loss(self.weights) if self.validation else float("nan")

    def upcoming_batch(self) -> NDArray[np.intp]:
        """(B,) indices of the examples in the next minibatch."""
        return self._minibatches.upcoming()

    def fixed_order(self) -> NDArray[np.intp] | None:
        """(N,) the order of the examples in every epoch; None where each has its own."""
        return self._minibatches.fixed_order()

    def latest_examples(self) -> NDArray[np.intp]:
        """(n,) indices of the examples of the latest chunk's minibatches, one after another; to be asked right after
        `advance`. Where the run blew up, also of batches that came to nothing."""
        return self._minibatches.latest()

    def step(self) -> None:
        """One update."""
        self.run(1)

    def run(self, steps: int | None = None, *, epochs: int | None = None) -> int:
        """Take `steps` updates, or as many as see all examples `epochs` times, fewer if the run blows up; returns how
        many were taken.

        From within an epoch, the rest of it counts, and the last epoch ends as far in. Raises RefusalError for both or
        neither, and for what is no whole number of at least 0.
        """
        if (steps is None) == (epochs is None):
            raise RefusalError("say how long to run: either steps or epochs")
        if steps is None:
            wanted = COUNT.checked("epochs", epochs) * self.num_examples
            steps = steps_to_see(wanted, self._minibatches.left_of_epoch, self.num_examples, self.batch_in_effect)
        left = steps = COUNT.checked("steps", steps)
        while left and self.blew_up_at is None:
            left -= self.advance(left).steps
        return steps - left

    def advance(self, steps: int) -> Chunk:
        """Take at least one and at most `steps` updates, as many as fit the chunk; none once it blew up.

        Raises RefusalError for less than one.
        """
        if steps < 1:
            raise RefusalError(f"steps must be at least 1, not {steps}")
        if self.blew_up_at is not None:
            return Chunk(self.steps, self._weights[self._row : self._row + 1])
        self._rows.begin_with(self._row)
        schedule = self._knobs.schedule
        if schedule.watches_loss:
            steps = min(steps, self.steps_left_of_epoch)
        with np.errstate(all="ignore"):  # a run that blows up is a result, not a warning
            chunk = self._advance_affinely(steps) or self._advance_generally(steps)
        if schedule.watches_loss and self._minibatches.left_of_epoch == self.num_examples:
            self._schedule_memory = schedule.observe(self._schedule_memory, self.loss())
        return chunk

    def _advance_affinely(self, steps: int) -> Chunk | None:
        """Take steps many at a time (`engine.training.affine`); None where the next one cannot be taken so."""
        knobs, affine = self._knobs, self._affine
        if affine is None or clips(knobs) or self.steps < self._general_until:
            return None
        rates = self._rates(min(steps, len(self._rows.gradients)))
        coefficients = OPTIMIZERS[knobs.optimizer].matrices(rates if knobs.schedule.varies else rates[:1], knobs)
        if coefficients is None:
            return None
        numbers, sizes = self._minibatches.take_numbers(len(rates))
        weights, velocity = self._weights[0], self._rows.buffers[0, 0, : self._weights.shape[1]]
        quadratics, coefficients = affine.forms.of(numbers, sizes), coefficients[: len(sizes)]
        taken = affine.advance(quadratics, coefficients, weights, velocity, self._block, self.steps)
        if (good := len(taken.losses)) < len(sizes):
            self._minibatches.give_back(len(sizes) - good)
            self._general_until = next_attempt(self.steps + good)
        if not good:
            return None
        self._block, self._row = taken.block, good
        self._weights[1 : good + 1] = taken.weights
        self._rows.buffers[good, 0, : self._weights.shape[1]] = taken.velocity
        return self._record(sizes[:good], rates[:good], taken.losses, taken.lengths)

    def _advance_generally(self, steps: int) -> Chunk:
        """Take steps one by one, of any objective with any optimizer."""
        self._block = None
        knobs, optimizer = self._knobs, OPTIMIZERS[self._knobs.optimizer]
        if self.steps < self._general_until:
            steps = min(steps, self._general_until - self.steps)
        if self._one_by_one is None:  # composed steps never need it, and it takes longer than a frame's steps
            kernel = self.objective.kernel(self._rows.weights[:-1], self._rows.gradients, self.batch_in_effect)
            self._one_by_one = kernel, optimizer.bind(self._rows)[: len(kernel.rows)]
        kernel, all_bound = self._one_by_one
        batches, sizes = self._minibatches.take(min(steps, len(all_bound)))
        rates = self._rates(len(batches))
        taken = self.steps - self._optimizer_since
        updates = optimizer.updates(rates, self._rows, knobs, taken=taken)
        squares: list[float] = []
        gradient, rows = kernel.gradient, kernel.rows
        if clips(knobs) or self._rows.stacks is None:
            same = self._rows.stacks is None  # then one view of it does, which is more likely to be in a cache
            rows = list(zip(rows, repeat(self._gradients[0]) if same else self._gradients, strict=False))
            gradient = measured(gradient, knobs, squares)
        fetched = kernel.fetch(batches)
        for batch, row, update, bound in zip(fetched, rows, updates, all_bound, strict=False):
            gradient(batch, row)
            update(*bound)
        losses = kernel.batch_losses(sizes)
        gradients = self._gradients[: len(sizes)]
        lengths = np.sqrt(squares or np.vecdot(gradients, gradients))
        good = len(sizes)
        finite = np.isfinite(losses) & np.isfinite(lengths)
        if not finite.all():
            self.blew_up_at = self.steps + int(np.argmin(finite))
            good = int(np.argmin(finite)) + 1
            if self._rows.stacks is None:  # shared buffers went on to the end of the chunk, wherever that was
                self._rows.buffers[0] = np.nan
        self._row = good
        return self._record(sizes[:good], rates[:good], losses[:good], lengths[:good])

    def preconditioner(self) -> Preconditioner | None:
        """The divisor of the optimizer's next step; None for a method that divides by nothing."""
        optimizer, taken = OPTIMIZERS[self._knobs.optimizer], self.steps - self._optimizer_since
        buffers = self._rows.buffers[self._row][:, : len(self.objective.weight_names)]
        return optimizer.preconditioner(buffers, self._knobs, taken=taken)

    def checkpoint(self) -> TrainerCheckpoint:
        """All that the next steps depend on, as plain data that nothing changes any more."""
        return TrainerCheckpoint(
            seed=self.seed,
            steps=self.steps,
            examples=self.examples,
            blew_up_at=self.blew_up_at,
            initial_weights=self.initial_weights,
            rows=self._present,
            block=self._block,
            general_until=self._general_until,
            knobs=self._knobs,
            minibatches=self._minibatches.checkpoint(),
            optimizer_since=self._optimizer_since,
            schedule_since=self._schedule_since,
            schedule_memory=self._schedule_memory,
        )

    def restore(self, checkpoint: TrainerCheckpoint, history: History | None = None) -> None:
        """Stand where `checkpoint` was taken, over the same objective; what follows has the same bits.

        history: of the steps before, and no others; without one they are a gap.
        """
        if history is None:
            history = History(self.history.fields)
            history.skip(checkpoint.steps)
        if history.steps != checkpoint.steps:
            raise RefusalError(f"a history of {checkpoint.steps} steps is needed, not of {history.steps}")
        self.history = history
        self.seed, self.initial_weights = checkpoint.seed, checkpoint.initial_weights
        self.steps, self.examples, self.blew_up_at = checkpoint.steps, checkpoint.examples, checkpoint.blew_up_at
        self._knobs = checkpoint.knobs
        self._minibatches.restore(checkpoint.minibatches)
        self._optimizer_since, self._schedule_since = checkpoint.optimizer_since, checkpoint.schedule_since
        self._schedule_memory = checkpoint.schedule_memory
        self._block, self._general_until = checkpoint.block, checkpoint.general_until
        self._prepare_chunk(checkpoint.rows)

    def _rates(self, count: int) -> Array:
        """(count,) learning rates of the next steps."""
        schedule, memory, since = self._knobs.schedule, self._schedule_memory, self.steps - self._schedule_since
        if not schedule.varies:
            return np.full(count, self._knobs.learning_rate * schedule.at(since, memory))
        return self._knobs.learning_rate * np.array([schedule.at(since + k, memory) for k in range(count)])

    def _record(self, sizes: Array, rates: Array, losses: Array, lengths: Array) -> Chunk:
        """Hand steps that were taken, n of them, to the history; the chunk that they are. All (n,); lengths: of the
        gradients."""
        first_step, taken = self.steps, len(sizes)
        values = np.empty((len(self.history.fields), taken))
        values[0], values[1], values[2], values[3] = losses, lengths, rates, sizes
        values[4] = self.examples + np.cumsum(sizes) - sizes
        values[5:] = self._weights[:taken, self.watched].T
        self.history.append(values)
        self.steps += taken
        self.examples += int(sizes.sum())
        return Chunk(first_step, self._weights[: taken + 1])


def _evenly_spaced(num_weights: int) -> list[int]:
    """The weights that the history follows: all of a few, otherwise as many spread over the vector."""
    count = min(num_weights, _MAX_WATCHED_WEIGHTS)
    return [int(j) for j in np.linspace(0, num_weights - 1, count).round()]
