import pickle

import numpy as np
import pytest

from engine import probes
from engine.model.networks import Network
from engine.runs.run import Run
from engine.runs.run_set import Runs
from engine.serving.display import Display
from engine.serving.gauges.instruments import Instruments
from engine.serving.snapshot import View, capture
from engine.training.knobs import Knobs
from engine.training.trainer import Trainer


def instruments_of(trainer):
    return Instruments(trainer, probes.MinibatchTheory(trainer.objective))


def probe_everything(trainer):
    objective, weights = trainer.objective, trainer.weights
    trainer_probes = probes.gradient_angle, probes.largest_stable_learning_rate, probes.learning_rate_range
    for probe in trainer_probes:
        probe(trainer)
    for probe in (probes.sharpness, probes.gradient_spread, probes.noise_scale):
        probe(objective, weights)
    instruments_of(trainer).read()


@pytest.mark.parametrize("sampling", ["reshuffled", "with_replacement"])
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_asking_changes_nothing(make_line, optimizer, sampling):
    knobs = Knobs(batch_size=10, momentum=0.5, optimizer=optimizer, sampling=sampling)
    asked, left = (Trainer(make_line(), np.zeros(2), knobs=knobs) for _ in range(2))
    for trainer in (asked, left):
        for step in range(60):
            if trainer is asked and step % 3 == 0:  # of an epoch's steps each, one epoch or another
                probe_everything(trainer)
            trainer.step()
    assert asked.weights.tobytes() == left.weights.tobytes()
    assert asked.history.tail(60).tobytes() == left.history.tail(60).tobytes()


def snapshot(run, display=None):
    return capture(
        Runs(run), View(), display or Display(), scene_number=1, running=False, steps_per_second=None, measured_rate=0.0
    )


def test_a_snapshot_shows_the_readings_and_stays_small(make_line):
    run = Run(Trainer(make_line(), np.zeros(2), knobs=Knobs()))
    run.advance(5000)
    frame = snapshot(run)
    readings = frame.readings
    assert readings.step == 5000
    assert readings.sharpness.value == probes.sharpness(run.trainer.objective, run.trainer.weights).value
    assert readings.limit.full_batch.value == pytest.approx(2 / readings.sharpness.value)
    assert readings.limit.minibatch.value < readings.limit.full_batch.value
    assert readings.noise_floor.kind == "estimate"
    assert len(pickle.dumps(frame)) < 64 * 1024


def test_readings_follow_steps_and_knobs(make_line):
    run = Run(Trainer(make_line(), np.zeros(2), knobs=Knobs()))
    instruments = Display().instruments(run)
    first = instruments.read()
    assert instruments.read() is first
    run.advance(1)
    second = instruments.read(fresh=True)
    assert (first.step, second.step) == (0, 1)
    run.set_knob("batch_size", 1)
    third = instruments.read()
    assert third.limit.minibatch.value < second.limit.minibatch.value


def test_what_nobody_will_look_at_is_not_measured_but_for_the_first_readings(make_line):
    run = Run(Trainer(make_line(), np.zeros(2), knobs=Knobs()))
    instruments = Display().instruments(run)
    first = instruments.read(anew=False)
    assert first.sharpness.value > 0
    run.advance(1)
    assert instruments.read(anew=False) is first
    assert instruments.read().step == 1


def make_network(examples=400, hidden=(300,), **options):
    generator = np.random.default_rng(0)
    inputs = generator.standard_normal((examples, 30))
    network = Network(inputs, np.sin(inputs[:, 0]), hidden=hidden, **options)
    return network, 0.1 * generator.standard_normal(len(network.weight_names))


def read_through(instruments, trainer=None, fresh=False):
    """The first readings of another moment than now, and how many calls they took."""
    before = instruments.read(fresh=fresh)
    for calls in range(2, 500):
        if trainer is not None:
            trainer.run(1)
        if (readings := instruments.read(fresh=fresh)) is not before:
            return readings, calls
    raise AssertionError("it never ends")


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_long_readings_are_taken_bit_by_bit_and_stand_for_the_step_at_which_they_began(optimizer):
    network, weights = make_network()
    knobs = Knobs(0.01, 32, momentum=0.5, optimizer=optimizer)
    read, still, unread = (Trainer(network, weights, knobs=knobs) for _ in range(3))
    for trainer in (read, still, unread):
        trainer.run(20)
    instruments = instruments_of(read)
    assert instruments.read().sharpness.note == "not measured yet"
    assert not instruments.is_up_to_date()
    moved, calls = read_through(instruments, read)
    assert calls > 5
    expected, _ = read_through(instruments_of(still))
    assert moved.step == expected.step == 20
    assert moved.limit.full_batch == expected.limit.full_batch
    for name in ("sharpness", "gradient_angle", "gradient_norm", "noise_scale"):
        assert getattr(moved, name) == getattr(expected, name)
    # At once, and so in other sums: each is within what it says of its error.
    sharpness = probes.sharpness(network, still.weights).value
    assert abs(moved.sharpness.value - sharpness) <= moved.sharpness.error + 1e-6 * sharpness
    limit = probes.largest_stable_learning_rate(still)
    assert moved.limit.full_batch.value == pytest.approx(limit.value, rel=1e-2)
    assert moved.gradient_angle.value == pytest.approx(probes.gradient_angle(still), rel=1e-6)
    noise_scale = probes.noise_scale(network, still.weights).value
    assert abs(moved.noise_scale.value - noise_scale) < 4 * moved.noise_scale.error < 2 * noise_scale
    unread.run(read.steps - 20)
    assert read.weights.tobytes() == unread.weights.tobytes()


def test_a_reading_of_other_knobs_is_given_up_and_of_another_step_if_none_follow():
    network, weights = make_network()
    trainer = Trainer(network, weights, knobs=Knobs(0.01, 32))
    instruments = instruments_of(trainer)
    instruments.read()
    trainer.run(3)
    assert read_through(instruments, fresh=True)[0].step == 3
    assert instruments.is_up_to_date(fresh=True)
    trainer.run(3)
    instruments.read()
    trainer.momentum = 0.5
    trainer.run(1)
    readings, _ = read_through(instruments)
    assert readings.step == 7
    assert readings.limit.full_batch.value == pytest.approx(3 / readings.sharpness.value)


def test_readings_of_large_networks_are_over_a_sample_and_say_so():
    network, weights = make_network(20_000, (100,))
    readings, _ = read_through(instruments_of(Trainer(network, weights, knobs=Knobs(0.01, 32))), fresh=True)
    sharpness = readings.sharpness
    assert sharpness.note.startswith("over ")
    assert "of 20,000 examples" in sharpness.note
    for measurement in (readings.gradient_norm, readings.gradient_angle, readings.noise_scale):
        assert (measurement.kind, "of 20,000 examples" in measurement.note) == ("estimate", True)
    # Thousands of examples make a few per cent, and say so.
    true = probes.sharpness(network, weights).value, float(np.linalg.norm(network.gradient(weights)))
    for measurement, value in zip((sharpness, readings.gradient_norm), true, strict=True):
        assert abs(measurement.value - value) < 4 * measurement.error < 0.4 * value


def test_readings_of_a_running_training_take_few_products_and_those_of_one_that_stands_still_more_care():
    network, weights = make_network()
    trainer = Trainer(network, weights, knobs=Knobs(0.01, 32))
    instruments = instruments_of(trainer)
    read_through(instruments, trainer)
    running, calls = read_through(instruments, trainer)
    assert "Lanczos, 5 products" in running.sharpness.note
    true = probes.sharpness(network, trainer.weights).value
    assert running.sharpness.value == pytest.approx(true, rel=0.05)  # of a few dozen steps ago
    assert not instruments.is_up_to_date(fresh=True)
    still, _ = read_through(instruments, fresh=True)
    assert still.step == trainer.steps
    assert still.sharpness.value == pytest.approx(true, rel=1e-3)
    assert calls < 40


def test_knobs_before_a_change_have_their_outlook_at_the_weights_after_it(make_line):
    run = Run(Trainer(make_line(), np.zeros(2), knobs=Knobs(0.05, 32)))
    display = Display()
    assert display.read(run, fresh=False, anew=True).before is None
    run.set_knob("momentum", 0.5)
    run.set_knob("batch_size", 2)
    run.advance(500)
    readings = display.read(run, fresh=False, anew=True)
    theory, before = run.theory, readings.before
    assert (before.knobs, before.learning_rate) == (Knobs(0.05, 32), 0.05)
    assert before.limit.full_batch.value == pytest.approx(2 / readings.sharpness.value)
    assert readings.limit.full_batch.value == pytest.approx(3 / readings.sharpness.value)
    assert before.limit.minibatch == theory.limit(Knobs(0.05, 32))
    assert before.noise_floor == theory.noise_floor(0.05, Knobs(0.05, 32))
    run.advance(1)
    assert display.read(run, fresh=False, anew=True).before is None


def test_what_an_adaptive_optimizer_divided_by_is_not_known_after_it():
    network, weights = make_network(64, (20,))
    run = Run(Trainer(network, weights, knobs=Knobs(0.01, 32, optimizer="adam")))
    display = Display()
    run.advance(40)
    while not (first := display.read(run, fresh=True, anew=True)).limit.value > 0:
        pass
    run.set_knob("optimizer", "sgd")
    while (second := display.read(run, fresh=True, anew=True)) is first:
        pass
    assert second.before == first.outlook  # the same weights
    run.advance(1)
    run.set_knob("optimizer", "adam")
    run.advance(40)
    while (third := display.read(run, fresh=True, anew=True)) is second:
        pass
    assert third.before.limit.full_batch.value == pytest.approx(2 / third.sharpness.value)
    run.set_knob("optimizer", "sgd")
    run.advance(1)
    while (fourth := display.read(run, fresh=True, anew=True)) is third:
        pass
    assert np.isnan(fourth.before.limit.full_batch.value)


def test_a_paused_frame_says_whether_the_next_one_will_know_more(make_line):
    network, weights = make_network()
    large, small = (Run(Trainer(o, w, knobs=Knobs())) for o, w in ((network, weights), (make_line(), np.zeros(2))))
    assert not snapshot(small).measuring
    frames, display = [], Display()
    while not frames or frames[-1].measuring:
        frames.append(snapshot(large, display))
    assert len(frames) > 5
    assert np.isfinite(frames[-1].readings.sharpness.value)


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e300])
def test_readings_of_weights_that_are_not_finite(make_line, bad):
    run = Run(Trainer(make_line(), np.array([bad, 0.0]), knobs=Knobs()))
    run.advance(3)
    readings = Display().instruments(run).read()
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
