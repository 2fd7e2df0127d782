"""Losses of a model's K outputs against its targets, averaged over the B examples of a minibatch.

A step lists two groups of calls (see `engine.model.calls`): those that write its outcome, residuals for instance or
margins, and those that go on from there to the slopes ∂(mean loss)/∂outputs. The losses themselves are taken from the
outcomes of many steps at once, at the end of a chunk.

`targets` are columns of the examples as `encode` wrote them. All arrays have one dtype, float64 or float32; those of
a step are (K, B) for outputs and slopes, (T, B) for targets, (kept, B) for the outcome.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from engine.model.calls import Call, carry_out
from engine.model.objective import Array
from engine.refusals import RefusalError

Lists = tuple[list[Call], list[Call]]


class ExampleLoss:
    """One loss for K outputs. T columns of an example hold its target.

    kept: rows of an outcome. scratch: arrays like the outputs that a step needs beside them. num_classes: how many
    classes the targets tell apart, 0 where they are numbers.
    scale: 1 over batch size, times this, is what the slopes are multiplied by, as an array without dimensions.
    """

    kept = 1
    scratch = 0
    num_classes = 0
    scale = 1.0

    def __init__(self, num_outputs: int, dtype: Any) -> None:
        self._zero, self._one, self._minus_one = (np.array(number, dtype) for number in (0.0, 1.0, -1.0))

    def encode(self, targets: Array) -> Array:
        """(N, T) columns from (N,) class numbers, or (N,) or (N, K) numbers. Raises RefusalError where impossible."""
        raise NotImplementedError

    def calls(self, outputs: Array, targets: Array, outcome: Array, scale: Array, scratch: Array, out: Array) -> Lists:
        """The calls that write the outcome, and those that then write ∂ of the mean loss by the outputs to `out`; the
        outputs may be overwritten. scratch: (scratch, K, B)."""
        # NumPy's calls are cheapest on arrays of one axis.
        outputs, targets, outcome, out = (
            part[0] if len(part) == 1 else part for part in (outputs, targets, outcome, out)
        )
        return self._calls(outputs, targets, outcome, scale, scratch, out)

    def _calls(self, outputs: Array, targets: Array, outcome: Array, scale: Array, scratch: Array, out: Array) -> Lists:
        """`calls`, with arrays (B,) where there is one row."""
        raise NotImplementedError

    def slopes(self, outputs: Array, targets: Array, examples: int) -> tuple[Array, Array]:
        """Slopes, (K, B), times B/`examples`, and the outcome; overwrites the outputs with what `curvature` needs."""
        outcome, slopes = np.empty((self.kept, outputs.shape[1]), outputs.dtype), np.empty_like(outputs)
        scale = np.array(self.scale / examples, outputs.dtype)
        scratch = np.empty((self.scratch, *outputs.shape), outputs.dtype)
        for calls in self.calls(outputs, targets, outcome, scale, scratch, slopes):
            carry_out(calls)
        return slopes, outcome

    def means(self, outcomes: Array) -> Array:
        """(m,) mean losses of m minibatches with these outcomes, (m, kept, B)."""
        raise NotImplementedError

    def curvature(self, outputs: Array, outcome: Array, direction: Array) -> Array:
        """(K, B) B times the second derivative of the mean loss, times `direction`, from what `slopes` left."""
        raise NotImplementedError


class _Residuals(ExampleLoss):
    """Losses of residuals r = output − target, averaged over the K outputs as well."""

    def __init__(self, num_outputs: int, dtype: Any) -> None:
        super().__init__(num_outputs, dtype)
        self.kept = num_outputs
        self.scale = self.scale / num_outputs

    def encode(self, targets: Array) -> Array:
        columns = targets[:, None] if targets.ndim == 1 else targets
        if columns.ndim != 2 or columns.shape[1] != self.kept:
            raise RefusalError(f"targets of {self.kept} outputs are needed, not an array of {targets.shape}")
        return columns

    def _calls(self, outputs: Array, targets: Array, outcome: Array, scale: Array, scratch: Array, out: Array) -> Lists:
        return [(np.subtract, (outputs, targets, outcome))], self._slope_calls(outcome, scale, out)

    def _slope_calls(self, residuals: Array, scale: Array, out: Array) -> list[Call]:
        raise NotImplementedError


class MeanSquaredError(_Residuals):
    """The squared residual r², without ½: Keras's convention."""

    scale = 2.0

    def _slope_calls(self, residuals: Array, scale: Array, out: Array) -> list[Call]:
        return [(np.multiply, (residuals, scale, out))]

    def means(self, outcomes: Array) -> Array:
        flat = outcomes.reshape(len(outcomes), -1)
        return np.asarray(np.einsum("kb,kb->k", flat, flat) / flat.shape[1])

    def curvature(self, outputs: Array, outcome: Array, direction: Array) -> Array:
        return direction * outcome.dtype.type(self.scale)


class MeanAbsoluteError(_Residuals):
    """|r|; its slope at the kink is 0."""

    def _slope_calls(self, residuals: Array, scale: Array, out: Array) -> list[Call]:
        return [(np.sign, (residuals, out)), (np.multiply, (out, scale, out))]

    def means(self, outcomes: Array) -> Array:
        return _means(np.abs(outcomes))

    def curvature(self, outputs: Array, outcome: Array, direction: Array) -> Array:
        return np.zeros_like(direction)


class Huber(_Residuals):
    """½r² where |r| ≤ 1, otherwise |r| − ½. Source: Huber 1964; Keras's and torch's with δ = 1."""

    def _slope_calls(self, residuals: Array, scale: Array, out: Array) -> list[Call]:
        return [
            (partial(np.minimum, out=out), (residuals, self._one)),
            (partial(np.maximum, out=out), (out, self._minus_one)),
            (np.multiply, (out, scale, out)),
        ]

    def means(self, outcomes: Array) -> Array:
        size = np.abs(outcomes)
        inside = np.minimum(size, 1)
        return _means(inside * (size - 0.5 * inside))  # NaN where the residual is; infinite where it is

    def curvature(self, outputs: Array, outcome: Array, direction: Array) -> Array:
        return np.where(np.abs(outcome) <= 1, direction, 0) * outcome.dtype.type(self.scale)


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
            raise RefusalError(f"binary cross-entropy needs one output, not {num_outputs}")

    def encode(self, targets: Array) -> Array:
        return np.asarray(2 * _classes(targets, 2)[:, None] - 1)

    def _calls(self, outputs: Array, targets: Array, outcome: Array, scale: Array, scratch: Array, out: Array) -> Lists:
        return [(np.multiply, (outputs, targets, outcome))], [
            (np.exp, (outcome, out)),  # infinite for t above 709: the slope is then 0, as it should be
            (np.add, (out, self._one, out)),
            (np.divide, (targets, out, out)),
            (np.multiply, (out, scale, out)),
        ]

    def means(self, outcomes: Array) -> Array:
        return _means(np.maximum(-outcomes, 0) + np.log1p(np.exp(-np.abs(outcomes))))

    def curvature(self, outputs: Array, outcome: Array, direction: Array) -> Array:
        decay = np.exp(-np.abs(outcome))
        return np.asarray(decay / (1 + decay) ** 2 * direction)  # σ(t)(1 − σ(t)), even in t


class SoftmaxCrossEntropy(ExampleLoss):
    """The loss log Σⱼ exp zⱼ − z_y for K logits z and the class y: −log of the softmax probability of y.

    The largest logit is subtracted first, so that nothing overflows. The outcome is the sum, and what is left of z_y.
    """

    kept = 2
    scratch = 2

    def __init__(self, num_outputs: int, dtype: Any) -> None:
        super().__init__(num_outputs, dtype)
        if num_outputs < 2:
            raise RefusalError(f"softmax cross-entropy needs at least two outputs, not {num_outputs}")
        self.num_classes = num_outputs
        self._numbers: Array = np.arange(num_outputs, dtype=dtype)[:, None]
        self._add: Any = np.ones(num_outputs, dtype).dot  # sums over the classes faster than np.add.reduce
        self._gaps = False  # among the targets

    def encode(self, targets: Array) -> Array:
        classes = _classes(targets, self.num_classes)[:, None]
        self._gaps = not np.isfinite(classes).all()
        return classes

    def _calls(self, outputs: Array, targets: Array, outcome: Array, scale: Array, scratch: Array, out: Array) -> Lists:
        sums, of_class = outcome
        chosen, product = scratch
        keep: list[Call] = [
            (np.maximum.reduce, (outputs, 0, None, sums)),
            (np.subtract, (outputs, sums, outputs)),
            (np.exp, (outputs, out)),
            (self._add, (out, sums)),
            (np.equal, (targets, self._numbers, chosen)),
            (np.multiply, (outputs, chosen, product)),
            (self._add, (product, of_class)),
        ]
        if self._gaps:  # of no class, but not without a loss
            gap = np.empty_like(of_class)
            keep += [(np.multiply, (targets, self._zero, gap)), (np.add, (of_class, gap, of_class))]
        return keep, [
            (np.divide, (out, sums, out)),
            (np.subtract, (out, chosen, out)),
            (np.multiply, (out, scale, out)),
        ]

    def means(self, outcomes: Array) -> Array:
        return _means(np.log(outcomes[:, 0]) - outcomes[:, 1])

    def curvature(self, outputs: Array, outcome: Array, direction: Array) -> Array:
        shares = np.exp(outputs) / outcome[0]
        return np.asarray(shares * (direction - (shares * direction).sum(axis=0)))


def _means(values: Array) -> Array:
    """(m,) means over all but the first axis."""
    flat = values.reshape(len(values), -1)
    return np.asarray(np.add.reduce(flat, axis=1) / flat.shape[1])


def _classes(targets: Array, num_classes: int) -> Array:
    """(N,) the class numbers, checked; NaN is let through, and shows as a loss that is NaN."""
    if targets.ndim != 1:
        raise RefusalError(f"class numbers (N,) are needed, not an array of shape {targets.shape}")
    wrong = np.isfinite(targets) & ((targets < 0) | (targets >= num_classes) | (targets != np.floor(targets)))
    if wrong.any():
        raise RefusalError(f"class numbers 0 to {num_classes - 1} are needed, not {targets[wrong][0]:g}")
    return np.where(np.isfinite(targets), targets, np.nan)


LOSSES: dict[str, type[ExampleLoss]] = {
    "mse": MeanSquaredError,
    "mae": MeanAbsoluteError,
    "huber": Huber,
    "binary_cross_entropy": BinaryCrossEntropy,
    "softmax_cross_entropy": SoftmaxCrossEntropy,
}
