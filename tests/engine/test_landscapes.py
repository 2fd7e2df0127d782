import math

import numpy as np
import pytest

from engine.knobs import Knobs
from engine.landscapes import Landscape, quadratic, tilted, two_minima
from engine.run import Run
from engine.runs import Runs
from engine.snapshot import View
from engine.surfaces import Himmelblau, Hyperbola, Plateau, Potholes, Quadratic, Ravine, Saddle, Slice, TwoMinima
from engine.trainer import Trainer
from engine.views.weights import LossGridRequest, WeightsView

NOISE = 0.7


def noisy(surface):
    return tilted(surface, noise=NOISE, examples=50, seed=3)


# Each landscape beside the function that its name stands for, written anew.
NAMED = {
    "quadratic": (
        noisy(Quadratic((3.0, 0.5), 30.0)),
        lambda x, y: 1.5 * (x * 3**0.5 / 2 + y / 2) ** 2 + 0.25 * (y * 3**0.5 / 2 - x / 2) ** 2,
    ),
    "hill": (noisy(Quadratic((1.0, -2.0))), lambda x, y: x**2 / 2 - y**2),
    "parabola": (quadratic((4.0,), noise=NOISE, examples=50), lambda w: 2 * w**2),
    "ravine": (noisy(Ravine(20.0, 0.5)), lambda x, y: 0.5 * (1 - x) ** 2 + 10 * (y - x**2) ** 2),
    "saddle": (noisy(Saddle(2.0)), lambda x, y: x**2 + (y**2 - 1) ** 2 / 4),
    "plateau": (noisy(Plateau(2.0)), lambda x, y: 1 - 4 / (4 + x**2 + y**2)),
    "plateau of one": (noisy(Slice(Plateau(0.5))), lambda w: 1 - 1 / (1 + 4 * w**2)),
    "potholes": (
        noisy(Potholes(0.3, 0.8)),
        lambda x, y: (x**2 + y**2) / 2 + 0.3 * (2 - np.cos(2.5 * np.pi * x) - np.cos(2.5 * np.pi * y)),
    ),
    "potholes of one": (noisy(Slice(Potholes())), lambda w: w**2 / 2 + 0.25 * (1 - np.cos(2 * np.pi * w))),
    "himmelblau": (noisy(Himmelblau(0.1)), lambda x, y: 0.1 * ((x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2)),
    "two minima": (
        two_minima(50),
        lambda w: (np.minimum(w**2, 0.1 * (w - 1) ** 2) + np.minimum(w**2, 1.9 * (w - 1) ** 2)) / 2,
    ),
    "hyperbola": (noisy(Hyperbola()), lambda x, y: (x * y - 1) ** 2 / 2),
}
EACH = pytest.mark.parametrize("landscape", [landscape for landscape, _ in NAMED.values()], ids=NAMED)
EACH_NAMED = pytest.mark.parametrize(("landscape", "function"), NAMED.values(), ids=NAMED)


def somewhere(landscape, count=20, seed=0):
    """(count, P) weights between −2 and 2."""
    return np.random.default_rng(seed).uniform(-2, 2, (count, landscape.surface.num_weights))


def per_example(landscape, weights):
    """(N,) losses and (N, P) gradients of the examples at the same weights, as a step takes them."""
    num_weights, count = landscape.surface.num_weights, len(landscape.examples)
    rows = np.zeros((count, num_weights + landscape.padding))
    rows[:, :num_weights] = weights
    gradients = np.zeros_like(rows)
    kernel = landscape.kernel(rows, gradients, 1)
    for example, row in zip(landscape.examples, kernel.rows, strict=True):
        kernel.gradient(landscape.bind(example[None]), row)
    return kernel.batch_losses(np.ones(count)), gradients[:, :num_weights]


def trainer_of(landscape, weights, *, seed=0, **knobs):
    return Trainer(landscape, np.array(weights, dtype=float), knobs=Knobs(**knobs), seed=seed)


def way(trainer, steps):
    """(steps, P) weights before each step."""
    taken, parts = 0, []
    while taken < steps:
        parts.append(trainer.advance(steps - taken).weights[:-1].copy())
        taken += len(parts[-1])
    return np.concatenate(parts)


# --- the named function and its derivatives ---------------------------------------------------------


@EACH_NAMED
def test_the_loss_is_the_named_function(landscape, function):
    weights = somewhere(landscape)
    np.testing.assert_allclose(landscape.losses(weights), function(*weights.T), rtol=1e-12, atol=1e-12)
    assert [landscape.loss(one) for one in weights] == pytest.approx(landscape.losses(weights), rel=1e-13, abs=1e-13)


@EACH_NAMED
def test_the_mean_over_the_examples_is_the_named_function(landscape, function):
    for weights in somewhere(landscape):
        losses, gradients = per_example(landscape, weights)
        assert losses.mean() == pytest.approx(function(*weights), rel=1e-12, abs=1e-12)
        np.testing.assert_allclose(gradients.mean(axis=0), landscape.gradient(weights), rtol=1e-12, atol=1e-12)


@EACH
def test_gradients_agree_with_central_differences(landscape):
    h = 1e-5
    # Off by h²/6 of the third derivative, up to 1e3 here, and by a rounding, 1e-16 of some 1e3, over h.
    for weights in somewhere(landscape):
        for axis, step in enumerate(h * np.eye(len(weights))):
            slope = (landscape.loss(weights + step) - landscape.loss(weights - step)) / (2 * h)
            assert landscape.gradient(weights)[axis] == pytest.approx(slope, abs=1e-6)
            slopes = (per_example(landscape, weights + step)[0] - per_example(landscape, weights - step)[0]) / (2 * h)
            np.testing.assert_allclose(per_example(landscape, weights)[1][:, axis], slopes, rtol=0, atol=1e-6)


@EACH
def test_hessian_vector_products_agree_with_central_differences(landscape):
    h = 1e-5
    for weights, direction in zip(somewhere(landscape), somewhere(landscape, seed=1), strict=True):
        change = landscape.gradient(weights + h * direction) - landscape.gradient(weights - h * direction)
        product = landscape.hessian_vector_product(weights, direction)
        np.testing.assert_allclose(product, change / (2 * h), rtol=0, atol=1e-5)


@EACH
def test_the_bits_of_a_loss_do_not_depend_on_how_many_there_are(landscape):
    weights = somewhere(landscape, 67)
    together = landscape.losses(weights)
    assert [landscape.losses(one[None])[0] for one in weights] == together.tolist()
    assert landscape.losses(weights[5:50:3]).tolist() == together[5:50:3].tolist()


@EACH
@pytest.mark.parametrize("far", [1e160, -1e308, math.inf, math.nan])
def test_far_out_numbers_are_not_finite_but_nothing_raises(landscape, far):
    weights = np.full(landscape.surface.num_weights, far)
    with np.errstate(all="ignore"):
        landscape.loss(weights)
        landscape.gradient(weights)
        landscape.hessian_vector_product(weights, weights)
        per_example(landscape, weights)
        if not math.isfinite(far):
            assert not math.isfinite(landscape.losses(weights[None])[0])


# --- minima -----------------------------------------------------------------------------------------


@EACH
def test_minima_are_minima(landscape):
    values = landscape.losses(landscape.minima)
    assert (np.diff(values) >= -1e-12).all()
    for minimum in landscape.minima:
        hessian = np.array([landscape.hessian_vector_product(minimum, unit) for unit in np.eye(len(minimum))])
        assert np.linalg.norm(landscape.gradient(minimum)) < 1e-12
        assert np.linalg.eigvalsh(hessian)[0] > -1e-12  # 0 along the valley of the hyperbola


@EACH
def test_the_minimum_is_the_first_of_the_minima(landscape):
    if len(landscape.minima):
        assert landscape.minimum().tolist() == landscape.minima[0].tolist()
        assert landscape.loss(landscape.minimum()) == pytest.approx(0, abs=1e-25)
    else:
        assert landscape.minimum() is None


def test_how_many_minima():
    counts = {name: len(landscape.minima) for name, (landscape, _) in NAMED.items()}
    assert counts == {
        **dict.fromkeys(("quadratic", "parabola", "ravine", "plateau", "plateau of one"), 1),
        **dict.fromkeys(("saddle", "two minima", "hyperbola"), 2),
        "hill": 0,
        "himmelblau": 4,
        "potholes of one": 3,
        "potholes": 49,
    }


@pytest.mark.parametrize(("depth", "spacing"), [(0.2, 1.0), (0.0, 1.0), (0.02, 1.0), (0.03, 1.0), (1.0, 0.7), (1, 3)])
def test_every_pothole_is_listed(depth, spacing):
    landscape = tilted(Slice(Potholes(depth, spacing)))
    x = np.linspace(-20, 20, 400_001)
    values = landscape.losses(x[:, None])
    lowest = x[1:-1][(values[1:-1] < values[:-2]) & (values[1:-1] <= values[2:])]
    np.testing.assert_allclose(np.sort(landscape.minima[:, 0]), lowest, rtol=0, atol=1e-4)
    assert landscape.minimum() == 0


def test_potholes_without_number_are_refused():
    with pytest.raises(ValueError, match="must be at most 50"):
        Potholes(1.0, 0.3)


# --- the noise --------------------------------------------------------------------------------------


@EACH
def test_the_covariance_of_the_gradients_is_exact(landscape):
    weights = somewhere(landscape, 1)[0]
    gradients = per_example(landscape, weights)[1]
    expected = NOISE**2 * np.eye(len(weights))
    if isinstance(landscape.surface, Hyperbola):
        expected = NOISE**2 * np.outer(weights[::-1], weights[::-1])  # of t·(y, x)
    if isinstance(landscape.surface, TwoMinima):
        weights = np.array([1.2])
        gradients = per_example(landscape, weights)[1]
        expected = [[(1.8 * 0.2) ** 2]]  # 2 (0.1 ± …) · 0.2, that is 0.04 and 0.76: ±0.36 about their mean
    np.testing.assert_allclose(np.cov(gradients.T, bias=True).reshape(len(weights), -1), expected, atol=1e-12)


def test_without_noise_all_examples_are_the_function_itself():
    landscape = tilted(Saddle(), examples=5)
    losses, gradients = per_example(landscape, np.array([1.0, 2.0]))
    assert losses.tolist() == [landscape.loss(np.array([1.0, 2.0]))] * 5
    assert (gradients == landscape.gradient(np.array([1.0, 2.0]))).all()


def test_the_seed_decides_the_tilts():
    first, again, other = (tilted(Saddle(), noise=1, seed=seed).examples for seed in (0, 0, 1))
    assert first.tobytes() == again.tobytes() != other.tobytes()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"noise": -1}, "noise must be a finite number of at least 0, not -1"),
        ({"noise": math.nan}, "noise must be"),
        ({"noise": math.inf}, "noise must be"),
        ({"examples": 0}, "examples must be at least 1, not 0"),
        ({"examples": 2, "noise": 1}, "examples must be at least 3, not 2"),
    ],
)
def test_impossible_noise_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        tilted(Saddle(), **arguments)


def test_tilts_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="must have the mean 0"):
        Landscape(Saddle(), np.ones((4, 2)))
    for shape in ((4, 1), (0, 2), (4,)):
        with pytest.raises(ValueError, match=r"tilts \(N, 2\) with N ≥ 1 are needed"):
            Landscape(Saddle(), np.zeros(shape))
    for examples in (0, 3):
        with pytest.raises(ValueError, match="examples must be an even number"):
            two_minima(examples)


# --- in training ------------------------------------------------------------------------------------


@EACH
def test_a_step_goes_against_the_mean_gradient_of_its_minibatch(landscape):
    weights = somewhere(landscape, 1)[0]
    trainer = trainer_of(landscape, weights, learning_rate=0.01, batch_size=30)
    for size in (30, 20):
        batch, before = trainer.upcoming_batch(), trainer.weights
        losses, gradients = per_example(landscape, before)
        trainer.step()
        np.testing.assert_allclose(trainer.weights, before - 0.01 * gradients[batch].mean(axis=0), rtol=1e-13)
        assert len(batch) == size
        assert trainer.history.tail(1)[0] == pytest.approx(losses[batch].mean(), rel=1e-12, abs=1e-12)


@EACH
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_the_bits_do_not_depend_on_how_steps_are_grouped(landscape, optimizer):
    knobs = {"learning_rate": 0.001, "batch_size": 7, "optimizer": optimizer}
    whole, grouped = (trainer_of(landscape, somewhere(landscape, 1)[0], **knobs) for _ in range(2))
    whole.run(3000)
    for steps in (1, 999, 13, 1987):
        grouped.run(steps)
    assert whole.history.tail(3000).tobytes() == grouped.history.tail(3000).tobytes()
    assert whole.weights.tobytes() == grouped.weights.tobytes()


@EACH
def test_blowing_up_is_a_result(landscape):
    start = np.full(landscape.surface.num_weights, 2.0)
    run = Run(trainer_of(landscape, start, learning_rate=1e200, batch_size=7))
    run.advance(50)
    assert np.isfinite(run.trainer.history.tail(50)[0][:-1]).all()


@EACH
def test_a_snapshot_of_a_landscape_has_no_data(landscape):
    from engine import snapshot

    run = Run(trainer_of(landscape, somewhere(landscape, 1)[0], learning_rate=0.001, batch_size=7))
    run.advance(10)
    num_weights = landscape.surface.num_weights
    axis = (-1.0, 1.0, 5)
    grid = LossGridRequest(axis, axis if num_weights == 2 else None)
    view = View(scene=1, weights=WeightsView(40, loss_grid=grid))
    now = {"scene_number": 1, "running": True, "steps_per_second": None, "measured_rate": 0.0}
    taken = snapshot.take(Runs(run), view, **now)
    scene = snapshot.take(Runs(run), View(), **now).scene
    assert scene.inputs.size == scene.targets.size == len(taken.data.predictions) == 0
    assert taken.weights.loss_grid.losses.shape == (5,) * num_weights
    assert scene.num_examples == 50


# --- known results: the quadratic (design, section 7.2) ---------------------------------------------


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
    distances = np.linalg.norm(way(trainer_of(landscape, start, learning_rate=best), 60), axis=1)
    np.testing.assert_allclose(distances[1:] / distances[:-1], (kappa - 1) / (kappa + 1), rtol=1e-12)
    for rate in (0.97 * best, 1.03 * best):  # contract by 0.886 and 0.909 instead of 0.882, in the end
        other = np.linalg.norm(way(trainer_of(landscape, start, learning_rate=rate), 300), axis=1)
        assert other[-1] > 2 * math.sqrt(0.5) * (15 / 17) ** 299


@pytest.mark.parametrize("curvature_times_rate", [0.1, 1.0, 3.0])
def test_underdamped_heavy_ball_shrinks_by_the_root_of_momentum(curvature_times_rate):
    # From w₊ = a·w − β·w₋ with a = 1 + β − ηL follows: w₊² − a·w₊·w + β·w² = β (w² − a·w·w₋ + β·w₋²). The form is
    # positive while a² < 4β, that is where the ball is underdamped: lengths shrink by √β.
    momentum = 0.81
    trainer = trainer_of(quadratic((1.0,)), [1.0], learning_rate=curvature_times_rate, momentum=momentum)
    w = way(trainer, 100)[:, 0]
    a = 1 + momentum - curvature_times_rate
    assert a**2 < 4 * momentum
    squares = w[1:] ** 2 - a * w[1:] * w[:-1] + momentum * w[:-1] ** 2
    np.testing.assert_allclose(squares[1:] / squares[:-1], momentum, rtol=1e-9)


# --- known results: stationary noise (design, section 7.5) ------------------------------------------


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
    along = way(trainer, steps) @ np.array([[c, -s], [s, c]])
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
    measured = np.square(way(trainer, steps)).mean()
    # 5,000 bridges, of each of which the mean square is uncertain by about itself: 1.4 %; and ηLN is 0.16.
    assert measured == pytest.approx(rate**2 * (count + 1) / 6, rel=4 * 0.014 + 0.08)
    assert measured < 0.08 * rate / (2 - rate)


# --- known results: which minimum -------------------------------------------------------------------

BAD = 0.7  # a learning rate; both minima of the two have the curvature 2, so full-batch descent is stable up to 1


def test_full_batch_descent_stays_in_the_bad_one_of_two_minima():
    trainer = trainer_of(two_minima(64), [1.3], learning_rate=BAD, sampling="full_batch")
    w = way(trainer, 200)[:, 0]
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
        assert abs(way(trainer, 400) - 1).max() > 0.42
        # Wherever it went, every further stay at 1 ends as well; one at 0 does not, as all examples agree there.
        trainer.run(3000)
        assert trainer.weights == pytest.approx([0], abs=1e-12)


def test_below_their_own_limit_small_batches_stay():
    # At η = ½ both factors are 0.9.
    trainer = trainer_of(two_minima(64), [1.01], learning_rate=0.5, batch_size=1, sampling="with_replacement")
    w = way(trainer, 50)[:, 0]
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
    assert (abs(way(small, 500)) < 0.1).any()


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
    weights = way(noisy, 5000)
    squares = np.square(weights).sum(axis=1)
    errors = noisy.history.tail(5000)[1] / np.sqrt(squares)
    imbalance = weights[:, 0] ** 2 - weights[:, 1] ** 2
    np.testing.assert_allclose(imbalance[1:], imbalance[:-1] * (1 - rate**2 * errors[:-1] ** 2), atol=1e-10)
    assert squares[-500:].mean() < 0.5 * squares[0]
