"""What keeps a run from its goal: against closed forms, and on presets that are known to fail."""

import math

import numpy as np
import pytest
from msgspec import structs

import scenarios
from engine.measurement import Measurement, unknown
from engine.probes import rate_limit
from engine.runs.obstacles import Obstacle, obstacle, obstacle_now
from engine.runs.plan import Change
from engine.runs.run import Run
from engine.training.schedules import SCHEDULES
from scenarios import Scenario
from scenarios.files.goal_forms import Target
from scenarios.reading import parse
from tests.scenarios.files.bowl import bowl_file, goal_table

NOTHING = unknown("noise floor", "not measured")


def bowl(rate, level=1e-9):
    return Scenario("mine.toml", parse(bowl_file(goal_table([9, 9, 9], level), learning_rate=rate), "mine.toml")).run()


def preset(name, steps, *changes, seed=0):
    run = scenarios.load(name).run(seed=seed)
    for change in changes:
        run.advance(change.step - run.trainer.steps)
        run.set_knob(change.knob, change.value)
    run.advance(steps - run.trainer.steps)
    return run


def test_how_far_it_is_on_a_bowl_is_the_closed_form():
    # The loss is w², and each step multiplies it by (1 − 2η)²; after 40 steps it has yet to fall to 1e-9.
    run = bowl(0.01)
    run.advance(40)
    found = obstacle_now(run)
    wanted = (math.log(0.98**80) - math.log(1e-9)) / (-2 * math.log(0.98))
    assert found.kind == "far"
    assert found.steps == pytest.approx(wanted, abs=4)  # of the mean of the latest evaluations


@pytest.mark.parametrize("rate", [0.01, 0.003])
def test_what_was_foretold_comes_true(rate):
    run = bowl(rate)
    run.advance(40)
    wait = obstacle_now(run).steps
    run.advance(wait + 5)
    assert run.goal_state.kind == "reached"
    assert run.goal_state.step == pytest.approx(40 + wait, abs=5)


def test_over_the_limit_since_the_change_that_took_it_there():
    run = bowl(0.1)
    run.advance(10)
    run.set_knob("learning_rate", 1.2)
    run.advance(5)
    run.set_knob("learning_rate", 1.3)  # over it before and after
    run.advance(5)
    found = obstacle_now(run)
    assert (found.kind, found.since) == ("limit", 10)
    assert found.value == pytest.approx(1.3)


def test_at_the_limit_it_neither_falls_nor_climbs():
    run = preset("back-and-forth", 50)
    found = obstacle_now(run)
    assert (found.kind, found.since) == ("limit", 0)
    assert found.value == pytest.approx(1)


def test_with_a_schedule_it_is_not_said_since_when():
    run = bowl(0.1)
    run.set_knob("schedule", SCHEDULES["step"].within(10_000))
    run.set_knob("learning_rate", 0.1)
    run.set_knob("schedule", SCHEDULES["step"].within(10_000))
    found = obstacle(run, 0.05, NOTHING)
    assert (found.kind, found.since) == ("limit", None)


def test_a_floor_above_the_target_is_the_reason():
    run = preset("brisk", 200)
    floor = run.theory.noise_floor(0.2, run.trainer.knobs)
    found = obstacle_now(run)
    assert (found.kind, found.value, found.level, found.calmed) == ("floor", floor.value, 1.014, True)
    run.set_knob("batch_size", 256)  # as the reference does
    run.advance(200)
    assert run.goal_state.kind == "reached"
    assert obstacle_now(run) is None


def test_a_floor_that_may_be_below_the_target_is_no_reason():
    run = preset("brisk", 200)
    assert obstacle(run, 1.0, Measurement(1.02, "noise floor", "measured", error=0.004)) != found_floor(1.02)
    assert obstacle(run, 1.0, Measurement(1.02, "noise floor", "measured", error=0.002)).kind == "floor"


def found_floor(value):
    return Obstacle("floor", "training_loss", 1.014, value, calmed=True)


def test_steps_that_are_held_are_counted():
    run = preset("brisk", 60, Change(20, "batch_size", 256))
    assert run.goal_state.kind == "held"
    found = obstacle_now(run)
    assert (found.kind, found.steps) == ("held", 60 - run.goal_state.step)


def test_a_run_in_a_pothole_is_at_rest():
    run = preset("potholes", 600)
    found = obstacle_now(run)
    assert found.kind == "rest"
    assert found.value == pytest.approx(run.trainer.loss())


@pytest.mark.parametrize("seed", range(3))
def test_a_validation_loss_that_climbs_has_done_so_since_its_lowest(seed):
    run = preset("tumours", 4000, seed=seed)
    found = obstacle_now(run)
    losses = run.evaluations.validation_loss
    assert found.kind == "rising"
    assert found.value == np.nanmin(losses)
    assert found.since == run.evaluations.steps[np.nanargmin(losses)]


def test_on_a_plateau_nothing_is_foretold():
    # There are 800 steps to go; the loss has hardly moved, and no trend could tell.
    assert obstacle_now(preset("plateau", 60)) is None


def test_past_the_edge_of_a_network_training_goes_on():
    run = preset("edge-of-stability", 1500)
    limit = rate_limit(run.trainer, run.theory).value
    assert 0.8 < run.trainer.learning_rate / limit < 1.2
    assert getattr(obstacle_now(run), "kind", None) != "limit"


def test_without_a_target_nothing_is_in_the_way():
    assert obstacle_now(preset("your-turn", 50)) is None
    run = bowl(0.5)
    run.advance(10)
    assert run.goal_state.kind == "reached"
    assert obstacle_now(run) is None
    trainer = bowl(0.1).trainer
    assert obstacle(Run(trainer), 1.0, NOTHING) is None


def test_a_loss_that_jumps_over_the_target_is_restless():
    run = scenarios.load("noisy-batches").run()
    level = run.theory.noise_floor(0.05, run.trainer.knobs).value + 0.03
    scenario = scenarios.load("noisy-batches")
    table = structs.replace(scenario.file.goal, target=Target(training_loss=level, hold_steps=1000))
    run = Scenario("mine.toml", structs.replace(scenario.file, goal=table)).run()
    run.advance(2000)
    while run.goal_state.kind != "open":
        run.advance(1)
    found = obstacle_now(run)
    seen_since = run.evaluations.steps >= run.trainer.steps - 1000
    assert found.kind == "restless"
    assert found.value == np.count_nonzero(run.evaluations.training_loss[seen_since] > level)
    assert found.steps == np.count_nonzero(seen_since)
