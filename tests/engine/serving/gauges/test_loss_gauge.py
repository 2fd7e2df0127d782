"""Losses over all examples for a screen: never all at once where they take long."""

import numpy as np
import pytest

from engine.model.networks import Network
from engine.runs import run as run_module
from engine.runs.run import Run
from engine.serving.commands import Play, RequestFrame
from engine.serving.gauges.loss_gauge import Losses, LossGauge
from engine.serving.snapshot import View
from engine.serving.worker import Worker
from engine.training.knobs import Knobs
from engine.training.trainer import Trainer


@pytest.fixture
def run(monkeypatch):
    """A run whose losses take long, in parts of which a frame has time for about three."""
    monkeypatch.setattr(run_module, "_LONG_WORK", 0.0)
    monkeypatch.setattr("engine.runs.past.spread_losses._PART_WORK", 5e3)
    monkeypatch.setattr("engine.serving.gauges.loss_gauge._WORK", 6e3)
    inputs = np.random.default_rng(0).standard_normal((300, 2))
    objective = Network(inputs, inputs[:, 0] * inputs[:, 1], hidden=(4,))
    start = np.random.default_rng(1).standard_normal(len(objective.weight_names))
    validation = objective.restricted(slice(0, 77))
    run = Run(Trainer(objective, start, knobs=Knobs(batch_size=32), validation=validation))
    run.advance(200)
    return run


def test_losses_that_take_long_are_of_the_last_evaluation_until_they_are_measured(run):
    gauge, last = LossGauge(run), int(run.evaluations.steps[-1])
    of_then = Losses(last, *run.losses(fresh=False))
    assert last < 200
    assert gauge.read(fresh=False) == of_then
    assert not gauge.measuring
    read = [gauge.read(fresh=True)]
    while gauge.measuring:
        read.append(gauge.read(fresh=True))
    assert len(read) > 2
    assert read[:-1] == [of_then] * (len(read) - 1)
    assert read[-1].step == 200
    assert (read[-1].training, read[-1].validation) == pytest.approx(run.losses(), rel=1e-12)
    assert gauge.read(fresh=False) == read[-1]  # as long as it stands there
    run.advance(1)
    assert gauge.read(fresh=False).step < 200


def test_frames_go_on_until_the_losses_of_a_paused_run_are_known(run):
    class Source:
        def run(self, **knobs):
            return run

    worker = Worker(Source(), steps_per_second=None)
    worker.handle(Play(False))
    snapshots = []
    while not snapshots or snapshots[-1].measuring:
        worker.handle(RequestFrame(View()))
        snapshots.append(worker.answer(at_once=True))
    assert snapshots[0].losses_step < snapshots[-1].losses_step == snapshots[-1].readings.step == 200
    assert snapshots[-1].training_loss == pytest.approx(run.trainer.loss(), rel=1e-12)
