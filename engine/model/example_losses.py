"""Losses of a model's K outputs against its targets, averaged over the B examples of a minibatch.

A step lists two groups of calls (see `engine.model.calls`): those that write its outcome, residuals for instance or
margins, and those that go on from there to the slopes ∂(mean loss)/∂outputs. What waits for no weights is done for
many steps at once: before them, their targets are made of the columns that `encode` wrote; after them, the losses of
their outcomes.

All arrays have one dtype, float64 or float32; those of a step are (K, B) for outputs and slopes, (held, B) for
targets, (kept, B) for the outcome.
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
    """One loss for K outputs. T columns of an example hold its label.

    held: rows of the targets that a step needs. kept: rows of its outcome. scratch: arrays like the outputs that it
    needs beside them. num_classes: how many classes the labels tell apart, 0 where they are numbers.
    scale: this over the batch size, its `share`, is what the slopes are multiplied by.
    """

    held = 1
    kept = 1
    scratch = 0
    num_classes = 0
    scale = 1.0

    def __init__(self, num_outputs: int, dtype: Any) -> None:
        self._zero, self._one, self._minus_one = (np.array(number, dtype) for number in (0.0, 1.0, -1.0))

    def encode(self, targets: Array) -> Array:
        """(N, T) columns from (N,) class numbers, or (N,) or (N, K) numbers. Raises RefusalError where impossible."""
        raise NotImplementedError

    def target_calls(self, labels: Array, shares: Array, out: Array) -> list[Call]:
        """The calls that write the targets of m steps, (m, held, B), to `out`, from their labels, (T, m, B), and the
        shares of an example in their means, (m, 1): their `scale` over the batch size."""
        return [(np.copyto, (out, labels.swapaxes(0, 1)))]

    def calls(self, outputs: Array, targets: Array, outcome: Array, share: Array, scratch: Array, out: Array) -> Lists:
        """The calls that write the outcome, and those that then write ∂ of the mean loss by the outputs to `out`; the
        outputs may be overwritten. share: without dimensions. scratch: (scratch, K, B)."""
        # NumPy's calls are cheapest on arrays of one axis.
        outputs, targets, outcome, out = (
            part[0] if len(part) == 1 else part for part in (outputs, targets, outcome, out)
        )
        return self._calls(outputs, targets, outcome, share, scratch, out)

    def _calls(self, outputs: Array, targets: Array, outcome: Array, share: Array, scratch: Array, out: Array) -> Lists:
        """`calls`, with arrays (B,) where there is one row."""
        raise NotImplementedError

    def slopes(self, outputs: Array, labels: Array, examples: int) -> tuple[Array, Array]:
        """Slopes, (K, B), times B/`examples`, and the outcome, for (T, B) labels; overwrites the outputs with what
        `curvature` needs."""
        dtype, size = outputs.dtype, outputs.shape[1]
        share = np.array(self.scale / examples, dtype)
        targets, outcome = np.empty((self.held, size), dtype), np.empty((self.kept, size), dtype)
        slopes, scratch = np.empty_like(outputs), np.empty((self.scratch, *outputs.shape), dtype)
        carry_out(self.target_calls(labels[:, None], share.reshape(1, 1), targets[None]))
        for calls in self.calls(outputs, targets, outcome, share, scratch, slopes):
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
        self.held = self.kept = num_outputs
        self.scale = self.scale / num_outputs

    def encode(self, targets: Array) -> Array:
        columns = targets[:, None] if targets.ndim == 1 else targets
        if columns.ndim != 2 or columns.shape[1] != self.kept:
            raise RefusalError(f"targets of {self.kept} outputs are needed, not an array of {targets.shape}")
        return columns

    def _calls(self, outputs: Array, targets: Array, outcome: Array, share: Array, scratch: Array, out: Array) -> Lists:
        return [(np.subtract, (outputs, targets, outcome))], self._slope_calls(outcome, share, out)

    def _slope_calls(self, residuals: Array, share: Array, out: Array) -> list[Call]:
        raise NotImplementedError


class MeanSquaredError(_Residuals):
    """The squared residual r², without ½: Keras's convention."""

    scale = 2.0

    def _slope_calls(self, residuals: Array, share: Array, out: Array) -> list[Call]:
        return [(np.multiply, (residuals, share, out))]

    def means(self, outcomes: Array) -> Array:
        flat = outcomes.reshape(len(outcomes), -1)
        return np.asarray(np.einsum("kb,kb->k", flat, flat) / flat.shape[1])

    def curvature(self, outputs: Array, outcome: Array, direction: Array) -> Array:
        return direction * outcome.dtype.type(self.scale)


class MeanAbsoluteError(_Residuals):
    """|r|; its slope at the kink is 0."""

    def _slope_calls(self, residuals: Array, share: Array, out: Array) -> list[Call]:
        return [(np.sign, (residuals, out)), (np.multiply, (out, share, out))]

    def means(self, outcomes: Array) -> Array:
        return _means(np.abs(outcomes))

    def curvature(self, outputs: Array, outcome: Array, direction: Array) -> Array:
        return np.zeros_like(direction)


class Huber(_Residuals):
    """½r² where |r| ≤ 1, otherwise |r| − ½. Source: Huber 1964; Keras's and torch's with δ = 1."""

    def _slope_calls(self, residuals: Array, share: Array, out: Array) -> list[Call]:
        return [
            (partial(np.minimum, out=out), (residuals, self._one)),
            (partial(np.maximum, out=out), (out, self._minus_one)),
            (np.multiply, (out, share, out)),
        ]

    def means(self, outcomes: Array) -> Array:
        size = np.abs(outcomes)
        inside = np.minimum(size, 1)
        return _means(inside * (size - 0.5 * inside))  # NaN where the residual is; infinite where it is

    def curvature(self, outputs: Array, outcome: Array, direction: Array) -> Array:
        return np.where(np.abs(outcome) <= 1, direction, 0) * outcome.dtype.type(self.scale)


class BinaryCrossEntropy(ExampleLoss):
    """log(1 + e⁻ᵗ) with the margin t = (2y − 1)z, for one logit z and classes y of 0 and 1.

    That is −log p of the true class, p = σ(z) being the probability of class 1. The label is the sign 2y − 1: so slope
    −(2y − 1)/(1 + eᵗ) and loss stay exact where p is next to 0 or 1. The targets are the sign, and the sign times the
    share, whose minus is in `scale`: a step has one call less.
    """

    held = 2
    num_classes = 2
    scale = -1.0

    def __init__(self, num_outputs: int, dtype: Any) -> None:
        super().__init__(num_outputs, dtype)
        if num_outputs != 1:
            raise RefusalError(f"binary cross-entropy needs one output, not {num_outputs}")

    def encode(self, targets: Array) -> Array:
        return np.asarray(2 * _classes(targets, 2)[:, None] - 1)

    def target_calls(self, labels: Array, shares: Array, out: Array) -> list[Call]:
        return [(np.copyto, (out[:, 0], labels[0])), (np.multiply, (labels[0], shares, out[:, 1]))]

    def _calls(self, outputs: Array, targets: Array, outcome: Array, share: Array, scratch: Array, out: Array) -> Lists:
        signs, shared_signs = targets
        return [(np.multiply, (outputs, signs, outcome))], [
            (np.exp, (outcome, out)),  # infinite for t above 709: the slope is then 0, as it should be
            (np.add, (out, self._one, out)),
            (np.divide, (shared_signs, out, out)),
        ]

    def means(self, outcomes: Array) -> Array:
        return _means(np.maximum(-outcomes, 0) + np.log1p(np.exp(-np.abs(outcomes))))

    def curvature(self, outputs: Array, outcome: Array, direction: Array) -> Array:
        decay = np.exp(-np.abs(outcome))
        return np.asarray(decay / (1 + decay) ** 2 * direction)  # σ(t)(1 − σ(t)), even in t


class SoftmaxCrossEntropy(ExampleLoss):
    """The loss log Σⱼ exp zⱼ − z_y for K logits z and the class y: −log of the softmax probability of y.

    The largest logit is subtracted first, so that nothing overflows. The targets of an example are its share for its
    class, otherwise 0; so its slopes are exp z / (Σⱼ exp zⱼ / share) minus its targets. The outcome is the sum, and
    what is left of z_y, times the share.
    """

    kept = 2
    scratch = 2

    def __init__(self, num_outputs: int, dtype: Any) -> None:
        super().__init__(num_outputs, dtype)
        if num_outputs < 2:
            raise RefusalError(f"softmax cross-entropy needs at least two outputs, not {num_outputs}")
        self.num_classes = self.held = num_outputs
        self._numbers: Array = np.arange(num_outputs, dtype=dtype)[:, None]
        # Products do it faster than NumPy's own calls: sum over the classes, and write a row to every class's, since a
        # call on two arrays of one shape takes a third of the time that it takes to spread one over the other.
        self._add: Any = np.ones(num_outputs, dtype).dot
        self._spread: Any = np.ones((num_outputs, 1), dtype).dot
        self._gaps = False  # among the labels

    def encode(self, targets: Array) -> Array:
        classes = _classes(targets, self.num_classes)[:, None]
        self._gaps = not np.isfinite(classes).all()
        return classes

    def target_calls(self, labels: Array, shares: Array, out: Array) -> list[Call]:
        calls: list[Call] = [
            (np.equal, (labels[0, :, None], self._numbers, out)),
            (np.multiply, (out, shares[:, None], out)),
        ]
        if self._gaps:  # of no class, but not without a loss: NaN, otherwise 0
            gaps = np.empty_like(labels[0])
            calls += [(np.multiply, (labels[0], self._zero, gaps)), (np.add, (out, gaps[:, None], out))]
        return calls

    def _calls(self, outputs: Array, targets: Array, outcome: Array, share: Array, scratch: Array, out: Array) -> Lists:
        sums, of_class = outcome
        product, everywhere = scratch
        spread_by_share = np.full((len(out), 1), 1 / share).dot
        return [
            (np.maximum.reduce, (outputs, 0, None, of_class)),
            (self._spread, (of_class[None], everywhere)),
            (np.subtract, (outputs, everywhere, outputs)),
            (np.exp, (outputs, out)),
            (self._add, (out, sums)),
            (np.multiply, (outputs, targets, product)),
            (self._add, (product, of_class)),
        ], [
            (spread_by_share, (sums[None], everywhere)),
            (np.divide, (out, everywhere, out)),
            (np.subtract, (out, targets, out)),
        ]

    def means(self, outcomes: Array) -> Array:
        return np.asarray(_means(np.log(outcomes[:, 0])) - np.add.reduce(outcomes[:, 1], axis=1))

    def curvature(self, outputs: Array, outcome: Array, direction: Array) -> Array:
        softmax = np.exp(outputs) / outcome[0]
        return np.asarray(softmax * (direction - (softmax * direction).sum(axis=0)))


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
