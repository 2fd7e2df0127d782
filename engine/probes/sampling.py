"""Sums over examples that are too long to be taken at once, or whole: by parts, and over a sample."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from engine.model.objective import Array, Objective
from engine.probes.pieces import Pieces, Product

_LOOK_EXAMPLES = 512  # in a sample for losses at the most, and as few as take 40 ms where they take longer
_LOOK_WORK = 4e7
_SAMPLE_EXAMPLES = 256  # in a sample at the least, unless these alone take more than the work below; then as few as
_SAMPLE_WORK, _FEWEST_EXAMPLES = 2e7, 32
_FEWEST_IN_PART = 32
_GROUPS = 8  # of a sample, whose differences tell its standard error


def sampled_examples(num_examples: int, at_most: int) -> NDArray[np.intp]:
    """All indices, or `at_most` of them drawn without replacement, always the same ones."""
    if num_examples <= at_most:
        return np.arange(num_examples)
    return np.sort(np.random.default_rng(0).choice(num_examples, at_most, replace=False))


class SampledLosses:
    """An objective whose losses are over a sample of its examples, always the same ones; all else is the objective's.

    part: over n of its N examples. Its loss differs from the whole one by about the standard deviation of the examples'
    losses times √((N − n)/(nN)): of 700 examples out of 10,000 by 4 % of it. Differences between two weights are
    much closer, since both are of the same examples.
    """

    def __init__(self, objective: Objective, part: Objective) -> None:
        self._objective = objective
        self.loss, self.losses = part.loss, part.losses

    def __getattr__(self, name: str) -> Any:
        if name == "_objective":  # not there yet, while unpickling
            raise AttributeError(name)
        return getattr(self._objective, name)


def with_short_losses(objective: Objective, most_work: float) -> Objective:
    """The objective, or the same with `SampledLosses` where a gradient over all examples takes longer than this."""
    if objective.effort(objective.loss_examples) <= most_work:
        return objective
    at_most = int(min(_LOOK_EXAMPLES, _LOOK_WORK / (objective.effort(2) - objective.effort(1))))
    sample = sampled_examples(len(objective.examples), max(_FEWEST_EXAMPLES, at_most))
    return cast(Objective, SampledLosses(objective, objective.restricted(sample)))


class Sums:
    """Gradients and Hessian-vector products of an objective over all examples, or over a sample if that takes more
    than `most_work`, in parts of about `part_work`.

    objective: over the examples that count, `num_examples` of `whole`. note: empty where these are all; else how many.
    left_out: of variances of means, the share that a sample without replacement has; 0 for all examples. is_quadratic:
    whether the objective is, once somebody has found out; it is so everywhere or nowhere.
    """

    is_quadratic: bool | None = None

    def __init__(self, objective: Objective, *, most_work: float = np.inf, part_work: float = np.inf) -> None:
        self.whole = whole = len(objective.examples)
        self.objective, self.note = objective, ""
        by_example = objective.effort(2) - objective.effort(1)
        fewest = max(_FEWEST_EXAMPLES, min(_SAMPLE_EXAMPLES, _SAMPLE_WORK / by_example))
        at_most = int(max(fewest, min(whole, most_work / by_example)))
        if at_most < whole and (part := objective.restricted(sampled_examples(whole, at_most))) is not objective:
            self.objective, self.note = part, f"over {at_most:,} of {whole:,} examples"
        self.num_examples = len(self.objective.examples)
        self.left_out = (whole - self.num_examples) / max(1, whole - 1)
        size = int(max(_FEWEST_IN_PART, min(self.num_examples, part_work / by_example)))
        slices = [slice(start, start + size) for start in range(0, self.num_examples, size)]
        parts = [self.objective.restricted(part) for part in slices] if len(slices) > 1 else [self.objective]
        if parts[-1] is self.objective:  # which has no parts
            parts = [self.objective]
        self._parts = [(part, len(part.examples) / self.num_examples) for part in parts]
        examples = len(parts[0].examples)
        self._work = objective.effort(examples)
        self._product_work = 2 * objective.effort(min(examples, objective.loss_examples))  # least squares know their H

    @property
    def piece_work(self) -> float:
        """The nanoseconds of the longest piece, about."""
        return self._product_work

    def gradient(self, weights: Array) -> Pieces[Array]:
        """(P,) over the examples that count, by and by."""
        return (yield from self._sum(lambda part: part.gradient(weights), self._work))

    def hessian_product(self, weights: Array) -> Product:
        """The function that multiplies a vector, (P,), with the Hessian at these weights, (P,)."""
        return lambda vector: self._sum(lambda part: part.hessian_vector_product(weights, vector), self._product_work)

    def curvature_error(self, weights: Array, direction: Array) -> Pieces[float]:
        """The standard error of the curvature along a unit vector, (P,), as the sample has it: from the curvatures of
        eighths of it; 0 where it is no sample."""
        if not self.note:
            return 0.0
        found = []
        for group in np.array_split(np.arange(self.num_examples), _GROUPS):
            part = self.objective.restricted(slice(int(group[0]), int(group[-1]) + 1))
            found.append(float(direction.dot(part.hessian_vector_product(weights, direction))))
            yield 2 * part.effort(len(group))
        return float(np.std(found, ddof=1) / np.sqrt(_GROUPS) * np.sqrt(self.left_out))

    def products(self, work: float, *, least: int, most: int) -> int:
        """The number of products with the Hessian can be had for this work; at least and at most so many."""
        return int(max(least, min(most, work / (self._product_work * len(self._parts)))))

    def _sum(self, summand: Callable[[Objective], Array], work: float) -> Pieces[Array]:
        total: Array | None = None
        for part, share in self._parts:
            value = summand(part)
            if share != 1.0:  # in place: with many weights every pass over them counts
                value *= share
            total = value if total is None else np.add(total, value, total)
            yield work
        assert total is not None
        return total
