"""A sweep's maps in words and as grids."""

import math

import pytest

from engine.measurement import Measurement, unknown
from engine.training.knobs import Knobs
from scenarios.sweeps.sweep_map import CellResult, SweepMap
from scenarios.sweeps.sweep_plan import Axis, Cell, SweepPlan
from tui.words.sweep_words import limit_line, maps, position, present_point, value_labels

RATES, BATCHES = Axis("learning_rate", (0.1, 0.2, 0.4)), Axis("batch_size", (1, 32))
MOMENTA = Axis("momentum", (0.0, 0.9))


def plan(*axes):
    return SweepPlan(axes, Knobs(), (0, 1, 2), 100)


def result(place, seed, loss, status="running"):
    return CellResult(Cell(place, seed), 100, 3200, status, loss, math.nan, math.inf, math.inf)


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ((0.001, 10**-2.75, 1.0), ("0.001", "0.00178", "1")),
        ((0.10001, 0.10002), ("0.10001", "0.10002")),
        ((1e-6, 1e-5), ("1e-6", "1e-5")),
        ((1, 1024), ("1", "1024")),
        (("sgd", "with_replacement"), ("sgd", "with replacement")),
    ],
)
def test_values_have_short_labels_that_tell_them_apart(values, labels):
    assert value_labels(values) == labels


@pytest.mark.parametrize(
    ("values", "value", "place"),
    [
        ((1, 2, 8), 4, 1.5),
        ((8, 2, 1), 4, 0.5),
        ((0.0, 0.5, 0.9), 0.7, 1.5),
        ((1, 2), 8, 3.0),
        (("sgd", "adam"), "adam", 1.0),
    ],
)
def test_a_value_has_its_place_between_those_of_the_axis(values, value, place):
    assert position(values, value) == pytest.approx(place)


@pytest.mark.parametrize(("values", "value"), [((1.0,), 2.0), (("sgd", "adam"), "nesterov"), ((1.0, 2.0), math.inf)])
def test_what_has_no_place_has_none(values, value):
    assert math.isnan(position(values, value))


def test_the_first_two_axes_make_a_map_for_each_place_on_the_others():
    sweep = SweepMap(plan(RATES, BATCHES, MOMENTA), "training_loss")
    sweep.add([result((0, 1, 1), seed, 2.0 + seed) for seed in range(3)])
    sweep.add([result((2, 0, 1), seed, math.inf, "diverged") for seed in range(3)])
    found = maps(sweep)
    assert list(found) == [(0,), (1,)]
    second = found[(1,)]
    assert (second.title, second.measure) == ("momentum 0.9", "training loss")
    assert second.values[1, 0] == 3.0
    assert (second.best, found[(0,)].best) == ((0, 1), None)
    assert second.lost[0, 2]
    assert second.done.sum() == 2


def test_one_axis_makes_one_row():
    (row,) = maps(SweepMap(plan(RATES), "training_loss", [result((1,), 0, 2.0)])).values()
    assert row.values.shape == (1, 3)
    assert row.best == (1, 0)


def test_the_limit_is_a_line_from_edge_to_edge_over_the_axis_of_the_rate():
    limits = {(0, 0): Measurement(0.2, "", "exact"), (0, 1): Measurement(0.4, "", "exact")}
    assert limit_line(plan(RATES, BATCHES), limits) == [(1.0, -0.5), (1.0, 0.0), (2.0, 1.0), (2.0, 1.5)]
    turned = {(1, 0): limits[(0, 1)], (0, 0): limits[(0, 0)]}
    assert limit_line(plan(BATCHES, RATES), turned) == [(-0.5, 1.0), (0.0, 1.0), (1.0, 2.0), (1.5, 2.0)]
    assert limit_line(plan(RATES), {(0,): limits[(0, 0)]}) == [(1.0, -0.5), (1.0, 0.0), (1.0, 0.5)]
    assert limit_line(plan(RATES, BATCHES), dict.fromkeys(limits, unknown("", "no theory"))) == []
    assert limit_line(plan(BATCHES, MOMENTA), {}) == []


def test_the_present_setting_has_a_point_where_its_further_knobs_are_on_the_map():
    full = plan(RATES, BATCHES, MOMENTA)
    assert present_point(full, Knobs(learning_rate=0.2, batch_size=32)) == (1.0, 1.0)
    assert present_point(full, Knobs(learning_rate=0.2, batch_size=32, momentum=0.5)) is None
    assert present_point(plan(RATES), Knobs(learning_rate=0.1)) == (0.0, 0.0)
