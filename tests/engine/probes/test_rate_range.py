import numpy as np
import pytest

from engine import probes
from engine.model.least_squares import LeastSquares
from engine.training.knobs import Knobs
from engine.training.trainer import Trainer


def trainer_of(objective, **knobs):
    return Trainer(objective, np.full(len(objective.weight_names), -1.0), knobs=Knobs(**knobs))


def test_rates_grow_by_the_same_factor(make_line):
    tried = probes.learning_rate_range(trainer_of(make_line()), low=1e-5, high=0.5, steps=100)
    np.testing.assert_allclose(tried.rates, np.geomspace(1e-5, 0.5, 100), rtol=1e-9)
    assert len(tried.losses) == len(tried.smoothed) == 100
    assert tried.blew_up == np.inf


def test_losses_are_those_of_a_run_with_these_rates(make_line):
    tried = probes.learning_rate_range(trainer_of(make_line(), batch_size=8), low=1e-3, high=0.3, steps=60)
    trainer = trainer_of(make_line(), batch_size=8)
    for rate in tried.rates:
        trainer.learning_rate = float(rate)
        trainer.step()
    np.testing.assert_allclose(tried.losses, trainer.history.tail(60)[0], rtol=1e-9)


def test_it_ends_where_the_loss_blows_up(make_line):
    # Steps grow the weights above the limit of about 1, and it takes some of them to be seen.
    tried = probes.learning_rate_range(trainer_of(make_line(), sampling="full_batch"), low=1e-3, high=100.0)
    assert len(tried.rates) < 400
    assert 1 < tried.blew_up < 5
    assert tried.blew_up == tried.rates[-1]
    assert tried.smoothed[-1] > 4 * tried.smoothed.min()
    assert (tried.smoothed[:-1] <= 4 * np.minimum.accumulate(tried.smoothed[:-1])).all()


def test_the_smoothed_loss_is_a_corrected_exponential_average(make_line):
    tried = probes.learning_rate_range(trainer_of(make_line()), low=1e-4, high=0.1, steps=50)
    weights = 0.95 ** np.arange(50)[::-1]
    assert tried.smoothed[-1] == pytest.approx(weights @ tried.losses / weights.sum())
    assert tried.smoothed[0] == pytest.approx(tried.losses[0])


@pytest.mark.parametrize("knobs", [{}, {"momentum": 0.9}, {"optimizer": "adam"}, {"schedule": "cosine:steps=100"}])
def test_the_run_is_left_alone(make_line, knobs):
    one, other = (trainer_of(make_line(), batch_size=10, **knobs) for _ in range(2))
    for trainer in (one, other):
        trainer.run(33)
        if trainer is one:
            probes.learning_rate_range(trainer, steps=100)
        trainer.run(70)
    assert one.weights.tobytes() == other.weights.tobytes()
    assert one.history.tail(103).tobytes() == other.history.tail(103).tobytes()
    assert one.knobs == other.knobs


def test_a_tenth_of_the_rate_with_the_lowest_loss_is_suggested(make_line):
    tried = probes.learning_rate_range(trainer_of(make_line(), sampling="full_batch"), low=1e-3, high=100.0)
    assert tried.suggestion == pytest.approx(tried.rates[tried.smoothed.argmin()] / 10)
    assert tried.suggestion < 1


def test_from_a_minimum_nothing_is_suggested(make_line):
    objective = make_line()
    trainer = Trainer(objective, objective.minimum(), knobs=Knobs(sampling="full_batch"))
    assert np.isnan(probes.learning_rate_range(trainer, low=1e-3, high=100.0).suggestion)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_data_that_is_not_finite_ends_it(bad):
    inputs = np.ones((100, 1))
    inputs[30] = bad
    tried = probes.learning_rate_range(trainer_of(LeastSquares(inputs, np.zeros(100)), batch_size=10))
    assert len(tried.rates) <= 10
    assert not np.isfinite(tried.losses[-1])
    assert tried.blew_up == tried.rates[-1]


@pytest.mark.parametrize(
    "range_", [(0.0, 1.0, 10), (1.0, 1.0, 10), (1.0, np.inf, 10), (np.nan, 1.0, 10), (0.1, 1.0, 1)]
)
def test_impossible_ranges_are_refused(make_line, range_):
    low, high, steps = range_
    with pytest.raises(ValueError, match="rates"):
        probes.learning_rate_range(trainer_of(make_line()), low=low, high=high, steps=steps)
