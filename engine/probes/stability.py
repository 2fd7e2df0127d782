"""The largest stable learning rate: above it, full-batch descent on the local quadratic swings up and diverges.

On a quadratic of curvature L, the optimizers are linear recurrences of two steps, and the one that oscillates
fastest, z = −1, is the first to lose its stability.
"""

from __future__ import annotations

import numpy as np

from engine.knobs import Knobs
from engine.objective import Array, Objective
from engine.optimizers import OPTIMIZERS, Adaptive, Momentum
from engine.probes.curvature import Eigenpair, labelled, top_eigenpair
from engine.probes.gradients import example_gradients, sampled_examples
from engine.probes.measurement import Measurement, unknown
from engine.trainer import Trainer

LIMIT = "largest stable learning rate"
_PROBED_EXAMPLES = 16


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
    """For full-batch descent on the local quadratic, by the optimizer as it stands: its momentum, its weight decay,
    its averaged squares, which are taken for constant. `sharpness` is measured where it is not given.

    A minibatch may need less: `Quadratic.largest_stable_learning_rate`. Where the gradient is clipped, no step
    is long, and the weights swing to and fro instead of diverging.
    """
    knobs, objective, weights = trainer.knobs, trainer.objective, trainer.weights
    optimizer = OPTIMIZERS[knobs.optimizer]
    if isinstance(optimizer, Momentum) and sharpness is not None:
        curvature, theory = sharpness, "full batch"
    elif isinstance(optimizer, Momentum):
        curvature, theory = labelled(_top(objective, weights, np.ones(len(weights)), 0.0), LIMIT), "full batch"
    elif isinstance(optimizer, Adaptive):
        root = _preconditioner(trainer, optimizer)
        if root is None:
            return unknown(LIMIT, f"{knobs.optimizer} has taken no step yet")
        coupled = 0.0 if optimizer.decoupled else knobs.weight_decay
        curvature = labelled(_top(objective, weights, root, coupled), LIMIT)
        theory = "full batch, preconditioned by the averaged squares as they are"
    else:
        return unknown(LIMIT, f"no theory of {knobs.optimizer}")
    if np.isnan(curvature.value):
        return unknown(LIMIT, curvature.note)
    notes = [theory]
    exact = curvature.kind == "exact" and not isinstance(optimizer, Adaptive) and is_quadratic(objective, weights)
    if not exact:
        notes.append("on the local quadratic")
    if knobs.gradient_clip < np.inf:
        notes.append("steps are clipped, so it will not blow up")
    return Measurement(edge(curvature.value, knobs), LIMIT, "exact" if exact else "estimate", ", ".join(notes))


def _preconditioner(trainer: Trainer, optimizer: Adaptive) -> Array | None:
    """(P,) what an adaptive method divides its step by: √ŝ + ε; None before its first step."""
    state = trainer.checkpoint()
    taken = state.steps - state.optimizer_since
    if taken == 0:
        return None
    squares = state.rows[2, : len(trainer.objective.weight_names)].astype(np.float64)  # rows: w, m, s, …
    if optimizer.corrected:
        squares = squares / (1 - optimizer.beta2**taken)
    return np.asarray(np.sqrt(squares) + optimizer.epsilon)


def _top(objective: Objective, weights: Array, preconditioner: Array, decay: float) -> Eigenpair:
    """Of D⁻½ (H + λ) D⁻½, which has the eigenvalues of D⁻¹(H + λ) and is symmetric."""
    scale = 1 / np.sqrt(preconditioner)

    def product(vector: Array) -> Array:
        scaled = scale * vector
        return np.asarray(scale * (objective.hessian_vector_product(weights, scaled) + decay * scaled))

    return top_eigenpair(product, len(weights))


def is_quadratic(objective: Objective, weights: Array) -> bool:
    """Whether the gradients of up to 16 examples are linear, to rounding, along a line through `weights`."""
    examples = sampled_examples(len(objective.examples), _PROBED_EXAMPLES)
    direction = np.random.default_rng(0).standard_normal(len(weights)) * (1 + np.abs(weights))
    with np.errstate(all="ignore"):
        here, there, back, far = (
            example_gradients(objective, weights + t * direction, examples) for t in (0.0, 1.0, -2.0, 7.0)
        )
        rounding = 1e3 * float(np.finfo(objective.examples.dtype).eps) * max(np.abs(far).max(), np.abs(here).max())
        off = np.abs(np.stack([back - here + 2 * (there - here), far - here - 7 * (there - here)]))
        return bool(np.isfinite(rounding) and (off <= rounding).all())
