import numpy as np
import pytest

from engine import probes
from engine.model.landscape_objective import quadratic
from engine.model.least_squares import LeastSquares
from engine.model.networks import Network


def prospect(objective, weights, horizon, **options):
    gradient = objective.gradient(weights)
    return probes.finish(probes.prospect_pieces(probes.Sums(objective), weights, gradient, horizon, **options))


@pytest.mark.parametrize("horizon", [0.1, 3.0, 1e6])
def test_on_a_quadratic_it_is_the_fall_of_gradient_flow(horizon):
    # w(τ) = e^(−λτ) w, and the loss ½ Σ λ w².
    objective, weights = quadratic((1.0, 5.0)), np.array([2.0, 1.0])
    left = weights * np.exp(-np.array([1.0, 5.0]) * horizon)
    found = prospect(objective, weights, horizon)
    assert found.gain == pytest.approx(objective.loss(weights) - objective.loss(left))
    assert (found.sharpness, found.lowest) == pytest.approx((5.0, 1.0))
    assert found.slope == pytest.approx(np.hypot(2.0, 5.0))


def test_many_weights_are_as_a_few():
    rng = np.random.default_rng(0)
    inputs = rng.standard_normal((300, 80)) * np.logspace(0, -1, 80)
    objective, weights = LeastSquares(inputs, rng.standard_normal(300)), rng.standard_normal(81)
    values, vectors = np.linalg.eigh(probes.hessian(objective, weights))
    slopes = objective.gradient(weights) @ vectors
    for horizon in (0.1, 10.0):
        falls = -np.expm1(-2 * values * horizon) / (2 * values)
        assert prospect(objective, weights, horizon, products=40).gain == pytest.approx(slopes**2 @ falls, rel=1e-3)


def test_a_negative_curvature_promises_without_end():
    objective, weights = quadratic((1.0, -1.0)), np.array([0.0, 1e-6])
    assert prospect(objective, weights, 5.0).gain == pytest.approx(0.5e-12 * (np.exp(10) - 1))
    assert prospect(objective, weights, 100.0).gain > 1


def test_without_a_gradient_nothing_is_promised():
    objective = quadratic((1.0, -1.0))
    assert prospect(objective, np.zeros(2), 1e3).gain == 0
    network = Network(np.zeros((4, 90)), np.zeros(4))
    assert prospect(network, np.zeros(91), 1e3).gain == 0


def test_a_flat_landscape_falls_at_the_slope():
    objective = LeastSquares(np.array([[1e-9]]), np.array([1.0]), bias=False)
    found = prospect(objective, np.array([0.0]), 7.0)
    assert found.gain == pytest.approx(7.0 * found.slope**2)
