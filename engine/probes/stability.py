"""The largest stable learning rate: above it, full-batch descent on the local quadratic oscillates and diverges.

On a quadratic of curvature L, the optimizers are linear recurrences of two steps, and the one that oscillates
fastest, z = −1, is the first to lose its stability.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.measurement import Measurement, unknown
from engine.model.objective import Array, Objective
from engine.probes.curvature import Precision, WarmStart, labelled, top_eigenpair_pieces
from engine.probes.gradients import example_gradients
from engine.probes.pieces import Pieces, Product, finish
from engine.probes.sampling import Sums, sampled_examples
from engine.training.gradient_clipping import clips
from engine.training.knobs import Knobs
from engine.training.optimizers import OPTIMIZERS, Preconditioner
from engine.training.trainer import Trainer

LIMIT = "largest stable learning rate"
PRECONDITIONED = "preconditioned sharpness"
_PROBED_EXAMPLES = 16  # or fewer, whose gradients have so many numbers
_PROBED_NUMBERS = 2**18
_PRECISE = Precision()
_FEWEST_SQUARES = 16  # that an average must hold: of normal numbers, its root is then right to 1/√32 = 18 %


def edge(curvature: float, knobs: Knobs) -> float:
    """Return the largest stable learning rate on a quadratic of this curvature, as the optimizer says it."""
    return OPTIMIZERS[knobs.optimizer].edge(curvature, knobs)


def is_linear(knobs: Knobs) -> bool:
    """Return whether the optimizer's step is linear in the gradient, so that the sharpness itself limits it."""
    return OPTIMIZERS[knobs.optimizer].matrices(np.ones(1), knobs) is not None


def largest_stable_learning_rate(trainer: Trainer, *, sharpness: Measurement | None = None) -> Measurement:
    """The limit for full-batch descent on the local quadratic, by the optimizer as it stands: its momentum, its weight
    decay, its averaged squares, which are taken for constant. `sharpness` is measured where it is not given.

    Unknown for adaptive methods until they have averaged the squares of 16 gradients: of fewer they are noise, and
    before bias correction next to nothing. A minibatch may need less: `Quadratic.largest_stable_learning_rate`.
    Where the gradient is clipped, no step is long, and the weights oscillate instead of diverging.
    """
    sums, divisor = Sums(trainer.objective), trainer.preconditioner()
    return finish(limit_pieces(sums, trainer.weights, trainer.knobs, divisor, sharpness=sharpness))


def limit_pieces(
    sums: Sums,
    weights: Array,
    knobs: Knobs,
    divisor: Preconditioner | None,
    precision: Precision = _PRECISE,
    *,
    sharpness: Measurement | None = None,
) -> Pieces[Measurement]:
    """`largest_stable_learning_rate`, by and by, over the examples of `sums`; divisor: of the trainer."""
    curvature = yield from limiting_curvature_pieces(sums, weights, knobs, divisor, precision, sharpness=sharpness)
    return limit_of(curvature, sums, weights, knobs, preconditioned=divisor is not None)


def limiting_curvature_pieces(
    sums: Sums,
    weights: Array,
    knobs: Knobs,
    divisor: Preconditioner | None,
    precision: Precision = _PRECISE,
    *,
    sharpness: Measurement | None = None,
    warm: WarmStart | None = None,
) -> Pieces[Measurement]:
    """The curvature that limits the learning rate: the sharpness, or the largest eigenvalue of the Hessian
    preconditioned by the optimizer's divisor. `sharpness` is measured where it is not given."""
    if divisor is None and sharpness is not None:
        return sharpness
    product = sums.hessian_product(weights)
    if divisor is not None:
        if divisor.count < _FEWEST_SQUARES:
            averaged = f"{divisor.count} of {_FEWEST_SQUARES} squares"
            return unknown(PRECONDITIONED, f"{knobs.optimizer} has averaged {averaged}")
        product = _preconditioned(product, divisor)
    pair = yield from top_eigenpair_pieces(product, len(weights), precision, warm)
    found = labelled(pair, "sharpness" if divisor is None else PRECONDITIONED, sums.note)
    if not sums.note or found.kind == "unknown":
        return found
    direction, share = pair.vector, 1.0
    if divisor is not None:
        scaled = direction / np.sqrt(divisor.roots)
        length = float(np.linalg.norm(scaled))
        direction, share = scaled / length, length**2
    sampling = yield from sums.curvature_error(weights, direction)
    return replace(found, error=float(np.hypot(found.error, sampling * share)))


def limit_of(curvature: Measurement, sums: Sums, weights: Array, knobs: Knobs, *, preconditioned: bool) -> Measurement:
    """The limit that follows from the limiting curvature, with its error."""
    if np.isnan(curvature.value):
        return unknown(LIMIT, curvature.note)
    theory = "full batch, preconditioned by the averaged squares as they are" if preconditioned else "full batch"
    notes = [theory, sums.note] if sums.note else [theory]
    if sums.is_quadratic is None and np.isfinite(weights).all():
        sums.is_quadratic = is_quadratic(sums.objective, weights)
    exact = curvature.kind == "exact" and not preconditioned and bool(sums.is_quadratic)
    if not exact:
        notes.append("on the local quadratic")
    if clips(knobs):
        notes.append("steps are clipped, so it will not blow up")
    value = edge(curvature.value, knobs)
    error = value - edge(curvature.value + curvature.error, knobs) if np.isfinite(value) and curvature.error else 0.0
    return Measurement(value, LIMIT, "exact" if exact else "estimate", ", ".join(notes), error)


def curvature_at_edge(learning_rate: float, knobs: Knobs) -> float:
    """Return the curvature whose edge is this learning rate: 2/η for gradient descent, with momentum and decay what
    the optimizer makes of it; infinite for a rate of 0, and not finite where a curvature makes no difference, as beside
    a huge weight decay."""
    with np.errstate(all="ignore"):
        at_one, at_two = 1 / np.float64(edge(1.0, knobs)), 1 / np.float64(edge(2.0, knobs))
        return float((1 / np.float64(learning_rate) - at_one) / (at_two - at_one) + 1.0)  # 1/edge is linear in it


def _preconditioned(product: Product, divisor: Preconditioner) -> Product:
    """The product with D⁻½ (H + λ) D⁻½, which has the eigenvalues of D⁻¹(H + λ) and is symmetric."""

    def scaled_product(vector: Array) -> Pieces[Array]:
        scale = 1 / np.sqrt(divisor.roots)
        scaled = scale * vector
        curved = yield from product(scaled)
        return np.asarray(scale * (curved + divisor.decay * scaled))

    return scaled_product


def is_quadratic(objective: Objective, weights: Array) -> bool:
    """Tell whether the gradients of up to 16 examples are linear, to rounding, along a line through `weights`."""
    at_most = max(1, min(_PROBED_EXAMPLES, _PROBED_NUMBERS // len(weights)))
    examples = sampled_examples(len(objective.examples), at_most)
    direction = np.random.default_rng(0).standard_normal(len(weights)) * (1 + np.abs(weights))
    with np.errstate(all="ignore"):
        here, there, back, far = (
            example_gradients(objective, weights + t * direction, examples) for t in (0.0, 1.0, -2.0, 7.0)
        )
        rounding = 1e3 * float(np.finfo(objective.examples.dtype).eps) * max(np.abs(far).max(), np.abs(here).max())
        errors = back - here + 2 * (there - here), far - here - 7 * (there - here)
        return bool(np.isfinite(rounding) and all((np.abs(error) <= rounding).all() for error in errors))
