"""The protocol of objectives: finite sums over examples, f(w) = 1/N Σ fᵢ(w), over one flat weight vector.

Every example is a row of a table. A minibatch is a contiguous slice of a shuffled copy of it, or, where a step is
long enough to fetch its rows itself, of the shuffled numbers of the rows. The training loop works on a second table,
the chunk: its row k holds the weights before step k and their gradient, and beside it what the batch loss of step k
is computed from. The chunk therefore *is* the record of its steps; losses and norms come out of it in one pass.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.model.quadratic_forms import QuadraticForms

Array = NDArray[np.float64]

StackedGradients = Callable[[Array, NDArray[np.intp], Array, Array], None]
"""Mean gradients of R minibatches at once: of (R, B, c) rows, their numbers, (R, B), and (R, P + padding) weights; they
are written to (R, P + padding)."""

_CALLS = 2_000.0  # nanoseconds, about: of a few NumPy functions


def small_effort(num_weights: int, num_examples: int) -> float:
    """Return about the nanoseconds of a gradient that takes a few products of weights and examples."""
    return _CALLS + float(num_weights * num_examples)


class Kernel(Protocol):
    """The gradient of one minibatch, for the rows of one chunk.

    rows: what `gradient` needs of each row, prepared once; of as many as the kernel likes at a time, at least one.
    """

    rows: list[Any]

    def fetch(self, batches: list[Any]) -> list[Any]:
        """Prepare bound minibatches, the first for the first row and so on; what `gradient` is to be called with, valid
        until the next call."""

    def gradient(self, batch: Any, row: Any) -> None:
        """Write the mean gradient over a fetched `batch` into the row's gradient."""

    def batch_losses(self, sizes: Array) -> Array:
        """(n,) losses of the first n steps, before their updates; `sizes` (n,) are their batch sizes."""


class Objective(Protocol):
    """A finite sum over examples. P weights, N examples.

    examples: (N, c), C-contiguous, one row an example; its dtype, float64 or float32, is that of the weights.
    inputs: (N, d), targets: (N,), the same examples as the model sees them; (0, 0) and (0,) without data.
    weight_names: P short names, for the screen; its length is known at once.
    padding: columns that the kernel wants after the P weights and gradients, for its own use.
    fetches: whether the kernel takes the rows of its minibatches from `examples` itself; else it is handed them.
    units: what a step holds of every example of its minibatch: a network's hidden units and outputs; else 1.
    loss_examples: how many examples' work one value of `losses` takes: N, or 1 where there is a shorter way.
    num_classes: how many classes the model tells apart; 0 where it predicts numbers, and without data.
    """

    examples: Array
    inputs: Array
    targets: Array
    padding: int
    fetches: bool
    units: int
    loss_examples: int
    num_classes: int

    @property
    def weight_names(self) -> Sequence[str]: ...

    def emphasis(self, sizes: Array) -> Array | None:
        """(n,) factors on the rows of n examples that go into minibatches of these sizes, or None for 1."""

    def bind(self, minibatch: NDArray[Any]) -> Any:
        """A minibatch prepared for `Kernel.fetch`: views of its rows, (B, c), or, where the objective `fetches`, of
        the numbers of its examples, (B,). Their content may change later."""

    def kernel(self, weights: Array, gradients: Array, batch_size: int) -> Kernel:
        """A kernel that reads rows of `weights` and writes rows of `gradients`, both (rows, P + padding) with
        contiguous rows, for minibatches of at most `batch_size` examples."""

    def loss(self, weights: Array) -> float:
        """The loss f(w), the mean over all examples, summed directly."""

    def losses(self, weights: Array) -> Array:
        """(m,) values of f at (m, P) weights; agrees with `loss` to rounding, and is fast for many."""

    def gradient(self, weights: Array) -> Array:
        """(P,) gradient of f at w."""

    def hessian_vector_product(self, weights: Array, vector: Array) -> Array:
        """(P,) product of the Hessian of f at w with `vector`."""

    def effort(self, num_examples: int) -> float:
        """The nanoseconds, about, of a gradient over so many examples; a product with the Hessian takes twice that."""

    def restricted(self, examples: NDArray[np.intp] | slice) -> Objective:
        """The mean over these examples only; the objective itself where its sums are short, or known without going
        through the examples."""

    def stacked_gradients(self) -> StackedGradients | None:
        """The gradients of many minibatches in a few calls; None where a kernel takes them one by one."""

    def quadratic_forms(self) -> QuadraticForms | None:
        """The losses of minibatches as quadratic forms; None unless the gradient is affine in few weights."""

    def minimum(self) -> Array | None:
        """(P,) weights of a minimum where one is known in closed form, else None."""

    def saturated_units(self, weights: Array) -> float:
        """The share of hidden units that answer hardly any example at these weights; 0 where there are no units."""

    def predict(self, weights: Array, inputs: Array) -> Array:
        """(M,) outputs of the model for (M, features) inputs."""
