"""Least squares: f(w) = 1/N Σ (xᵢ·w − yᵢ)², the mean of squared errors without ½ (Keras's convention).

An example is the row (x, 1, −y), without the 1 where there is no bias. With one more weight that is
always 1, the residual x·w + b − y is a single product of row and weights, and the gradient (2/B) Aᵀr
a second one. That homogeneous coordinate lives in the storage only: the weights seen outside are the
first P columns.
"""

from __future__ import annotations

import numpy as np

from engine.objective import Array

Batch = tuple[Array, Array, Array, int]  # rows, their transpose, 2/B as a 0-d array, B


class LeastSquares:
    """f(w) = 1/N Σ (xᵢ·w + b − yᵢ)²; its Hessian is 2/N XᵀX, everywhere.

    inputs: (N, d); targets: (N,). With `bias` the flat weights are (w₁ … w_d, b), otherwise (w₁ … w_d).
    Raises ValueError where the shapes do not match or there is no example. Values that are not finite
    are accepted: they show as a loss that is not finite.
    """

    def __init__(
        self, inputs: Array, targets: Array, *, bias: bool = True, weight_names: tuple[str, ...] | None = None
    ) -> None:
        inputs = np.asarray(inputs, dtype=np.float64)
        targets = np.asarray(targets, dtype=np.float64)
        if inputs.ndim != 2 or targets.shape != inputs.shape[:1] or not len(targets):
            raise ValueError(
                f"inputs (N, d) and targets (N,) with N ≥ 1 are needed, not {inputs.shape}, {targets.shape}"
            )
        self.bias = bias
        self.inputs, self.targets = inputs, targets
        columns = [inputs, np.ones((len(inputs), 1))] if bias else [inputs]
        self.examples: Array = np.ascontiguousarray(np.hstack([*columns, -targets[:, None]]))
        num_weights = self.examples.shape[1] - 1
        defaults = tuple(f"w{j}" for j in range(inputs.shape[1])) + (("bias",) if bias else ())
        self.weight_names = weight_names or defaults
        if len(self.weight_names) != num_weights:
            raise ValueError(f"{num_weights} weight names are needed, not {len(self.weight_names)}")
        design = self.examples[:, :num_weights]
        self._hessian: Array = design.T @ design * (2 / len(design))
        self._minimum = self._solve(design, targets)
        self._floor = np.nan if self._minimum is None else self.loss(self._minimum)

    @staticmethod
    def _solve(design: Array, targets: Array) -> Array | None:
        """(P,) the least-squares solution of least norm, or None where the data is not finite."""
        if not (np.isfinite(design).all() and np.isfinite(targets).all()):
            return None  # LAPACK would print about it on standard output
        try:
            solution = np.asarray(np.linalg.lstsq(design, targets, rcond=None)[0], dtype=np.float64)
        except np.linalg.LinAlgError:
            return None
        return solution if np.isfinite(solution).all() else None

    def bind(self, rows: Array) -> Batch:
        return rows, rows.T, np.array(2.0 / len(rows)), len(rows)

    def kernel(self, rows: int, batch_size: int) -> LeastSquaresKernel:
        return LeastSquaresKernel(rows, batch_size, self.examples.shape[1])

    def residuals(self, weights: Array) -> Array:
        """(N,) xᵢ·w − yᵢ."""
        return np.asarray(self.examples.dot(np.append(weights, 1.0)))

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
        return np.asarray(self.examples[:, :-1].T.dot(self.residuals(weights)) * (2 / len(self.examples)))

    def hessian_vector_product(self, weights: Array, vector: Array) -> Array:
        return np.asarray(self._hessian.dot(vector))

    def minimum(self) -> Array | None:
        return self._minimum

    def predict(self, weights: Array, inputs: Array) -> Array:
        features = inputs.shape[1]
        return np.asarray(inputs.dot(weights[:features]) + (weights[features] if self.bias else 0.0))


class LeastSquaresKernel:
    """`rows` steps of least squares; `columns` counts the weights and the homogeneous 1."""

    def __init__(self, rows: int, batch_size: int, columns: int) -> None:
        padded_weights = np.ones((rows + 1, columns))
        padded_gradients = np.zeros((rows, columns))
        self._residuals = np.zeros((rows, batch_size))
        self.weights: Array = padded_weights[:, :-1]
        self.gradients: Array = padded_gradients[:, :-1]
        self.rows = list(zip(padded_weights, padded_gradients, self._residuals, strict=False))

    def gradient(self, batch: Batch, row: tuple[Array, Array, Array]) -> None:
        examples, transposed, scale, size = batch
        weights, gradient, residuals = row
        if size < residuals.size:  # the last batch of an epoch may be short
            residuals[size:] = 0.0
            residuals = residuals[:size]
        examples.dot(weights, residuals)
        transposed.dot(residuals, gradient)
        np.multiply(gradient, scale, gradient)

    def batch_losses(self, sizes: Array) -> Array:
        residuals = self._residuals[: len(sizes)]
        return np.asarray(np.einsum("kb,kb->k", residuals, residuals) / sizes)
