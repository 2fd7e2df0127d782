"""Steps to a target against the batch size, their fit, and the limits over a map."""

import math

import numpy as np
import pytest

import scenarios
from engine.probes import MinibatchTheory
from engine.probes.gradients import example_gradients
from engine.training.knobs import Knobs
from scenarios.sweeps.batch_curves import TargetPoint, batch_fit, path_noise_scale, target_points
from scenarios.sweeps.stability_limits import stability_limits
from scenarios.sweeps.sweep_map import CellResult, SweepMap
from scenarios.sweeps.sweep_plan import Axis, Cell, SweepPlan

RATES, BATCHES = Axis("learning_rate", (0.1, 0.2, 0.4)), Axis("batch_size", (32, 1))


def points(law):
    return [TargetPoint(size, law(size), size * law(size), ()) for size in (1, 4, 16, 64, 256)]


def test_each_batch_size_is_taken_at_its_fewest_steps_where_it_got_there():
    plan = SweepPlan((RATES, BATCHES), Knobs(), (0,), 100)
    known = SweepMap(plan, "training_loss")
    for column, steps in enumerate((30.0, 10.0, math.inf)):
        known.add([CellResult(Cell((column, 0), 0), 100, 3200, "running", 1.0, math.nan, steps, 32 * steps)])
    known.add([CellResult(Cell((0, 1), 0), 3, 3, "diverged", math.inf, math.nan, 2.0, 2.0)])
    assert target_points(known) == [TargetPoint(32, 10.0, 320.0, (1, 0))]
    assert target_points(SweepMap(SweepPlan((RATES,), Knobs(), (0,), 100), "training_loss")) == []


@pytest.mark.parametrize("critical", [0.3, 8.0, 700.0])
def test_the_law_is_found_from_points_on_it(critical):
    fit = batch_fit(points(lambda size: 12 * (1 + critical / size)))
    assert fit.critical == pytest.approx(critical, rel=2e-3)
    assert fit.least_steps == pytest.approx(12, rel=2e-3)
    assert fit.least_examples == pytest.approx(12 * critical, rel=2e-3)
    assert fit.residual < 1e-3
    assert fit.steps(critical) == pytest.approx(2 * fit.least_steps, rel=2e-3)


def test_a_curve_without_a_bend_has_none():
    assert batch_fit(points(lambda size: 1000 / size)).critical == math.inf
    flat = batch_fit(points(lambda size: 7.0))
    assert (flat.critical, flat.least_steps) == (0.0, pytest.approx(7))
    assert batch_fit(points(lambda size: 7.0)[:2]) is None


def test_the_noise_scale_on_the_way_is_its_mean_over_the_flow_of_the_gradient():
    """On the line fit, by Euler steps of half the size: the noise scale grows from 2.3 to 23 down to 0.1 above the
    lowest loss."""
    trainer = scenarios.load("line-fit").trainer(seed=0)
    objective, weights = trainer.objective, trainer.weights
    target = objective.loss(objective.minimum()) + 0.1
    here, ratios = weights.copy(), []
    while objective.loss(here) > target:
        gradients = example_gradients(objective, here, np.arange(256))
        mean = gradients.mean(axis=0)
        ratios.append(((gradients - mean) ** 2).sum(axis=1).mean() / (mean @ mean))
        here -= 0.01 * mean
    found = path_noise_scale(objective, weights, target)
    assert found.value == pytest.approx(np.mean(ratios), rel=0.03)
    assert path_noise_scale(objective, weights, 0.5).kind == "unknown"


def test_the_limit_over_a_map_is_that_in_the_mean_square_for_each_batch_size_and_momentum():
    """1/(1 + (1 + √2)/B) of the full batch's limit on normal inputs; on these 256 of them about that."""
    plan = SweepPlan((RATES, BATCHES, Axis("momentum", (0.0, 0.9))), Knobs(), (0,), 100)
    limits = stability_limits(plan, MinibatchTheory(scenarios.load("line-fit").trainer(seed=0).objective))
    assert sorted(limits) == [(0, 0, 0), (0, 0, 1), (0, 1, 0), (0, 1, 1)]
    ratio = limits[(0, 1, 0)].value / limits[(0, 0, 0)].value
    assert ratio == pytest.approx((1 + (1 + math.sqrt(2)) / 32) / (2 + math.sqrt(2)), rel=0.05)
    assert limits[(0, 0, 1)].value < limits[(0, 0, 0)].value  # momentum adds noise of its own
    assert stability_limits(SweepPlan((BATCHES,), Knobs(), (0,), 100), None) == {}
