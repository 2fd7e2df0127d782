import math

import numpy as np
import pytest

from engine.model.landscape_objective import Landscape, quadratic, tilted, two_minima
from engine.model.landscape_shapes import (
    Himmelblau,
    Hyperbola,
    Plateau,
    Potholes,
    Quadratic,
    Ravine,
    Saddle,
    Slice,
    TwoMinima,
)
from engine.runs.run import Run
from engine.runs.run_set import Runs
from engine.serving.display import Display
from engine.serving.loss_grids import LossGridRequest
from engine.serving.snapshot import View
from engine.serving.views.weights_view import WeightsView
from tests.engine.trainers import trainer_of

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
        kernel.gradient(*kernel.fetch([landscape.bind(example[None])]), row)
    return kernel.batch_losses(np.ones(count)), gradients[:, :num_weights]


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
    from engine.serving import snapshot

    run = Run(trainer_of(landscape, somewhere(landscape, 1)[0], learning_rate=0.001, batch_size=7))
    run.advance(10)
    num_weights = landscape.surface.num_weights
    axis = (-1.0, 1.0, 5)
    grid = LossGridRequest(axis, axis if num_weights == 2 else None)
    view = View(scene=1, weights=WeightsView(40, loss_grid=grid))
    now = {"scene_number": 1, "running": True, "steps_per_second": None, "measured_rate": 0.0}
    taken = snapshot.capture(Runs(run), view, Display(), **now)
    scene = snapshot.capture(Runs(run), View(), Display(), **now).scene
    assert scene.inputs.size == scene.targets.size == len(taken.data.predictions) == 0
    assert taken.weights.loss_grid.losses.shape == (5,) * num_weights
    assert scene.num_examples == 50
