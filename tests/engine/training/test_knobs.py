"""What follows from the knobs: the batch in effect, its covariance, and what the hand changes."""

import numpy as np
import pytest

from engine.training.knobs import Knobs
from engine.training.schedules import CONSTANT, Cosine

N = 10


@pytest.mark.parametrize(
    ("sampling", "batch_size", "in_effect", "sees_all"),
    [
        ("reshuffled", 4, 4, False),
        ("reshuffled", 40, 10, True),
        ("shuffled_once", 10, 10, True),
        ("with_replacement", 40, 10, False),
        ("full_batch", 4, 10, True),
    ],
)
def test_the_batch_in_effect(sampling, batch_size, in_effect, sees_all):
    knobs = Knobs(sampling=sampling, batch_size=batch_size)
    assert (knobs.batch_in_effect(N), knobs.sees_all(N)) == (in_effect, sees_all)


@pytest.mark.parametrize("sampling", ["reshuffled", "shuffled_once", "with_replacement", "full_batch"])
@pytest.mark.parametrize("batch_size", [1, 3, 10, 99])
def test_the_covariance_of_a_minibatch_by_simulation(sampling, batch_size):
    generator = np.random.default_rng(0)
    values = generator.standard_normal(N)
    knobs = Knobs(sampling=sampling, batch_size=batch_size)
    size, replace = knobs.batch_in_effect(N), sampling == "with_replacement"
    draws = np.tile(values, (20_000, 1))
    draws = generator.choice(values, draws.shape) if replace else generator.permuted(draws, axis=1)
    means = draws[:, :size].mean(axis=1)
    # The variance of so many means is known to a hundredth.
    assert knobs.covariance_share(N) * values.var() == pytest.approx(np.var(means), rel=0.05, abs=1e-12)


def test_one_example_has_no_noise():
    assert Knobs(batch_size=1, sampling="with_replacement").covariance_share(1) == 0


def test_the_hand_ends_a_schedule_and_a_schedule_begins_where_the_rate_is():
    falling = Knobs(learning_rate=0.2, schedule=Cosine(steps=100))
    assert falling.set_by_hand("learning_rate", 0.1, learning_rate=0.05) == Knobs(learning_rate=0.1)
    assert falling.set_by_hand("schedule", CONSTANT, learning_rate=0.05) == Knobs(learning_rate=0.05)
    assert falling.set_by_hand("schedule", CONSTANT, learning_rate=0.0) == Knobs(learning_rate=0.2)
    assert falling.set_by_hand("momentum", 0.5, learning_rate=0.05).schedule == falling.schedule
    with pytest.raises(ValueError, match="momentum must be"):
        falling.set_by_hand("momentum", 2, learning_rate=0.05)
