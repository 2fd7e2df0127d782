"""Losses of a model's K outputs against its targets, averaged over the B examples of a minibatch.

A step goes through two calls, for the gradient, and its loss comes out of what they left behind, for many
steps at once, at the end of a chunk:

    keep      overwrites the outputs by what everything else follows from: residuals, margins, shifted logits
    slopes    ∂(mean loss)/∂outputs
    means     the mean losses

`targets` are columns of the examples as `encode` wrote them. All arrays have one dtype, float64 or float32; those of
a step are (K, B) for outputs and slopes, (T, B) for targets, where K or T is 1 also (B,), and so many arrays (B,) are
kept beside.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from engine.objective import Array

Aside = Array | list[Array]


class ExampleLoss(Protocol):
    """One loss for K outputs. T columns of an example hold its target; `aside` arrays are kept beside the outputs.

    num_classes: how many classes the targets tell apart, 0 where they are numbers.
    scale: 1 over batch size, times this, is what `slopes` multiplies by, as an array without dimensions.
    """

    num_classes: int
    aside: int
    scale: float

    def encode(self, targets: Array) -> Array:
        """(N, T) columns from (N,) class numbers, or (N,) or (N, K) numbers. Raises ValueError where impossible."""

    def keep(self, outputs: Array, targets: Array, aside: Aside, out: Array) -> None:
        """Overwrite `outputs`, fill `aside`, and leave in `out`, (K, B), what `slopes` goes on from."""

    def slopes(self, outputs: Array, targets: Array, aside: Aside, scale: Array, out: Array) -> None:
        """∂ of the mean loss by the outputs, from what `keep` left."""

    def means(self, outputs: Array, aside: Array) -> Array:
        """(m,) mean losses of m minibatches from what `keep` left: (m, K, B) and (m, aside, B)."""

    def curvature(self, outputs: Array, aside: Aside, direction: Array) -> Array:
        """(K, B) B times the second derivative of the mean loss, times `direction`, from what `keep` left."""


class _Residuals:
    """Losses of residuals r = output − target, averaged over the K outputs as well."""

    num_classes = 0
    aside = 0
    scale = 1.0

    def __init__(self, num_outputs: int, dtype: Any) -> None:
        self._num_outputs = num_outputs
        self.scale = self.scale / num_outputs

    def encode(self, targets: Array) -> Array:
        columns = targets[:, None] if targets.ndim == 1 else targets
        if columns.ndim != 2 or columns.shape[1] != self._num_outputs:
            raise ValueError(f"targets of {self._num_outputs} outputs are needed, not an array of {targets.shape}")
        return columns

    def keep(self, outputs: Array, targets: Array, aside: Aside, out: Array) -> None:
        np.subtract(outputs, targets, outputs)


class MeanSquaredError(_Residuals):
    """r², without ½: Keras's convention."""

    scale = 2.0

    def slopes(self, outputs: Array, targets: Array, aside: Aside, scale: Array, out: Array) -> None:
        np.multiply(outputs, scale, out)

    def means(self, outputs: Array, aside: Array) -> Array:
        flat = outputs.reshape(len(outputs), -1)
        return np.asarray(np.einsum("kb,kb->k", flat, flat) / flat.shape[1])

    def curvature(self, outputs: Array, aside: Aside, direction: Array) -> Array:
        return direction * outputs.dtype.type(self.scale)


class MeanAbsoluteError(_Residuals):
    """|r|; its slope at the kink is 0."""

    def slopes(self, outputs: Array, targets: Array, aside: Aside, scale: Array, out: Array) -> None:
        np.sign(outputs, out)
        np.multiply(out, scale, out)

    def means(self, outputs: Array, aside: Array) -> Array:
        return _means(np.abs(outputs))

    def curvature(self, outputs: Array, aside: Aside, direction: Array) -> Array:
        return np.zeros_like(direction)


class Huber(_Residuals):
    """½r² where |r| ≤ 1, otherwise |r| − ½. Source: Huber 1964; Keras's and torch's with δ = 1."""

    def __init__(self, num_outputs: int, dtype: Any) -> None:
        super().__init__(num_outputs, dtype)
        self._one, self._minus_one = np.array(1.0, dtype), np.array(-1.0, dtype)

    def slopes(self, outputs: Array, targets: Array, aside: Aside, scale: Array, out: Array) -> None:
        np.minimum(outputs, self._one, out=out)
        np.maximum(out, self._minus_one, out=out)
        np.multiply(out, scale, out)

    def means(self, outputs: Array, aside: Array) -> Array:
        size = np.abs(outputs)
        inside = np.minimum(size, 1)
        return _means(inside * (size - 0.5 * inside))  # NaN where the residual is; infinite where it is

    def curvature(self, outputs: Array, aside: Aside, direction: Array) -> Array:
        return np.where(np.abs(outputs) <= 1, direction, 0) * outputs.dtype.type(self.scale)


class BinaryCrossEntropy:
    """log(1 + eᵗ) with the margin t = (1 − 2y)z, for one logit z and classes y of 0 and 1.

    That is −log p of the true class, p = σ(z) being the probability of class 1. The target column holds the
    sign 1 − 2y: so slope (1 − 2y)σ(t) and loss stay exact where p is next to 0 or 1.
    """

    num_classes = 2
    aside = 0
    scale = 1.0

    def __init__(self, num_outputs: int, dtype: Any) -> None:
        if num_outputs != 1:
            raise ValueError(f"binary cross-entropy needs one output, not {num_outputs}")
        self._one = np.array(1.0, dtype)

    def encode(self, targets: Array) -> Array:
        return np.asarray(1 - 2 * _classes(targets, 2)[:, None])

    def keep(self, outputs: Array, targets: Array, aside: Aside, out: Array) -> None:
        np.multiply(outputs, targets, outputs)

    def slopes(self, outputs: Array, targets: Array, aside: Aside, scale: Array, out: Array) -> None:
        np.negative(outputs, out)
        np.exp(out, out)
        np.add(out, self._one, out)
        np.divide(targets, out, out)
        np.multiply(out, scale, out)

    def means(self, outputs: Array, aside: Array) -> Array:
        return _means(np.maximum(outputs, 0) + np.log1p(np.exp(-np.abs(outputs))))

    def curvature(self, outputs: Array, aside: Aside, direction: Array) -> Array:
        decay = np.exp(-np.abs(outputs))
        return np.asarray(decay / (1 + decay) ** 2 * direction)  # σ(t)(1 − σ(t)), even in t


class SoftmaxCrossEntropy:
    """log Σⱼ exp zⱼ − z_y for K logits z and the class y, −log of the softmax probability of y.

    The largest logit is subtracted first, so that nothing overflows. Aside are kept y and the sum.
    """

    aside = 2
    scale = 1.0

    def __init__(self, num_outputs: int, dtype: Any) -> None:
        if num_outputs < 2:
            raise ValueError(f"softmax cross-entropy needs at least two outputs, not {num_outputs}")
        self.num_classes = num_outputs
        self._numbers: Array = np.arange(num_outputs, dtype=dtype)[:, None]
        self._add: Any = np.ones(num_outputs, dtype).dot  # sums over the classes faster than np.add.reduce
        self._chosen: dict[int, Array] = {}

    def encode(self, targets: Array) -> Array:
        return _classes(targets, self.num_classes)[:, None]

    def keep(self, outputs: Array, targets: Array, aside: Aside, out: Array) -> None:
        classes, sums = aside
        np.maximum.reduce(outputs, axis=0, out=sums)
        np.subtract(outputs, sums, outputs)
        np.exp(outputs, out)
        self._add(out, sums)
        np.copyto(classes, targets)

    def slopes(self, outputs: Array, targets: Array, aside: Aside, scale: Array, out: Array) -> None:
        classes, sums = aside
        chosen = self._chosen.get(len(classes))
        if chosen is None:
            chosen = self._chosen[len(classes)] = np.empty_like(out)
        np.equal(classes, self._numbers, chosen)
        np.divide(out, sums, out)
        np.subtract(out, chosen, out)
        np.multiply(out, scale, out)

    def means(self, outputs: Array, aside: Array) -> Array:
        classes, sums = aside[:, 0], aside[:, 1]
        known = np.isfinite(classes)
        index = np.where(known, classes, 0).astype(np.intp)
        steps, examples = np.ogrid[: len(outputs), : outputs.shape[2]]
        of_class = outputs[steps, index, examples]
        return _means(np.where(known, np.log(sums) - of_class, np.nan))

    def curvature(self, outputs: Array, aside: Aside, direction: Array) -> Array:
        shares = np.exp(outputs) / aside[1]
        return np.asarray(shares * (direction - (shares * direction).sum(axis=0)))


def _means(values: Array) -> Array:
    """(m,) means over all but the first axis."""
    flat = values.reshape(len(values), -1)
    return np.asarray(np.add.reduce(flat, axis=1) / flat.shape[1])


def _classes(targets: Array, num_classes: int) -> Array:
    """(N,) the class numbers, checked; NaN is let through, and shows as a loss that is NaN."""
    if targets.ndim != 1:
        raise ValueError(f"class numbers (N,) are needed, not an array of shape {targets.shape}")
    wrong = ~(np.isin(targets, np.arange(num_classes)) | ~np.isfinite(targets))
    if wrong.any():
        raise ValueError(f"class numbers 0 to {num_classes - 1} are needed, not {targets[wrong][0]:g}")
    return np.where(np.isfinite(targets), targets, np.nan)


LOSSES: dict[str, Any] = {
    "mse": MeanSquaredError,
    "mae": MeanAbsoluteError,
    "huber": Huber,
    "binary_cross_entropy": BinaryCrossEntropy,
    "softmax_cross_entropy": SoftmaxCrossEntropy,
}
