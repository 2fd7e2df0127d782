"""Evaluations that take long are spread over steps, and come to the same losses."""

import pickle

import numpy as np
import pytest

from engine.model.networks import Network
from engine.runs import run as run_module
from engine.runs.branching import branch
from engine.runs.past.spread_losses import SpreadLosses
from engine.runs.run import Run
from engine.training.knobs import Knobs
from engine.training.trainer import Trainer


@pytest.fixture(autouse=True)
def impatience(monkeypatch):
    """Everything takes long, and parts are short."""
    monkeypatch.setattr(run_module, "_LONG_WORK", 0.0)
    monkeypatch.setattr("engine.runs.past.spread_losses._PART_WORK", 5e3)


def network(examples, seed):
    generator = np.random.default_rng(seed)
    inputs = generator.standard_normal((examples, 2))
    return Network(inputs, inputs[:, 0] * inputs[:, 1], hidden=(4,))


def run_of(**knobs):
    objective = network(300, 0)
    start = np.random.default_rng(1).standard_normal(len(objective.weight_names))
    return Run(Trainer(objective, start, knobs=Knobs(**knobs), validation=network(77, 2)))


def test_the_losses_are_those_of_the_step_that_they_were_begun_at():
    run = run_of()
    known = {}
    for _ in range(300):
        known[run.trainer.steps] = run.losses()
        run.advance(1)
    evaluations = run.evaluations
    stride = evaluations.stride
    assert evaluations.steps.tolist() == list(range(0, 300 - stride, stride))  # each is ready when the next begins
    expected = np.array([known[step] for step in evaluations.steps])
    np.testing.assert_allclose(evaluations.training_loss, expected[:, 0], rtol=1e-12)
    np.testing.assert_allclose(evaluations.validation_loss, expected[:, 1], rtol=1e-12)


def kept(run):
    evaluations = run.evaluations
    return [part.tobytes() for part in (evaluations.steps, evaluations.training_loss, evaluations.validation_loss)]


@pytest.mark.parametrize("group", [1, 7, 100])
def test_they_do_not_depend_on_grouping_nor_on_where_the_run_was_restored(group):
    whole, grouped = run_of(), run_of()
    for run, size in ((whole, 200), (grouped, group)):
        for steps, rate in ((205, 0.02), (430, 0.01), (700, 0.01)):
            while run.trainer.steps < steps:
                run.advance(min(size, steps - run.trainer.steps))
            run.set_knob("learning_rate", rate)
    assert len(whole.evaluations.steps) > 20
    assert kept(whole) == kept(grouped)
    again = branch(whole, 333)
    pickle.dumps(again.checkpoint())
    assert again.evaluations.steps.tolist() == [
        step for step in whole.evaluations.steps if step in again.evaluations.steps
    ]
    while again.trainer.steps < 430:
        again.advance(13 if again.trainer.steps + 13 <= 430 else 1)
    untouched = branch(whole, 430)
    assert kept(again)[0] == kept(untouched)[0]
    assert kept(again) == kept(untouched)


def test_parts_are_short_and_each_step_pays_its_share(monkeypatch):
    run = run_of()
    spread, done = SpreadLosses(run.trainer.objective, run.validation), []
    parts = len(spread._parts)
    assert parts > 5
    go_on = SpreadLosses.go_on

    def counted(self, pending, step):
        after = go_on(self, pending, step)
        done.append(after.parts - pending.parts)
        return after

    monkeypatch.setattr(SpreadLosses, "go_on", counted)
    for _ in range(100):
        run.advance(1)
    assert max(done) <= -(-parts // run.evaluations.stride) + 1
