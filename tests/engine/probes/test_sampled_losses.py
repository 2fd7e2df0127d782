import numpy as np
import pytest

from engine.model.networks import Network
from engine.probes.sampling import SampledLosses, with_short_losses


def network(examples=4000):
    generator = np.random.default_rng(0)
    inputs = generator.standard_normal((examples, 3))
    return Network(inputs, inputs[:, 0] + generator.standard_normal(examples), hidden=(5,))


def test_a_short_loss_is_left_alone(make_line):
    objective = network(50)
    assert with_short_losses(objective, 1e7) is objective
    assert with_short_losses(make_line(100_000), 1e4).loss_examples == 1  # it has a shorter way


def test_a_long_loss_is_over_a_sample_and_off_by_its_standard_error():
    objective = network()
    sampled = with_short_losses(objective, objective.effort(500))
    assert isinstance(sampled, SampledLosses)
    assert len(sampled.examples) == 4000
    weights = np.random.default_rng(1).standard_normal((20, len(objective.weight_names)))
    of_examples = [(objective.predict(one, objective.inputs) - objective.targets) ** 2 for one in weights]
    # n is about 500: the work of the layers is counted for any number of examples.
    error = np.std(of_examples, axis=1) * np.sqrt((4000 - 500) / (500 * 4000))
    off = sampled.losses(weights) - objective.losses(weights)
    assert (abs(off) < 4 * error).all()
    assert abs(off).max() > 0
    assert sampled.loss(weights[0]) == pytest.approx(sampled.losses(weights)[0])
    assert (sampled.gradient(weights[0]) == objective.gradient(weights[0])).all()
