"""What has come of a run, as the engine answers it."""

import pickle

import scenarios
from engine.bounds import MOST_STEPS
from engine.runs.effects import effects
from engine.runs.plan import Plan
from engine.serving.commands import Advance, Load, RequestOutcome, SetKnob
from engine.serving.opening import Opening
from engine.serving.worker import Worker


def answered(worker):
    worker.handle(RequestOutcome())
    return pickle.loads(pickle.dumps(worker.answer()))


def test_it_is_the_goal_and_the_effects_of_the_run_that_is_shown():
    line_fit = scenarios.load("line-fit")
    plan = Plan(3, line_fit.file.training.starting_knobs(), (), MOST_STEPS)
    worker = Worker(line_fit, steps_per_second=None, opening=Opening(plan))
    assert not answered(worker).changed
    worker.train(100)
    worker.handle(SetKnob("learning_rate", 0.2))
    worker.train(100)
    outcome = answered(worker)
    assert outcome.changed
    assert (outcome.seed, outcome.goal) == (3, worker.run.goal_state)
    assert outcome.effects == effects(worker.run)
    assert len(outcome.effects) == 1


def test_it_is_asked_for_once_and_says_of_which_scenario_it_is():
    scenario = scenarios.load("line-fit")
    worker = Worker(scenario, steps_per_second=None)
    before = answered(worker).scene_number
    assert worker.answer() is None
    worker.handle(Load(scenario, None))
    worker.handle(Advance(1))
    assert answered(worker).scene_number == before + 1
