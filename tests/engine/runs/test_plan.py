import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.least_squares import LeastSquares
from engine.runs.plan import Change, Plan, in_order, plan_of, play, steps_of_epochs
from engine.runs.run import Run
from engine.training.knobs import SAMPLINGS, Knobs
from engine.training.trainer import Trainer

CHANGES = st.lists(
    st.builds(Change, st.integers(0, 30), st.just("batch_size"), st.integers(1, 40))
    | st.builds(Change, st.integers(0, 30), st.just("sampling"), st.sampled_from(SAMPLINGS)),
    max_size=4,
)


@given(
    epochs=st.integers(0, 4),
    examples=st.integers(1, 30),
    batch_size=st.integers(1, 40),
    sampling=st.sampled_from(SAMPLINGS),
    changes=CHANGES,
)
def test_steps_of_epochs_is_what_the_trainer_does(epochs, examples, batch_size, sampling, changes):
    knobs = Knobs(learning_rate=1e-9, batch_size=batch_size, sampling=sampling)
    trainer = Trainer(LeastSquares(np.ones((examples, 1)), np.ones(examples)), np.zeros(2), knobs=knobs)
    while trainer.epoch < epochs:
        for change in in_order(changes):
            if change.step == trainer.steps:
                trainer.set_knob(change.knob, change.value)
        trainer.step()
    planned = steps_of_epochs(epochs, examples=examples, batch_size=batch_size, sampling=sampling, changes=changes)
    assert planned == trainer.steps


def test_other_knobs_do_not_change_the_length():
    changes = [Change(1, "momentum", 0.9), Change(2, "learning_rate", 0.1)]
    assert steps_of_epochs(3, examples=10, batch_size=4, changes=changes) == 9


def test_changes_of_one_step_keep_their_order():
    first, second, earlier = Change(5, "momentum", 0.9), Change(5, "momentum", 0.1), Change(1, "momentum", 0.5)
    assert in_order([first, second, earlier]) == [earlier, first, second]


def test_a_change_is_written_as_it_is_asked_for():
    assert str(Change(5, "momentum", 0.9)) == "--at 5 momentum=0.9"
    assert str(Change(5, "optimizer", "adam")) == "--at 5 optimizer=adam"


def a_run(make_line, knobs):
    return Run(Trainer(make_line(), np.ones(2), knobs=knobs))


@pytest.mark.parametrize("rate", [0.05, 1e200], ids=["runs", "blows up"])
def test_a_run_s_plan_plays_to_the_same_bits_and_the_same_log(make_line, rate):
    first = Knobs(learning_rate=0.02, batch_size=8)
    run = a_run(make_line, first)
    run.set_knob("momentum", 0.5)
    run.advance(30)
    run.set_knob("learning_rate", rate)
    run.set_knob("batch_size", 4, joined=True)
    run.advance(40)
    run.set_knob("sampling", "full_batch")  # at the end, also where that is where it blew up
    again = a_run(make_line, first)
    play(again, plan_of(run))
    assert again.changes == run.changes
    assert again.trainer.steps == run.trainer.steps
    assert again.trainer.weights.tobytes() == run.trainer.weights.tobytes()


def test_a_run_that_has_come_part_of_the_way_plays_the_rest(make_line):
    plan = Plan(0, Knobs(learning_rate=0.02), (Change(10, "momentum", 0.5), Change(40, "momentum", 0.9)), 60)
    whole, parts = a_run(make_line, plan.knobs), a_run(make_line, plan.knobs)
    play(whole, plan)
    play(parts, plan._replace(changes=plan.changes[:1], steps=25))
    play(parts, plan._replace(changes=plan.changes[1:]))
    assert parts.trainer.weights.tobytes() == whole.trainer.weights.tobytes()
    assert parts.changes == whole.changes
