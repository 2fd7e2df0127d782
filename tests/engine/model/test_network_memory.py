"""Hidden layers lie in memory with the examples last, or first where the first layer is large: the same gradients."""

import numpy as np
import pytest

from engine.model import network_kernel
from engine.training.knobs import Knobs
from engine.training.trainer import Trainer
from tests.engine.model.test_networks import PAIRS, make, unit_vector

LAYOUTS = {"last": 2**62, "first": 0}  # from how many weights on the examples are first


def lay(monkeypatch, layout):
    monkeypatch.setattr(network_kernel, "_MANY_WEIGHTS", LAYOUTS[layout])


def trained(monkeypatch, layout, batch_size, **network):
    """Weights and history of a training that goes through the end of an epoch."""
    lay(monkeypatch, layout)
    objective, weights = make(**network)
    trainer = Trainer(objective, 0.3 * weights, knobs=Knobs(0.01, batch_size))
    trainer.run(12)
    return trainer.weights, trainer.history.tail(12)


@pytest.mark.parametrize("batch_size", [1, 7, 30])  # the last minibatch of seven has two examples
@pytest.mark.parametrize(("dtype", "rounding"), [(np.float64, 1e-12), (np.float32, 1e-4)])
@PAIRS
def test_both_layouts_train_alike(monkeypatch, activation, loss, dtype, rounding, batch_size):
    case = {"activation": activation, "loss": loss, "dtype": dtype}
    first, last = (trained(monkeypatch, layout, batch_size, **case) for layout in LAYOUTS)
    np.testing.assert_allclose(first[0], last[0], rtol=rounding, atol=rounding)
    np.testing.assert_allclose(first[1], last[1], rtol=rounding, atol=rounding)


@PAIRS
def test_with_the_examples_first_the_gradient_agrees_with_central_differences(monkeypatch, activation, loss):
    lay(monkeypatch, "first")
    network, weights = make(activation, loss)
    direction, h = unit_vector(len(weights)), 1e-6
    slope = (network.loss(weights + h * direction) - network.loss(weights - h * direction)) / (2 * h)
    assert slope == pytest.approx(network.gradient(weights) @ direction, rel=1e-7, abs=1e-8)


@pytest.mark.parametrize("hidden", [(), (1,), (3, 3, 3)])
def test_with_the_examples_first_there_may_be_any_number_of_hidden_layers(monkeypatch, hidden):
    lay(monkeypatch, "first")
    network, weights = make(hidden=hidden)
    direction, h = unit_vector(len(weights)), 1e-6
    slope = (network.loss(weights + h * direction) - network.loss(weights - h * direction)) / (2 * h)
    assert slope == pytest.approx(network.gradient(weights) @ direction, rel=1e-7, abs=1e-8)


def test_the_grouping_of_steps_does_not_matter_to_a_large_network():
    network, weights = make("relu", "softmax_cross_entropy", hidden=(140, 9), examples=80, features=320)
    assert network_kernel._MANY_WEIGHTS <= 321 * 140
    together, apart = (Trainer(network, 0.05 * weights, knobs=Knobs(0.01, 32)) for _ in range(2))
    together.run(20)
    for steps in (1, 2, 7, 10):
        apart.run(steps)
    assert together.weights.tobytes() == apart.weights.tobytes()
    assert together.history.tail(20).tobytes() == apart.history.tail(20).tobytes()


@pytest.mark.parametrize("layout", LAYOUTS)
@PAIRS
def test_an_input_that_is_no_number_shows_as_a_loss_that_is_none(monkeypatch, activation, loss, layout):
    lay(monkeypatch, layout)
    network, weights = make(activation, loss)
    network.examples[3, 1] = np.nan
    assert np.isnan(network.loss(weights))
    assert np.isnan(network.gradient(weights)).any()
