"""Multilayer perceptrons; without hidden layers they are linear, logistic and softmax regression.

An example is the row (x, 1), and its label the target's columns, as the loss encodes them. The flat weights are the
layers' matrices one after another, from the first layer to the last, each (inputs + 1, outputs) row after row, with
the biases as its last row.

Gradients and losses over all examples go through the kernel that trains, a block of examples at a time.
`predict` and the Hessian-vector product are written out plainly beside it.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import overload

import numpy as np
from numpy.typing import NDArray

from engine.model.activations import ACTIVATIONS, Activation
from engine.model.example_losses import LOSSES, ExampleLoss
from engine.model.network_kernel import NetworkKernel, matrices, stacked_gradients
from engine.model.objective import Array, StackedGradients
from engine.plain_text import shortened
from engine.refusals import RefusalError

_BLOCK_NUMBERS = 2**17  # activations of a layer at a time, about: what a core's own cache holds
# Nanoseconds, measured on networks of 5,000 to a million weights:
_LAYER_WORK = 15_000.0
_ACTIVATION_WORK = 4.0  # of one example
_PRODUCT_WORK = 0.25  # of a weight and one example's activation
_PASSES = 24  # over the weights themselves, in examples' worth
_ASKED_EXAMPLES = 512
_HARDLY, _MOST_EXAMPLES = 0.01, 0.9  # a slope that teaches a unit next to nothing; the share of examples that see it so
_QUIETLY = np.errstate(all="ignore")
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


class WeightNames(Sequence[str]):
    """Names of P weights, made when they are asked for: for many weights, a tuple would be slow and large.

    `first.w[0,1]` leads from input 0 to unit 1 of the first layer, `first.b[1]` is that unit's bias.
    """

    def __init__(self, widths: tuple[int, ...]) -> None:
        self._widths = widths
        self._length = sum((width + 1) * following for width, following in pairwise(widths))

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[str]:
        return (self._name(index) for index in range(self._length))

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...

    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        if isinstance(index, slice):
            return tuple(self._name(j) for j in range(self._length)[index])
        return self._name(range(self._length)[index])

    def _name(self, index: int) -> str:
        layer = 0
        for width, following in pairwise(self._widths):
            if index < (width + 1) * following:
                break
            index -= (width + 1) * following
            layer += 1
        source, unit = divmod(index, following)
        ordinal = _ORDINALS[layer] if layer < len(_ORDINALS) else f"layer{layer + 1}"
        return f"{ordinal}.b[{unit}]" if source == width else f"{ordinal}.w[{source},{unit}]"


class Network:
    """f(w) = 1/N Σ ℓ(z(xᵢ; w), yᵢ): z = W_Lᵀ(φ(… φ(W₁ᵀ(x, 1)) …), 1), φ on hidden layers only.

    inputs: (N, d). targets: (N,) class numbers for the cross-entropies; (N,) or (N, K) numbers otherwise.
    hidden: widths of the hidden layers, may be empty. num_outputs: K; 1 for binary cross-entropy, the number of
    classes for softmax cross-entropy. activation: a key of `ACTIVATIONS`, loss: one of `LOSSES`.
    dtype: float64 or float32, of everything in training; gradients, losses and Hessian-vector products are
    computed in it, and handed out as float64. class_names: for the screen; by default the numbers.
    Raises RefusalError where these do not fit each other. Values that are not finite are accepted: they show
    as a loss that is not finite.
    """

    padding = 0
    fetches = True

    def __init__(
        self,
        inputs: Array,
        targets: Array,
        *,
        hidden: tuple[int, ...] = (),
        num_outputs: int = 1,
        activation: str = "tanh",
        loss: str = "mse",
        dtype: type[np.float64] | type[np.float32] = np.float64,
        weight_names: Sequence[str] | None = None,
        class_names: Sequence[str] = (),
    ) -> None:
        inputs, targets = np.asarray(inputs, dtype=np.float64), np.asarray(targets, dtype=np.float64)
        if inputs.ndim != 2 or targets.shape[:1] != inputs.shape[:1] or not len(inputs):
            raise RefusalError(
                f"inputs (N, d) and as many targets, N ≥ 1, are needed, not {inputs.shape}, {targets.shape}"
            )
        for kind, name, known in (("activation", activation, ACTIVATIONS), ("loss", loss, LOSSES)):
            if name not in known:
                raise RefusalError(f"{kind} must be one of {', '.join(known)}, not {shortened(name)}")
        self.widths = (inputs.shape[1], *hidden, num_outputs)
        if min((*hidden, num_outputs)) < 1:
            raise RefusalError(f"a layer must be at least 1 wide, not {min((*hidden, num_outputs))}")
        self.inputs, self.targets = inputs, targets
        self.loss_examples, self.units = len(targets), sum(self.widths[1:])
        self._activation = ACTIVATIONS[activation](dtype)
        self._loss: ExampleLoss = LOSSES[loss](num_outputs, dtype)
        self.num_classes = self._loss.num_classes
        self.class_names = tuple(class_names) or tuple(str(number) for number in range(self.num_classes))
        with np.errstate(all="ignore"):  # numbers too large for float32
            self.examples: Array = np.hstack([inputs, np.ones((len(inputs), 1))]).astype(dtype)
            self.labels: Array = np.ascontiguousarray(self._loss.encode(targets).T).astype(dtype)  # (T, N)
        self.weight_names: Sequence[str] = weight_names or WeightNames(self.widths)
        num_weights = len(WeightNames(self.widths))
        if len(self.weight_names) != num_weights:
            raise RefusalError(f"{num_weights} weight names are needed, not {len(self.weight_names)}")
        self._block = min(len(inputs), max(1, _BLOCK_NUMBERS // max(self.widths)))
        self._work: Array = np.zeros((2, 1, num_weights), dtype)  # weights and gradient for all examples
        self._kernel = self.kernel(self._work[0], self._work[1], self._block)
        self._cut_blocks()

    def _cut_blocks(self) -> None:
        blocks = [slice(start, start + self._block) for start in range(0, len(self.examples), self._block)]
        self._blocks = [self._kernel.over(self.examples[block], self.labels[:, block]) for block in blocks]

    def restricted(self, examples: NDArray[np.intp] | slice) -> Network:
        """The same network over these of its examples only; the two share their scratch memory."""
        part = copy.copy(self)
        part.inputs, part.targets = self.inputs[examples], self.targets[examples]
        part.examples, part.labels = self.examples[examples], np.ascontiguousarray(self.labels[:, examples])
        part.loss_examples = len(part.targets)
        part._cut_blocks()
        return part

    @property
    def activation(self) -> Activation:
        """The activation φ after every hidden layer."""
        return self._activation

    @property
    def example_loss(self) -> ExampleLoss:
        """The loss ℓ of one example, of its outputs and target."""
        return self._loss

    @property
    def is_bias(self) -> NDArray[np.bool_]:
        """(P,) which weights are biases."""
        flags = np.zeros(len(self.weight_names), dtype=bool)
        for matrix in matrices(flags, self.widths):
            matrix[-1] = True
        return flags

    def emphasis(self, sizes: Array) -> None:
        return None

    def bind(self, minibatch: NDArray[np.intp]) -> NDArray[np.intp]:
        return minibatch

    def kernel(self, weights: Array, gradients: Array, batch_size: int) -> NetworkKernel:
        return NetworkKernel(
            *(weights, gradients, batch_size),
            examples=self.examples,
            labels=self.labels,
            widths=self.widths,
            activation=self._activation,
            loss=self._loss,
        )

    def loss(self, weights: Array) -> float:
        return float(self.losses(np.asarray(weights)[None])[0])

    @_QUIETLY
    def losses(self, weights: Array) -> Array:
        totals = np.zeros(len(weights))
        for block in self._blocks:
            for index, one in enumerate(weights):  # one by one, so that its bits do not depend on the others
                self._work[0, 0] = one
                totals[index] += block.loss(block.whole, block.size) * block.size
        return totals / len(self.examples)

    @_QUIETLY
    def gradient(self, weights: Array) -> Array:
        self._work[0, 0] = weights
        total: Array | None = None
        for block in self._blocks:
            block.gradient(block.whole, block.rows[0])
            total = _sum(total, self._work[1, 0] * (block.size / len(self.examples)))
        assert total is not None
        return total

    @_QUIETLY
    def hessian_vector_product(self, weights: Array, vector: Array) -> Array:
        """Forward over reverse, exact; kinks have no curvature. Source: Pearlmutter, Neural Computation 6 (1994)."""
        layers, directions = self._layers(weights), self._layers(vector)
        total: Array | None = None
        for start in range(0, len(self.examples), self._block):
            product = np.empty(self._work.shape[2], self.examples.dtype)
            self._directional(slice(start, start + self._block), layers, directions, matrices(product, self.widths))
            product /= len(self.examples)
            total = _sum(total, product)
        assert total is not None
        return total

    def _layers(self, flat: Array) -> list[Array]:
        """The layers' matrices in the examples' dtype, to be read only."""
        with np.errstate(all="ignore"):
            return matrices(np.asarray(flat).astype(self.examples.dtype, copy=False), self.widths)

    def _directional(self, block: slice, layers: list[Array], directions: list[Array], out: list[Array]) -> None:
        """Write to `out` the change of B times the gradient of B examples along `directions`; R· is the change of what
        follows it, which for the inputs is 0 and left out."""
        values, r_values = self.examples[block, :-1].T, np.empty((0, 0))
        tape: list[tuple[Array, Array, Array, Array]] = []
        for layer, direction in zip(layers, directions, strict=True):
            products, r_products = _affine(layer, values), _affine(direction, values)
            if tape:
                r_products += layer[:-1].T.dot(r_values)
            tape.append((values, r_values, products, r_products))
            if layer is not layers[-1]:
                values, slope = np.empty_like(products), np.empty_like(products)
                self._activation.value(products, values)
                self._activation.slope(products, values, slope)
                r_values = slope * r_products
        slopes, r_slopes = self._output_slopes(self.labels[:, block], products, r_products)
        for index in range(len(layers) - 1, -1, -1):
            values, r_values, _, _ = tape[index]
            np.dot(values, r_slopes.T, out[index][:-1])
            if index:
                out[index][:-1] += r_values.dot(slopes.T)
            out[index][-1] = r_slopes.sum(axis=1)
            if index:
                below = layers[index][:-1].dot(slopes)
                r_below = directions[index][:-1].dot(slopes) + layers[index][:-1].dot(r_slopes)
                _, _, products, r_products = tape[index - 1]
                slope, curvature = np.empty_like(products), np.empty_like(products)
                self._activation.slope(products, values, slope)
                self._activation.curvature(products, values, curvature)
                slopes, r_slopes = slope * below, curvature * r_products * below + slope * r_below

    def _output_slopes(self, targets: Array, outputs: Array, r_outputs: Array) -> tuple[Array, Array]:
        """Slopes of B times the mean loss by the outputs, and their change, both (K, B); overwrites `outputs`."""
        slopes, outcome = self._loss.slopes(outputs, targets, 1)
        return slopes, self._loss.curvature(outputs, outcome, r_outputs)

    def effort(self, num_examples: int) -> float:
        layers = self.widths[1:]
        products = _PRODUCT_WORK * len(self.weight_names) * (num_examples + _PASSES)
        return float(_LAYER_WORK * len(layers) + products + _ACTIVATION_WORK * sum(layers) * num_examples)

    def stacked_gradients(self) -> StackedGradients:
        return stacked_gradients(self.widths, self.labels, self._activation, self._loss)

    def quadratic_forms(self) -> None:
        return None

    def minimum(self) -> None:
        return None

    @_QUIETLY
    def saturated_units(self, weights: Array) -> float:
        """The share of hidden units whose slope φ′ is below 0.01 at nine tenths of the examples, about 512 at most."""
        *layers, _ = self._layers(weights)
        values = self.examples[:: -(-len(self.examples) // _ASKED_EXAMPLES), :-1].T
        saturated: list[NDArray[np.bool_]] = []
        for layer in layers:
            products = _affine(layer, values)
            values, slope = np.empty_like(products), np.empty_like(products)
            self._activation.value(products, values)
            self._activation.slope(products, values, slope)
            hardly = (np.abs(slope) < _HARDLY).mean(axis=1)
            saturated.append(hardly > _MOST_EXAMPLES)
        return float(np.concatenate(saturated).mean()) if saturated else 0.0

    @_QUIETLY
    def outputs(self, weights: Array, inputs: Array) -> Array:
        """(M, K) what the last layer gives for (M, d) inputs: numbers, or logits of classes."""
        *layers, last = self._layers(weights)
        values = np.asarray(inputs, dtype=self.examples.dtype).T
        for layer in layers:
            products = _affine(layer, values)
            values = np.empty_like(products)
            self._activation.value(products, values)
        return _affine(last, values).T.astype(np.float64)

    @_QUIETLY
    def probabilities(self, weights: Array, inputs: Array) -> Array:
        """(M, classes) for (M, d) inputs, for the cross-entropies. Raises RefusalError for other losses."""
        if not self.num_classes:
            raise RefusalError("only a network trained with a cross-entropy gives probabilities")
        logits = self.outputs(weights, inputs)
        if logits.shape[1] == 1:  # σ(z) = softmax(0, z)
            logits = np.hstack([np.zeros_like(logits), logits])
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(shares / shares.sum(axis=1, keepdims=True))

    def predict(self, weights: Array, inputs: Array) -> Array:
        """Predictions for (M, d) inputs, to be compared with targets: (M,) numbers, (M, K) where there are several
        outputs.

        For two classes told apart by one output it is the probability of class 1, (M,); for softmax the number of
        the likeliest class, (M,). See `probabilities` for all of them.
        """
        if not self.num_classes:
            outputs = self.outputs(weights, inputs)
            return outputs[:, 0] if outputs.shape[1] == 1 else outputs
        probabilities = self.probabilities(weights, inputs)
        if self.widths[-1] == 1:
            return probabilities[:, 1]
        classes = probabilities.argmax(axis=1).astype(np.float64)
        return np.where(np.isfinite(probabilities).all(axis=1), classes, np.nan)


def _sum(total: Array | None, part: Array) -> Array:
    """(P,) float64 the total, None for none yet, with a part added, which may become the total itself: a pass over many
    weights takes as long as a few examples."""
    return part.astype(np.float64, copy=False) if total is None else np.add(total, part, total)


def _affine(layer: Array, values: Array) -> Array:
    """(m, B) the products of a layer with (n, B) values."""
    return np.asarray(layer[:-1].T.dot(values) + layer[-1][:, None])
