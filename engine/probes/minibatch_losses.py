"""The loss of one minibatch alone, as a function of the weights: what a step goes down on, in place of the true one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.model.objective import Array, Objective
from engine.training.minibatches import to_bind

_ROWS = 64  # at once, at most


def minibatch_losses(objective: Objective, weights: Array, examples: NDArray[np.intp]) -> Array:
    """(m,) mean losses over the examples with these indices, (B,), at (m, P) weights, as a step records them."""
    size, num_weights = len(examples), weights.shape[1]
    stack = np.zeros((2, min(_ROWS, len(weights)), num_weights + objective.padding), dtype=objective.examples.dtype)
    kernel = objective.kernel(stack[0], stack[1], size)
    batch = objective.bind(to_bind(objective, examples))
    losses = np.empty(len(weights))
    with np.errstate(all="ignore"):
        at_once = len(kernel.rows)
        for start in range(0, len(weights), at_once):
            some = weights[start : start + at_once]
            stack[0, : len(some), :num_weights] = some
            for fetched, row in zip(kernel.fetch([batch] * len(some)), kernel.rows, strict=False):
                kernel.gradient(fetched, row)
            losses[start : start + len(some)] = kernel.batch_losses(np.full(len(some), float(size)))
    return losses
