"""What is known of descent on the landscapes: limits of stability, stationary noise, which minimum is found."""

import math

import numpy as np
import pytest

from engine.model.landscape_objective import quadratic, tilted, two_minima
from engine.model.landscape_shapes import Hyperbola, Plateau, Potholes, Saddle, Slice
from engine.training.knobs import Knobs
from engine.training.trainer import Trainer
from tests.engine.trainers import trainer_of, trajectory

# --- known results: the quadratic -------------------------------------------------------------------


def limits(momentum):
    return {
        "sgd": 2 * (1 + momentum),
        "nesterov": (2 + 2 * momentum) / (1 + 2 * momentum),
    }


@pytest.mark.parametrize("optimizer", ["sgd", "nesterov"])
@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
@pytest.mark.parametrize(("share_of_limit", "grows"), [(0.998, False), (1.002, True)])
def test_descent_diverges_exactly_above_the_limit(optimizer, momentum, share_of_limit, grows):
    landscape = quadratic((0.5, 8.0), 25.0, examples=1)
    rate = share_of_limit * limits(momentum)[optimizer] / 8.0
    start = [math.cos(math.radians(115)), math.sin(math.radians(115))]  # along the steep axis
    trainer = trainer_of(landscape, start, optimizer=optimizer, learning_rate=rate, momentum=momentum)
    # The factor of a step is −(1 ± ε) with ε ≥ 0.004: without momentum 0.004, with it more. 1.004²⁰⁰⁰ = 2900.
    trainer.run(2000)
    distance = np.linalg.norm(trainer.weights)
    assert (distance > 100) if grows else (distance < 0.01)


def test_the_best_constant_rate_contracts_by_kappa_less_one_over_kappa_plus_one():
    small, large = 0.5, 8.0
    landscape = quadratic((small, large), 25.0, examples=1)
    start = np.array([math.cos(math.radians(70)), math.sin(math.radians(70))])  # as far along both axes
    best, kappa = 2 / (small + large), large / small
    distances = np.linalg.norm(trajectory(trainer_of(landscape, start, learning_rate=best), 60), axis=1)
    np.testing.assert_allclose(distances[1:] / distances[:-1], (kappa - 1) / (kappa + 1), rtol=1e-12)
    for rate in (0.97 * best, 1.03 * best):  # contract by 0.886 and 0.909 instead of 0.882, in the end
        other = np.linalg.norm(trajectory(trainer_of(landscape, start, learning_rate=rate), 300), axis=1)
        assert other[-1] > 2 * math.sqrt(0.5) * (15 / 17) ** 299


@pytest.mark.parametrize("curvature_times_rate", [0.1, 1.0, 3.0])
def test_underdamped_heavy_ball_shrinks_by_the_root_of_momentum(curvature_times_rate):
    # From w₊ = a·w − β·w₋ with a = 1 + β − ηL follows: w₊² − a·w₊·w + β·w² = β (w² − a·w·w₋ + β·w₋²). The form is
    # positive while a² < 4β, that is where the ball is underdamped: lengths shrink by √β.
    momentum = 0.81
    trainer = trainer_of(quadratic((1.0,)), [1.0], learning_rate=curvature_times_rate, momentum=momentum)
    w = trajectory(trainer, 100)[:, 0]
    a = 1 + momentum - curvature_times_rate
    assert a**2 < 4 * momentum
    squares = w[1:] ** 2 - a * w[1:] * w[:-1] + momentum * w[:-1] ** 2
    np.testing.assert_allclose(squares[1:] / squares[:-1], momentum, rtol=1e-9)


# --- known results: stationary noise ----------------------------------------------------------------


def relative_error(rate, curvature, momentum, steps):
    """Standard error of the mean of w² over the steps of the stationary process, relative to its mean.

    For Gaussian w it is √(2/n · Σ ρₖ²) with the autocorrelations ρ; those of w₊ = (1 + β − ηL) w − βw₋ + noise.
    """
    first = (1 + momentum - rate * curvature) / (1 + momentum)
    correlations = [1.0, first]
    while len(correlations) < 5000:
        correlations.append((1 + momentum - rate * curvature) * correlations[-1] - momentum * correlations[-2])
    return math.sqrt(2 / steps * (2 * np.square(correlations).sum() - 1))


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("rate", [0.02, 0.1, 0.15])
def test_stationary_variance_with_replacement(rate, momentum):
    eigenvalues, noise, batch, steps = (2.0, 10.0), 0.5, 4, 100_000
    landscape = quadratic(eigenvalues, 30.0, noise=noise, examples=1000)
    knobs = {"learning_rate": rate, "momentum": momentum, "batch_size": batch, "sampling": "with_replacement"}
    trainer = trainer_of(landscape, [0.0, 0.0], **knobs)
    trainer.run(2000)
    c, s = math.cos(math.radians(30)), math.sin(math.radians(30))
    along = trajectory(trainer, steps) @ np.array([[c, -s], [s, c]])
    for curvature, measured in zip(eigenvalues, np.square(along).mean(axis=0), strict=True):
        variance = noise**2 / batch
        expected = (rate * variance * (1 + momentum)) / (
            (1 - momentum) * curvature * (2 * (1 + momentum) - rate * curvature)
        )
        error = relative_error(rate, curvature, momentum, steps)
        assert error < 0.04  # so that the next line says something
        assert measured == pytest.approx(expected, rel=4 * error)


def test_without_replacement_the_noise_is_markedly_less():
    # Within an epoch of N steps the tilts sum to 0. While ηLN is small, w hence follows a random bridge of the
    # variance η²s²(N + 1)/6 on average, where with replacement it is ηs²/2L: less by about ηLN/3.
    rate, count, steps = 0.02, 8, 40_000
    landscape = quadratic((1.0,), noise=1.0, examples=count)
    trainer = trainer_of(landscape, [0.0], learning_rate=rate, batch_size=1)
    trainer.run(1000)
    measured = np.square(trajectory(trainer, steps)).mean()
    # 5,000 bridges, of each of which the mean square is uncertain by about itself: 1.4 %; and ηLN is 0.16.
    assert measured == pytest.approx(rate**2 * (count + 1) / 6, rel=4 * 0.014 + 0.08)
    assert measured < 0.08 * rate / (2 - rate)


# --- known results: which minimum -------------------------------------------------------------------

BAD = 0.7  # a learning rate; both minima of the two have the curvature 2, so full-batch descent is stable up to 1


def test_full_batch_descent_stays_in_the_bad_one_of_two_minima():
    trainer = trainer_of(two_minima(64), [1.3], learning_rate=BAD, sampling="full_batch")
    w = trajectory(trainer, 200)[:, 0]
    np.testing.assert_allclose(w[:20] - 1, 0.3 * (1 - 2 * BAD) ** np.arange(20), atol=1e-12)
    assert trainer.weights == pytest.approx([1], abs=1e-12)


@pytest.mark.parametrize("sampling", ["with_replacement", "reshuffled"])
def test_small_batches_leave_the_bad_one_of_two_minima(sampling):
    # Within 0.42 of 1 a step multiplies the distance by 1 − 0.2η = 0.86 or 3.8η − 1 = 1.66. Drawn independently, the
    # mean of the distance to the power −0.8 hence shrinks by m = (0.86^−0.8 + 1.66^−0.8)/2 = 0.90 a step. So the
    # chance that it is still below 0.42 after n steps without having left is at most (0.42/d₀)^0.8 mⁿ (Markov).
    # In shuffled epochs of 64 it is nil: their product is (0.86 · 1.66)³² = 90,000.
    m = (0.86**-0.8 + 1.66**-0.8) / 2
    assert (0.42 / 0.01) ** 0.8 * m**400 < 1e-15
    for seed in range(40):
        trainer = trainer_of(two_minima(64), [1.01], learning_rate=BAD, batch_size=1, sampling=sampling, seed=seed)
        assert abs(trajectory(trainer, 400) - 1).max() > 0.42
        # Wherever it went, every further stay at 1 ends as well; one at 0 does not, as all examples agree there.
        trainer.run(3000)
        assert trainer.weights == pytest.approx([0], abs=1e-12)


def test_below_their_own_limit_small_batches_stay():
    # At η = ½ both factors are 0.9.
    trainer = trainer_of(two_minima(64), [1.01], learning_rate=0.5, batch_size=1, sampling="with_replacement")
    w = trajectory(trainer, 50)[:, 0]
    np.testing.assert_allclose(abs(w - 1), 0.01 * 0.9 ** np.arange(50), rtol=1e-9)


def test_small_rates_end_in_a_pothole_and_large_ones_bounce_out():
    landscape = tilted(Slice(Potholes()), examples=1)
    pothole = landscape.minima[1:].max()
    for start in np.linspace(0.8, 2.0, 25):
        trainer = trainer_of(landscape, [start], learning_rate=0.02)
        trainer.run(1000)
        assert trainer.weights == pytest.approx([pothole], abs=1e-9)
        trainer = trainer_of(landscape, [start], learning_rate=0.4)  # 2/curvature is 0.22 there
        trainer.run(100)
        trainer.learning_rate = 0.02  # slow down near the destination
        trainer.run(1000)
        assert trainer.weights == pytest.approx([0], abs=1e-9)


def test_small_batches_leave_a_pothole_that_holds_full_ones():
    landscape = tilted(Slice(Potholes()), noise=4.0, examples=64)
    start, rate = landscape.minima[1], 0.1
    full = trainer_of(landscape, start, learning_rate=rate, sampling="full_batch")
    full.run(500)
    assert full.weights == pytest.approx(start, abs=1e-12)
    small = trainer_of(landscape, start, learning_rate=rate, batch_size=1)
    assert (abs(trajectory(small, 500)) < 0.1).any()


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("num_examples", [4, 256, 1024])
def test_the_mean_of_all_tilts_is_exactly_zero_in_any_order(seed, num_examples):
    objective = tilted(Saddle(), noise=0.3, examples=num_examples, seed=seed)
    for order in range(5):
        tilts = np.random.default_rng(order).permutation(objective.examples)
        mean, bound = objective.bind(tilts)
        assert (mean(bound) == 0).all()


@pytest.mark.parametrize("sampling", ["full_batch", "reshuffled"])
def test_a_weight_on_the_ridge_stays_there_for_ever(sampling):
    objective = tilted(Saddle(), noise=0.3)
    trainer = Trainer(objective, np.array([1.5, 0.0]), knobs=Knobs(0.1, 256, sampling=sampling), seed=3)
    trainer.run(20_000)
    assert trainer.weights[1] == 0


def test_the_ridge_of_the_saddle_holds_full_batches_only():
    landscape = tilted(Saddle(), noise=0.1, examples=64)
    held = trainer_of(tilted(Saddle()), [1.5, 0.0], learning_rate=0.1)
    held.run(500)
    assert held.weights == pytest.approx([0, 0], abs=1e-12)
    sides = []
    for seed in range(40):
        trainer = trainer_of(landscape, [1.5, 0.0], learning_rate=0.1, batch_size=4, seed=seed)
        trainer.run(500)
        assert np.linalg.norm(abs(trainer.weights) - [0, 1]) < 0.3
        sides.append(trainer.weights[1] > 0)
    assert {*sides} == {True, False}  # all on one side: 2 · 2⁻⁴⁰


def test_the_plateau_holds_descent_far_out_and_lets_it_go_near():
    landscape = tilted(Plateau())
    far = trainer_of(landscape, [20.0, 0.0], learning_rate=0.5)
    far.run(1000)
    assert 20 - far.weights[0] < 1000 * 0.5 * 2 / 19**3  # the slope at r is below 2/r³
    near = trainer_of(landscape, [2.0, 1.0], learning_rate=0.5)
    near.run(1000)
    assert near.weights == pytest.approx([0, 0], abs=1e-12)


def test_label_noise_drifts_to_the_flat_part_of_the_hyperbola():
    # A step makes of x² − y² exactly (x² − y²)(1 − η²e²), where e is the error: the gradient is e·(y, x).
    landscape, start, rate = tilted(Hyperbola(), noise=0.5), [3.0, 1 / 3], 0.1
    quiet, noisy = (trainer_of(landscape, start, learning_rate=rate, batch_size=size) for size in (256, 1))
    quiet.run(5000)
    assert quiet.weights == pytest.approx(start, abs=1e-9)
    weights = trajectory(noisy, 5000)
    squares = np.square(weights).sum(axis=1)
    errors = noisy.history.tail(5000)[1] / np.sqrt(squares)
    imbalance = weights[:, 0] ** 2 - weights[:, 1] ** 2
    np.testing.assert_allclose(imbalance[1:], imbalance[:-1] * (1 - rate**2 * errors[:-1] ** 2), atol=1e-10)
    assert squares[-500:].mean() < 0.5 * squares[0]
