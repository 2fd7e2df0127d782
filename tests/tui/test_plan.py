import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.minibatches import Minibatches
from tui.plan import Change, in_order, steps_of_epochs

CHANGES = st.lists(st.builds(Change, st.integers(0, 30), st.just("batch_size"), st.integers(1, 40)), max_size=4)


@given(epochs=st.integers(0, 4), examples=st.integers(1, 30), batch_size=st.integers(1, 40), changes=CHANGES)
def test_steps_of_epochs_is_what_the_sampler_does(epochs, examples, batch_size, changes):
    minibatches = Minibatches(np.zeros((examples, 1)), lambda rows: rows, batch_size=batch_size, seed=0)
    steps = seen = 0
    while seen < epochs * examples:
        for change in in_order(changes):
            if change.step == steps:
                minibatches.batch_size = change.value
        seen += minibatches.take(1)[0][1]
        steps += 1
    assert seen == epochs * examples
    assert steps_of_epochs(epochs, examples=examples, batch_size=batch_size, changes=changes) == steps


def test_other_knobs_do_not_change_the_length():
    changes = [Change(1, "momentum", 0.9), Change(2, "learning_rate", 0.1)]
    assert steps_of_epochs(3, examples=10, batch_size=4, changes=changes) == 9


def test_changes_of_one_step_keep_their_order():
    first, second, earlier = Change(5, "momentum", 0.9), Change(5, "momentum", 0.1), Change(1, "momentum", 0.5)
    assert in_order([first, second, earlier]) == [earlier, first, second]
