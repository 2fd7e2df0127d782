"""The presets as lessons: their goals are what they should be. What their briefings say: tests/scenarios/claims."""

from pathlib import Path

import pytest

import scenarios
from scenarios.reading import parse
from scenarios.trainings.attempts import reference, untouched

ALL = pytest.mark.parametrize("name", scenarios.preset_names())


@ALL
def test_every_preset_has_a_goal_and_a_training_that_earns_three_stars_whatever_the_seed(name):
    scenario = scenarios.load(name)
    for seed in range(3):
        assert reference(scenario, seed=seed).goal_state.stars == 3


@ALL
def test_nobody_at_the_knobs_does_not_earn_three_stars(name):
    assert untouched(scenarios.load(name)).goal_state.stars < 3


def test_a_run_in_a_pothole_is_said_to_be_in_a_local_minimum():
    run = scenarios.load("potholes").run()
    run.advance(600)
    assert run.status.detail == "local minimum"


KEEPING = (
    '\n[goal]\nmeasure = "steps"\nstars = [9, 9, 9]\ntarget = { training_loss = 0.1 }\nkeep = { within_limit = true }\n'
)


def keeping_within(name):
    text = (Path(scenarios.__file__).parent / "presets" / f"{name}.toml").read_text()
    return scenarios.Scenario("mine.toml", parse(text.partition("[goal]")[0] + KEEPING, "mine.toml"))


def test_a_learning_rate_above_the_limit_fails_a_goal_that_forbids_it():
    run = keeping_within("line-fit").run()
    run.advance(50)
    assert run.goal_state.kind == "open"
    run.set_knob("learning_rate", 0.95)  # below the full batch's limit, above that of batches of 32
    run.advance(50)
    assert run.goal_state.kind == "failed"
    assert "times the largest stable one" in run.goal_state.reason


def test_a_limit_that_is_not_known_cannot_be_kept_to():
    with pytest.raises(scenarios.ScenarioError, match=r"goal\.keep\.within_limit"):
        keeping_within("moons").run()
