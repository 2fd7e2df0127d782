"""The largest stable learning rate: above it, full-batch descent on the local quadratic oscillates and diverges.

On a quadratic of curvature L, the optimizers are linear recurrences of two steps, and the one that oscillates
fastest, z = −1, is the first to lose its stability.
"""

from __future__ import annotations

import numpy as np

from engine.model.objective import Array, Objective
from engine.probes.curvature import Precision, labelled, top_eigenpair_pieces
from engine.probes.gradients import example_gradients
from engine.probes.measurement import Measurement, unknown
from engine.probes.pieces import Pieces, Product, finish
from engine.probes.sampling import Sums, sampled_examples
from engine.training.gradient_clipping import clips
from engine.training.knobs import Knobs
from engine.training.optimizers import OPTIMIZERS, Preconditioner
from engine.training.trainer import Trainer

LIMIT = "largest stable learning rate"
_PROBED_EXAMPLES = 16
_PRECISE = Precision()
_FEWEST_SQUARES = 16  # that an average must hold: of normal numbers, its root is then right to 1/√32 = 18 %


def edge(curvature: float, knobs: Knobs) -> float:
    """Return the largest stable learning rate on a quadratic of this curvature, as the optimizer says it."""
    return OPTIMIZERS[knobs.optimizer].edge(curvature, knobs)


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
    product = sums.hessian_product(weights)
    if divisor is None:
        theory, curvature = "full batch", sharpness
    elif divisor.count < _FEWEST_SQUARES:
        return unknown(LIMIT, f"{knobs.optimizer} has averaged {divisor.count} of {_FEWEST_SQUARES} squares")
    else:
        theory, curvature = "full batch, preconditioned by the averaged squares as they are", None
        product = _preconditioned(product, divisor)
    if curvature is None:
        pair = yield from top_eigenpair_pieces(product, len(weights), precision)
        curvature = labelled(pair, LIMIT, sums.note)
    if np.isnan(curvature.value):
        return unknown(LIMIT, curvature.note)
    notes = [theory, sums.note] if sums.note else [theory]
    exact = curvature.kind == "exact" and divisor is None and is_quadratic(sums.objective, weights)
    if not exact:
        notes.append("on the local quadratic")
    if clips(knobs):
        notes.append("steps are clipped, so it will not blow up")
    return Measurement(edge(curvature.value, knobs), LIMIT, "exact" if exact else "estimate", ", ".join(notes))


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
    examples = sampled_examples(len(objective.examples), _PROBED_EXAMPLES)
    direction = np.random.default_rng(0).standard_normal(len(weights)) * (1 + np.abs(weights))
    with np.errstate(all="ignore"):
        here, there, back, far = (
            example_gradients(objective, weights + t * direction, examples) for t in (0.0, 1.0, -2.0, 7.0)
        )
        rounding = 1e3 * float(np.finfo(objective.examples.dtype).eps) * max(np.abs(far).max(), np.abs(here).max())
        off = np.abs(np.stack([back - here + 2 * (there - here), far - here - 7 * (there - here)]))
        return bool(np.isfinite(rounding) and (off <= rounding).all())
