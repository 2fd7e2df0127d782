"""Forward and backward through the layers of a network, for one minibatch, without allocating.

Every array has the examples along its last axis, and is contiguous:

    extended activations  (n + 1, B), whose last row is 1, so that a layer's bias is the last row of its matrix;
                          the first ones are examples, whose rows (x, 1) are contiguous instead
    matrix W              (n + 1, m), m being the width of the following layer
    products              Wᵀ·extended, (m, B);  activations φ(products), into the first m rows of the following
    slopes δ              (m, B), of the loss by the products: backwards it is φ′ ∘ W[:n]·δ
    gradient of W         extended·δᵀ

In memory the examples are last as well, except in the hidden layers of networks with a large first layer
(`_MANY_WEIGHTS`): there they are first. The calls are the same, but BLAS then multiplies by the examples as they come,
in rows. For 784-256-128-10 in float64 a gradient of 128 examples takes a tenth less, of eight a third. Other networks
would lose by it: they wait for the other calls, and for products with few inputs or outputs.

Four things make it fast: `array.dot(other, out)`, NumPy's cheapest product; all calls of a step listed once, for
every row of a chunk and every batch size (`_Plan`, `engine.model.calls`); what does not depend on the weights, as
fetching the examples, and what nothing waits for, as the losses, done for many steps at once; and the hidden layers
lying one below the other, so that φ′ is taken of all of them at once.
"""

from __future__ import annotations

import copy
from functools import partial
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
_KEPT_NUMBERS = 2**20  # of outcomes, in all rows together
_FETCHED_NUMBERS = 2**15  # of examples at a time: more would push out of the cache what the steps work on
_MANY_WEIGHTS = 2**15  # of the first layer: from here on examples are first in memory


def matrices(flat: Array, widths: tuple[int, ...]) -> list[Array]:
    """Views of (P,) weights or gradients as the layers' matrices, from the first layer to the last, each
    (inputs + 1, outputs) with the biases as its last row."""
    views, start = [], 0
    for width, following in pairwise(widths):
        stop = start + (width + 1) * following
        views.append(flat[start:stop].reshape(width + 1, following))
        start = stop
    return views


def _layered(rows: list[int], size: int, dtype: Any, *, examples_first: bool) -> tuple[Array, list[Array]]:
    """Ones for layers of so many rows: all of them, (Σ rows · B,), and views of each, (rows, B), with the examples
    first or last in memory."""
    edges = np.cumsum([0, *rows]) * size
    numbers = np.ones(edges[-1], dtype)
    parts = [numbers[start:stop] for start, stop in pairwise(edges)]
    return numbers, [part.reshape(size, -1).T if examples_first else part.reshape(-1, size) for part in parts]


def _product(first: Array, second: Array, out: Array) -> Call:
    """The call that writes first·second to `out`; `dot` is the cheapest, but writes only where examples are last."""
    return (first.dot, (second, out)) if out.flags.c_contiguous else (np.matmul, (first, second, out))


class _Room:
    """The arrays of one batch size, which every step overwrites, and the calls that work on nothing else.

    extended, products: of the hidden layers. activate: what makes the values of a hidden layer, from the first to the
    last. factor: what then makes φ′ of all of them. multiply: what multiplies the slopes of the loss by its values by
    φ′. slopes: by the products of every layer, with the examples first also by the ones. share, scratch: for the loss.
    """

    def __init__(
        self, widths: tuple[int, ...], size: int, activation: Activation, loss: ExampleLoss, dtype: Any
    ) -> None:
        examples_first = (widths[0] + 1) * widths[1] >= _MANY_WEIGHTS
        # Calls on what is not contiguous take twice as long: so with the examples first they work on the ones as well.
        units = slice(None) if examples_first else slice(-1)
        rows = [width + 1 for width in widths[1:-1]]
        layered = partial(_layered, rows, size, dtype, examples_first=examples_first)
        values, self.extended = layered()
        products, layer_products = (values, self.extended) if activation.in_place else layered()
        factors, layer_factors = layered()
        self.products: list[Array] = [z[:-1] for z in layer_products]
        self.slopes: list[Array] = [delta[units] for delta in layered()[1]] + [np.empty((widths[-1], size), dtype)]
        self.outputs: Array = np.empty((widths[-1], size), dtype)
        self.scratch: Array = np.empty((loss.scratch, widths[-1], size), dtype)
        self.share: Array = np.array(loss.scale / size, dtype)
        restore = [[(a[-1].fill, (1.0,))] if examples_first else [] for a in self.extended]
        self.activate: list[list[Call]] = [
            activation.value_calls(z[units], a[units]) + ones
            for z, a, ones in zip(layer_products, self.extended, restore, strict=True)
        ]
        self.factor: list[Call] = activation.slope_calls(products, values, factors) if rows else []
        self.multiply: list[Call] = [
            (np.multiply, (slopes, factor[units], slopes))
            for slopes, factor in zip(self.slopes, layer_factors, strict=False)
        ]


class _Plan(NamedTuple):
    """A step of one row of the chunk with one batch size.

    forward: the calls that write the outcome. gradient: these, and those that write the gradient.
    """

    forward: list[Call]
    gradient: list[Call]


Row = tuple[int, dict[int, _Plan]]  # its number in the chunk; its plans by batch size


class NetworkKernel:
    """Gradients and losses of a chunk's rows, for minibatches of at most `batch_size` examples.

    weights, gradients: (rows, ≥ P). examples: (N, d + 1), labels: (T, N), all of them; a minibatch is the numbers of
    its own. widths: of inputs, hidden layers and outputs.
    """

    def __init__(
        self,
        weights: Array,
        gradients: Array,
        batch_size: int,
        *,
        examples: Array,
        labels: Array,
        widths: tuple[int, ...],
        activation: Activation,
        loss: ExampleLoss,
    ) -> None:
        self._weights, self._gradients = weights, gradients
        self._all_examples, self._all_labels = examples, labels
        self._widths, self._activation, self._loss = widths, activation, loss
        self._rooms: dict[int, _Room] = {}
        planned = max(_FEWEST_ROWS, _PLANNED_LAYERS // (len(widths) - 1))
        kept = _KEPT_NUMBERS // (batch_size * loss.kept)
        count = max(1, min(len(weights), planned, kept))
        group = max(1, min(count, _FETCHED_NUMBERS // (batch_size * (widths[0] + 1))))
        self.rows: list[Row] = [(index, {}) for index in range(count)]
        dtype = weights.dtype
        self._fetches = True
        self._places: NDArray[np.intp] = np.arange(batch_size)
        self._numbers: NDArray[np.intp] = np.zeros((count, batch_size), np.intp)
        self._shares: Array = np.full((count, 1), loss.scale / batch_size, dtype)
        self._outcomes: Array = np.empty((count, loss.kept * batch_size), dtype)
        # What is fetched, of a group of rows at a time:
        self._examples: Array = np.empty((group, batch_size, widths[0] + 1), dtype)
        self._labels: Array = np.empty((len(labels), group, batch_size), dtype)
        self._targets: Array = np.empty((group, loss.held, batch_size), dtype)

    def over(self, examples: Array, labels: Array) -> NetworkKernel:
        """The same kernel for one minibatch that is all of these examples, which stay where they are: `whole` is its
        plan. The two kernels share their memory, but this one's targets are made once for all."""
        other = copy.copy(self)
        other._examples, other._fetches = examples[None], False
        other._targets = np.empty((1, self._loss.held, len(examples)), examples.dtype)
        shares = np.full((1, 1), self._loss.scale / len(examples), examples.dtype)
        carry_out(self._loss.target_calls(labels[:, None], shares, other._targets))
        other.rows = [(0, {})]
        return other

    @property
    def size(self) -> int:
        """The number of examples of a minibatch at the most."""
        return len(self._examples[0])

    @property
    def whole(self) -> _Plan:
        """The plan of a minibatch of all examples, of a kernel that is `over` them."""
        return self.rows[0][1].get(self.size) or self._make_plan(0, self.size)

    def fetch(self, batches: list[NDArray[np.intp]]) -> list[_Plan]:
        """Prepare minibatches for the first rows; the plans of these, which are to be carried out in order."""
        sizes = np.fromiter(map(len, batches), np.intp)
        self._shares[: len(sizes), 0] = self._loss.scale / sizes
        # What is behind a smaller minibatch is fetched too, and not used.
        self._numbers[: len(sizes)][self._places < sizes[:, None]] = np.concatenate(batches)
        rows = zip(self.rows, sizes.tolist(), strict=False)
        return [known.get(size) or self._make_plan(index, size) for (index, known), size in rows]

    def _make_plan(self, index: int, size: int) -> _Plan:
        if size not in self._rooms:
            self._rooms[size] = _Room(self._widths, size, self._activation, self._loss, self._weights.dtype)
        room = self._rooms[size]
        layers = matrices(self._weights[index], self._widths)
        gradients = matrices(self._gradients[index], self._widths)
        group = len(self._examples)
        extended = [self._examples[index % group, :size].T, *room.extended]

        fetching = self._fetches and index % group == 0
        forward: list[Call] = self._fetch_calls(slice(index, index + group)) if fetching else []
        for layer, inputs, products, activate in zip(layers, extended, room.products, room.activate, strict=False):
            forward += [_product(layer.T, inputs, products), *activate]
        forward.append(_product(layers[-1].T, extended[-1], room.outputs))
        targets = self._targets[index % group, :, :size]
        (outcome,) = self._outcomes_of(slice(index, index + 1), size)
        judge, slope = self._loss.calls(room.outputs, targets, outcome, room.share, room.scratch, room.slopes[-1])
        forward += judge

        backward = slope
        for below in range(len(layers) - 1, -1, -1):
            slopes = room.slopes[below][: self._widths[below + 1]]
            backward.append(_product(extended[below], slopes.T, gradients[below]))
            if below:
                following = room.slopes[below - 1]
                backward.append(_product(layers[below][: len(following)], slopes, following))
                backward += room.factor if below == len(layers) - 1 else []
                backward.append(room.multiply[below - 1])
        plan = self.rows[index][1][size] = _Plan(forward, forward + backward)
        return plan

    def _fetch_calls(self, rows: slice) -> list[Call]:
        """The calls that fetch what a group of rows needs."""
        numbers, shares = self._numbers[rows], self._shares[rows]
        labels, targets = self._labels[:, : len(numbers)], self._targets[: len(numbers)]
        # Told to clip, NumPy writes there directly.
        return [
            (self._all_examples.take, (numbers, 0, self._examples[: len(numbers)], "clip")),
            (self._all_labels.take, (numbers, 1, labels, "clip")),
            *self._loss.target_calls(labels, shares, targets),
        ]

    def _outcomes_of(self, steps: Any, size: int) -> Array:
        """(m, kept, B) the outcomes of m steps with this batch size, for a slice a view."""
        return self._outcomes[steps, : self._loss.kept * size].reshape(-1, self._loss.kept, size)

    def gradient(self, batch: _Plan, row: Row) -> None:
        for function, arguments in batch.gradient:  # as `carry_out`
            function(*arguments)

    def loss(self, batch: _Plan, size: int) -> float:
        """The mean loss over a minibatch of this size at the first row's weights."""
        carry_out(batch.forward)
        return float(self._losses(slice(1), size)[0])

    def batch_losses(self, sizes: Array) -> Array:
        losses = np.empty(len(sizes))
        for size in map(int, set(sizes.tolist())):
            of_size = sizes == size
            steps = slice(len(sizes)) if of_size.all() else np.flatnonzero(of_size)
            losses[steps] = self._losses(steps, size)
        return losses

    def _losses(self, steps: Any, size: int) -> Array:
        """(m,) losses of m steps with this batch size."""
        return self._loss.means(self._outcomes_of(steps, size))


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
