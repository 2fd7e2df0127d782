"""Gradient noise: how far the gradients of single examples, and of minibatches, are from the true one.

Σ = 1/N Σ (gᵢ − g)(gᵢ − g)ᵀ is the covariance of the gradients of the N examples, g their mean, the true gradient.
A minibatch of B drawn with replacement has the gradient covariance Σ/B, one without (N − B)/(N − 1) Σ/B.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.measurement import Measurement, unknown
from engine.model.objective import Array, Objective
from engine.probes.pieces import Pieces, finish
from engine.probes.sampling import sampled_examples
from engine.training.knobs import covariance_share
from engine.training.minibatches import emphasised_rows, to_bind
from engine.training.trainer import Trainer

MOST_EXAMPLES = 4096  # whose gradients are taken one by one; of more, as many drawn at random stand for all
_ROWS = 64
_ROW_NUMBERS = 2**18
_GATHERED_NUMBERS = 2**17
_CLOUD_EXAMPLES = 2**18  # in all its minibatches, about


def minibatch_gradient(objective: Objective, weights: Array, examples: NDArray[np.intp]) -> Array:
    """(P,) mean gradient over the examples with these indices, (B,), as a step takes it."""
    with np.errstate(all="ignore"):
        gradients = _minibatch_gradients(objective, weights, examples[None])
    return np.asarray(gradients[0])


def minibatch_gradient_pieces(
    objective: Objective, weights: Array, examples: NDArray[np.intp], part_work: float
) -> Pieces[Array]:
    """`minibatch_gradient`, by and by, in parts of about so many nanoseconds."""
    at_once = int(max(_ROWS, part_work / (objective.effort(2) - objective.effort(1))))
    total = np.zeros(len(weights))
    for start in range(0, len(examples), at_once):
        part = examples[start : start + at_once]
        total += minibatch_gradient(objective, weights, part) * (len(part) / len(examples))
        yield objective.effort(len(part))
    return total


def _minibatch_gradients(objective: Objective, weights: Array, minibatches: NDArray[np.intp]) -> Array:
    """(n, P) float64 mean gradients over minibatches, (n, B): many at once, where the objective has a way to."""
    count, size = minibatches.shape
    num_weights = len(weights)
    at_once = min(count, _GATHERED_NUMBERS // objective.examples[:size].size, _ROW_NUMBERS // num_weights)
    stacked = objective.stacked_gradients() if at_once > 1 else None
    if stacked is None:
        return _one_by_one(objective, weights, minibatches)
    stack = np.zeros((2, at_once, num_weights + objective.padding), dtype=objective.examples.dtype)
    stack[0, :, :num_weights] = weights
    found = np.empty((count, num_weights))
    for start in range(0, count, at_once):
        numbers = minibatches[start : start + at_once]
        alike, gradients = stack[:, : len(numbers)]
        stacked(emphasised_rows(objective, numbers), numbers, alike, gradients)
        found[start : start + at_once] = gradients[:, :num_weights]
    return found


def _one_by_one(objective: Objective, weights: Array, minibatches: NDArray[np.intp]) -> Array:
    """The same, each through the objective's own kernel."""
    count, size = minibatches.shape
    num_weights, dtype = len(weights), objective.examples.dtype
    stack = np.zeros((2, 1, num_weights + objective.padding), dtype=dtype)
    stack[0, 0, :num_weights] = weights
    kernel = objective.kernel(stack[0], stack[1], size)
    gradients, at_once = np.empty((count, num_weights)), max(1, _GATHERED_NUMBERS // objective.examples[:size].size)
    place = to_bind(objective, minibatches[0])
    batch, row = objective.bind(place), kernel.rows[0]
    for start in range(0, count, at_once):
        contents = to_bind(objective, minibatches[start : start + at_once])
        for gradient, content in zip(gradients[start:], contents, strict=False):
            place[:] = content
            (fetched,) = kernel.fetch([batch])
            kernel.gradient(fetched, row)
            gradient[:] = stack[1, 0, :num_weights]
    return gradients


def gradient_cloud(trainer: Trainer, samples: int = 200) -> Array:
    """(samples, P) float64 gradients of random minibatches at the present weights: those that the next step might have
    taken. Before any clipping.

    The minibatches are always the same ones, by a generator of their own, so that the cloud moves only with the
    weights and the knobs. Where epochs are shuffled they are the whole minibatches of other shuffles: each is B of
    the N examples without replacement. For the full batch all gradients are the true one. Where the samples would
    take more than 2¹⁸ examples there are fewer of them, at least 16. Raises ValueError for less than one sample.
    """
    objective, knobs = trainer.objective, trainer.knobs
    if samples < 1:
        raise ValueError(f"at least one sample is needed, not {samples}")
    epoch = len(objective.examples)
    size = knobs.batch_in_effect(epoch)
    if knobs.sees_all(epoch):
        with np.errstate(all="ignore"):
            return np.tile(objective.gradient(trainer.weights), (samples, 1))
    minibatches = _draws(min(samples, max(16, _CLOUD_EXAMPLES // size)), size, epoch, knobs.sampling)
    with np.errstate(all="ignore"):
        return _minibatch_gradients(objective, trainer.weights, minibatches)


@lru_cache(maxsize=4)
def _draws(count: int, size: int, epoch: int, sampling: str) -> NDArray[np.intp]:
    """(count, size) indices of examples."""
    generator = np.random.default_rng(0)
    if sampling == "with_replacement":
        return generator.integers(epoch, size=(count, size))
    drawn = [
        generator.choice(epoch, (min(count - k, epoch // size), size), replace=False)
        for k in range(0, count, epoch // size)
    ]
    return np.concatenate(drawn)


def gradient_angle(trainer: Trainer) -> float:
    """Degrees between the next minibatch's gradient and the true one; NaN where either vanishes."""
    objective, weights = trainer.objective, trainer.weights
    minibatch = minibatch_gradient(objective, weights, trainer.upcoming_batch())
    with np.errstate(all="ignore"):
        return angle(minibatch, objective.gradient(weights))


def angle(one: Array, other: Array) -> float:
    """Degrees between two vectors, (P,); NaN where either vanishes or is not finite."""
    largest = np.abs(one).max(), np.abs(other).max()
    if not (0 < largest[0] < np.inf and 0 < largest[1] < np.inf):
        return float("nan")
    one, other = one / largest[0], other / largest[1]  # squares must not overflow
    cosine = one.dot(other) / (np.linalg.norm(one) * np.linalg.norm(other))
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def per_example_gradients(objective: Objective, weights: Array, examples: NDArray[np.intp]) -> Iterator[Array]:
    """(n, P) float64 gradients of these examples, (M,), by and by: n is at most 64 and fits 2 MB.

    Each is that of a minibatch of one.
    """
    at_once = max(1, min(_ROWS, _ROW_NUMBERS // len(weights)))
    for start in range(0, len(examples), at_once):
        with np.errstate(all="ignore"):
            gradients = _minibatch_gradients(objective, weights, examples[start : start + at_once, None])
        yield gradients


def example_gradients(objective: Objective, weights: Array, examples: NDArray[np.intp]) -> Array:
    """(M, P) the gradients of these examples, (M,), at once."""
    return np.concatenate(list(per_example_gradients(objective, weights, examples)))


@dataclass(frozen=True)
class Spread:
    """The spread of single examples' gradients. trace: tr Σ. along: dᵀΣd of k directions, (k,)."""

    trace: Measurement
    along: Array


def gradient_spread(objective: Objective, weights: Array, *, at_most: int = MOST_EXAMPLES) -> Measurement:
    """tr Σ = E|gᵢ − g|², the variance of the gradients of single examples, summed over the weights.

    Of more than `at_most` examples a random sample is taken. It stays unbiased without an n/(n − 1), for the
    mean that is subtracted is the true one.
    """
    examples = sampled_examples(len(objective.examples), at_most)
    with np.errstate(all="ignore"):
        nowhere = np.empty((0, len(weights)))
        return finish(spread_pieces(objective, weights, objective.gradient(weights), examples, nowhere)).trace


def spread_pieces(
    objective: Objective, weights: Array, gradient: Array, examples: NDArray[np.intp], directions: Array
) -> Pieces[Spread]:
    """`gradient_spread` about this true gradient, (P,), from the examples with these indices, by and by; and along
    unit vectors, (k, P)."""
    what, whole, seen = "per-example gradient variance", len(objective.examples), len(examples)
    squares: list[Array] = []
    along = np.zeros(len(directions))
    for gradients in per_example_gradients(objective, weights, examples):
        errors = gradients - gradient
        squares.append(np.vecdot(errors, errors))
        along += np.square(errors @ directions.T).sum(axis=0)
        yield len(gradients) * objective.effort(1)
    found = np.concatenate(squares)
    value = float(found.mean())
    if not np.isfinite(value):
        return Spread(unknown(what, "a gradient is not finite"), np.full(len(along), np.nan))
    if seen == whole:
        return Spread(Measurement(value, what, "exact"), along / seen)
    error = float(found.std() * np.sqrt(covariance_share(seen, whole)))
    note = f"from {seen:,} of {whole:,} examples"
    return Spread(Measurement(value, what, "estimate", note, error), along / seen)


def noise_scale(objective: Objective, weights: Array, *, spread: Measurement | None = None) -> Measurement:
    """The gradient noise scale tr Σ/|g|², the batch size at which a minibatch's noise is as long as the gradient;
    infinite where g is 0, unknown where tr Σ is too.

    The simple noise scale of McCandlish et al. 2018 (arXiv 1812.06162), equation 2.9. |g|² is over all
    examples, so that nothing has to be estimated but tr Σ of many examples. Of many steps: `NoiseAverage`.
    """
    spread = spread or gradient_spread(objective, weights)
    with np.errstate(all="ignore"):
        gradient = objective.gradient(weights)
        return _ratio(spread.value, float(gradient.dot(gradient)), spread.kind, spread.note)


def _ratio(spread: float, squared_norm: float, kind: str, note: str) -> Measurement:
    what = "noise scale"
    if not (np.isfinite(spread) and np.isfinite(squared_norm)):
        return unknown(what, "a gradient is not finite")
    if squared_norm == spread == 0:
        return unknown(what, "neither gradient nor noise is left")
    if squared_norm <= 0:
        return Measurement(float("inf"), what, "estimate" if kind == "estimate" else "exact", "no gradient is left")
    return Measurement(spread / squared_norm, what, "estimate" if kind == "estimate" else "exact", note)
