"""The loss of one minibatch alone, as a function of the weights: what a step goes down on, in place of the true one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.minibatches import to_bind
from engine.objective import Array, Objective


def minibatch_losses(objective: Objective, weights: Array, examples: NDArray[np.intp]) -> Array:
    """(m,) mean losses over the examples with these indices, (B,), at (m, P) weights, as a step records them.

    At most 256 weights; raises ValueError for more.
    """
    size, (count, num_weights) = len(examples), weights.shape
    stack = np.zeros((2, count, num_weights + objective.padding), dtype=objective.examples.dtype)
    stack[0, :, :num_weights] = weights
    kernel = objective.kernel(stack[0], stack[1], size)
    if len(kernel.rows) < count:
        raise ValueError(f"at most {len(kernel.rows)} weights at a time, not {count}")
    batch = objective.bind(to_bind(objective, examples))
    with np.errstate(all="ignore"):
        for row in kernel.rows[:count]:
            kernel.gradient(batch, row)
        return kernel.batch_losses(np.full(count, float(size)))
