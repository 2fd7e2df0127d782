"""Sums over examples that are too long to be taken at once, or whole: by parts, and over a sample."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from engine.model.networks import Network
from engine.model.objective import Array, Objective
from engine.model.regularisation import Regularised
from engine.probes.pieces import Pieces, Product

_SAMPLE_EXAMPLES = 256  # in a sample at the least, unless these alone take more than the work below; then as few as
_SAMPLE_WORK, _FEWEST_EXAMPLES = 2e7, 32
_FEWEST_IN_PART = 32
# Nanoseconds, measured on networks of 5,000 to a million weights:
_CALL = 2_000.0  # of a few NumPy functions
_LAYER = 15_000.0
_ACTIVATION = 4.0  # of one example
_PRODUCT = 0.25  # of a weight and one example's activation
_PASSES = 24  # over the weights themselves, in examples' worth


def sampled_examples(num_examples: int, at_most: int) -> NDArray[np.intp]:
    """All indices, or `at_most` of them drawn without replacement, always the same ones."""
    if num_examples <= at_most:
        return np.arange(num_examples)
    return np.sort(np.random.default_rng(0).choice(num_examples, at_most, replace=False))


def restricted(objective: Objective, examples: NDArray[np.intp] | slice) -> Objective:
    """The mean over these examples only, for networks, also regularised ones; anything else unchanged: its sums are
    short, or known without going through the examples."""
    if isinstance(objective, Regularised):
        inner = restricted(objective.objective, examples)
        return Regularised(inner, l1=objective.l1, l2=objective.l2, penalised=objective.penalised)
    return objective.restricted(examples) if isinstance(objective, Network) else objective


def effort(objective: Objective, num_examples: int) -> float:
    """The nanoseconds of a gradient over so many examples, about; a product with the Hessian takes twice that."""
    if isinstance(objective, Regularised):
        objective = objective.objective
    num_weights = len(objective.weight_names)
    if not isinstance(objective, Network):
        return _CALL + float(num_weights * num_examples)
    layers = objective.widths[1:]
    products = _PRODUCT * num_weights * (num_examples + _PASSES)
    return float(_LAYER * len(layers) + products + _ACTIVATION * sum(layers) * num_examples)


class Sums:
    """Gradients and Hessian-vector products of an objective over all examples, or over a sample if that takes more
    than `most_work`, in parts of about `part_work`.

    objective: over the examples that count, `num_examples` of them. note: empty where these are all; else how many.
    """

    def __init__(self, objective: Objective, *, most_work: float = np.inf, part_work: float = np.inf) -> None:
        whole, self.objective, self.note = len(objective.examples), objective, ""
        by_example = effort(objective, 2) - effort(objective, 1)
        fewest = max(_FEWEST_EXAMPLES, min(_SAMPLE_EXAMPLES, _SAMPLE_WORK / by_example))
        at_most = int(max(fewest, min(whole, most_work / by_example)))
        if at_most < whole and (part := restricted(objective, sampled_examples(whole, at_most))) is not objective:
            self.objective, self.note = part, f"over {at_most:,} of {whole:,} examples"
        self.num_examples = len(self.objective.examples)
        size = int(max(_FEWEST_IN_PART, min(self.num_examples, part_work / by_example)))
        slices = [slice(start, start + size) for start in range(0, self.num_examples, size)]
        parts = [restricted(self.objective, part) for part in slices] if len(slices) > 1 else [self.objective]
        if parts[-1] is self.objective:  # which has no parts
            parts = [self.objective]
        self._parts = [(part, len(part.examples) / self.num_examples) for part in parts]
        examples = len(parts[0].examples)
        self._work = effort(objective, examples)
        self._product_work = 2 * effort(objective, min(examples, objective.loss_examples))  # least squares know their H

    def gradient(self, weights: Array) -> Pieces[Array]:
        """(P,) over the examples that count, by and by."""
        return (yield from self._sum(lambda part: part.gradient(weights), self._work))

    def hessian_product(self, weights: Array) -> Product:
        """The function that multiplies a vector, (P,), with the Hessian at these weights, (P,)."""
        return lambda vector: self._sum(lambda part: part.hessian_vector_product(weights, vector), self._product_work)

    def products(self, work: float, *, least: int, most: int) -> int:
        """How many products with the Hessian can be had for this work; at least and at most so many."""
        return int(max(least, min(most, work / (self._product_work * len(self._parts)))))

    def _sum(self, take: Callable[[Objective], Array], work: float) -> Pieces[Array]:
        total: Array | None = None
        for part, share in self._parts:
            value = take(part) if share == 1.0 else share * take(part)
            total = value if total is None else total + value
            yield work
        assert total is not None
        return total
