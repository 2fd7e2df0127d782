"""Landscapes: objectives of one or two weights that are a named function f, and no model with data.

So that batch size means something here too, f is the mean of N examples, each the function tilted at random:
in most shapes fᵢ(w) = f(w) + tᵢ·w. The tilts have the mean 0, so that the examples' mean is f itself, not
only in expectation. In all directions their variance is s² and they are uncorrelated, again exactly. The
gradient of an example hence has the covariance s²I, everywhere; that of a minibatch of B that are drawn with
replacement s²I/B.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.model.landscape_shapes import Quadratic, Slice, Surface, TwoMinima
from engine.model.objective import Array, StackedGradients, small_effort
from engine.model.quadratic_forms import QuadraticForms
from engine.refusals import RefusalError

Batch = tuple[Any, Array]  # the product of (1/B … 1/B) with an array; the tilts of the minibatch
Row = tuple[Array, Array, Array]  # the mean tilts; the weights and behind them again the mean tilts; the gradient


class Landscape:
    """f(w) = 1/N Σ fᵢ(w), where an example fᵢ is a surface with tilts of its own.

    tilts: (N, Q), with the mean 0. Raises RefusalError for another number of columns than the surface's, for
    no example, and for tilts with another mean.
    minima: (k, P), those of f that are known: the lowest first, among equals the nearest to the origin.

    There is no data: `inputs` are (0, 0) and `targets` (0,), and so are the predictions.
    """

    fetches = False
    units = 1
    loss_examples = 1
    num_classes = 0

    def __init__(self, surface: Surface, tilts: Array) -> None:
        tilts = np.ascontiguousarray(tilts, dtype=np.float64)
        if tilts.ndim != 2 or tilts.shape[1] != surface.num_tilts or not len(tilts):
            raise RefusalError(f"tilts (N, {surface.num_tilts}) with N ≥ 1 are needed, not {tilts.shape}")
        if not (abs(tilts.mean(axis=0)) <= 1e-12 * abs(tilts).max()).all():
            raise RefusalError("the tilts must have the mean 0")
        self.surface = surface
        self.examples: Array = tilts
        self.inputs: Array = np.empty((0, 0))
        self.targets: Array = np.empty(0)
        self.weight_names: tuple[str, ...] = ("w",) if surface.num_weights == 1 else ("x", "y")
        self.padding = surface.num_tilts  # for the mean tilts of a step
        self.minima = surface.minima
        self._untilted = (0.0,) * surface.num_tilts

    def emphasis(self, sizes: Array) -> None:
        return None

    def bind(self, minibatch: Array) -> Batch:
        return np.full(len(minibatch), 1 / len(minibatch)).dot, minibatch

    def kernel(self, weights: Array, gradients: Array, batch_size: int) -> LandscapeKernel:
        return LandscapeKernel(self.surface, weights, gradients)

    def loss(self, weights: Array) -> float:
        return float(self.surface.value(*weights.tolist(), *self._untilted))

    def losses(self, weights: Array) -> Array:
        return np.asarray(self.surface.value(*_columns(weights), *self._untilted))

    def gradient(self, weights: Array) -> Array:
        return np.array(self.surface.gradient(*weights.tolist(), *self._untilted))

    def hessian_vector_product(self, weights: Array, vector: Array) -> Array:
        return np.asarray(np.array(self.surface.hessian(*weights.tolist())).dot(vector))

    def effort(self, num_examples: int) -> float:
        return small_effort(len(self.weight_names), num_examples)

    def restricted(self, examples: NDArray[np.intp] | slice) -> Landscape:
        return self

    def stacked_gradients(self) -> StackedGradients:
        surface = self.surface

        def gradients(rows: Array, numbers: NDArray[np.intp], weights: Array, gradients: Array) -> None:
            """The surface's gradient at the mean tilts, of all replicas at once."""
            num_weights = surface.num_weights
            tilts = np.full(rows.shape[1], 1 / rows.shape[1]) @ rows
            columns = [np.ascontiguousarray(column) for column in (*weights[:, :num_weights].T, *tilts.T)]
            for j, slope in enumerate(surface.gradient(*columns)):
                gradients[:, j] = slope

        return gradients

    def quadratic_forms(self) -> QuadraticForms | None:
        """The forms about the origin: Q holds the Hessian, and beside it, twice, the mean tilts."""
        hessian, tilts, num_weights = self.surface.constant_hessian, self.examples, self.surface.num_weights
        if hessian is None:
            return None

        def of_alike(numbers: NDArray[np.intp]) -> Array:
            size = numbers.shape[1]
            mean_tilts = np.full((1, size), 1 / size) @ tilts.take(numbers, 0, mode="clip")
            forms = np.zeros((len(numbers), num_weights + 1, num_weights + 2))
            forms[:, :-1, :num_weights] = hessian
            forms[:, :-1, num_weights:] = mean_tilts.swapaxes(1, 2)
            forms[:, -1, :num_weights] = mean_tilts[:, 0]
            return forms

        return QuadraticForms(np.zeros(num_weights), of_alike)

    def minimum(self) -> Array | None:
        """(P,) the first of `minima`, or None without any."""
        return self.minima[0] if len(self.minima) else None

    def saturated_units(self, weights: Array) -> float:
        return 0.0

    def predict(self, weights: Array, inputs: Array) -> Array:
        return np.empty(len(inputs))


class LandscapeKernel:
    """The padding of a row of weights takes the mean tilts of its minibatch. Weights and tilts are then all
    that the gradient and the batch loss are functions of."""

    def __init__(self, surface: Surface, weights: Array, gradients: Array) -> None:
        self._surface, self._slopes = surface, surface.gradient
        self._weights_and_tilts = weights
        self.rows: list[Row] = [
            (row[surface.num_weights :], row, gradient) for row, gradient in zip(weights, gradients, strict=True)
        ]

    def fetch(self, batches: list[Batch]) -> list[Batch]:
        return batches

    def gradient(self, batch: Batch, row: Row) -> None:
        mean, tilts = batch
        mean_tilts, weights_and_tilts, gradient = row
        mean(tilts, mean_tilts)
        for j, slope in enumerate(self._slopes(*weights_and_tilts.tolist())):
            gradient[j] = slope

    def batch_losses(self, sizes: Array) -> Array:
        return np.asarray(self._surface.value(*_columns(self._weights_and_tilts[: len(sizes)])))


def tilted(surface: Surface, *, noise: float = 0.0, examples: int = 256, seed: int = 0) -> Landscape:
    """The surface with random tilts, which are normal before they are made exact.

    noise: s, the standard deviation of the tilts over all examples; without any, all examples are alike.
    examples: N; with noise more than there are tilts. seed: of the tilts.
    Raises RefusalError for values that are impossible.
    """
    if not 0 <= noise < math.inf:
        raise RefusalError(f"noise must be a finite number of at least 0, not {noise}")
    fewest = surface.num_tilts + 1 if noise else 1
    if examples < fewest:
        raise RefusalError(f"examples must be at least {fewest}, not {examples}")
    tilts = np.zeros((examples, surface.num_tilts))
    if noise:
        drawn = np.random.default_rng(seed).standard_normal(tilts.shape)
        tilts = np.linalg.qr(drawn - drawn.mean(axis=0))[0] * math.sqrt(examples)
        tilts = _summing_to_zero(tilts * noise)
    return Landscape(surface, tilts)


def _summing_to_zero(tilts: Array) -> Array:
    """(N, Q), rounded to multiples of 2⁻⁴⁰ of the largest, about, so that sums of up to 2¹² of them have no rounding
    error, in any order, and all together are 0: the mean of N = 2ᵏ then is exactly 0. A weight that stands on a ridge
    stays there, where a mean of 1e-17 would push it off before long."""
    quantum = max(2.0 ** (math.frexp(float(abs(tilts).max()))[1] - 40), math.ulp(0.0))
    counts = np.round(tilts / quantum)
    excess = counts.sum(axis=0)
    counts -= np.floor(excess / len(tilts))
    counts[np.arange(len(tilts))[:, None] < excess % len(tilts)] -= 1
    return np.asarray(counts * quantum)


def quadratic(eigenvalues: tuple[float, ...], rotation: float = 0.0, **noise: Any) -> Landscape:
    """½ wᵀHw with one or two eigenvalues; `rotation` as for `Quadratic`, `noise` as for `tilted`."""
    if len(eigenvalues) == 1:
        return tilted(Slice(Quadratic((eigenvalues[0], eigenvalues[0]))), **noise)
    first, second = eigenvalues
    return tilted(Quadratic((first, second), rotation), **noise)


def two_minima(examples: int = 2) -> Landscape:
    """The two functions of Wu, Ma & E in turn. Raises RefusalError unless `examples` is even and above 0."""
    if examples < 2 or examples % 2:
        raise RefusalError(f"examples must be an even number of at least 2, not {examples}")
    return Landscape(TwoMinima(), np.tile([[-1.0], [1.0]], (examples // 2, 1)))


def _columns(rows: Array) -> Array:
    """(columns, rows) contiguous, so that every one is computed alike wherever it came from."""
    return np.ascontiguousarray(rows.T)
