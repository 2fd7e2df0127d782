"""The sweep around a setting: its axes, its length, its order."""

import math

import pytest

import scenarios
from engine.training.knobs import Knobs
from scenarios.building import Parts
from scenarios.sweeps.sweep_around import nearest_first, place_of, sweep_around


def around(name="line-fit", seed=0, **knobs):
    file = scenarios.load(name).file
    return sweep_around(file, Parts.of(file).objective, Knobs(**knobs), seed)


def test_rates_grow_by_a_half_decade_and_sizes_double_around_the_present_ones():
    plan = around(learning_rate=0.05, batch_size=16)
    across, up = plan.axes
    assert across == ("batch_size", (2, 4, 8, 16, 32, 64, 128))
    assert up == ("learning_rate", (0.0005, 0.00158, 0.005, 0.0158, 0.05, 0.158, 0.5, 1.58, 5.0))
    assert (plan.length, plan.unit, plan.seeds) == (6400, "examples", (0, 1, 2))
    assert around(seed=7).seeds == (7, 8, 9)


@pytest.mark.parametrize(
    ("size", "sizes"),
    [
        (1, (1, 2, 4, 8, 16, 32, 64)),
        (3, (1, 3, 6, 12, 24, 48, 96)),
        (256, (4, 8, 16, 32, 64, 128, 256)),
        (10**9, (4, 8, 16, 32, 64, 128, 256)),
    ],
)
def test_sizes_end_at_one_and_at_all_examples(size, sizes):
    assert around(batch_size=size).axes[0].values == sizes


def test_where_the_size_does_not_act_there_are_rates_alone():
    assert [axis.knob for axis in around(sampling="full_batch").axes] == ["learning_rate"]


@pytest.mark.parametrize("rate", [1e-300, 1e99, 0.123456789])
def test_rates_out_of_range_are_left_out_and_the_present_one_is_kept(rate):
    rates = around(learning_rate=rate).axes[1].values
    assert rate in rates
    assert all(0 < value < math.inf for value in rates)


def test_a_dear_one_sees_fewer_examples():
    file = scenarios.load("digits").file
    objective, knobs = Parts.of(file).objective, file.training.starting_knobs()
    plan = sweep_around(file, objective, knobs, 0)
    work = sum(
        plan.steps_at(place, len(objective.examples)) * objective.effort(plan.knobs_at(place).batch_size)
        for place in plan.places
    )
    assert 3 * work < 1e11
    assert plan.length >= 1


def test_every_place_comes_once_before_any_comes_twice_and_near_ones_first():
    plan = around(batch_size=16)
    cells = nearest_first(plan)
    assert set(cells) == set(plan.cells)
    places = [cell.place for cell in cells]
    assert places[0] == place_of(plan, plan.knobs) == (3, 4)
    assert set(places[:63]) == set(plan.places)
    assert [cell.seed for cell in cells] == [0] * 63 + [1] * 63 + [2] * 63


def test_the_nearest_place_is_by_ratio():
    plan = around(batch_size=16)
    assert place_of(plan, Knobs(learning_rate=0.08, batch_size=1000)) == (6, 4)
    assert place_of(plan, Knobs(learning_rate=0.1, batch_size=11)) == (2, 5)
