import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.model.least_squares import LeastSquares
from engine.runs.plan import Change, in_order, steps_of_epochs
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
