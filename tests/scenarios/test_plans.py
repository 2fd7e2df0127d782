"""Plans made and played from Python."""

import pytest

import scenarios
from engine.runs.plan import ChangeError, plan_of


def test_a_plan_plays_to_the_bits_of_the_same_changes_by_hand():
    scenario = scenarios.load("line-fit")
    plan = scenario.plan(steps=60, seed=3, learning_rate=0.1, changes=[(40, "momentum", 0.5), (20, "batch_size", 4)])
    run = scenario.play(plan)
    trainer = scenario.trainer(seed=3, learning_rate=0.1)
    trainer.run(20)
    trainer.batch_size = 4
    trainer.run(20)
    trainer.momentum = 0.5
    trainer.run(20)
    assert run.trainer.weights.tobytes() == trainer.weights.tobytes()
    assert scenario.play(plan_of(run)).trainer.weights.tobytes() == trainer.weights.tobytes()


def test_a_plan_without_a_length_takes_the_scenarios():
    scenario = scenarios.load("fuel-economy")
    assert scenario.plan() == scenario.plan(epochs=scenario.file.training.epochs)
    assert scenario.plan(epochs=2).steps == 20
    assert scenario.plan(steps=0).steps == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "say how long the plan is: either steps or epochs"),
        ({"steps": 3, "epochs": 2}, "say how long the plan is: either steps or epochs"),
        ({"steps": -3}, "steps must be a whole number of at least 0, not -3"),
        ({"epochs": 0.5}, "epochs must be a whole number of at least 0, not 0.5"),
        ({"steps": 3, "momentun": 0.5}, "there is no knob 'momentun'; did you mean momentum"),
        ({"steps": 3, "batch_size": 0}, "batch_size must be a whole number of at least 1, not 0"),
        ({"steps": 3, "changes": [(1, "momentun", 0.5)]}, "there is no knob 'momentun'"),
        ({"steps": 3, "changes": [(1, "momentum", 5)]}, "momentum must be"),
        ({"steps": 3, "changes": [(7, "momentum", 0.5)]}, "never happens"),
        ({"steps": 3, "changes": [(-1, "momentum", 0.5)]}, "step must be a whole number of at least 0, not -1"),
        ({"steps": 3, "changes": [(1, "momentum")]}, r"a change is \(step, knob, value\), not \(1, 'momentum'\)"),
    ],
)
def test_plans_that_cannot_be_are_refused(arguments, words):
    with pytest.raises((ValueError, ChangeError), match=words):
        scenarios.load("potholes").plan(**arguments)
