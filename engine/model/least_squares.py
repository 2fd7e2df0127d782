"""Least squares: f(w) = 1/N Σ (xᵢ·w − yᵢ)², the mean of squared errors without ½ (Keras's convention).

An example is the row (x, 1, −y), without the 1 where there is no bias. With one more weight that is
always 1, the residual x·w + b − y is a single product of row and weights, and the gradient (2/B) Aᵀr
a second one. That homogeneous coordinate lives in the storage only, as padding. Rows of three numbers
get a fourth, 0: NumPy copies 16 or 32 bytes at once, three times as fast as 12 or 24.

Minibatches come with their rows multiplied by √(2/B), B being their size. So the factor 2/B is in the
products already, and the step has no call to spare for it: g = Aᵀr, and the loss is ½ r·r.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import DTypeLike, NDArray

from engine.model.objective import Array, StackedGradients, small_effort
from engine.model.quadratic_forms import MOST_WEIGHTS, QuadraticForms
from engine.refusals import RefusalError

_EXACT = 1e-12  # of the largest target: residuals that are roundings only

Product = Callable[[Array, Array], Array]
Batch = tuple[Product, Product, int]  # times the rows, times their transpose; the size
_TALL = 65_536  # rows; more are solved by Newton's method, or block by block
_WELL_CONDITIONED = 1e6  # Hessians up to here: a Newton step leaves a billionth of the error


class LeastSquares:
    """f(w) = 1/N Σ (xᵢ·w + b − yᵢ)²; its Hessian is 2/N XᵀX, everywhere.

    inputs: (N, d); targets: (N,). With `bias` the flat weights are (w₁ … w_d, b), otherwise (w₁ … w_d).
    dtype: of the training, float64 or float32.
    Raises RefusalError where the shapes do not match or there is no example. Values that are not finite
    are accepted: they show as a loss that is not finite.
    """

    fetches = False
    units = 1
    loss_examples = 1
    num_classes = 0

    def __init__(
        self,
        inputs: Array,
        targets: Array,
        *,
        bias: bool = True,
        weight_names: tuple[str, ...] | None = None,
        dtype: DTypeLike = np.float64,
    ) -> None:
        inputs = np.asarray(inputs, dtype=np.float64)
        targets = np.asarray(targets, dtype=np.float64)
        if inputs.ndim != 2 or targets.shape != inputs.shape[:1] or not len(targets):
            raise RefusalError(
                f"inputs (N, d) and targets (N,) with N ≥ 1 are needed, not {inputs.shape}, {targets.shape}"
            )
        self.bias = bias
        self.inputs, self.targets = inputs, targets
        defaults = tuple(f"w{j}" for j in range(inputs.shape[1])) + (("bias",) if bias else ())
        self.weight_names = weight_names or defaults
        num_weights = inputs.shape[1] + bias
        if len(self.weight_names) != num_weights:
            raise RefusalError(f"{num_weights} weight names are needed, not {len(self.weight_names)}")
        self.padding = 2 if num_weights == 2 else 1
        examples = np.zeros((len(targets), num_weights + self.padding))
        examples[:, : inputs.shape[1]] = inputs
        if bias:
            examples[:, inputs.shape[1]] = 1.0
        examples[:, -1] = -targets
        self.examples: Array = examples.astype(dtype, copy=False)
        design = examples[:, :num_weights]
        self._hessian: Array = design.T @ design * (2 / len(design))
        self._minimum = _minimum(examples, self._hessian)
        self._floor = np.nan if self._minimum is None else self.loss(self._minimum)

    def emphasis(self, sizes: Array) -> Array:
        return np.sqrt(2.0 / sizes)

    def bind(self, minibatch: Array) -> Batch:
        return minibatch.dot, minibatch.T.dot, len(minibatch)

    def kernel(self, weights: Array, gradients: Array, batch_size: int) -> LeastSquaresKernel:
        return LeastSquaresKernel(weights, gradients, batch_size)

    def residuals(self, weights: Array) -> Array:
        """(N,) xᵢ·w − yᵢ."""
        padded = np.zeros(self.examples.shape[1], dtype=self.examples.dtype)
        padded[: len(weights)], padded[-1] = weights, 1.0
        return np.asarray(self.examples.dot(padded))

    def loss(self, weights: Array) -> float:
        residuals = self.residuals(weights)
        return float(residuals.dot(residuals)) / len(residuals)

    def losses(self, weights: Array) -> Array:
        # About its minimum w*, f(w) = f(w*) + ½ (w − w*)ᵀ H (w − w*): P² work for each instead of N·P.
        if self._minimum is None:
            return np.full(len(weights), np.nan)
        offset = weights - self._minimum
        # One product a row, so that a row's bits do not depend on how many rows there are.
        squares = offset[:, None, :] @ self._hessian @ offset[:, :, None]
        return np.asarray(self._floor + 0.5 * squares[:, 0, 0])

    def gradient(self, weights: Array) -> Array:
        gradient = self.examples.T.dot(self.residuals(weights)) * (2 / len(self.examples))
        return np.asarray(gradient[: len(weights)], dtype=np.float64)

    def hessian_vector_product(self, weights: Array, vector: Array) -> Array:
        return np.asarray(self._hessian.dot(vector))

    def effort(self, num_examples: int) -> float:
        return small_effort(len(self.weight_names), num_examples)

    def restricted(self, examples: NDArray[np.intp] | slice) -> LeastSquares:
        return self

    def stacked_gradients(self) -> StackedGradients:
        return _stacked_gradients

    def quadratic_forms(self) -> QuadraticForms | None:
        """Q = 2/B AᵀA, where a row of A is (x, 1, x·w* − y); the last column is 2/B Aᵀ(−y).

        None where the data fits exactly: a step from the minimum has to stay there, to the last bit, and the loss to
        fall to what rounding leaves of x·w − y.
        """
        if self._minimum is None or len(self._minimum) > MOST_WEIGHTS or self.examples.dtype != np.float64:
            return None
        residuals = self.residuals(self._minimum)
        if abs(residuals).max() <= _EXACT * abs(self.targets).max():
            return None
        num_weights = len(self._minimum)
        rows = np.column_stack([self.examples[:, :num_weights], residuals, -self.targets])

        def of_alike(numbers: NDArray[np.intp]) -> Array:
            tables = rows.take(numbers, 0, mode="clip")
            products = tables[:, :, :-1].swapaxes(1, 2) @ tables
            products *= 2 / numbers.shape[1]
            return products

        return QuadraticForms(self._minimum, of_alike, least=0.0)

    def minimum(self) -> Array | None:
        return self._minimum

    def saturated_units(self, weights: Array) -> float:
        return 0.0

    def predict(self, weights: Array, inputs: Array) -> Array:
        features = inputs.shape[1]
        return np.asarray(inputs.dot(weights[:features]) + (weights[features] if self.bias else 0.0))


class LeastSquaresKernel:
    """Residuals and gradients of a chunk; the last column of the weights is set to 1 before it is used."""

    def __init__(self, weights: Array, gradients: Array, batch_size: int) -> None:
        self._residuals = np.zeros((len(gradients), batch_size), dtype=weights.dtype)
        self.rows = list(zip(weights, gradients, self._residuals, strict=True))

        def gradient(batch: Batch, row: tuple[Array, Array, Array]) -> None:
            times_rows, times_transpose, size = batch
            weights, gradient, residuals = row
            if size < batch_size:  # the last batch of an epoch may be short
                residuals[size:] = 0.0
                residuals = residuals[:size]
            weights[-1] = 1.0
            times_rows(weights, residuals)
            times_transpose(residuals, gradient)

        self.gradient = gradient

    def fetch(self, batches: list[Batch]) -> list[Batch]:
        return batches

    def batch_losses(self, sizes: Array) -> Array:
        residuals = self._residuals[: len(sizes)]
        return np.asarray(np.vecdot(residuals, residuals) / 2)


def _stacked_gradients(rows: Array, numbers: NDArray[np.intp], weights: Array, gradients: Array) -> None:
    """g = Aᵀ(A (w, 1)): the emphasis is in the rows A already."""
    weights[:, -1] = 1.0
    residuals = rows @ weights[:, :, None]
    np.matmul(rows.transpose(0, 2, 1), residuals, out=gradients[:, :, None])


def _minimum(examples: Array, hessian: Array) -> Array | None:
    """(P,) the least-squares solution of least norm, or None where the data is not finite. examples: as they are
    stored, in float64."""
    if not np.isfinite(examples).all():
        return None  # LAPACK would print about it on standard output
    design, targets = examples[:, : len(hessian)], -examples[:, -1]
    try:
        if len(examples) <= _TALL:
            solution = np.linalg.lstsq(design, targets, rcond=None)[0]
        elif np.isfinite(hessian).all() and np.linalg.cond(hessian) < _WELL_CONDITIONED:
            solution = _by_newton(examples, hessian)
        else:
            solution = np.linalg.lstsq(*_compressed(design, targets), rcond=None)[0]
    except np.linalg.LinAlgError:
        return None
    return np.asarray(solution, dtype=np.float64) if np.isfinite(solution).all() else None


def _by_newton(examples: Array, hessian: Array) -> Array:
    """The solution by two Newton steps from 0: the first one is exact but for rounding, which the second one mends. A
    seventh of the time that QR takes."""
    weights = np.zeros(examples.shape[1])
    weights[-1] = 1.0
    for _ in range(2):
        gradient = examples.T.dot(examples.dot(weights))[: len(hessian)] * (2 / len(examples))
        weights[: len(hessian)] -= np.linalg.solve(hessian, gradient)
    return weights[: len(hessian)]


def _compressed(design: Array, targets: Array) -> tuple[Array, Array]:
    """A problem of few rows with the same solution: the triangles of QR decompositions of the rows, block by block, so
    that nothing of the size of the data is copied."""
    triangle = np.empty((0, design.shape[1] + 1))
    for begin in range(0, len(design), _TALL):
        block = np.column_stack([design[begin : begin + _TALL], targets[begin : begin + _TALL]])
        triangle = np.asarray(np.linalg.qr(np.vstack([triangle, block]), mode="r"))
    return triangle[:, :-1], triangle[:, -1]
