"""What is too much is refused before it is begun, and what is long goes by and by."""

import numpy as np
import pytest

from engine import bounds
from engine.model.networks import Network
from engine.runs.run import Run
from engine.runs.swarm import Swarm
from engine.serving.commands import Load, RequestFrame, SetKnob
from engine.serving.snapshot import View
from engine.serving.worker import Worker
from engine.training.knobs import Knobs
from engine.training.trainer import Trainer


def network(examples=64, hidden=(2,), **options):
    random = np.random.default_rng(0)
    return Network(random.standard_normal((examples, 3)), random.standard_normal(examples), hidden=hidden, **options)


def trainer_of(objective, **knobs):
    weights = 0.1 * np.random.default_rng(1).standard_normal(len(objective.weight_names))
    return Trainer(objective, weights, knobs=Knobs(**knobs))


class Source:
    """Makes runs of one objective."""

    def __init__(self, objective, **knobs):
        self.objective, self.knobs = objective, knobs

    def run(self, *, seed=None, knobs=None):
        trainer = trainer_of(self.objective, **self.knobs)
        if knobs is not None:
            trainer.knobs = knobs
        return Run(trainer)


@pytest.mark.parametrize(("knob", "value"), [("batch_size", 60), ("batch_size", 10**12), ("sampling", "full_batch")])
def test_a_minibatch_whose_units_cannot_be_held_is_refused_and_nothing_changes(monkeypatch, knob, value):
    monkeypatch.setattr(bounds, "MOST_UNITS", 150)
    trainer = trainer_of(network(hidden=(2,)), batch_size=50)
    before = trainer.knobs
    with pytest.raises(ValueError, match="batch_size must be at most 50 for a network of 3 hidden units and outputs"):
        trainer.set_knob(knob, value)
    assert trainer.knobs == before
    assert trainer.run(3) == 3
    with pytest.raises(ValueError, match="batch_size must be at most 50"):
        trainer_of(network(hidden=(2,)), batch_size=51)


def test_a_swarm_is_not_for_millions_of_examples(monkeypatch):
    monkeypatch.setattr("engine.runs.swarm._MOST_EXAMPLES", 1000)
    assert Swarm(trainer_of(network(examples=100))).replicas == 10
    with pytest.raises(ValueError, match="a swarm is for at most 125 examples, and this run has 126"):
        Swarm(trainer_of(network(examples=126)))


def test_a_race_of_runs_that_are_too_large_together_is_refused(monkeypatch):
    from engine.serving.commands import Race

    monkeypatch.setattr("engine.runs.races.MOST_WEIGHTS", 20)
    worker = Worker(Source(network()), steps_per_second=None)
    with pytest.raises(ValueError, match="at most 40 weights together, not 44"):
        worker.handle(Race("learning_rate", (0.1, 0.2, 0.3, 0.4)))


def taken(worker):
    before = worker.run.trainer.steps
    worker.advance()
    return worker.run.trainer.steps - before


def test_when_a_step_has_become_dearer_few_are_taken_at_once():
    small, large = Source(network(), batch_size=1), Source(network(hidden=(300, 300)), batch_size=64)
    worker = Worker(small, steps_per_second=None)
    for _ in range(12):
        worker.advance()
    assert taken(worker) > 32
    worker.handle(Load(large, None))
    assert taken(worker) <= 4
    for _ in range(3):
        worker.advance()
    worker.handle(SetKnob("batch_size", 1))
    assert taken(worker) <= 32


def test_the_readings_of_a_large_network_end():
    objective = network(examples=2000, hidden=(400, 400))
    worker = Worker(Source(objective, batch_size=8, learning_rate=1e-3), steps_per_second=None)
    worker.handle(RequestFrame(View(scene=1)))
    worker.answer()
    frames = 0
    while np.isnan(worker.display.instruments(worker.run).read().sharpness.value):
        worker.handle(RequestFrame(View(scene=1)))
        worker.answer()
        frames += 1
        assert frames < 600
    assert worker.display.instruments(worker.run).read().sharpness.note.startswith("over ")
