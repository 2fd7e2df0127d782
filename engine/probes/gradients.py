"""How far the gradients of single examples, and of minibatches, are from the true one.

Σ = 1/N Σ (gᵢ − g)(gᵢ − g)ᵀ is the covariance of the gradients of the N examples, g their mean, the true gradient.
A minibatch of B drawn with replacement has the gradient covariance Σ/B, one without (N − B)/(N − 1) Σ/B.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from engine.objective import Array, Objective
from engine.probes.measurement import Measurement, unknown
from engine.trainer import Trainer

MOST_EXAMPLES = 4096  # whose gradients are taken one by one; of more, as many drawn at random stand for all
_ROWS = 256
_ROW_NUMBERS = 2**18


def minibatch_gradient(objective: Objective, weights: Array, examples: NDArray[np.intp]) -> Array:
    """(P,) mean gradient over the examples with these indices, (B,), as a step takes it."""
    rows, num_weights = objective.examples[examples], len(weights)
    emphasis = objective.emphasis(np.full(len(rows), float(len(rows))))
    if emphasis is not None:
        rows = rows * emphasis[:, None].astype(rows.dtype)
    stack = np.zeros((2, 1, num_weights + objective.padding), dtype=rows.dtype)
    stack[0, 0, :num_weights] = weights
    kernel = objective.kernel(stack[0], stack[1], len(rows))
    with np.errstate(all="ignore"):
        kernel.gradient(objective.bind(np.ascontiguousarray(rows)), kernel.rows[0])
    return stack[1, 0, :num_weights].astype(np.float64)


def gradient_angle(trainer: Trainer) -> float:
    """Degrees between the next minibatch's gradient and the true one; NaN where either vanishes."""
    objective, weights = trainer.objective, trainer.weights
    minibatch = minibatch_gradient(objective, weights, trainer.upcoming_batch())
    with np.errstate(all="ignore"):
        return _angle(minibatch, objective.gradient(weights))


def _angle(one: Array, other: Array) -> float:
    largest = np.abs(one).max(), np.abs(other).max()
    if not (0 < largest[0] < np.inf and 0 < largest[1] < np.inf):
        return float("nan")
    one, other = one / largest[0], other / largest[1]  # squares must not overflow
    cosine = one.dot(other) / (np.linalg.norm(one) * np.linalg.norm(other))
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def sampled_examples(num_examples: int, at_most: int) -> NDArray[np.intp]:
    """All indices, or `at_most` of them drawn without replacement, always the same ones."""
    if num_examples <= at_most:
        return np.arange(num_examples)
    return np.sort(np.random.default_rng(0).choice(num_examples, at_most, replace=False))


def per_example_gradients(objective: Objective, weights: Array, examples: NDArray[np.intp]) -> Iterator[Array]:
    """(n, P) float64 gradients of these examples, (M,), by and by: n is at most 256 and fits 2 MB.

    Each is that of a minibatch of one, through the objective's own kernel.
    """
    num_weights, dtype = len(weights), objective.examples.dtype
    columns = num_weights + objective.padding
    stack = np.zeros((2, max(1, min(_ROWS, len(examples), _ROW_NUMBERS // columns)), columns), dtype=dtype)
    stack[0, :, :num_weights] = weights
    kernel = objective.kernel(stack[0], stack[1], 1)
    emphasis = objective.emphasis(np.ones(1))
    for start in range(0, len(examples), stack.shape[1]):
        rows = objective.examples[examples[start : start + stack.shape[1]]]
        if emphasis is not None:
            rows *= emphasis.astype(dtype)
        with np.errstate(all="ignore"):
            for k, row in enumerate(kernel.rows[: len(rows)]):
                kernel.gradient(objective.bind(rows[k : k + 1]), row)
        yield stack[1, : len(rows), :num_weights].astype(np.float64)


def example_gradients(objective: Objective, weights: Array, examples: NDArray[np.intp]) -> Array:
    """(M, P) the gradients of these examples, (M,), at once."""
    return np.concatenate(list(per_example_gradients(objective, weights, examples)))


def gradient_spread(objective: Objective, weights: Array, *, at_most: int = MOST_EXAMPLES) -> Measurement:
    """tr Σ = E|gᵢ − g|², the variance of the gradients of single examples, summed over the weights.

    Of more than `at_most` examples a random sample is taken. It stays unbiased without an n/(n − 1), for the
    mean that is subtracted is the true one.
    """
    what = "per-example gradient variance"
    examples = sampled_examples(len(objective.examples), at_most)
    with np.errstate(all="ignore"):
        mean, total = objective.gradient(weights), 0.0
        for gradients in per_example_gradients(objective, weights, examples):
            errors = gradients - mean
            total += float(np.einsum("np,np->", errors, errors))
    value = total / len(examples)
    if not np.isfinite(value):
        return unknown(what, "a gradient is not finite")
    if len(examples) == len(objective.examples):
        return Measurement(value, what, "exact")
    return Measurement(value, what, "estimate", f"from {len(examples):,} of {len(objective.examples):,} examples")


def noise_scale(objective: Objective, weights: Array, *, spread: Measurement | None = None) -> Measurement:
    """tr Σ/|g|², the batch size at which a minibatch's noise is as long as the gradient; infinite where g is 0.

    The simple noise scale of McCandlish et al. 2018 (arXiv 1812.06162), equation 2.9. |g|² is over all
    examples, so that nothing has to be estimated but tr Σ of many examples.
    """
    spread = spread or gradient_spread(objective, weights)
    with np.errstate(all="ignore"):
        gradient = objective.gradient(weights)
        squared_norm = float(gradient.dot(gradient))
        return _ratio(spread.value, squared_norm, spread.kind, spread.note)


def noise_scale_from_norms(small: Array, small_size: int, big: Array, big_size: int) -> Measurement:
    """The simple noise scale from the squared norms of many minibatch gradients of two sizes b < B, (m,) and (n,).

    E|g_b|² = |g|² + tr Σ/b, hence the unbiased estimators
    |g|² ≈ (B ⟨|g_B|²⟩ − b ⟨|g_b|²⟩)/(B − b) and tr Σ ≈ (⟨|g_b|²⟩ − ⟨|g_B|²⟩)/(1/b − 1/B).
    Each is averaged before they are divided: a mean of ratios is biased. All minibatches are to be drawn with
    replacement, or from a great many examples. Source: McCandlish et al. 2018, appendix A.1.
    """
    mean_small, mean_big = float(np.mean(small)), float(np.mean(big))
    squared_norm = (big_size * mean_big - small_size * mean_small) / (big_size - small_size)
    spread = (mean_small - mean_big) / (1 / small_size - 1 / big_size)
    return _ratio(spread, squared_norm, "estimate", f"from {len(small)} and {len(big)} minibatches")


def _ratio(spread: float, squared_norm: float, kind: str, note: str) -> Measurement:
    what = "noise scale"
    if not (np.isfinite(spread) and np.isfinite(squared_norm)):
        return unknown(what, "a gradient is not finite")
    if squared_norm <= 0:
        return Measurement(float("inf"), what, "estimate" if kind == "estimate" else "exact", "no gradient is left")
    return Measurement(spread / squared_norm, what, "estimate" if kind == "estimate" else "exact", note)
