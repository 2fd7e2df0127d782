import math
import pickle

import numpy as np
import pytest

import scenarios
from engine.bounds import MOST_STEPS
from engine.runs.plan import Plan
from engine.runs.run import Run
from engine.serving.commands import (
    Advance,
    Focus,
    Hold,
    Load,
    Play,
    RequestFrame,
    SetKnob,
    SetSpeed,
    TrainAgain,
    Travel,
)
from engine.serving.loss_grids import LossGridRequest
from engine.serving.opening import Opening
from engine.serving.process import LocalEngine
from engine.serving.snapshot import Refused, View
from engine.serving.views.curves_view import CurvesView
from engine.serving.views.data_view import DataView
from engine.serving.views.weights_view import WeightsView
from engine.serving.worker import Worker
from engine.training.knobs import Knobs
from engine.training.trainer import Trainer


class Clock:
    """Time as the test has it."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


class Source:
    """Runs of one objective, from weights of zero; 100 examples in batches of 10 unless told otherwise."""

    def __init__(self, objective, knobs=None):
        self.objective = objective
        self.knobs = knobs or Knobs(batch_size=10)

    def run(self, *, seed=None, knobs=None):
        start = np.zeros(len(self.objective.weight_names))
        return Run(Trainer(self.objective, start, knobs=knobs or self.knobs, seed=seed or 0))


@pytest.fixture
def source(make_line):
    return Source(make_line(100))


@pytest.fixture
def clock():
    return Clock()


def steps_of(worker):
    return worker.run.trainer.steps


def catch_up(worker):
    """Advance as the engine's loop does, until there is nothing to do at this time."""
    for _ in range(1000):
        if worker.pace.seconds_to_next_step() != 0.0:
            return
        worker.advance()
    raise AssertionError("the worker does not come to rest")


def pass_time(worker, clock, seconds, *, tick=1 / 64):
    for _ in range(round(seconds / tick)):
        clock.now += tick
        catch_up(worker)


def paused(source, **kwargs):
    worker = Worker(source, steps_per_second=None, **kwargs)
    worker.handle(Play(False))
    return worker


def snapshot_of(worker, **view):
    worker.handle(RequestFrame(View(**view)))
    return worker.answer()


# --- pacing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", [0.5, 3, 30, 1000, 100_000])
def test_steps_are_rate_times_time(source, clock, rate):
    worker = Worker(source, steps_per_second=rate, clock=clock)
    pass_time(worker, clock, 4)
    assert steps_of(worker) == 4 * rate


def test_the_wait_is_until_the_next_step_is_due(source, clock):
    worker = Worker(source, steps_per_second=4, clock=clock)
    assert worker.pace.seconds_to_next_step() == 0.25
    clock.now += 0.125
    assert worker.pace.seconds_to_next_step() == 0.125
    worker.advance()
    assert steps_of(worker) == 0
    clock.now += 0.125
    assert worker.pace.seconds_to_next_step() == 0
    worker.advance()
    assert steps_of(worker) == 1


def test_a_pause_is_not_caught_up(source, clock):
    worker = Worker(source, steps_per_second=30, clock=clock)
    pass_time(worker, clock, 1)
    worker.handle(Play(False))
    assert worker.pace.seconds_to_next_step() is None
    clock.now += 3600
    worker.advance()
    assert steps_of(worker) == 30
    worker.handle(Play(True))
    catch_up(worker)
    assert steps_of(worker) == 30
    pass_time(worker, clock, 1)
    assert steps_of(worker) == 60


def test_time_in_which_the_process_was_stopped_is_not_caught_up(source, clock):
    worker = Worker(source, steps_per_second=30, clock=clock)
    pass_time(worker, clock, 1)
    clock.now += 3600
    catch_up(worker)
    assert steps_of(worker) <= 30 + 30  # at most a second's worth
    before = steps_of(worker)
    pass_time(worker, clock, 1)
    assert steps_of(worker) - before == pytest.approx(30, abs=1)


def test_a_new_speed_acts_from_now_on(source, clock):
    worker = Worker(source, steps_per_second=10, clock=clock)
    pass_time(worker, clock, 2)
    worker.handle(SetSpeed(100))
    catch_up(worker)
    assert steps_of(worker) == 20
    pass_time(worker, clock, 2)
    assert steps_of(worker) == 220


def test_full_speed_never_waits(source, clock):
    worker = Worker(source, steps_per_second=None, clock=clock)
    assert worker.pace.seconds_to_next_step() == 0
    worker.advance()
    assert steps_of(worker) > 0
    assert worker.pace.seconds_to_next_step() == 0


def test_the_measured_rate_is_that_of_late(source, clock):
    worker = Worker(source, steps_per_second=100, clock=clock)
    for _ in range(20):
        pass_time(worker, clock, 0.125)
        rate = snapshot_of(worker).measured_rate
    # Within half a second the number of steps may be off by one: 2 of 100 a second.
    assert rate == pytest.approx(100, abs=2)
    worker.handle(Play(False))
    assert snapshot_of(worker).measured_rate == 0


@pytest.mark.parametrize("speed", [0, -1.0, math.nan])
def test_an_impossible_speed_is_refused(source, clock, speed):
    worker = Worker(source, steps_per_second=30, clock=clock)
    with pytest.raises(ValueError, match="steps a second"):
        worker.handle(SetSpeed(speed))
    assert snapshot_of(worker).steps_per_second == 30


def test_the_wait_is_never_longer_than_a_pipe_can_wait(source, clock):
    worker = Worker(source, steps_per_second=1e-9, clock=clock)
    assert worker.pace.seconds_to_next_step() < 2**31 / 1000  # poll(2) takes an int of milliseconds


# --- single steps and epochs ------------------------------------------------------------------------


def test_a_step_pauses(source):
    worker = Worker(source, steps_per_second=30)
    worker.handle(Advance(1))
    catch_up(worker)
    assert steps_of(worker) == 1
    assert not worker.running


def test_a_frame_before_a_step_that_is_owed_says_that_there_is_more_to_come(source, clock):
    worker = Worker(source, steps_per_second=None, clock=clock)
    worker.handle(Play(False))
    for _ in range(50):  # until all is measured
        worker.handle(RequestFrame(View()))
        settled = worker.answer()
    assert not settled.measuring
    worker.handle(Advance(1))
    worker.handle(RequestFrame(View()))
    before = worker.answer()
    assert (before.step, before.running, before.measuring) == (settled.step, False, True)
    worker.advance()
    worker.handle(RequestFrame(View()))
    assert worker.answer().step == settled.step + 1


@pytest.mark.parametrize(("before", "at_end"), [(0, 100), (3, 100), (9, 100), (10, 200)])
def test_an_epoch_ends_where_the_examples_do(source, before, at_end):
    worker = paused(source)
    worker.handle(Advance(before))
    catch_up(worker)
    worker.handle(Advance(None))
    catch_up(worker)
    assert worker.run.trainer.examples == at_end


@pytest.mark.parametrize(("sampling", "steps"), [("full_batch", [1, 1]), ("with_replacement", [10, 10])])
def test_an_epoch_ends_where_that_of_the_sampling_does(source, sampling, steps):
    worker = paused(source)
    worker.handle(Advance(3))
    catch_up(worker)
    worker.handle(SetKnob("sampling", sampling))  # begins a new epoch
    for expected in steps:
        before = steps_of(worker)
        worker.handle(Advance(None))
        catch_up(worker)
        assert steps_of(worker) - before == expected


def test_an_epoch_ends_where_the_examples_do_after_a_change_of_the_batch_size(source):
    worker = paused(source)
    worker.handle(Advance(3))
    catch_up(worker)
    worker.handle(SetKnob("batch_size", 33))
    worker.handle(Advance(None))  # 70 left: 33, 33, 4
    catch_up(worker)
    assert (worker.run.trainer.examples, steps_of(worker)) == (100, 6)


def test_a_negative_number_of_steps_is_refused(source):
    worker = paused(source)
    with pytest.raises(ValueError, match="at least 0"):
        worker.handle(Advance(-1))


def test_pressing_twice_adds_up(source):
    worker = paused(source)
    for command in (Advance(1), Advance(2)):
        worker.handle(command)
    catch_up(worker)
    assert steps_of(worker) == 3


@pytest.mark.parametrize("pressed", [[Advance(None)] * 2, [Advance(1), Advance(None), Advance(None)]])
def test_pressing_for_two_epochs_ends_at_the_second_end(source, pressed):
    worker = paused(source)
    worker.handle(Advance(3))
    catch_up(worker)
    for command in pressed:
        worker.handle(command)
    catch_up(worker)
    assert worker.run.trainer.examples == 200


def test_a_new_speed_leaves_the_steps_that_are_owed(source):
    worker = paused(source)
    worker.handle(Advance(500))
    worker.advance()
    worker.handle(SetSpeed(3))
    catch_up(worker)
    assert steps_of(worker) == 500


def test_playing_on_forgets_the_steps_that_are_owed(source, clock):
    worker = paused(source, clock=clock)
    worker.handle(SetSpeed(10))
    worker.handle(Advance(500))
    worker.handle(Play(True))
    pass_time(worker, clock, 1)
    assert steps_of(worker) == 10


# --- training again, other scenarios ----------------------------------------------------------------


def test_training_again_keeps_the_present_knobs(source):
    worker = paused(source)
    worker.handle(SetKnob("learning_rate", 0.1))
    worker.handle(SetKnob("batch_size", 5))
    worker.handle(TrainAgain())
    assert worker.run.trainer.knobs == Knobs(0.1, 5, 0.0)
    assert worker.run.changes == []
    assert steps_of(worker) == 0
    assert worker.running


@pytest.mark.parametrize(("new_seed", "expected"), [(False, 7), (True, 8)])
def test_training_again_takes_the_same_seed_or_the_next(source, new_seed, expected):
    worker = paused(source, opening=Opening(Plan(7, source.knobs, (), MOST_STEPS)))
    worker.handle(TrainAgain(new_seed))
    assert worker.run.trainer.seed == expected


def test_training_again_repeats_the_run(source):
    worker = paused(source)
    weights = []
    for _ in range(2):
        worker.handle(Advance(50))
        catch_up(worker)
        weights.append(worker.run.trainer.weights.tobytes())
        worker.handle(TrainAgain())
    assert weights[0] == weights[1]


def test_training_again_leaves_the_run_as_a_ghost(source):
    worker = paused(source)
    worker.handle(Advance(50))
    catch_up(worker)
    assert snapshot_of(worker).ghosts == ()
    before = snapshot_of(worker)
    worker.handle(TrainAgain())
    (ghost,) = snapshot_of(worker).ghosts
    assert ghost.training_loss.steps[-1] == 50
    assert ghost.training_loss.values[-1] == before.curves.training.values[-1]
    np.testing.assert_array_equal(ghost.trajectory[-1], before.weights.trajectory[-1])


@pytest.mark.filterwarnings("error")
def test_a_run_that_blew_up_leaves_a_ghost_too(source):
    worker = paused(source)
    worker.handle(SetKnob("learning_rate", 5.0))
    worker.handle(Advance(10_000))
    catch_up(worker)
    worker.handle(Advance(10_000))
    catch_up(worker)
    assert worker.run.trainer.blew_up_at is not None
    worker.handle(TrainAgain())
    (ghost,) = snapshot_of(worker).ghosts
    assert not np.isinf(ghost.training_loss.values).any()


def test_loading_shows_the_other_scenario_without_a_ghost(source, make_plane, clock):
    worker = Worker(source, steps_per_second=30, clock=clock)
    worker.handle(TrainAgain())
    worker.handle(Load(Source(make_plane(20, 3)), 5))
    snapshot = snapshot_of(worker)
    assert snapshot.scene.weight_names == ("w0", "w1", "w2", "bias")
    assert (snapshot.step, snapshot.ghosts, snapshot.steps_per_second) == (0, (), 5)
    worker.handle(TrainAgain())
    assert len(worker.run.trainer.weights) == 4


def test_loading_what_cannot_be_run_leaves_the_run(source):
    class Broken:
        def run(self, **_):
            raise ValueError("the file has gone")

    worker = paused(source)
    run = worker.run
    with pytest.raises(ValueError, match="has gone"):
        worker.handle(Load(Broken(), None))
    assert worker.run is run


# --- diverging --------------------------------------------------------------------------------------


def test_diverging_pauses_once(source, clock):
    worker = Worker(source, steps_per_second=100, clock=clock)
    worker.handle(SetKnob("learning_rate", 2.0))
    pass_time(worker, clock, 3)
    assert worker.run.status.kind == "diverged"
    assert not worker.running
    stopped_at = steps_of(worker)
    worker.handle(Play(True))
    pass_time(worker, clock, 0.5)
    assert worker.running
    assert steps_of(worker) == stopped_at + 50


def test_blowing_up_pauses_for_good(source, clock):
    worker = Worker(source, steps_per_second=None, clock=clock)
    worker.handle(SetKnob("learning_rate", 5.0))
    for _ in range(100):
        worker.handle(Play(True))
        worker.advance()
    assert worker.run.trainer.blew_up_at is not None
    worker.handle(Play(True))
    assert not worker.running
    worker.handle(Advance(3))
    catch_up(worker)
    assert worker.pace.seconds_to_next_step() is None


# --- commands through an engine ---------------------------------------------------------------------


def local(source, **kwargs):
    replies = []
    engine = LocalEngine(source, **kwargs)
    engine.listen(replies.append)
    return engine, replies


@pytest.mark.parametrize(
    "command",
    [
        SetKnob("learning_rate", math.nan),
        SetKnob("learning_rate", -0.1),
        SetKnob("batch_size", 0),
        SetKnob("batch_size", 2.5),
        SetKnob("momentum", 1.0),
        SetKnob("altitude", 1.0),
        SetSpeed(0),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_refused_and_training_goes_on(source, command):
    engine, replies = local(source)
    engine.send(command)
    (refusal,) = replies
    assert isinstance(refusal, Refused)
    assert str(getattr(command, "knob", "steps a second")) in refusal.reason
    engine.send(RequestFrame(View()))
    assert (replies[-1].step, replies[-1].knobs) == (1, Knobs(batch_size=10))


class FaultySource:
    """A scenario whose building has a fault of its own."""

    def run(self, *, seed=None, knobs=None):
        raise ValueError("shapes (2,) and (3,) do not fit")


def test_a_fault_is_no_refusal(source):
    engine, replies = local(source)
    with pytest.raises(ValueError, match="do not fit"):
        engine.send(Load(FaultySource(), None))
    assert replies == []


def test_refusals_name_no_keys_but_what_would_help(source):
    engine, replies = local(source)
    engine.send(Focus(1))
    engine.send(Travel("step", 1))
    assert replies == [Refused("there is one run only", "race"), Refused("this is the latest step", "train")]


def test_a_local_engine_takes_steps_with_every_frame_unless_paused(source):
    engine, replies = local(source, steps_per_frame=7)
    for _ in range(2):
        engine.send(RequestFrame(View()))
    engine.send(Play(False))
    engine.send(RequestFrame(View()))
    assert [reply.step for reply in replies] == [7, 14, 14]


def test_the_bits_do_not_depend_on_frames_views_or_speed(source):
    def weights_after(steps_per_frame, view, speed):
        engine, replies = local(source, steps_per_frame=steps_per_frame)
        for stop, knob in [(60, SetKnob("batch_size", 7)), (120, SetKnob("momentum", 0.9)), (240, None)]:
            while engine.worker.run.trainer.steps < stop:
                engine.send(RequestFrame(view))
                engine.send(speed)
            if knob:
                engine.send(knob)
        return engine.worker.run.trainer.weights.tobytes(), len(replies)

    grid = LossGridRequest((-5, 5, 20), (-5, 5, 20))
    few, frames = weights_after(60, View(curves=CurvesView(10), data=DataView(5)), SetSpeed(None))
    many, more_frames = weights_after(
        1, View(curves=CurvesView(300), weights=WeightsView(300, loss_grid=grid), data=DataView(1000)), SetSpeed(3)
    )
    assert few == many
    assert more_frames > frames


# --- snapshots --------------------------------------------------------------------------------------


def test_no_frame_is_sent_unless_asked_for(source):
    worker = paused(source)
    assert worker.answer() is None
    assert snapshot_of(worker) is not None
    assert worker.answer() is None


def test_the_scene_is_sent_until_the_screen_has_it(source):
    worker = paused(source)
    first = snapshot_of(worker)
    assert first.scene.number == first.scene_number
    assert snapshot_of(worker, scene=first.scene_number).scene is None
    worker.handle(TrainAgain())
    assert snapshot_of(worker, scene=first.scene_number).scene is not None


def test_a_snapshot_tells_how_the_run_stands(source):
    worker = paused(source)
    worker.handle(Advance(25))
    catch_up(worker)
    trainer, snapshot = worker.run.trainer, snapshot_of(worker)
    assert (snapshot.step, snapshot.epoch, snapshot.examples, snapshot.running) == (25, 2.5, 250, False)
    assert snapshot.weights.present.tolist() == trainer.weights.tolist()
    assert snapshot.training_loss == trainer.loss()
    assert [snapshot.batch_loss, snapshot.batch_gradient_norm] == trainer.history.tail(1)[:2, 0].tolist()
    assert snapshot.data.batch.tolist() == sorted(trainer.upcoming_batch())
    assert snapshot.weights.trajectory[-1].tolist() == trainer.weights.tolist()
    assert snapshot.curves.training.steps[-1] == 25


def test_a_snapshot_before_the_first_step_has_no_step_values(source):
    snapshot = snapshot_of(paused(source))
    assert np.isnan(snapshot.batch_loss)
    assert np.isnan(snapshot.batch_gradient_norm)
    assert len(snapshot.curves.batch.steps) == 0


def test_the_batch_is_among_the_examples_that_are_shown(source):
    worker = paused(source)
    snapshot = snapshot_of(worker, data=DataView(30))
    assert len(snapshot.scene.inputs) == 30
    upcoming = source.objective.inputs[worker.run.trainer.upcoming_batch()]
    assert set(snapshot.scene.inputs[snapshot.data.batch, 0]) <= set(upcoming[:, 0])
    assert 0 < len(snapshot.data.batch) < 10


def test_a_snapshot_does_not_change_afterwards(source):
    worker = paused(source)
    worker.handle(Advance(20))
    catch_up(worker)
    snapshot = snapshot_of(worker)
    before = pickle.dumps(snapshot)
    worker.handle(Advance(500))
    catch_up(worker)
    assert pickle.dumps(snapshot) == before


def test_the_loss_grid_is_what_was_asked_for(source):
    request = LossGridRequest((-1, 1, 3), (0, 4, 5))
    worker = paused(source)
    number = snapshot_of(worker).scene_number
    grid = snapshot_of(worker, scene=number, weights=WeightsView(loss_grid=request)).weights.loss_grid
    assert grid.request == request
    assert grid.losses.shape == (5, 3)
    assert grid.losses[1, 2] == pytest.approx(source.objective.loss(np.array([1.0, 1.0])))


@pytest.mark.parametrize("name", ["one-weight", "line-fit", "potholes", "moons", "fuel-economy", "digits"])
def test_snapshots_are_plain_data_and_fit_the_pipes_buffer(name):
    engine, replies = local(scenarios.load(name), steps_per_frame=2_000)
    for command in (RequestFrame(View()), TrainAgain(), RequestFrame(View(curves=CurvesView(200)))):
        engine.send(command)
    snapshot = replies[-1]
    assert snapshot.ghosts
    assert snapshot.scene
    pickled = pickle.dumps(snapshot)
    assert pickle.loads(pickled).weights.present.tolist() == snapshot.weights.present.tolist()
    # A socket pair buffers about 200 kB on Linux: so the engine does not wait for the screen.
    assert len(pickled) < 64 * 1024


def test_a_patient_frame_comes_with_the_next_step_or_command_or_after_half_a_second(source, clock):
    worker = Worker(source, steps_per_second=4, clock=clock)
    worker.handle(RequestFrame(View()))
    assert worker.answer().step == 0
    worker.handle(RequestFrame(View(), patient=True))
    assert worker.answer() is None  # nothing has changed
    assert worker.seconds_to_wait() == 0.25  # the next step
    clock.now += 0.25
    worker.advance()
    assert worker.answer().step == 1
    worker.handle(RequestFrame(View(), patient=True))
    assert worker.answer() is None
    worker.handle(SetKnob("momentum", 0.5))
    assert worker.answer().knobs.momentum == 0.5
    worker.handle(Play(False))
    worker.handle(RequestFrame(View()))
    worker.answer()
    worker.handle(RequestFrame(View(), patient=True))
    assert worker.answer() is None
    assert worker.seconds_to_wait() == 0.5
    clock.now += 0.5
    assert worker.answer() is not None
    assert worker.seconds_to_wait() is None


def test_what_is_held_takes_no_step_and_goes_on_as_it_was(source, clock):
    worker = paused(source, clock=clock)
    worker.handle(Advance(40))
    worker.handle(Hold(True))
    clock.now += 10
    worker.advance()
    assert (worker.run.trainer.steps, worker.pace.seconds_to_next_step()) == (0, None)
    worker.handle(Hold(False))
    while worker.pace.seconds_to_next_step() == 0:
        worker.advance()
    assert worker.run.trainer.steps == 40  # what was owed is taken
