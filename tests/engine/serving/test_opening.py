"""How the first run on a screen begins: the plan of a command line, played to the same bits as without a screen."""

import itertools

import pytest

import scenarios
from engine.bounds import MOST_STEPS
from engine.runs.plan import Change, ChangeError, Plan, plan_of, play
from engine.serving.commands import Advance, Play, RequestFrame, SetKnob, TrainAgain, Travel
from engine.serving.opening import Opening
from engine.serving.snapshot import View
from engine.serving.worker import Worker
from engine.training.knobs import Knobs

CHANGES = (
    Change(0, "learning_rate", 0.07),
    Change(40, "batch_size", 3),
    Change(40, "momentum", 0.5),
    Change(75, "schedule", "cosine:steps=60"),
    Change(90, "optimizer", "adam"),
)
SCENARIO = scenarios.load("line-fit")


def plan(steps=MOST_STEPS, changes=CHANGES):
    return Plan(5, Knobs(learning_rate=0.02, batch_size=16), changes, steps)


def opened(opening, **kwargs):
    return Worker(SCENARIO, **{"steps_per_second": None, "opening": opening, **kwargs})


def played(steps=120, changes=CHANGES):
    run = SCENARIO.run(seed=5, knobs=plan().knobs)
    play(run, plan(steps, changes))
    return run


@pytest.mark.parametrize("pieces", [(120,), (1,) * 120, (39, 1, 1, 34, 45), (40, 35, 15, 30)])
def test_the_bits_are_those_of_the_plan_however_the_steps_are_taken(pieces):
    worker = opened(Opening(plan()))
    for steps in pieces:
        worker.train(steps)
    expected = played()
    assert worker.run.trainer.weights.tobytes() == expected.trainer.weights.tobytes()
    assert worker.run.changes == expected.changes
    assert plan_of(worker.run) == plan_of(expected)


def test_what_changes_before_the_first_step_is_seen_at_once():
    worker = opened(Opening(plan(), paused=True))
    assert (worker.running, worker.run.trainer.learning_rate) == (False, 0.07)
    worker.handle(RequestFrame(View()))
    assert worker.answer().running is False


def batches(epochs):
    """The sizes of the batches, counted one by one: 16 a step, from step 40 on 3; what is left ends an epoch."""
    sizes, left = [], 256
    while sum(sizes) < epochs * 256:
        sizes.append(min(16 if len(sizes) < 40 else 3, left))
        left = left - sizes[-1] or 256
    return sizes


ENDS = ((Opening(plan(100)), 100), (Opening(plan(), epochs=4), len(batches(4))))


@pytest.mark.parametrize(("opening", "steps"), ENDS)
def test_it_pauses_at_the_end_of_the_plan_once(opening, steps):
    worker = opened(opening)
    for _ in itertools.takewhile(lambda _: worker.running, range(1000)):
        worker.advance()
    assert worker.run.trainer.steps == steps
    worker.handle(Play(True))
    worker.train(7)
    assert (worker.running, worker.run.trainer.steps) == (True, steps + 7)


def test_a_knob_that_is_turned_by_hand_leaves_the_changes_to_come():
    worker = opened(Opening(plan()))
    worker.train(20)
    worker.handle(SetKnob("learning_rate", 0.5))
    worker.train(100)
    made = [(change.step, change.knob) for change in worker.run.changes]
    assert made == [
        (0, "learning_rate"),
        (20, "learning_rate"),
        *((change.step, change.knob) for change in CHANGES[1:]),
    ]


def test_a_branch_goes_by_the_changes_that_are_still_to_come():
    worker = opened(Opening(plan()))
    worker.train(60)
    worker.handle(Travel("step", -30))  # before the batch size changes
    worker.handle(Advance(70))
    while worker.pace.seconds_to_next_step() == 0.0:
        worker.advance()
    assert worker.run.trainer.steps == 100
    assert [change.step for change in worker.run.changes] == [0, 75, 90]


def test_a_run_that_begins_anew_goes_without_them():
    worker = opened(Opening(plan(100)))
    worker.train(10)
    worker.handle(TrainAgain())
    worker.train(200)
    assert (worker.run.trainer.steps, worker.run.changes) == (200, [])


def test_a_change_that_never_happens_is_refused():
    with pytest.raises(ChangeError, match="--at 90 optimizer=adam: never happens, as this training is 90 steps long"):
        opened(Opening(plan(90)))
    with pytest.raises(ChangeError, match=r"is 1 step long; its last step is 0$"):
        opened(Opening(plan(1, CHANGES[1:])))
