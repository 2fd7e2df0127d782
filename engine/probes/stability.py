"""The largest stable learning rate: above it, full-batch descent on the local quadratic oscillates and diverges.

On a quadratic of curvature L, the optimizers are linear recurrences of two steps, and the one that oscillates
fastest, z = −1, is the first to lose its stability.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.model.objective import Array, Objective
from engine.probes.curvature import Precision, labelled, top_eigenpair_pieces
from engine.probes.gradients import example_gradients
from engine.probes.measurement import Measurement, unknown
from engine.probes.pieces import Pieces, Product, finish
from engine.probes.sampling import Sums, sampled_examples
from engine.training.knobs import Knobs
from engine.training.optimizers import OPTIMIZERS, Adaptive, Momentum
from engine.training.trainer import Trainer

LIMIT = "largest stable learning rate"
_PROBED_EXAMPLES = 16
_PRECISE = Precision()
_FEWEST_SQUARES = 16  # that an average must hold: of normal numbers, its root is then right to 1/√32 = 18 %


def edge(curvature: float, knobs: Knobs) -> float:
    """The largest stable learning rate on a quadratic of this curvature L; λ is the weight decay.

    sgd: 2(1 + β)/(L + λ). nesterov: 2(1 + β)/((1 + 2β)(L + λ)). Source: Polyak 1964; Goh, Distill 2017.
    Adaptive methods, L being the curvature of the preconditioned Hessian that already holds a coupled λ:
    2(1 + β₁)/((1 − β₁)L), decoupled 2(1 + β₁)/((1 − β₁)L + (1 + β₁)λ). Source: Cohen et al. 2022 (arXiv
    2207.14484); with decay by the same characteristic polynomial at −1.
    Infinite where the curvature is not above 0, NaN where it is NaN.
    """
    optimizer, decay = OPTIMIZERS[knobs.optimizer], knobs.weight_decay
    if isinstance(optimizer, Adaptive):
        beta = optimizer.beta1
        stiffness = (1 - beta) * curvature + ((1 + beta) * decay if optimizer.decoupled else 0.0)
    elif isinstance(optimizer, Momentum):
        beta = knobs.momentum
        stiffness = (curvature + decay) * (1 + 2 * beta if optimizer.nesterov else 1.0)
    else:
        return float("nan")
    return 2 * (1 + beta) / stiffness if stiffness > 0 or stiffness != stiffness else float("inf")


def largest_stable_learning_rate(trainer: Trainer, *, sharpness: Measurement | None = None) -> Measurement:
    """The limit for full-batch descent on the local quadratic, by the optimizer as it stands: its momentum, its weight
    decay, its averaged squares, which are taken for constant. `sharpness` is measured where it is not given.

    Unknown for adaptive methods until they have averaged the squares of 16 gradients: of fewer they are noise, and
    before bias correction next to nothing. A minibatch may need less: `Quadratic.largest_stable_learning_rate`.
    Where the gradient is clipped, no step is long, and the weights oscillate instead of diverging.
    """
    sums, squares = Sums(trainer.objective), averaged_squares(trainer)
    return finish(limit_pieces(sums, trainer.weights, trainer.knobs, squares, sharpness=sharpness))


def limit_pieces(
    sums: Sums,
    weights: Array,
    knobs: Knobs,
    squares: AveragedSquares | None,
    precision: Precision = _PRECISE,
    *,
    sharpness: Measurement | None = None,
) -> Pieces[Measurement]:
    """`largest_stable_learning_rate`, by and by, over the examples of `sums`; squares: as `averaged_squares`."""
    optimizer, product = OPTIMIZERS[knobs.optimizer], sums.hessian_product(weights)
    if isinstance(optimizer, Momentum):
        theory, curvature = "full batch", sharpness
    elif isinstance(optimizer, Adaptive) and squares is not None:
        if squares.count < _FEWEST_SQUARES:
            return unknown(LIMIT, f"{knobs.optimizer} has averaged {squares.count} of {_FEWEST_SQUARES} squares")
        theory, curvature = "full batch, preconditioned by the averaged squares as they are", None
        product = _preconditioned(product, squares.roots, 0.0 if optimizer.decoupled else knobs.weight_decay)
    else:
        return unknown(LIMIT, f"no theory of {knobs.optimizer}")
    if curvature is None:
        pair = yield from top_eigenpair_pieces(product, len(weights), precision)
        curvature = labelled(pair, LIMIT, sums.note)
    if np.isnan(curvature.value):
        return unknown(LIMIT, curvature.note)
    notes = [theory, sums.note] if sums.note else [theory]
    exact = curvature.kind == "exact" and isinstance(optimizer, Momentum) and is_quadratic(sums.objective, weights)
    if not exact:
        notes.append("on the local quadratic")
    if knobs.gradient_clip < np.inf:
        notes.append("steps are clipped, so it will not blow up")
    return Measurement(edge(curvature.value, knobs), LIMIT, "exact" if exact else "estimate", ", ".join(notes))


@dataclass(frozen=True)
class AveragedSquares:
    """Averaged squared gradients of an adaptive method. roots: (P,) √ŝ + ε, by which it divides its step. count: how
    many gradients' squares are in ŝ."""

    roots: Array
    count: int


def averaged_squares(trainer: Trainer) -> AveragedSquares | None:
    """The averaged squares as they stand; None for a method that has none."""
    optimizer = OPTIMIZERS[trainer.knobs.optimizer]
    if not isinstance(optimizer, Adaptive):
        return None
    state = trainer.checkpoint()
    taken = state.steps - state.optimizer_since
    squares = state.rows[2, : len(trainer.objective.weight_names)].astype(np.float64)  # rows: w, m, s, …
    if optimizer.corrected and taken:
        squares = squares / (1 - optimizer.beta2**taken)
    with np.errstate(all="ignore"):
        return AveragedSquares(np.asarray(np.sqrt(squares) + optimizer.epsilon), taken)


def _preconditioned(product: Product, roots: Array, decay: float) -> Product:
    """The product with D⁻½ (H + λ) D⁻½, which has the eigenvalues of D⁻¹(H + λ) and is symmetric."""

    def scaled_product(vector: Array) -> Pieces[Array]:
        scale = 1 / np.sqrt(roots)
        scaled = scale * vector
        curved = yield from product(scaled)
        return np.asarray(scale * (curved + decay * scaled))

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
