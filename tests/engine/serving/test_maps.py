"""Planes that hold still, and grids that take their time."""

import numpy as np
import pytest

from engine.model.least_squares import LeastSquares
from engine.model.networks import Network
from engine.probes import loss_grid, trajectory_plane
from engine.probes.sampling import sampled_examples
from engine.runs.run import Run
from engine.serving.display import Display
from engine.serving.loss_grids import PLANE_EXAMPLES, LossGridRequest
from engine.serving.maps import Maps
from engine.serving.views.weights_view import PlaneView, WeightsView, capture
from engine.training.knobs import Knobs
from engine.training.trainer import Trainer


def a_run(features=5):
    generator = np.random.default_rng(0)
    inputs = generator.standard_normal((40, features)) * np.arange(1, features + 1)
    objective = LeastSquares(inputs, inputs @ np.arange(1.0, features + 1))
    return Run(Trainer(objective, np.zeros(features + 1), knobs=Knobs(learning_rate=0.01, batch_size=4)))


def planes_of(run, display, drawn=-1):
    return capture(run, display.maps(run), WeightsView(plane=PlaneView(drawn))).planes


def test_there_is_a_plane_from_the_third_step_on_and_it_holds_still():
    run, display = a_run(), Display()
    run.advance(2)
    assert planes_of(run, display) == ()
    run.advance(2)
    (first,) = planes_of(run, display)
    run.advance(10)
    (second,) = planes_of(run, display)
    assert first.number == second.number
    assert (first.step, len(first.trajectory), len(second.trajectory)) == (4, 5, 15)
    # A product of one row may round otherwise than one of many, on some kernels of BLAS.
    np.testing.assert_allclose(first.trajectory, second.trajectory[:5], rtol=1e-12)


def test_the_old_plane_stays_while_it_is_drawn_and_the_new_one_keeps_its_directions():
    run, display = a_run(), Display()
    run.advance(10)
    (old,) = planes_of(run, display)
    run.advance(60)
    kept, new = planes_of(run, display, drawn=old.number)
    assert (kept.number, new.step) == (old.number, 70)
    assert planes_of(run, display, drawn=new.number)[0].number == new.number
    before, after = (fit.plane for fit in display.maps(run)._planes)
    assert before.first.dot(after.first) >= 0
    assert before.second.dot(after.second) >= 0


def test_a_plane_that_is_drawn_stays_until_the_next_one_is_however_many_steps_there_are():
    run, display = a_run(), Display()
    run.advance(10)
    (old,) = planes_of(run, display)
    for _ in range(3):
        run.advance(100)
        kept, new = planes_of(run, display, drawn=old.number)
        assert (kept.number, new.step) == (old.number, 110)
    assert planes_of(run, display, drawn=new.number)[-1].step == 310


def test_the_way_and_the_shares_are_those_of_the_plane():
    run, display = a_run(), Display()
    run.advance(30)
    (picture,) = planes_of(run, display)
    plane = trajectory_plane(run.trajectory.weights)
    assert picture.shares == plane.shares
    expected = plane.coordinates(np.vstack([run.trajectory.weights, run.trainer.weights]))
    np.testing.assert_allclose(picture.trajectory, expected, atol=1e-12)


def test_a_grid_over_the_plane_has_the_losses_at_its_coordinates():
    run, display = a_run(), Display()
    run.advance(30)
    (picture,) = planes_of(run, display)
    request = LossGridRequest((-1, 1, 3), (-2, 2, 5), picture.number)
    grid = capture(run, display.maps(run), WeightsView(loss_grid=request)).loss_grid
    plane = display.maps(run)._planes[-1].plane
    weights = plane.origin + 1.0 * plane.first - 1.0 * plane.second
    assert grid.losses.shape == (5, 3)
    assert grid.losses[1, 2] == pytest.approx(run.trainer.objective.loss(weights))


def test_a_dear_grid_comes_piece_by_piece_and_is_the_same():
    inputs = np.random.default_rng(0).standard_normal((500, 1))
    network = Network(inputs, (inputs[:, 0] > 0).astype(float), loss="binary_cross_entropy")
    first, second = (-1.0, 1.0, 40), (-2.0, 2.0, 30)
    maps, frames = Maps(network), 0
    while (losses := maps.losses(LossGridRequest(first, second))) is None:
        frames += 1
        assert frames < 1000
    assert frames > 1
    np.testing.assert_array_equal(losses, loss_grid(network, np.linspace(*first), np.linspace(*second)))


def test_a_grid_over_a_plane_that_is_gone_never_comes_and_stops_nothing():
    run, display = a_run(), Display()
    run.advance(30)
    view = WeightsView(loss_grid=LossGridRequest((0, 1, 2), (0, 1, 2), -5))
    assert capture(run, display.maps(run), view).loss_grid is None
    assert planes_of(run, display)


def test_the_loss_of_a_plane_is_that_of_a_sample_where_there_are_many_examples():
    random = np.random.default_rng(0)
    inputs = random.standard_normal((PLANE_EXAMPLES + 50, 2))
    network = Network(inputs, (inputs[:, 0] > 0).astype(float), loss="binary_cross_entropy")
    run = Run(Trainer(network, random.standard_normal(3), knobs=Knobs(learning_rate=0.1, batch_size=4)))
    display = Display()
    run.advance(30)
    (picture,) = planes_of(run, display)
    request, grid = LossGridRequest((-1, 1, 3), (-2, 2, 5), picture.number), None
    while grid is None:
        grid = capture(run, display.maps(run), WeightsView(loss_grid=request)).loss_grid
    sample = network.restricted(sampled_examples(len(inputs), PLANE_EXAMPLES))
    weights = display.maps(run)._planes[-1].plane.origin
    assert grid.losses[2, 1] == pytest.approx(sample.loss(weights))
    assert grid.losses[2, 1] != pytest.approx(network.loss(weights), rel=1e-6)
