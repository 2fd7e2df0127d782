"""The loss of one minibatch alone, as a function of the weights: what a step goes down on, in place of the true one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.objective import Array, Objective


def minibatch_losses(objective: Objective, weights: Array, examples: NDArray[np.intp]) -> Array:
    """(m,) mean losses over the examples with these indices, (B,), at (m, P) weights, as a step records them.

    At most 256 weights; raises ValueError for more.
    """
    rows, (count, num_weights) = objective.examples[examples], weights.shape
    emphasis = objective.emphasis(np.full(len(rows), float(len(rows))))
    if emphasis is not None:
        rows = rows * emphasis[:, None].astype(rows.dtype)
    stack = np.zeros((2, count, num_weights + objective.padding), dtype=rows.dtype)
    stack[0, :, :num_weights] = weights
    kernel = objective.kernel(stack[0], stack[1], len(rows))
    if len(kernel.rows) < count:
        raise ValueError(f"at most {len(kernel.rows)} weights at a time, not {count}")
    batch = objective.bind(np.ascontiguousarray(rows))
    with np.errstate(all="ignore"):
        for row in kernel.rows[:count]:
            kernel.gradient(batch, row)
        return kernel.batch_losses(np.full(count, float(len(rows))))
