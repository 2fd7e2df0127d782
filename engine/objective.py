"""What is minimised: a finite sum over examples, f(w) = 1/N Σ fᵢ(w), over one flat weight vector.

Every example is a row of a table, so that a minibatch is a contiguous slice of a shuffled copy of it
and needs no gather of its own. The training loop works on a second table, the chunk: its row k holds
the weights before step k, their gradient, and what the batch loss of step k is computed from. The
chunk therefore *is* the record of its steps; losses and norms come out of it in one vectorised pass.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Kernel(Protocol):
    """The chunk of one objective: storage for `rows` steps, and the gradient of one minibatch.

    weights: (rows + 1, P) float64; row k is read by step k, row k + 1 written by it.
    gradients: (rows, P) float64.
    rows: what `gradient` needs of row k, prepared once.
    """

    weights: Array
    gradients: Array
    rows: list[Any]

    def gradient(self, batch: Any, row: Any) -> None:
        """Write the mean gradient over `batch` into the row's gradient."""

    def batch_losses(self, sizes: Array) -> Array:
        """(n,) losses of the first n steps, before their updates; `sizes` (n,) are their batch sizes."""


class Objective(Protocol):
    """A finite sum over examples. P weights, N examples.

    examples: (N, c) float64, C-contiguous, one row an example.
    inputs: (N, d), targets: (N,), the same examples as the model sees them.
    weight_names: P short names, for the screen.
    """

    examples: Array
    inputs: Array
    targets: Array
    weight_names: tuple[str, ...]

    def bind(self, rows: Array) -> Any:
        """A minibatch prepared for `Kernel.gradient`: views of `rows`, (B, c), which may change later."""

    def kernel(self, rows: int, batch_size: int) -> Kernel:
        """A chunk of `rows` steps for minibatches of at most `batch_size` examples."""

    def loss(self, weights: Array) -> float:
        """f(w), the mean over all examples, summed directly."""

    def losses(self, weights: Array) -> Array:
        """(m,) values of f at (m, P) weights; agrees with `loss` to rounding, and is fast for many."""

    def gradient(self, weights: Array) -> Array:
        """(P,) gradient of f at w."""

    def hessian_vector_product(self, weights: Array, vector: Array) -> Array:
        """(P,) product of the Hessian of f at w with `vector`."""

    def minimum(self) -> Array | None:
        """(P,) weights of a minimum where one is known in closed form, else None."""

    def predict(self, weights: Array, inputs: Array) -> Array:
        """(M,) outputs of the model for (M, features) inputs."""
