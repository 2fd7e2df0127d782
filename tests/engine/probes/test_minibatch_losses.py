import numpy as np
import pytest

from engine.model.least_squares import LeastSquares
from engine.model.networks import Network
from engine.probes.minibatch_losses import minibatch_losses

RANDOM = np.random.default_rng(0)
INPUTS, TARGETS = RANDOM.standard_normal((40, 2)), RANDOM.standard_normal(40)
CHOSEN = np.array([3, 17, 5, 39, 0])


@pytest.mark.parametrize("count", [1, 63, 64, 65, 130])
@pytest.mark.parametrize("kind", [LeastSquares, Network])
def test_they_are_the_losses_over_these_examples_alone(kind, count):
    objective, alone = kind(INPUTS, TARGETS), kind(INPUTS[CHOSEN], TARGETS[CHOSEN])
    weights = RANDOM.standard_normal((count, 3))
    expected = [alone.loss(one) for one in weights]
    np.testing.assert_allclose(minibatch_losses(objective, weights, CHOSEN), expected, rtol=1e-12)
