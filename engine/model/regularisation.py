"""L1 and L2 regularisation of any objective: f(w) + λ₁ Σ|wⱼ| + λ₂ Σwⱼ², over the weights that are penalised.

Keras's convention: no ½ on the square, and biases are left out, where the objective has any. The penalty is
part of every loss, also of those recorded for the steps, as it is part of what is minimised.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.model.objective import Array, Kernel, Objective, StackedGradients
from engine.model.quadratic_forms import QuadraticForms
from engine.plain_text import shortened
from engine.refusals import RefusalError

_QUIETLY = np.errstate(all="ignore")


class Regularised:
    """`objective` plus λ₁|w|₁ + λ₂|w|₂², λ₁ and λ₂ being `l1` and `l2`, both at least 0.

    penalised: (P,) which weights count, by default all. At wⱼ = 0 the slope of |wⱼ| is taken as 0.
    Anything else that the objective offers is offered unchanged. Raises RefusalError for l1 or l2 that are negative
    or not finite, and for `penalised` of another length.
    """

    def __init__(
        self, objective: Objective, *, l1: float = 0.0, l2: float = 0.0, penalised: NDArray[np.bool_] | None = None
    ) -> None:
        if not (0 <= l1 < np.inf and 0 <= l2 < np.inf):
            raise RefusalError(f"l1 and l2 must be finite and at least 0, not {shortened(l1)} and {shortened(l2)}")
        num_weights = len(objective.weight_names)
        counted = np.ones(num_weights, dtype=bool) if penalised is None else np.asarray(penalised, dtype=bool)
        if counted.shape != (num_weights,):
            raise RefusalError(f"penalised must say it of {num_weights} weights, not of {counted.shape}")
        self.objective, self.l1, self.l2 = objective, l1, l2
        self.penalised: NDArray[np.bool_] = counted
        self.examples: Array = objective.examples
        self.inputs: Array = objective.inputs
        self.targets: Array = objective.targets
        self.weight_names: Sequence[str] = objective.weight_names
        self.padding = objective.padding
        self.fetches = objective.fetches
        self.loss_examples, self.units = objective.loss_examples, objective.units
        self.num_classes = objective.num_classes

    def __getattr__(self, name: str) -> Any:
        if name in ("objective", "minima"):  # not there yet, while unpickling; elsewhere with a penalty
            raise AttributeError(name)
        return getattr(self.objective, name)

    @_QUIETLY
    def penalties(self, weights: Array) -> Array:
        """(m,) penalties of (m, P) weights."""
        counted = np.asarray(weights, dtype=np.float64)[:, self.penalised]
        total = np.zeros(len(counted))
        if self.l1:
            total += self.l1 * np.add.reduce(np.abs(counted), axis=1)
        if self.l2:
            total += self.l2 * np.add.reduce(counted * counted, axis=1)
        return total

    def emphasis(self, sizes: Array) -> Array | None:
        return self.objective.emphasis(sizes)

    def bind(self, minibatch: NDArray[Any]) -> Any:
        return self.objective.bind(minibatch)

    def kernel(self, weights: Array, gradients: Array, batch_size: int) -> RegularisedKernel:
        return RegularisedKernel(self, self.objective.kernel(weights, gradients, batch_size), weights, gradients)

    def loss(self, weights: Array) -> float:
        return self.objective.loss(weights) + float(self.penalties(np.asarray(weights)[None])[0])

    def losses(self, weights: Array) -> Array:
        return self.objective.losses(weights) + self.penalties(weights)

    @_QUIETLY
    def gradient(self, weights: Array) -> Array:
        slope = self.l1 * np.sign(weights) + 2 * self.l2 * np.asarray(weights)
        return self.objective.gradient(weights) + np.where(self.penalised, slope, 0.0)

    @_QUIETLY
    def hessian_vector_product(self, weights: Array, vector: Array) -> Array:
        curvature = np.where(self.penalised, 2 * self.l2 * np.asarray(vector), 0.0)
        return self.objective.hessian_vector_product(weights, vector) + curvature

    def effort(self, num_examples: int) -> float:
        return self.objective.effort(num_examples)

    def restricted(self, examples: NDArray[np.intp] | slice) -> Regularised:
        part = self.objective.restricted(examples)
        if part is self.objective:
            return self
        return Regularised(part, l1=self.l1, l2=self.l2, penalised=self.penalised)

    def stacked_gradients(self) -> StackedGradients | None:
        inner = self.objective.stacked_gradients()
        if inner is None:
            return None
        dtype, num_weights = self.examples.dtype, len(self.weight_names)
        l1, l2 = ((factor * self.penalised).astype(dtype) for factor in (self.l1, 2 * self.l2))

        def gradients(rows: Array, numbers: NDArray[np.intp], weights: Array, gradients: Array) -> None:
            """The objective's own gradients, and the slopes of the penalty."""
            inner(rows, numbers, weights, gradients)
            own = weights[:, :num_weights]
            if self.l2:
                gradients[:, :num_weights] += own * l2
            if self.l1:
                gradients[:, :num_weights] += np.sign(own) * l1

        return gradients

    def quadratic_forms(self) -> QuadraticForms | None:
        """Forms of the objective with λ₂ Σ(uⱼ + cⱼ)² in them; none with L1."""
        inner = self.objective.quadratic_forms()
        if inner is None or self.l1:
            return None
        columns = np.column_stack([np.diag(self.penalised), np.where(self.penalised, inner.centre, 0.0)])
        penalty = np.pad(2 * self.l2 * columns.T @ columns, ((0, 0), (0, 1)))  # its gradient at w = 0 is 0
        return QuadraticForms(inner.centre, lambda numbers: inner.of_alike(numbers) + penalty, inner.least)

    def minimum(self) -> Array | None:
        return self.objective.minimum() if self.l1 == self.l2 == 0 else None

    def saturated_units(self, weights: Array) -> float:
        return self.objective.saturated_units(weights)

    def predict(self, weights: Array, inputs: Array) -> Array:
        return self.objective.predict(weights, inputs)


class RegularisedKernel:
    """The objective's own kernel, and the penalty added to what it gives."""

    def __init__(self, regularised: Regularised, kernel: Kernel, weights: Array, gradients: Array) -> None:
        num_weights, dtype = len(regularised.weight_names), weights.dtype
        self._penalties, self._kernel = regularised.penalties, kernel
        self._weights: Array = weights[:, :num_weights]
        self._l1: Array | None = (regularised.l1 * regularised.penalised).astype(dtype) if regularised.l1 else None
        self._l2: Array | None = (2 * regularised.l2 * regularised.penalised).astype(dtype) if regularised.l2 else None
        self._scratch: Array = np.empty(num_weights, dtype)
        self.rows = list(zip(kernel.rows, self._weights, gradients[:, :num_weights], strict=False))

    def fetch(self, batches: list[Any]) -> list[Any]:
        return self._kernel.fetch(batches)

    def gradient(self, batch: Any, row: tuple[Any, Array, Array]) -> None:
        inner, weights, gradient = row
        self._kernel.gradient(batch, inner)
        scratch = self._scratch
        if self._l2 is not None:
            np.multiply(weights, self._l2, scratch)
            np.add(gradient, scratch, gradient)
        if self._l1 is not None:
            np.sign(weights, scratch)
            np.multiply(scratch, self._l1, scratch)
            np.add(gradient, scratch, gradient)

    def batch_losses(self, sizes: Array) -> Array:
        return self._kernel.batch_losses(sizes) + self._penalties(self._weights[: len(sizes)])
