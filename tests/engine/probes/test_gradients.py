import numpy as np
import pytest

from engine import probes
from engine.model.landscape_objective import quadratic
from engine.model.least_squares import LeastSquares
from engine.model.networks import Network
from engine.training.knobs import Knobs
from engine.training.trainer import Trainer


def test_the_full_batch_gradient_is_the_true_one(make_plane):
    objective = make_plane(100, 5)
    trainer = Trainer(objective, np.ones(6), knobs=Knobs(batch_size=100))
    # The cosine is right to a few roundings, 1e-15; the arc cosine makes √(2e-15) rad = 3e-6° of that.
    assert probes.gradient_angle(trainer) < 1e-5


def test_gradient_angle_is_between_the_next_minibatch_and_all():
    # At w = (0, 0): example 0 has the gradient (−2, 0), example 1 (0, −2), all of them (−1, −1).
    objective = LeastSquares(np.eye(2), np.ones(2), bias=False)
    trainer = Trainer(objective, np.zeros(2), knobs=Knobs(batch_size=1))
    assert probes.gradient_angle(trainer) == pytest.approx(45)


def test_gradient_angle_is_unknown_where_the_gradient_vanishes():
    objective = LeastSquares(np.eye(2), np.ones(2), bias=False)
    trainer = Trainer(objective, np.ones(2), knobs=Knobs(batch_size=1))
    assert np.isnan(probes.gradient_angle(trainer))


def test_gradient_angle_of_enormous_gradients():
    # Their squares are infinite, the angle is not.
    objective = LeastSquares(np.eye(2), np.full(2, 1e200), bias=False)
    trainer = Trainer(objective, np.zeros(2), knobs=Knobs(batch_size=1))
    assert probes.gradient_angle(trainer) == pytest.approx(45)


@pytest.mark.parametrize("examples", [1, 5, 256, 257, 1000])
def test_per_example_gradients_are_those_of_minibatches_of_one(make_plane, examples):
    objective = make_plane(examples, 3)
    weights = np.arange(4.0)
    pieces = list(probes.per_example_gradients(objective, weights, np.arange(examples)))
    assert max(map(len, pieces)) <= 256
    gradients = np.concatenate(pieces)
    expected = 2 * objective.residuals(weights)[:, None] * objective.examples[:, :4]
    np.testing.assert_allclose(gradients, expected, rtol=1e-12, atol=1e-12)
    one = probes.minibatch_gradient(objective, weights, np.array([examples - 1]))
    np.testing.assert_allclose(gradients[-1], one, rtol=1e-12)


def test_spread_worked_by_hand():
    # At w = 0 the gradients of (x, y) = (1, 1), (1, 3) are −2 and −6: their mean is −4, their variance 4.
    objective = LeastSquares(np.ones((2, 1)), np.array([1.0, 3.0]), bias=False)
    spread = probes.gradient_spread(objective, np.zeros(1))
    assert spread.value == pytest.approx(4)
    assert spread.kind == "exact"
    assert probes.noise_scale(objective, np.zeros(1)).value == pytest.approx(4 / 16)


@pytest.mark.parametrize("noise", [0.0, 0.5, 3.0])
def test_spread_of_a_landscape_is_what_its_tilts_were_given(noise):
    # The tilts' covariance is s²I exactly, in two directions.
    objective = quadratic((1.0, 4.0), noise=noise, examples=500)
    assert probes.gradient_spread(objective, np.array([3.0, -2.0])).value == pytest.approx(2 * noise**2, rel=1e-9)


def test_spread_of_many_examples_is_sampled_and_says_so(make_plane):
    objective = make_plane(20_000, 3)
    weights = np.arange(4.0)
    exact = probes.gradient_spread(objective, weights, at_most=20_000)
    sampled = probes.gradient_spread(objective, weights)
    assert (exact.kind, sampled.kind) == ("exact", "estimate")
    assert sampled.note == "from 4,096 of 20,000 examples"
    gradients = 2 * objective.residuals(weights)[:, None] * objective.examples[:, :4]
    lengths = np.sum((gradients - gradients.mean(axis=0)) ** 2, axis=1)
    # Four standard errors of a mean of 4,096 of these 20,000.
    assert abs(sampled.value - exact.value) < 4 * lengths.std() / np.sqrt(4096)
    assert exact.value == pytest.approx(lengths.mean(), rel=1e-9)


def test_noise_scale_at_the_minimum_is_infinite():
    objective = quadratic((1.0, 4.0), noise=1.0)
    scale = probes.noise_scale(objective, np.zeros(2))
    assert scale.value == np.inf
    assert scale.note == "no gradient is left"


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_data_that_is_not_finite_is_reported(bad):
    objective = LeastSquares(np.array([[bad], [1.0], [2.0]]), np.ones(3))
    trainer = Trainer(objective, np.ones(2), knobs=Knobs(batch_size=1))
    assert np.isnan(probes.gradient_angle(trainer))
    for measured in (probes.gradient_spread(objective, np.ones(2)), probes.noise_scale(objective, np.ones(2))):
        assert np.isnan(measured.value)
        assert (measured.kind, measured.note) == ("unknown", "a gradient is not finite")


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e300])
def test_weights_that_are_not_finite_are_reported(make_line, bad):
    weights = np.array([bad, 0.0])
    assert not np.isfinite(probes.gradient_spread(make_line(), weights).value)
    assert not np.isfinite(probes.noise_scale(make_line(), weights).value)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_per_example_gradients_of_a_network_average_to_the_true_one(dtype):
    generator = np.random.default_rng(0)
    inputs = generator.standard_normal((300, 2))
    network = Network(inputs, inputs[:, 0] ** 2, hidden=(8, 8), activation="tanh", dtype=dtype)
    weights = generator.standard_normal(len(network.weight_names))
    gradients = np.concatenate(list(probes.per_example_gradients(network, weights, np.arange(300))))
    rounding = 1e3 * np.finfo(dtype).eps * np.abs(gradients).max()
    np.testing.assert_allclose(gradients.mean(axis=0), network.gradient(weights), atol=rounding)
    spread = probes.gradient_spread(network, weights).value
    assert spread == pytest.approx(gradients.var(axis=0).sum(), rel=1e3 * float(np.finfo(dtype).eps))


CLOUDS = [("reshuffled", 7), ("reshuffled", 64), ("with_replacement", 7), ("with_replacement", 100)]


@pytest.mark.parametrize(("sampling", "size"), CLOUDS)
def test_the_cloud_of_minibatch_gradients_has_the_mean_and_spread_of_theory(make_line, sampling, size):
    # Σ/B with replacement, (N − B)/(N − 1) Σ/B without. A variance of n normal numbers is known to √(2/n), a
    # sum of two at least as well; four of those.
    line, samples = make_line(100), 2000
    trainer = Trainer(line, np.array([-1.0, 1.0]), knobs=Knobs(batch_size=size, sampling=sampling))
    cloud = probes.gradient_cloud(trainer, samples)
    assert cloud.shape == (samples, 2)
    share = 1 / size if sampling == "with_replacement" else (100 - size) / (99 * size)
    expected = share * probes.gradient_spread(line, trainer.weights).value
    errors = cloud - line.gradient(trainer.weights)
    assert np.mean(np.sum(errors**2, axis=1)) == pytest.approx(expected, rel=4 * np.sqrt(2 / samples))
    assert np.linalg.norm(errors.mean(axis=0)) < 4 * np.sqrt(expected / samples)


@pytest.mark.parametrize("knobs", [Knobs(batch_size=4, sampling="full_batch"), Knobs(batch_size=100)])
def test_the_cloud_of_the_full_batch_is_a_point(make_line, knobs):
    trainer = Trainer(make_line(100), np.ones(2), knobs=knobs)
    cloud = probes.gradient_cloud(trainer, 5)
    np.testing.assert_allclose(cloud, np.tile(trainer.objective.gradient(np.ones(2)), (5, 1)))


def test_every_point_of_a_cloud_is_the_gradient_of_some_minibatch():
    # Two examples with the gradients (−2, 0) and (0, −2), as above.
    objective = LeastSquares(np.eye(2), np.ones(2), bias=False)
    trainer = Trainer(objective, np.zeros(2), knobs=Knobs(batch_size=1))
    cloud = probes.gradient_cloud(trainer)
    assert len(cloud) == 200
    assert {tuple(point) for point in cloud.round(12).tolist()} == {(-2.0, 0.0), (0.0, -2.0)}


def test_a_cloud_of_large_minibatches_has_fewer_points_and_always_the_same(make_line):
    trainer = Trainer(make_line(30_000), np.ones(2), knobs=Knobs(batch_size=10_000))
    cloud = probes.gradient_cloud(trainer)
    assert len(cloud) == 26
    assert cloud.tobytes() == probes.gradient_cloud(trainer).tobytes()
    with pytest.raises(ValueError, match="at least one sample"):
        probes.gradient_cloud(trainer, 0)
