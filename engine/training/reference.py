"""The definition of what a training computes: a textbook loop, to be read from top to bottom.

`engine.training.trainer` computes the same numbers, many times faster; a test holds it to this loop for every
optimizer, schedule and sampling. Begin here to learn what the engine does, and go on with the trainer to learn how.
Nothing uses this module but tests and benchmarks: it is slow on purpose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import count
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.model.objective import Array
from engine.training.knobs import Knobs
from engine.training.minibatches import draw, stream
from engine.training.schedules import CONSTANT

LossAndGradient = Callable[[Array, NDArray[np.intp]], tuple[float, Array]]


class Step(NamedTuple):
    """One update: everything is of the moment before it.

    batch: (B,) indices of the examples. loss, batch_gradient_norm: of that minibatch, the norm before any clipping.
    weights: (P,).
    """

    batch: NDArray[np.intp]
    loss: float
    batch_gradient_norm: float
    learning_rate: float
    weights: Array


def train(
    loss_and_gradient: LossAndGradient,
    num_examples: int,
    weights: Array,
    knobs: Knobs,
    *,
    seed: int = 0,
    changes: Mapping[int, Mapping[str, Any]] | None = None,
) -> Iterator[Step]:
    """Yield the steps of a training, one after the other, without end.

    loss_and_gradient: the mean loss and its gradient, (P,), at weights w over the examples with the given indices.
    changes: which knobs are set before which step, counted from 0.
    """
    w, everything = np.array(weights, dtype=np.float64), np.arange(num_examples)
    first, second = np.zeros_like(w), np.zeros_like(w)  # the velocity, or the averages of gradients and their squares
    optimizer_steps, schedule_steps, memory = 0, 0, None
    examples = _Examples(num_examples, seed, knobs.sampling)

    for step in count():
        for knob, value in ((changes or {}).get(step) or {}).items():
            before = knobs
            knobs = _changed(knobs, knob, value, knobs.learning_rate * knobs.schedule.at(schedule_steps, memory))
            if knobs.schedule != before.schedule:
                schedule_steps, memory = 0, None
            if knobs.optimizer != before.optimizer:
                first, second, optimizer_steps = np.zeros_like(w), np.zeros_like(w), 0
            if knobs.sampling != before.sampling:
                examples.begin(knobs.sampling)

        batch = examples.take(num_examples if knobs.sampling == "full_batch" else knobs.batch_size)
        loss, g = loss_and_gradient(w, batch)
        norm = float(np.linalg.norm(g))
        rate = knobs.learning_rate * knobs.schedule.at(schedule_steps, memory)
        yield Step(batch, loss, norm, rate, w.copy())

        if norm > knobs.gradient_clip:
            g = g * (knobs.gradient_clip / (norm + 1e-6))
        schedule_steps, optimizer_steps = schedule_steps + 1, optimizer_steps + 1
        w, first, second = _updated(w, g, first, second, rate, knobs, optimizer_steps)
        if knobs.schedule.watches_loss and not len(examples.left):
            memory = knobs.schedule.observe(memory, loss_and_gradient(w, everything)[0])


class _Examples:
    """The order of the examples. left: those that this epoch has not used yet."""

    def __init__(self, num_examples: int, seed: int, sampling: str) -> None:
        self._num_examples, self._seed, self._samplings = num_examples, seed, 0
        self.begin(sampling)

    def begin(self, sampling: str) -> None:
        """Begin a new epoch, and a new stream of random numbers."""
        self._sampling, self._generator = sampling, stream(self._seed, self._samplings)
        self._samplings += 1
        self._order = self.left = np.empty(0, np.intp)

    def take(self, size: int) -> NDArray[np.intp]:
        """Return the next minibatch, (≤ size,): the last one of an epoch may be shorter."""
        if not len(self.left):
            if self._sampling != "shuffled_once" or not len(self._order):
                self._order = draw(self._generator, self._sampling, self._num_examples, 1)
            self.left = self._order
        batch, self.left = self.left[:size], self.left[size:]
        return batch


def _changed(knobs: Knobs, knob: str, value: Any, rate: float) -> Knobs:
    """Return the knobs after one was set by hand, where the learning rate with its schedule stands at `rate`."""
    after = replace(knobs, **{knob: value})
    if knob == "learning_rate":
        return replace(after, schedule=CONSTANT)  # the hand wins
    if after.schedule != knobs.schedule and rate > 0:
        return replace(after, learning_rate=rate)  # it goes on from where the one before had come to
    return after


def _updated(
    w: Array, g: Array, first: Array, second: Array, rate: float, knobs: Knobs, t: int
) -> tuple[Array, Array, Array]:
    """Return the weights and both buffers after update number t of this optimizer, counted from 1.

    The formulas are PyTorch's: torch.optim.SGD, Adagrad, RMSprop, Adam and AdamW.
    """
    decay, beta = knobs.weight_decay, knobs.momentum
    if knobs.optimizer == "adamw":
        w = w - rate * decay * w
    else:
        g = g + decay * w
    match knobs.optimizer:
        case "sgd":
            first = beta * first + g
            return w - rate * first, first, second
        case "nesterov":
            first = beta * first + g
            return w - rate * (g + beta * first), first, second
        case "adagrad":
            second = second + g**2
            return w - rate * g / (np.sqrt(second) + 1e-10), first, second
        case "rmsprop":
            second = 0.99 * second + 0.01 * g**2
            return w - rate * g / (np.sqrt(second) + 1e-8), first, second
        case "adam" | "adamw":
            first = 0.9 * first + 0.1 * g
            second = 0.999 * second + 0.001 * g**2
            mean, root = first / (1 - 0.9**t), np.sqrt(second / (1 - 0.999**t))
            return w - rate * mean / (root + 1e-8), first, second
    raise ValueError(f"the reference has no optimizer {knobs.optimizer!r}")
