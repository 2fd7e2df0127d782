"""Forward and backward through the layers of a network, for one minibatch, without allocating.

Everything is stored with the examples along the last axis, and every array is contiguous:

    extended activations  (n + 1, B), whose last row is 1, so that a layer's bias is the last row of its matrix;
                          the first ones are examples, whose rows (x, 1) are contiguous instead
    matrix W              (n + 1, m), m being the width of the following layer
    products              Wᵀ·extended, (m, B);  activations φ(products), into the first m rows of the following
    slopes δ              (m, B), of the loss by the products: backwards it is φ′ ∘ W[:n]·δ
    gradient of W         extended·δᵀ

Three things make it fast: `array.dot(other, out)`, NumPy's cheapest product; all calls of a step listed once, for
every row of a chunk and every batch size (`_Plan`, `engine.model.calls`); and the batch losses of a chunk taken from
the outcomes of its steps, all in one pass at its end.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.model.activations import Activation
from engine.model.calls import Call, carry_out
from engine.model.example_losses import ExampleLoss
from engine.model.objective import Array, StackedGradients

_PLANNED_LAYERS = 256  # in the plans of all rows together: so many stay in cache
_FEWEST_ROWS = 64

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

    rows, targets: where those of the minibatch go. activate: what makes the values of a hidden layer, from the first to
    the last. factor: what multiplies the slopes of the loss by its values by φ′. judge: what makes of the outputs the
    outcome, from which the loss follows. slope: what then makes the slopes of the last layer.
    """

    def __init__(
        self,
        widths: tuple[int, ...],
        num_targets: int,
        size: int,
        activation: Activation,
        loss: ExampleLoss,
        dtype: Any,
    ) -> None:
        self.rows: Array = np.empty((size, widths[0] + 1), dtype)
        self.extended: list[Array] = [self.rows.T, *(np.ones((width + 1, size), dtype) for width in widths[1:-1])]
        self.slopes: list[Array] = [np.empty((width, size), dtype) for width in widths[1:]]
        self.targets: Array = np.empty((num_targets, size), dtype)
        self.outputs: Array = np.empty((widths[-1], size), dtype)
        self.outcome: Array = np.empty((loss.kept, size), dtype)
        scale: Array = np.array(loss.scale / size, dtype)
        self.judge, self.slope = loss.calls(self.outputs, self.targets, self.outcome, scale, self.slopes[-1])
        self._add_activations(activation)

    def _add_activations(self, activation: Activation) -> None:
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

    forward: the calls that write the outcome. gradient: these, and those that write the gradient.
    """

    room: _Room
    forward: list[Call]
    gradient: list[Call]


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
        self._widths, self._num_targets, self._activation, self._loss = widths, num_targets, activation, loss
        self._rooms: dict[int, _Room] = {}
        self._outcomes: Array = np.empty((len(weights), loss.kept * batch_size), weights.dtype)
        planned = max(_FEWEST_ROWS, _PLANNED_LAYERS // (len(widths) - 1))
        self.rows: list[Row] = [(index, {}) for index in range(min(len(weights), planned))]

    def _losses(self, steps: Any, room: _Room) -> Array:
        """(m,) losses of m steps with the room's batch size."""
        outcomes = self._outcomes[steps, : room.outcome.size].reshape(-1, *room.outcome.shape)
        return self._loss.means(outcomes)

    def _fetch(self, batch: Batch, row: Row) -> _Plan:
        """The plan of a row for a minibatch, which is where it wants it; made when its size is first needed."""
        (examples, labels, numbers, size), (index, plans) = batch, row
        plan = plans.get(size)
        if plan is None:
            plan = plans[size] = self._make_plan(index, size)
        # Told to clip, NumPy writes there directly; no number is out of range.
        examples.take(numbers, 0, plan.room.rows, "clip")
        labels.take(numbers, 1, plan.room.targets, "clip")
        return plan

    def _make_plan(self, index: int, size: int) -> _Plan:
        if size not in self._rooms:
            sizes = (self._widths, self._num_targets, size)
            self._rooms[size] = _Room(*sizes, self._activation, self._loss, self._weights.dtype)
        room = self._rooms[size]
        layers = matrices(self._weights[index], self._widths)
        gradients = matrices(self._gradients[index], self._widths)
        outcome = self._outcomes[index, : room.outcome.size].reshape(room.outcome.shape)

        forward: list[Call] = []
        for layer, extended, products, activate in zip(
            layers, room.extended, room.products, room.activate, strict=False
        ):
            forward += [(layer.T.dot, (extended, products)), *activate]
        forward += [(layers[-1].T.dot, (room.extended[-1], room.outputs)), *room.judge]
        forward.append((np.copyto, (outcome, room.outcome)))

        backward = room.slope.copy()
        for index in range(len(layers) - 1, -1, -1):
            backward.append((room.extended[index].dot, (room.slopes[index].T, gradients[index])))
            if index:
                backward.append((layers[index][:-1].dot, (room.slopes[index], room.slopes[index - 1])))
                backward += room.factor[index - 1]
        return _Plan(room, forward, forward + backward)

    def loss(self, batch: Batch, row: Row) -> float:
        """The mean loss over a minibatch at a row's weights."""
        plan = self._fetch(batch, row)
        carry_out(plan.forward)
        return float(self._losses(slice(row[0], row[0] + 1), plan.room)[0])

    def gradient(self, batch: Batch, row: Row) -> None:
        for function, arguments in self._fetch(batch, row).gradient:  # as `carry_out`
            function(*arguments)

    def batch_losses(self, sizes: Array) -> Array:
        losses = np.empty(len(sizes))
        for size in map(int, set(sizes.tolist())):
            of_size = sizes == size
            steps = slice(len(sizes)) if of_size.all() else np.flatnonzero(of_size)
            losses[steps] = self._losses(steps, self._rooms[size])
        return losses


def stacked_gradients(
    widths: tuple[int, ...], labels: Array, activation: Activation, loss: ExampleLoss
) -> StackedGradients:
    """The kernel's gradients with a leading axis, for labels, (T, N): extended activations are (R, n + 1, B).

    Losses go element by element or class by class, so to them R minibatches are one of R·B examples.
    """
    stops = np.cumsum([(width + 1) * following for width, following in pairwise(widths)])
    spans = [slice(start, stop) for start, stop in pairwise([0, *stops.tolist()])]

    def output_slopes(outputs: Array, targets: Array) -> Array:
        """(R, K, B) ∂ of the mean losses, by (R, K, B) outputs; targets: (T, R, B)."""
        count, classes, size = outputs.shape
        flat = outputs.swapaxes(0, 1).reshape(classes, -1)
        slopes, _ = loss.slopes(flat, targets.reshape(len(targets), -1), size)
        return slopes.reshape(classes, count, size).swapaxes(0, 1)

    def gradients(rows: Array, numbers: NDArray[np.intp], weights: Array, gradients: Array) -> None:
        count, size, _ = rows.shape
        shapes = [(count, width + 1, following) for width, following in pairwise(widths)]
        layers = [weights[:, span].reshape(shape) for span, shape in zip(spans, shapes, strict=True)]
        extended = [rows.swapaxes(1, 2)]
        extended += [np.ones((count, width + 1, size), rows.dtype) for width in widths[1:-1]]
        products = [extended[0]]
        for layer, inputs, following in zip(layers, extended, extended[1:], strict=False):
            products.append(layer.swapaxes(1, 2) @ inputs)
            activation.value(products[-1], following[:, :-1])
        slopes = output_slopes(layers[-1].swapaxes(1, 2) @ extended[-1], labels[:, numbers])
        for index in range(len(layers) - 1, -1, -1):
            gradients[:, spans[index]] = (extended[index] @ slopes.swapaxes(1, 2)).reshape(count, -1)
            if index:
                factors = np.empty_like(products[index])
                activation.slope(products[index], extended[index][:, :-1], factors)
                slopes = factors * (layers[index][:, :-1] @ slopes)

    return gradients
