import pickle

import numpy as np
import pytest

from engine import probes
from engine.instruments import Instruments
from engine.knobs import Knobs
from engine.run import Run
from engine.snapshot import View, take
from engine.trainer import Trainer


def probe_everything(trainer):
    objective, weights = trainer.objective, trainer.weights
    trainer_probes = probes.gradient_angle, probes.largest_stable_learning_rate, probes.learning_rate_range
    for probe in trainer_probes:
        probe(trainer)
    for probe in (probes.sharpness, probes.gradient_spread, probes.noise_scale):
        probe(objective, weights)
    Instruments(trainer).read()


@pytest.mark.parametrize("sampling", ["reshuffled", "with_replacement"])
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_asking_changes_nothing(make_line, optimizer, sampling):
    knobs = Knobs(batch_size=10, momentum=0.5, optimizer=optimizer, sampling=sampling)
    asked, left = (Trainer(make_line(), np.zeros(2), knobs=knobs) for _ in range(2))
    for trainer in (asked, left):
        for _ in range(60):
            if trainer is asked:
                probe_everything(trainer)
            trainer.step()
    assert asked.weights.tobytes() == left.weights.tobytes()
    assert asked.history.tail(60).tobytes() == left.history.tail(60).tobytes()


def snapshot(run):
    return take(run, View(), scene_number=1, running=False, steps_per_second=None, measured_rate=0.0, ghosts=())


def test_a_snapshot_shows_the_readings_and_stays_small(make_line):
    run = Run(Trainer(make_line(), np.zeros(2), knobs=Knobs()))
    run.advance(5000)
    frame = snapshot(run)
    readings = frame.readings
    assert readings.step == 5000
    assert readings.sharpness.value == probes.sharpness(run.trainer.objective, run.trainer.weights).value
    assert readings.largest_stable_learning_rate.value == pytest.approx(2 / readings.sharpness.value)
    assert readings.stochastic_limit.value < readings.largest_stable_learning_rate.value
    assert readings.noise_floor.kind == "upper estimate"
    assert len(pickle.dumps(frame)) < 64 * 1024


def test_readings_follow_steps_and_knobs(make_line):
    run = Run(Trainer(make_line(), np.zeros(2), knobs=Knobs()))
    first = run.instruments.read()
    assert run.instruments.read() is first
    run.advance(1)
    second = run.instruments.read(fresh=True)
    assert (first.step, second.step) == (0, 1)
    run.set_knob("batch_size", 1)
    third = run.instruments.read()
    assert third.stochastic_limit.value < second.stochastic_limit.value


def test_dear_readings_are_taken_a_tenth_of_the_time(make_line):
    time = [0.0]

    def clock():  # reading takes a second
        time[0] += 0.5
        return time[0]

    trainer = Trainer(make_line(), np.zeros(2), knobs=Knobs())
    instruments = Instruments(trainer, clock)
    steps = []
    for _ in range(100):
        trainer.step()
        steps.append(instruments.read().step)
    assert len(set(steps)) == 10
    assert instruments.read(fresh=True).step == 100


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e300])
def test_readings_of_weights_that_are_not_finite(make_line, bad):
    run = Run(Trainer(make_line(), np.array([bad, 0.0]), knobs=Knobs()))
    run.advance(3)
    readings = run.instruments.read()
    assert not np.isfinite(readings.noise_scale.value)
    assert snapshot(run).status.kind == "diverged"


def test_the_trajectory_of_all_weights_is_kept_whatever_the_grouping(make_plane):
    whole, grouped = (Run(Trainer(make_plane(100, 20), np.zeros(21), knobs=Knobs())) for _ in range(2))
    whole.advance(1500)
    while grouped.trainer.steps < 1500:
        grouped.advance(min(37, 1500 - grouped.trainer.steps))
    assert whole.trajectory.steps.tolist() == list(range(0, 1500, 8))
    assert whole.trajectory.weights.tobytes() == grouped.trajectory.weights.tobytes()
    shares = probes.trajectory_plane(whole.trajectory.weights).shares
    assert 0 < sum(shares) <= 1
