"""Forward and backward through the layers of a network, for one minibatch, without allocating.

Everything is stored with the examples along the last axis, and every array is contiguous:

    extended activations  (n + 1, B), whose last row is 1, so that a layer's bias is the last row of its matrix;
                          the first ones are examples, whose rows (x, 1) are contiguous instead
    matrix W              (n + 1, m), m being the width of the following layer
    products              Wᵀ·extended, (m, B);  activations φ(products), into the first m rows of the following
    slopes δ              (m, B), of the loss by the products: backwards it is φ′ ∘ W[:n]·δ
    gradient of W         extended·δᵀ

Three things make it fast: `array.dot(other, out)`, NumPy's cheapest product; all calls of a step listed once, for
every row of a chunk and every batch size (`_Plan`, `engine.calls`); and the batch losses of a chunk taken from what its
rows kept of their outputs, all in one pass at its end.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.activations import Activation
from engine.calls import Call, carry_out
from engine.example_losses import ExampleLoss
from engine.objective import Array

_ROWS = 256  # at most: the plans of more, dozens of views each, would not stay in cache

Batch = tuple[Array, Array, NDArray[np.intp], int]  # all examples, (N, d + 1), and labels, (T, N); which; how many


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
    """The arrays of one batch size, which every step overwrites, and the calls that work on nothing else.

    activate: what makes the values of a hidden layer, from the first to the last. factor: what multiplies the
    slopes of the loss by its values by φ′.
    """

    def __init__(self, widths: tuple[int, ...], size: int, activation: Activation, scale: float, dtype: Any) -> None:
        self.rows: Array = np.empty((size, widths[0] + 1), dtype)  # for the examples
        self.extended: list[Array] = [self.rows.T, *(np.ones((width + 1, size), dtype) for width in widths[1:-1])]
        self.slopes: list[Array] = [np.empty((width, size), dtype) for width in widths[1:]]
        self.scale: Array = np.array(scale / size, dtype)
        self.products: list[Array] = []
        self.activate: list[list[Call]] = []
        self.factor: list[list[Call]] = []
        for extended, slopes in zip(self.extended[1:], self.slopes, strict=False):
            values, factors = extended[:-1], np.empty_like(slopes)
            products = values if activation.in_place else np.empty_like(values)
            self.products.append(products)
            self.activate.append(activation.value_calls(products, values))
            multiply = (np.multiply, (slopes, factors, slopes))
            self.factor.append([*activation.slope_calls(products, values, factors), multiply])


class _Plan(NamedTuple):
    """A step of one row of the chunk with one batch size.

    rows, targets: where those of the minibatch go. forward: the calls that leave in outputs, (K, B), and aside what
    its loss follows from. gradient: these, and those that write the gradient.
    """

    rows: Array
    targets: Array  # (T, B)
    forward: list[Call]
    gradient: list[Call]
    kept: tuple[Array, Array, Array]  # outputs, targets, aside, with a leading axis of 1


Row = tuple[int, dict[int, _Plan]]  # its number in the chunk; its plans by batch size


class NetworkKernel:
    """Gradients and losses of a chunk's rows, for minibatches of at most `batch_size` examples.

    weights, gradients: (rows, ≥ P). widths: of inputs, hidden layers and outputs. num_targets: T.
    """

    def __init__(
        self,
        weights: Array,
        gradients: Array,
        batch_size: int,
        *,
        widths: tuple[int, ...],
        num_targets: int,
        activation: Activation,
        loss: ExampleLoss,
    ) -> None:
        self._weights, self._gradients = weights, gradients
        self._widths, self._activation, self._loss = widths, activation, loss
        self._rooms: dict[int, _Room] = {}
        kinds = (widths[-1], num_targets, loss.aside)
        self._kept = [(kind, np.empty((len(weights), kind * batch_size), weights.dtype)) for kind in kinds]
        self.rows: list[Row] = [(index, {}) for index in range(min(len(weights), _ROWS))]

    def _kept_of(self, steps: Any, size: int) -> tuple[Array, Array, Array]:
        """Outputs (m, K, B), targets (m, T, B) and aside (m, ·, B) of m steps with one batch size."""
        outputs, targets, aside = (
            part[:, : kind * size].reshape(len(part), kind, size)
            for kind, part in ((kind, every[steps]) for kind, every in self._kept)
        )
        return outputs, targets, aside

    def _fetch(self, batch: Batch, row: Row) -> _Plan:
        """The plan of a row for a minibatch, which is where it wants it; made when its size is first needed."""
        (examples, labels, numbers, size), (index, plans) = batch, row
        plan = plans.get(size)
        if plan is None:
            plan = plans[size] = self._make_plan(index, size)
        # Told to clip, NumPy writes there directly; no number is out of range.
        examples.take(numbers, 0, plan.rows, "clip")
        labels.take(numbers, 1, plan.targets, "clip")
        return plan

    def _make_plan(self, index: int, size: int) -> _Plan:
        if size not in self._rooms:
            self._rooms[size] = _Room(self._widths, size, self._activation, self._loss.scale, self._weights.dtype)
        room = self._rooms[size]
        layers = matrices(self._weights[index], self._widths)
        gradients = matrices(self._gradients[index], self._widths)
        kept = self._kept_of(slice(index, index + 1), size)
        # NumPy's calls are cheapest on arrays of one axis.
        flat = [part[0, 0] if part.shape[1] == 1 else part[0] for part in kept[:2]]
        outputs, targets, aside, slopes = *flat, list(kept[2][0]), room.slopes[-1]
        slopes = slopes[0] if len(slopes) == 1 else slopes

        forward: list[Call] = []
        for layer, extended, products, activate in zip(
            layers, room.extended, room.products, room.activate, strict=False
        ):
            forward += [(layer.T.dot, (extended, products)), *activate]
        forward.append((layers[-1].T.dot, (room.extended[-1], kept[0][0])))
        forward += self._loss.keep_calls(outputs, targets, aside, slopes)

        backward = self._loss.slope_calls(outputs, targets, aside, room.scale, slopes)
        for index in range(len(layers) - 1, -1, -1):
            backward.append((room.extended[index].dot, (room.slopes[index].T, gradients[index])))
            if index:
                backward.append((layers[index][:-1].dot, (room.slopes[index], room.slopes[index - 1])))
                backward += room.factor[index - 1]
        return _Plan(room.rows, kept[1][0], forward, forward + backward, kept)

    def loss(self, batch: Batch, row: Row) -> float:
        """The mean loss over a minibatch at a row's weights."""
        plan = self._fetch(batch, row)
        carry_out(plan.forward)
        return float(self._loss.means(*plan.kept)[0])

    def gradient(self, batch: Batch, row: Row) -> None:
        for function, arguments in self._fetch(batch, row).gradient:  # as `carry_out`
            function(*arguments)

    def batch_losses(self, sizes: Array) -> Array:
        losses = np.empty(len(sizes))
        for size in map(int, set(sizes.tolist())):
            of_size = sizes == size
            steps = slice(len(sizes)) if of_size.all() else np.flatnonzero(of_size)
            losses[steps] = self._loss.means(*self._kept_of(steps, size))
        return losses
