"""Epochs: how many minibatches see so many examples."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.training.epochs import seen_after, steps_to_see
from engine.training.knobs import Knobs
from engine.training.trainer import Trainer


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 100), st.data())
def test_the_arithmetic_is_that_of_taking_one_batch_after_another(examples, size, wanted, data):
    size, left = min(size, examples), data.draw(st.integers(1, examples))
    seen, steps, rest = 0, 0, left
    while seen < wanted:
        assert seen_after(steps, left, examples, size) == seen
        batch = min(size, rest)
        seen, steps, rest = seen + batch, steps + 1, rest - batch or examples
    assert steps_to_see(wanted, left, examples, size) == steps


@pytest.mark.parametrize("sampling", ["reshuffled", "with_replacement", "full_batch"])
def test_a_trainer_runs_epochs(make_line, sampling):
    def trainer():
        return Trainer(make_line(100), np.zeros(2), knobs=Knobs(0.01, 32, sampling=sampling))

    one, other = trainer(), trainer()
    assert one.run(epochs=3) == 3 * (1 if sampling == "full_batch" else 4)
    assert (one.epoch, one.run(epochs=0)) == (3.0, 0)
    other.run(one.steps)
    assert one.weights.tobytes() == other.weights.tobytes()


def test_from_within_an_epoch_the_rest_of_it_counts(make_line):
    trainer = Trainer(make_line(100), np.zeros(2), knobs=Knobs(0.01, 32))
    trainer.run(1)
    trainer.batch_size = 10
    trainer.run(epochs=2)
    assert trainer.epoch == pytest.approx(2.32, abs=0.1)
    assert trainer.epoch >= 2.32


def test_a_run_that_blows_up_ends_there(make_line):
    trainer = Trainer(make_line(), np.zeros(2), knobs=Knobs(1e300))
    assert trainer.run(epochs=1000) == trainer.steps == trainer.blew_up_at + 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "say how long to run: either steps or epochs"),
        ({"steps": 3, "epochs": 2}, "say how long to run: either steps or epochs"),
        ({"epochs": 2.5}, "epochs must be a whole number of at least 0, not 2.5"),
        ({"epochs": -1}, "epochs must be a whole number of at least 0, not -1"),
        ({"steps": "ten"}, "steps must be a whole number of at least 0, not 'ten'"),
        ({"steps": float("nan")}, "steps must be a whole number of at least 0, not nan"),
    ],
)
def test_lengths_that_cannot_be_are_refused(make_line, arguments, words):
    trainer = Trainer(make_line(), np.zeros(2), knobs=Knobs())
    with pytest.raises(ValueError, match=words):
        trainer.run(**arguments)
    assert trainer.steps == 0
