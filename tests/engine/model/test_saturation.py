import numpy as np
import pytest

from engine.model.landscape_objective import quadratic
from engine.model.least_squares import LeastSquares
from engine.model.networks import Network
from engine.model.regularisation import Regularised

INPUTS = np.linspace(-1, 1, 40)[:, None]


def network(activation, **options):
    return Network(INPUTS, np.zeros(40), hidden=(2,), activation=activation, **options)


@pytest.mark.parametrize(("activation", "dead"), [("tanh", 50.0), ("sigmoid", -50.0), ("relu", -50.0)])
def test_a_unit_that_answers_no_example_is_saturated(activation, dead):
    # The first layer is (w₀, w₁) and (b₀, b₁): one unit is far out by its bias, the other is not.
    weights = np.array([1.0, 1.0, dead, 0.0, 1.0, 1.0, 0.0])
    assert network(activation).saturated_units(weights) == 0.5
    assert Regularised(network(activation), l2=0.1).saturated_units(weights) == 0.5
    assert network(activation).saturated_units(np.array([1.0, 1.0, dead, dead, 1.0, 1.0, 0.0])) == 1


def test_a_steep_unit_is_saturated_but_for_the_few_examples_at_its_border():
    # tanh′(z) < 0.01 from |z| = 3 on: with w = 100 that is all of the 40 examples but 2.
    assert network("tanh").saturated_units(np.array([100.0, 10.0, 0.0, 0.0, 1.0, 1.0, 0.0])) == 0.5


def test_a_unit_that_half_of_the_examples_switch_off_is_not_saturated():
    assert network("relu").saturated_units(np.array([5.0, -5.0, 0.0, 0.0, 1.0, 1.0, 0.0])) == 0


def test_without_hidden_units_nothing_is_saturated():
    assert Network(INPUTS, np.zeros(40)).saturated_units(np.full(2, 1e9)) == 0
    assert LeastSquares(INPUTS, np.zeros(40)).saturated_units(np.full(2, 1e9)) == 0
    assert quadratic((1.0,)).saturated_units(np.full(1, 1e9)) == 0
