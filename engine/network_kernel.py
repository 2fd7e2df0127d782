"""Forward and backward through the layers of a network, for one minibatch, without allocating.

Everything is stored with the examples along the last axis, and every array is contiguous:

    extended activations  (n + 1, B), whose last row is 1, so that a layer's bias is the last row of its matrix
    matrix W              (n + 1, m), m being the width of the following layer
    products              Wᵀ·extended, (m, B);  activations φ(products), into the first m rows of the following
    slopes δ              (m, B), of the loss by the products: backwards it is φ′ ∘ W[:n]·δ
    gradient of W         extended·δᵀ

Three things make it fast: `array.dot(other, out)`, NumPy's cheapest product; all views and their `dot` made
once, for every row of a chunk and every batch size (`_Plan`); and the batch losses of a chunk taken from what its
rows kept of their outputs, all in one pass at its end.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from engine.activations import Activation
from engine.example_losses import ExampleLoss
from engine.objective import Array

_ROWS = 256  # at most: the plans of more, dozens of views each, would not stay in cache

Batch = tuple[Array, Array, int]  # inputs (B, d); targets (T, B), or (B,) where T = 1; their number


def matrices(flat: Array, widths: tuple[int, ...]) -> list[Array]:
    """Views of (P,) weights or gradients as the layers' matrices, from the first layer to the last, each
    (inputs + 1, outputs) with the biases as its last row."""
    views, start = [], 0
    for width, following in pairwise(widths):
        stop = start + (width + 1) * following
        views.append(flat[start:stop].reshape(width + 1, following))
        start = stop
    return views


class _Room:
    """Activations and slopes of a minibatch of `size` examples; every step of that size works in the same one."""

    def __init__(self, widths: tuple[int, ...], size: int, activation: Activation, scale: float, dtype: Any) -> None:
        rows = np.ones((size, widths[0] + 1), dtype)
        self.inputs: Array = rows[:, :-1]  # (B, d)
        self.extended: list[Array] = [rows.T, *(np.ones((width + 1, size), dtype) for width in widths[1:-1])]
        self.values: list[Array] = [extended[:-1] for extended in self.extended[1:]]
        self.products: list[Array] = [v if activation.in_place else np.empty_like(v) for v in self.values]
        self.slopes: list[Array] = [np.empty((width, size), dtype) for width in widths[1:]]
        self.factors: list[Array] = [np.empty_like(values) for values in self.values]  # φ′
        self.scale: Array = np.array(scale / size, dtype)


class _Plan(NamedTuple):
    """What a step needs for one row of the chunk and one batch size, prepared.

    forward: for every hidden layer (Wᵀ·, products, values, extended). to_outputs: the last Wᵀ·.
    outputs, (K, B), and aside: of the row, kept for its loss. kept, slopes: the outputs and the slopes of the
    loss by them, (B,) where K = 1, for NumPy's calls are cheapest on those. backward: from the last layer to
    the second (extended·, δᵀ, gradient, W[:n]·, δ, δ below, products, values, factors); first: the first three
    of them for the first layer.
    """

    inputs: Array
    extended_inputs: Array
    forward: list[tuple[Any, ...]]
    to_outputs: Any
    outputs: Array
    kept: Array
    aside: list[Array]
    slopes: Array
    scale: Array
    backward: list[tuple[Any, ...]]
    first: tuple[Any, Array, Array]


Row = tuple[int, dict[int, _Plan]]  # its number in the chunk; its plans by batch size


class NetworkKernel:
    """Gradients and losses of a chunk's rows, for minibatches of at most `batch_size` examples.

    weights, gradients: (rows, ≥ P). widths: of inputs, hidden layers and outputs.
    """

    def __init__(
        self,
        weights: Array,
        gradients: Array,
        batch_size: int,
        *,
        widths: tuple[int, ...],
        activation: Activation,
        loss: ExampleLoss,
    ) -> None:
        self._weights, self._gradients = weights, gradients
        self._widths, self._activation, self._loss = widths, activation, loss
        self._rooms: dict[int, _Room] = {}
        self._outputs: Array = np.empty((len(weights), widths[-1] * batch_size), weights.dtype)
        self._aside: Array = np.empty((len(weights), loss.aside * batch_size), weights.dtype)
        self.rows: list[Row] = [(index, {}) for index in range(min(len(weights), _ROWS))]

    def plan(self, row: Row, size: int) -> _Plan:
        """The plan of a row for one batch size, made when it is first needed."""
        index, plans = row
        plan = plans.get(size)
        if plan is None:
            plan = plans[size] = self._make_plan(index, size)
        return plan

    def _make_plan(self, index: int, size: int) -> _Plan:
        if size not in self._rooms:
            self._rooms[size] = _Room(self._widths, size, self._activation, self._loss.scale, self._weights.dtype)
        room = self._rooms[size]
        layers = matrices(self._weights[index], self._widths)
        gradients = matrices(self._gradients[index], self._widths)
        backward = [
            (
                *(room.extended[layer].dot, room.slopes[layer].T, gradients[layer]),
                *(layers[layer][:-1].dot, room.slopes[layer], room.slopes[layer - 1]),
                *(room.products[layer - 1], room.values[layer - 1], room.factors[layer - 1]),
            )
            for layer in range(len(layers) - 1, 0, -1)
        ]
        products = [layer.T.dot for layer in layers]
        outputs = self._outputs[index, : self._widths[-1] * size]
        flat = self._widths[-1] == 1
        return _Plan(
            inputs=room.inputs,
            extended_inputs=room.extended[0],
            forward=list(zip(products, room.products, room.values, room.extended[1:], strict=False)),
            to_outputs=products[-1],
            outputs=outputs.reshape(-1, size),
            kept=outputs if flat else outputs.reshape(-1, size),
            aside=list(self._aside[index, : self._loss.aside * size].reshape(-1, size)),
            slopes=room.slopes[-1][0] if flat else room.slopes[-1],
            scale=room.scale,
            backward=backward,
            first=(room.extended[0].dot, room.slopes[0].T, gradients[0]),
        )

    def forward(self, batch: Batch, plan: _Plan) -> None:
        """Keep in the row what its loss follows from."""
        inputs, extended, forward, to_outputs, outputs, kept, aside, slopes, _, _, _ = plan
        inputs[...] = batch[0]
        value = self._activation.value
        for times, products, values, following in forward:
            times(extended, products)
            value(products, values)
            extended = following
        to_outputs(extended, outputs)
        self._loss.keep(kept, batch[1], aside, slopes)

    def gradient(self, batch: Batch, row: Row) -> None:
        plan = self.plan(row, batch[2])
        self.forward(batch, plan)
        _, _, _, _, _, kept, aside, slopes, scale, backward, first = plan
        self._loss.slopes(kept, batch[1], aside, scale, slopes)
        slope, multiply = self._activation.slope, np.multiply
        for times, transposed, gradient, back, above, below, products, values, factors in backward:
            times(transposed, gradient)
            back(above, below)
            slope(products, values, factors)
            multiply(below, factors, below)
        times, transposed, gradient = first
        times(transposed, gradient)

    def batch_losses(self, sizes: Array) -> Array:
        losses = np.empty(len(sizes))
        for size in map(int, set(sizes.tolist())):
            of_size = sizes == size
            steps = slice(len(sizes)) if of_size.all() else np.flatnonzero(of_size)
            outputs, aside = self._outputs[steps], self._aside[steps]
            outputs = outputs[:, : self._widths[-1] * size].reshape(len(outputs), -1, size)
            aside = aside[:, : self._loss.aside * size].reshape(len(aside), -1, size)
            losses[steps] = self._loss.means(outputs, aside)
        return losses
