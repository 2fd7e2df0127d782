"""Attributes that there are not: refused with the right name."""

import numpy as np
import pytest

from engine.runs.run import Run
from engine.training.knobs import KNOBS, Knobs
from engine.training.trainer import Trainer


@pytest.fixture
def trainer(make_line):
    return Trainer(make_line(), np.zeros(2), knobs=Knobs())


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("learning_rat", "a trainer has no attribute learning_rat; did you mean learning_rate?"),
        ("batchsize", "a trainer has no attribute batchsize; did you mean batch_size?"),
        ("qqq", "a trainer has no attribute qqq"),
        ("epoch", "epoch of a trainer can only be read"),
        ("loss", "loss of a trainer can only be read"),
    ],
)
def test_a_trainer_refuses_attributes_that_it_has_not(trainer, name, words):
    with pytest.raises(AttributeError) as refused:
        setattr(trainer, name, 3)
    assert str(refused.value) == words
    assert trainer.run(3) == 3


@pytest.mark.parametrize("name", KNOBS)
def test_a_run_has_no_knobs_as_attributes_that_would_be_kept_and_ignored(trainer, name):
    with pytest.raises(AttributeError, match=f"a run has no attribute {name}"):
        setattr(Run(trainer), name, 3)


def test_a_knob_that_there_is_not_is_refused_wherever_it_is_named(trainer):
    words = "there is no knob 'momentun'; did you mean momentum"
    for set_knob in (trainer.set_knob, Run(trainer).set_knob):
        with pytest.raises(ValueError, match=words):
            set_knob("momentun", 0.5)
    assert trainer.knobs == Knobs()
