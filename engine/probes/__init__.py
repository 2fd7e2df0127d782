"""Quantities measured on a trainer on demand, not each step. None of them changes it."""

from engine.measurement import Kind, Measurement, RateLimit, Scores
from engine.probes.curvature import (
    Eigenpair,
    Precision,
    WarmStart,
    hessian,
    lanczos,
    sharpness,
    sharpness_pieces,
    top_eigenpair,
)
from engine.probes.gradients import (
    Spread,
    angle,
    gradient_angle,
    gradient_cloud,
    gradient_spread,
    minibatch_gradient,
    minibatch_gradient_pieces,
    noise_scale,
    per_example_gradients,
    spread_pieces,
)
from engine.probes.noise.measured_floor import Effort
from engine.probes.noise.noise_floor import MinibatchTheory, Quadratic
from engine.probes.noise.noise_scale import NoiseAverage, NoiseReading
from engine.probes.pieces import Pieces, finish
from engine.probes.planes import Plane, loss_grid, trajectory_plane
from engine.probes.prospects import Prospect, prospect_pieces
from engine.probes.rate_limit import rate_limit
from engine.probes.rate_range import RateRange, learning_rate_range, rate_range_pieces
from engine.probes.sampling import Sums, sampled_examples
from engine.probes.scores import predicted, scores
from engine.probes.stability import (
    curvature_at_edge,
    edge,
    is_linear,
    is_quadratic,
    largest_stable_learning_rate,
    limit_of,
    limiting_curvature_pieces,
)

__all__ = [
    "Effort",
    "Eigenpair",
    "Kind",
    "Measurement",
    "MinibatchTheory",
    "NoiseAverage",
    "NoiseReading",
    "Pieces",
    "Plane",
    "Precision",
    "Prospect",
    "Quadratic",
    "RateLimit",
    "RateRange",
    "Scores",
    "Spread",
    "Sums",
    "WarmStart",
    "angle",
    "curvature_at_edge",
    "edge",
    "finish",
    "gradient_angle",
    "gradient_cloud",
    "gradient_spread",
    "hessian",
    "is_linear",
    "is_quadratic",
    "lanczos",
    "largest_stable_learning_rate",
    "learning_rate_range",
    "limit_of",
    "limiting_curvature_pieces",
    "loss_grid",
    "minibatch_gradient",
    "minibatch_gradient_pieces",
    "noise_scale",
    "per_example_gradients",
    "predicted",
    "prospect_pieces",
    "rate_limit",
    "rate_range_pieces",
    "sampled_examples",
    "scores",
    "sharpness",
    "sharpness_pieces",
    "spread_pieces",
    "top_eigenpair",
    "trajectory_plane",
]
