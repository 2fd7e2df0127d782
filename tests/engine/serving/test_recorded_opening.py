"""A dashboard that goes on with a recorded run, or shows one again; and the recorder that the worker tells of runs."""

import pytest

import scenarios
from engine.runs.plan import Change, Plan, play
from engine.runs.records.agreement import Expected
from engine.runs.records.marks import Marks, weights_sha256
from engine.serving.commands import Advance, Branch, Play, RequestFrame, SetKnob, TrainAgain, Travel
from engine.serving.opening import Opening, Past
from engine.serving.snapshot import Notices, View
from engine.serving.worker import Worker

SCENARIO = scenarios.load("line-fit")
CHANGES = (Change(40, "batch_size", 3), Change(75, "learning_rate", 0.2), Change(120, "momentum", 0.5))


def trained(steps, changes=CHANGES):
    run = SCENARIO.run()
    run.observers.append(Marks())
    play(run, Plan(0, run.trainer.knobs, changes, steps))
    return run


def marks_of(run):
    (marks,) = run.observers
    return marks.upto(run.trainer.steps)


def opening(steps, **more):
    changes = tuple(change for change in CHANGES if change.step <= steps)  # a record has no others
    return Opening(Plan(0, SCENARIO.run().trainer.knobs, changes, steps), **more)


def worked(worker):
    """Until there is nothing to do."""
    while worker.pace.seconds_to_next_step() is not None:
        worker.advance()
    return worker


def expected(run, **changed):
    at_end = {"steps": run.trainer.steps, "weights_sha256": weights_sha256(run.trainer.weights)}
    return Expected(**{**at_end, "training_loss": run.trainer.loss(), "marks": marks_of(run), **changed})


@pytest.mark.parametrize("steps", [1, 100, 120, 3000])
@pytest.mark.parametrize("from_checkpoint", [False, True])
def test_it_goes_at_once_to_where_the_run_ended_and_on_with_the_same_bits(steps, from_checkpoint):
    earlier = trained(steps)
    past = Past(earlier.checkpoints.before(steps), tuple(earlier.changes))
    begins = opening(steps, resumes=True, past=(lambda: past) if from_checkpoint else None)
    worker = worked(Worker(SCENARIO, steps_per_second=0.5, opening=begins))
    run = worker.runs.latest
    assert (run.trainer.steps, worker.running) == (steps, False)
    assert run.trainer.weights.tobytes() == earlier.trainer.weights.tobytes()
    assert run.changes == earlier.changes
    worker.handle(Advance(50))
    worked(worker)
    earlier.advance(50)
    assert run.trainer.weights.tobytes() == earlier.trainer.weights.tobytes()


def test_a_replay_makes_the_changes_at_their_steps_rests_at_its_end_and_says_that_it_agrees():
    earlier = trained(120)
    worker = worked(
        Worker(SCENARIO, steps_per_second=None, opening=opening(120, replays=True, expected=expected(earlier)))
    )
    run = worker.runs.latest
    assert run.changes == earlier.changes
    assert (worker.runs.solution, worker.runs.live) == ("replayed", ())
    assert worker.answer() == Notices(("The same bits as before, after 120 steps.",))
    assert worker.answer() is None
    worker.handle(Play(True))
    worker.train(1)
    assert (worker.runs.solution, len(worker.runs.live)) == ("", 1)
    assert worker.runs.live[0].origin.step == 120


def test_a_replay_of_what_diverged_goes_on_to_where_that_ended():
    changes = (Change(10, "learning_rate", 3.0),)
    earlier = trained(70, changes)
    assert earlier.status.kind == "diverged"
    plan = Plan(0, SCENARIO.run().trainer.knobs, changes, 70)
    begins = Opening(plan, replays=True, expected=expected(earlier))
    worker = worked(Worker(SCENARIO, steps_per_second=None, opening=begins))
    assert (worker.runs.latest.trainer.steps, worker.running) == (70, False)
    assert worker.answer() == Notices(("The same bits as before, after 70 steps.",))


def test_a_knob_takes_over_from_a_replay_as_a_branch():
    worker = Worker(SCENARIO, steps_per_second=None, opening=opening(120, replays=True))
    worker.train(50)
    worker.handle(SetKnob("learning_rate", 0.5))
    (live,) = worker.runs.live
    assert (live.origin.step, worker.runs.coming) == (50, ())
    worker.train(100)
    assert [(change.step, change.knob) for change in live.run.changes] == [(40, "batch_size"), (50, "learning_rate")]


@pytest.mark.parametrize("other", [1, 8, 64])
def test_where_the_bits_are_others_it_says_from_which_step_on_and_by_how_much(other):
    from dataclasses import replace

    earlier = trained(120)
    marks = tuple(
        mark if mark.steps < other else replace(mark, digest="0" * 12, length=mark.length * (1 + 1e-9))
        for mark in marks_of(earlier)
    )
    begins = opening(
        120, replays=True, expected=expected(earlier, marks=marks, weights_sha256="0" * 64, training_loss=1.5, by="x 1")
    )
    worker = worked(Worker(SCENARIO, steps_per_second=None, opening=begins))
    ((sentence,),) = [worker.answer().sentences]
    same = f": the weights are the same after {other // 2} step{'s' * (other > 2)}" if other > 1 else ""
    assert sentence.startswith(
        f"Not the same bits as before{same}, and others after {other}, by 1e-09 of their length; "
    )
    assert "instead of 1.5. It was trained by x 1; another processor or version adds up in another order." in sentence


class Told:
    """A recorder that keeps what it is told."""

    def __init__(self):
        self.calls, self.closed, self.notices = [], False, []

    def follow(self, source, live):
        assert source is SCENARIO
        self.calls.append([(one.number, one.run.trainer.steps) for one in live])

    def seconds_to_due(self):
        return 0.25

    def take_notices(self):
        told, self.notices = self.notices, []
        return told

    def close(self):
        self.closed = True


def test_the_recorder_is_told_of_every_run_before_its_first_step_after_steps_and_after_commands():
    told = Told()
    worker = Worker(SCENARIO, steps_per_second=None, recorder=told)
    assert told.calls == [[(1, 0)]]
    worker.train(5)
    worker.handle(SetKnob("learning_rate", 0.5))
    assert told.calls[1:] == [[(1, 5)], [(1, 5)]]
    worker.handle(Travel("step", -2))
    worker.handle(Branch())
    assert told.calls[-1] == [(2, 3)]
    worker.handle(TrainAgain())
    worker.train(1)
    assert told.calls[-2:] == [[(2, 0)], [(2, 1)]]
    worker.handle(Play(False))
    assert worker.seconds_to_wait() == 0.25
    calls = len(told.calls)
    worker.advance()
    assert len(told.calls) == calls + 1
    told.notices = ["The disk is full."]
    worker.handle(RequestFrame(View()))
    assert worker.answer() == Notices(("The disk is full.",))
    worker.close()
    assert told.closed
