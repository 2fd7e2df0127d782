"""Losses of a model's K outputs against its targets, averaged over the B examples of a minibatch.

A step lists two groups of calls (see `engine.calls`), for the gradient, and its loss comes out of what they left
behind, for many steps at once, at the end of a chunk:

    keep      overwrites the outputs by what everything else follows from: residuals, margins, shifted logits
    slopes    ∂(mean loss)/∂outputs
    means     the mean losses

`targets` are columns of the examples as `encode` wrote them. All arrays have one dtype, float64 or float32; those of
a step are (K, B) for outputs and slopes, (T, B) for targets, where K or T is 1 also (B,), and so many arrays (B,) are
kept beside.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from engine.calls import Call, carry_out
from engine.objective import Array

Aside = Array | list[Array]


class ExampleLoss:
    """One loss for K outputs. T columns of an example hold its target; `aside` arrays are kept beside the outputs.

    num_classes: how many classes the targets tell apart, 0 where they are numbers.
    scale: 1 over batch size, times this, is what `slopes` multiplies by, as an array without dimensions.
    """

    num_classes = 0
    aside = 0
    scale = 1.0

    def __init__(self, num_outputs: int, dtype: Any) -> None:
        self._one, self._minus_one = np.array(1.0, dtype), np.array(-1.0, dtype)

    def encode(self, targets: Array) -> Array:
        """(N, T) columns from (N,) class numbers, or (N,) or (N, K) numbers. Raises ValueError where impossible."""
        raise NotImplementedError

    def keep_calls(self, outputs: Array, targets: Array, aside: Aside, out: Array) -> list[Call]:
        """What overwrites `outputs`, fills `aside`, and leaves in `out`, (K, B), what `slope_calls` go on from."""
        raise NotImplementedError

    def slope_calls(self, outputs: Array, targets: Array, aside: Aside, scale: Array, out: Array) -> list[Call]:
        """What writes ∂ of the mean loss by the outputs, from what `keep_calls` left."""
        raise NotImplementedError

    def keep(self, outputs: Array, targets: Array, aside: Aside, out: Array) -> None:
        """Overwrite `outputs`, fill `aside`, and leave in `out`, (K, B), what `slopes` goes on from."""
        carry_out(self.keep_calls(outputs, targets, aside, out))

    def slopes(self, outputs: Array, targets: Array, aside: Aside, scale: Array, out: Array) -> None:
        """∂ of the mean loss by the outputs, from what `keep` left."""
        carry_out(self.slope_calls(outputs, targets, aside, scale, out))

    def means(self, outputs: Array, targets: Array, aside: Array) -> Array:
        """(m,) mean losses of m minibatches, from their targets and what `keep` left: (m, K, B), (m, T, B) and
        (m, aside, B)."""
        raise NotImplementedError

    def curvature(self, outputs: Array, aside: Aside, direction: Array) -> Array:
        """(K, B) B times the second derivative of the mean loss, times `direction`, from what `keep` left."""
        raise NotImplementedError


class _Residuals(ExampleLoss):
    """Losses of residuals r = output − target, averaged over the K outputs as well."""

    def __init__(self, num_outputs: int, dtype: Any) -> None:
        super().__init__(num_outputs, dtype)
        self._num_outputs = num_outputs
        self.scale = self.scale / num_outputs

    def encode(self, targets: Array) -> Array:
        columns = targets[:, None] if targets.ndim == 1 else targets
        if columns.ndim != 2 or columns.shape[1] != self._num_outputs:
            raise ValueError(f"targets of {self._num_outputs} outputs are needed, not an array of {targets.shape}")
        return columns

    def keep_calls(self, outputs: Array, targets: Array, aside: Aside, out: Array) -> list[Call]:
        return [(np.subtract, (outputs, targets, outputs))]


class MeanSquaredError(_Residuals):
    """r², without ½: Keras's convention."""

    scale = 2.0

    def slope_calls(self, outputs: Array, targets: Array, aside: Aside, scale: Array, out: Array) -> list[Call]:
        return [(np.multiply, (outputs, scale, out))]

    def means(self, outputs: Array, targets: Array, aside: Array) -> Array:
        flat = outputs.reshape(len(outputs), -1)
        return np.asarray(np.einsum("kb,kb->k", flat, flat) / flat.shape[1])

    def curvature(self, outputs: Array, aside: Aside, direction: Array) -> Array:
        return direction * outputs.dtype.type(self.scale)


class MeanAbsoluteError(_Residuals):
    """|r|; its slope at the kink is 0."""

    def slope_calls(self, outputs: Array, targets: Array, aside: Aside, scale: Array, out: Array) -> list[Call]:
        return [(np.sign, (outputs, out)), (np.multiply, (out, scale, out))]

    def means(self, outputs: Array, targets: Array, aside: Array) -> Array:
        return _means(np.abs(outputs))

    def curvature(self, outputs: Array, aside: Aside, direction: Array) -> Array:
        return np.zeros_like(direction)


class Huber(_Residuals):
    """½r² where |r| ≤ 1, otherwise |r| − ½. Source: Huber 1964; Keras's and torch's with δ = 1."""

    def slope_calls(self, outputs: Array, targets: Array, aside: Aside, scale: Array, out: Array) -> list[Call]:
        return [
            (partial(np.minimum, out=out), (outputs, self._one)),
            (partial(np.maximum, out=out), (out, self._minus_one)),
            (np.multiply, (out, scale, out)),
        ]

    def means(self, outputs: Array, targets: Array, aside: Array) -> Array:
        size = np.abs(outputs)
        inside = np.minimum(size, 1)
        return _means(inside * (size - 0.5 * inside))  # NaN where the residual is; infinite where it is

    def curvature(self, outputs: Array, aside: Aside, direction: Array) -> Array:
        return np.where(np.abs(outputs) <= 1, direction, 0) * outputs.dtype.type(self.scale)


class BinaryCrossEntropy(ExampleLoss):
    """log(1 + e⁻ᵗ) with the margin t = (2y − 1)z, for one logit z and classes y of 0 and 1.

    That is −log p of the true class, p = σ(z) being the probability of class 1. The target column holds the
    sign 2y − 1: so slope −(2y − 1)/(1 + eᵗ) and loss stay exact where p is next to 0 or 1.
    """

    num_classes = 2
    scale = -1.0

    def __init__(self, num_outputs: int, dtype: Any) -> None:
        super().__init__(num_outputs, dtype)
        if num_outputs != 1:
            raise ValueError(f"binary cross-entropy needs one output, not {num_outputs}")

    def encode(self, targets: Array) -> Array:
        return np.asarray(2 * _classes(targets, 2)[:, None] - 1)

    def keep_calls(self, outputs: Array, targets: Array, aside: Aside, out: Array) -> list[Call]:
        return [(np.multiply, (outputs, targets, outputs))]

    def slope_calls(self, outputs: Array, targets: Array, aside: Aside, scale: Array, out: Array) -> list[Call]:
        return [
            (np.exp, (outputs, out)),  # infinite for t above 709: the slope is then 0, as it should be
            (np.add, (out, self._one, out)),
            (np.divide, (targets, out, out)),
            (np.multiply, (out, scale, out)),
        ]

    def means(self, outputs: Array, targets: Array, aside: Array) -> Array:
        return _means(np.maximum(-outputs, 0) + np.log1p(np.exp(-np.abs(outputs))))

    def curvature(self, outputs: Array, aside: Aside, direction: Array) -> Array:
        decay = np.exp(-np.abs(outputs))
        return np.asarray(decay / (1 + decay) ** 2 * direction)  # σ(t)(1 − σ(t)), even in t


class SoftmaxCrossEntropy(ExampleLoss):
    """log Σⱼ exp zⱼ − z_y for K logits z and the class y, −log of the softmax probability of y.

    The largest logit is subtracted first, so that nothing overflows. The sum is kept aside.
    """

    aside = 1

    def __init__(self, num_outputs: int, dtype: Any) -> None:
        super().__init__(num_outputs, dtype)
        if num_outputs < 2:
            raise ValueError(f"softmax cross-entropy needs at least two outputs, not {num_outputs}")
        self.num_classes = num_outputs
        self._numbers: Array = np.arange(num_outputs, dtype=dtype)[:, None]
        self._add: Any = np.ones(num_outputs, dtype).dot  # sums over the classes faster than np.add.reduce

    def encode(self, targets: Array) -> Array:
        return _classes(targets, self.num_classes)[:, None]

    def keep_calls(self, outputs: Array, targets: Array, aside: Aside, out: Array) -> list[Call]:
        sums = aside[0]
        return [
            (np.maximum.reduce, (outputs, 0, None, sums)),
            (np.subtract, (outputs, sums, outputs)),
            (np.exp, (outputs, out)),
            (self._add, (out, sums)),
        ]

    def slope_calls(self, outputs: Array, targets: Array, aside: Aside, scale: Array, out: Array) -> list[Call]:
        chosen = np.empty_like(out)
        return [
            (np.equal, (targets, self._numbers, chosen)),
            (np.divide, (out, aside[0], out)),
            (np.subtract, (out, chosen, out)),
            (np.multiply, (out, scale, out)),
        ]

    def means(self, outputs: Array, targets: Array, aside: Array) -> Array:
        count, classes, size = outputs.shape
        numbers = targets[:, 0]
        known = np.isfinite(numbers)
        rows = np.where(known, numbers, 0).astype(np.intp) + classes * np.arange(count)[:, None]
        of_class = outputs.ravel().take(rows * size + np.arange(size))
        return _means(np.where(known, np.log(aside[:, 0]) - of_class, np.nan))

    def curvature(self, outputs: Array, aside: Aside, direction: Array) -> Array:
        shares = np.exp(outputs) / aside[0]
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


LOSSES: dict[str, type[ExampleLoss]] = {
    "mse": MeanSquaredError,
    "mae": MeanAbsoluteError,
    "huber": Huber,
    "binary_cross_entropy": BinaryCrossEntropy,
    "softmax_cross_entropy": SoftmaxCrossEntropy,
}
