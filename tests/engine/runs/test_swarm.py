"""Twins of a run with other seeds: they follow it, and it does not know."""

import numpy as np
import pytest

from engine.model.landscape_objective import quadratic
from engine.model.networks import Network
from engine.runs.run import Run
from engine.runs.swarm import Swarm
from engine.serving.commands import Load, RequestFrame, ShowSwarm, TrainAgain
from engine.serving.process import LocalEngine
from engine.serving.snapshot import Refused, View
from engine.training.knobs import Knobs
from engine.training.schedules import Cosine
from engine.training.trainer import Trainer


class Clock:
    """Every look at it finds it this much later."""

    def __init__(self, tick=0.0):
        self.now, self.tick = 0.0, tick

    def __call__(self):
        self.now += self.tick
        return self.now


def a_run(knobs=None, seed=0):
    objective = quadratic((1.0, 4.0), noise=0.5, examples=40)
    return Run(
        Trainer(objective, np.array([2.0, 1.0]), knobs=knobs or Knobs(learning_rate=0.05, batch_size=4), seed=seed)
    )


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_without_noise_the_twins_do_what_the_run_does_from_the_middle_of_it(optimizer):
    run = a_run(
        Knobs(learning_rate=0.05, momentum=0.9, optimizer=optimizer, schedule=Cosine(steps=60), sampling="full_batch")
    )
    run.advance(20)
    swarm = Swarm(run.trainer, Clock())
    run.observers.append(swarm)
    run.advance(30)
    run.set_knob("learning_rate", 0.02)
    run.advance(10)
    assert (swarm.since, swarm.step) == (20, 60)
    np.testing.assert_allclose(swarm.weights, np.tile(run.trainer.weights, (64, 1)), rtol=1e-9, atol=1e-12)


def test_the_twins_are_those_of_a_run_with_their_seeds():
    run, other = a_run(seed=7), a_run(seed=9)
    swarm = Swarm(run.trainer, Clock())
    run.observers.append(swarm)
    for one in (run, other):
        one.advance(50)
        one.set_knob("batch_size", 1)
        one.set_knob("momentum", 0.5)
        one.advance(25)
    np.testing.assert_allclose(swarm.weights[1], other.trainer.weights, rtol=1e-9)
    assert np.ptp(swarm.weights, axis=0).min() > 0


@pytest.mark.parametrize("objective", ["quadratic", "network"])
def test_a_swarm_does_not_change_a_bit_of_the_run(objective):
    def trained(*, swarm):
        run = a_run()
        if objective == "network":
            inputs = np.random.default_rng(0).standard_normal((60, 2))
            network = Network(inputs, np.arange(60) % 3, hidden=(5,), num_outputs=3, loss="softmax_cross_entropy")
            start = np.random.default_rng(1).standard_normal(len(network.weight_names))
            run = Run(Trainer(network, start, knobs=Knobs(learning_rate=0.1, batch_size=8)))
        run.advance(10)
        if swarm:
            run.observers.append(Swarm(run.trainer))
        for _ in range(40):
            run.advance(3)
        return run.trainer.weights.tobytes(), run.trainer.history.tail(130).tobytes()

    assert trained(swarm=True) == trained(swarm=False)


def test_what_takes_more_than_a_fifth_of_the_time_falls_behind_and_keeps_the_knobs_of_each_step():
    run = a_run()
    swarm = Swarm(run.trainer, Clock(tick=0.01))  # a step takes 10 ms, as does everything
    run.observers.append(swarm)
    for rate in (0.05, 0.1):
        run.set_knob("learning_rate", rate)
        for _ in range(20):
            run.advance(1)
    assert 0 < swarm.step < 20
    swarm._clock.tick = 0.0
    swarm._allowance = 1.0
    run.advance(1)
    other = a_run(seed=1)
    for rate, steps in ((0.05, 20), (0.1, 21)):
        other.set_knob("learning_rate", rate)
        other.advance(steps)
    assert swarm.step == 41
    np.testing.assert_allclose(swarm.weights[0], other.trainer.weights, rtol=1e-9)


class Source:
    """Runs of one objective."""

    def __init__(self, objective):
        self.objective = objective

    def run(self, *, seed=None, knobs=None):
        start = np.zeros(len(self.objective.weight_names))
        return Run(Trainer(self.objective, start, knobs=knobs or Knobs(batch_size=4), seed=seed or 0))


def frame_of(engine, replies):
    engine.send(RequestFrame(View()))
    return replies[-1].weights.swarm


def test_a_swarm_is_shown_begins_again_with_the_run_and_goes():
    source = Source(quadratic((1.0, 4.0), noise=0.5, examples=40))
    engine, replies = LocalEngine(source, steps_per_frame=5), []
    engine.listen(replies.append)
    assert frame_of(engine, replies) is None
    engine.send(ShowSwarm(True))
    shown = frame_of(engine, replies)
    assert (shown.since, shown.weights.shape) == (5, (64, 2))
    assert 5 < shown.step <= 10  # as far as there was time
    engine.send(TrainAgain())
    again = frame_of(engine, replies)
    assert again.since == 0
    assert 0 < again.step <= 5
    engine.send(ShowSwarm(False))
    assert frame_of(engine, replies) is None
    engine.send(ShowSwarm(True))
    engine.send(Load(source, None))
    assert frame_of(engine, replies) is None


def test_a_swarm_of_too_many_weights_is_refused_in_words():
    network = Network(np.zeros((4, 300)), np.zeros(4), hidden=(250,))
    engine, replies = LocalEngine(Source(network)), []
    engine.listen(replies.append)
    engine.send(ShowSwarm(True))
    assert isinstance(replies[-1], Refused)
    assert "at most 65,536 weights" in replies[-1].reason
    assert frame_of(engine, replies) is None
