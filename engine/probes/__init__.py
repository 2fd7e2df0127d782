"""Quantities measured on a trainer on demand, not each step. None of them changes it."""

from engine.probes.curvature import Eigenpair, hessian, lanczos, sharpness, top_eigenpair
from engine.probes.gradients import (
    gradient_angle,
    gradient_spread,
    minibatch_gradient,
    noise_scale,
    noise_scale_from_norms,
    per_example_gradients,
    sampled_examples,
)
from engine.probes.measurement import Measurement
from engine.probes.planes import Plane, loss_grid, trajectory_plane
from engine.probes.quadratic import Quadratic
from engine.probes.rate_range import RateRange, learning_rate_range
from engine.probes.stability import edge, is_quadratic, largest_stable_learning_rate

__all__ = [
    "Eigenpair",
    "Measurement",
    "Plane",
    "Quadratic",
    "RateRange",
    "edge",
    "gradient_angle",
    "gradient_spread",
    "hessian",
    "is_quadratic",
    "lanczos",
    "largest_stable_learning_rate",
    "learning_rate_range",
    "loss_grid",
    "minibatch_gradient",
    "noise_scale",
    "noise_scale_from_norms",
    "per_example_gradients",
    "sampled_examples",
    "sharpness",
    "top_eigenpair",
    "trajectory_plane",
]
