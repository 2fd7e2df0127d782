"""Quantities measured on demand, not each step."""

from __future__ import annotations

import numpy as np

from engine.objective import Array, Objective
from engine.trainer import Trainer


def hessian(objective: Objective, weights: Array) -> Array:
    """(P, P) the Hessian of the loss over all examples, from P Hessian-vector products."""
    columns = [objective.hessian_vector_product(weights, unit) for unit in np.eye(len(weights))]
    return np.stack(columns, axis=1)


def sharpness(objective: Objective, weights: Array) -> float:
    """λmax, the largest eigenvalue of the Hessian; NaN where the Hessian is not finite.

    Exact, at the price of P Hessian-vector products.
    """
    matrix = hessian(objective, weights)
    return float(np.linalg.eigvalsh(matrix)[-1]) if np.isfinite(matrix).all() else float("nan")


def largest_stable_learning_rate(sharpness: float, momentum: float) -> float:
    """2(1 + β)/λmax: above it full-batch descent on the local quadratic diverges; infinite without curvature.

    Source: Polyak 1964; Goh, "Why Momentum Really Works", Distill 2017. A minibatch may need less.
    """
    return 2 * (1 + momentum) / sharpness if sharpness > 0 or sharpness != sharpness else float("inf")


def gradient_angle(trainer: Trainer) -> float:
    """Degrees between the next minibatch's gradient and the true one; NaN where either vanishes."""
    objective, weights = trainer.objective, trainer.weights
    batch = objective.examples[trainer.upcoming_batch()]
    kernel = objective.kernel(1, len(batch))
    kernel.weights[0] = weights
    kernel.gradient(objective.bind(batch), kernel.rows[0])
    minibatch, true = kernel.gradients[0], objective.gradient(weights)
    lengths = float(np.linalg.norm(minibatch) * np.linalg.norm(true))
    if not 0 < lengths < np.inf:
        return float("nan")
    return float(np.degrees(np.arccos(np.clip(minibatch.dot(true) / lengths, -1, 1))))


def loss_grid(objective: Objective, first: Array, second: Array) -> Array:
    """(len(second), len(first)) the loss over all examples of a two-weight objective at each pair of values."""
    weights = np.stack(np.meshgrid(first, second), axis=-1).reshape(-1, 2)
    return objective.losses(weights).reshape(len(second), len(first))
