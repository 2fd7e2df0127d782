"""One optimisation in progress: weights, optimizer state, minibatch sampler, knobs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Integral, Real

import numpy as np
from numpy.typing import NDArray

from engine.history import History
from engine.minibatches import Minibatches
from engine.objective import Array, Objective
from engine.sgd import SGD

_MAX_CHUNK_STEPS = 1024
_CHUNK_NUMBERS = 2**17  # a row holds P weights and up to B residuals; the chunk should stay in cache
_MAX_WATCHED_WEIGHTS = 16


@dataclass(frozen=True)
class Knobs:
    """What may be changed between two steps.

    learning_rate: finite, above 0. batch_size: a whole number of at least 1 (above N means all examples).
    momentum: 0 ≤ momentum < 1. Raises ValueError, naming the knob, for anything else.
    """

    learning_rate: float = 0.05
    batch_size: int = 32
    momentum: float = 0.0

    def __post_init__(self) -> None:
        learning_rate, momentum = _as_float(self.learning_rate), _as_float(self.momentum)
        if not 0 < learning_rate < math.inf:
            raise ValueError(f"learning_rate must be a finite number above 0, not {self.learning_rate!r}")
        if not isinstance(self.batch_size, Integral) or isinstance(self.batch_size, bool) or self.batch_size < 1:
            raise ValueError(f"batch_size must be a whole number of at least 1, not {self.batch_size!r}")
        if not 0 <= momentum < 1:
            raise ValueError(f"momentum must be at least 0 and below 1, not {self.momentum!r}")
        plain = {"learning_rate": learning_rate, "batch_size": int(self.batch_size), "momentum": momentum}
        self.__dict__.update(plain)  # NumPy's scalars and the like were let through


def _as_float(value: object) -> float:
    """NaN for what is no number, or none that a float can hold; a bool is not meant as one."""
    try:
        return float(value) if isinstance(value, Real) and not isinstance(value, bool) else math.nan
    except OverflowError:
        return math.nan


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


class Trainer:
    """Minimises an objective by minibatch steps, and records every one of them.

    The knobs are attributes and may be set between any two steps. For the same objective, initial
    weights, seed and knob changes the weights have the same bits, however the steps are grouped.
    The loss of a step is the mean over its minibatch *before* its update.

    weights: (P,) float64, not kept. seed: of the shuffling. Raises ValueError for weights of another
    length than the objective's and for knobs out of range.
    """

    def __init__(self, objective: Objective, weights: Array, *, knobs: Knobs, seed: int = 0) -> None:
        num_weights = len(objective.weight_names)
        if np.shape(weights) != (num_weights,):
            raise ValueError(f"{num_weights} initial weights are needed, not an array of shape {np.shape(weights)}")
        self.objective = objective
        self.seed = seed
        self.steps = 0
        self.examples = 0
        self.blew_up_at: int | None = None
        self.watched = _evenly_spaced(num_weights)
        names = tuple(f"w{j}" for j in self.watched)
        self.history = History(("batch_loss", "gradient_norm", "learning_rate", "batch_size", "examples", *names))
        self._knobs = knobs
        self._optimizer = SGD(num_weights)
        self._minibatches = Minibatches(objective.examples, objective.bind, batch_size=knobs.batch_size, seed=seed)
        self.initial_weights: Array = np.array(weights, dtype=np.float64)
        self._prepare_chunk(self.initial_weights)

    def _prepare_chunk(self, weights: Array) -> None:
        largest_batch = min(self._knobs.batch_size, len(self.objective.examples))
        rows = max(1, min(_MAX_CHUNK_STEPS, _CHUNK_NUMBERS // max(largest_batch, len(weights))))
        self._kernel = self.objective.kernel(rows, largest_batch)
        self._kernel.weights[0] = weights
        self._row = 0  # of the present weights
        self._weight_rows = list(self._kernel.weights)
        self._gradient_rows = list(self._kernel.gradients)

    @property
    def weights(self) -> Array:
        """(P,) the present weights, a copy."""
        return np.array(self._kernel.weights[self._row])

    @property
    def epoch(self) -> float:
        """Passes over the training examples so far."""
        return self.examples / len(self.objective.examples)

    @property
    def knobs(self) -> Knobs:
        """All knobs as they stand. Setting them acts from the next step on; batch_size also in mid-epoch."""
        return self._knobs

    @knobs.setter
    def knobs(self, knobs: Knobs) -> None:
        resized = knobs.batch_size != self._knobs.batch_size
        self._knobs = knobs
        if resized:
            self._minibatches.batch_size = knobs.batch_size
            self._prepare_chunk(self.weights)

    @property
    def learning_rate(self) -> float:
        """η, above 0."""
        return self._knobs.learning_rate

    @learning_rate.setter
    def learning_rate(self, learning_rate: float) -> None:
        self.knobs = Knobs(learning_rate, self.batch_size, self.momentum)

    @property
    def batch_size(self) -> int:
        """Examples in a minibatch, at least 1."""
        return self._knobs.batch_size

    @batch_size.setter
    def batch_size(self, batch_size: int) -> None:
        self.knobs = Knobs(self.learning_rate, batch_size, self.momentum)

    @property
    def momentum(self) -> float:
        """β, at least 0 and below 1."""
        return self._knobs.momentum

    @momentum.setter
    def momentum(self, momentum: float) -> None:
        self.knobs = Knobs(self.learning_rate, self.batch_size, momentum)

    def loss(self) -> float:
        """The loss over all training examples at the present weights."""
        with np.errstate(all="ignore"):
            return self.objective.loss(self.weights)

    def upcoming_batch(self) -> NDArray[np.intp]:
        """(B,) indices of the examples in the next minibatch."""
        return self._minibatches.upcoming()

    def step(self) -> None:
        """One update."""
        self.run(1)

    def run(self, steps: int) -> int:
        """Take `steps` updates, fewer if the run blows up; returns how many were taken."""
        taken = 0
        while taken < steps and self.blew_up_at is None:
            taken += self.advance(steps - taken).steps
        return taken

    def advance(self, steps: int) -> Chunk:
        """Take at least one and at most `steps` updates, as many as fit the chunk; none once it blew up."""
        first_step = self.steps
        if self.blew_up_at is not None:
            return Chunk(first_step, self._kernel.weights[self._row : self._row + 1])
        kernel, knobs = self._kernel, self._knobs
        kernel.weights[0] = kernel.weights[self._row]
        batches = self._minibatches.take(min(steps, len(self._gradient_rows)))
        gradient, update = kernel.gradient, self._optimizer.update(knobs.learning_rate, knobs.momentum)
        weight_rows = self._weight_rows
        rows = zip(batches, kernel.rows, weight_rows, self._gradient_rows, weight_rows[1:], strict=False)
        with np.errstate(all="ignore"):  # a run that blows up is a result, not a warning
            for (batch, _), row, weights, slope, new_weights in rows:
                gradient(batch, row)
                update(weights, slope, new_weights)
            taken = self._record(np.array([size for _, size in batches], dtype=np.float64))
        self._optimizer.finish(self._gradient_rows[taken - 1], knobs.momentum)
        self._row = taken
        return Chunk(first_step, kernel.weights[: taken + 1])

    def _record(self, sizes: Array) -> int:
        """Hand the chunk to the history, up to the first step that is not finite; returns how many steps."""
        losses = self._kernel.batch_losses(sizes)
        gradients = self._kernel.gradients[: len(sizes)]
        norms = np.sqrt(np.einsum("kp,kp->k", gradients, gradients))
        finite = np.isfinite(losses) & np.isfinite(norms)
        taken = len(sizes)
        if not finite.all():
            self.blew_up_at = self.steps + int(np.argmin(finite))
            taken = int(np.argmin(finite)) + 1
        values = np.empty((len(self.history.fields), taken))
        values[0], values[1] = losses[:taken], norms[:taken]
        values[2], values[3] = self._knobs.learning_rate, sizes[:taken]
        values[4] = self.examples + np.cumsum(sizes[:taken]) - sizes[:taken]
        values[5:] = self._kernel.weights[:taken, self.watched].T
        self.history.append(values)
        self.steps += taken
        self.examples += int(sizes[:taken].sum())
        return taken


def _evenly_spaced(num_weights: int) -> list[int]:
    """Which weights the history follows: all of a few, otherwise as many spread over the vector."""
    count = min(num_weights, _MAX_WATCHED_WEIGHTS)
    return [int(j) for j in np.linspace(0, num_weights - 1, count).round()]
