"""What a race is proposed between, and what was typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.training.knobs import Knobs
from tui.words.race_proposals import entry, proposals


def test_proposals_are_around_the_present_knobs():
    assert proposals(Knobs(learning_rate=0.05, batch_size=32), 256) == {
        "optimizer": ["sgd", "adagrad", "rmsprop", "adam"],
        "batch_size": ["8", "32", "128", "256"],
        "learning_rate": ["0.025", "0.05", "0.1", "0.2"],
    }
    with_momentum = Knobs(learning_rate=0.05, batch_size=32, momentum=0.9)
    assert proposals(with_momentum, 256)["optimizer"] == ["sgd", "nesterov", "rmsprop", "adam"]


@given(st.integers(1, 10**6), st.integers(2, 10**6), st.floats(1e-9, 1e6))
def test_proposals_are_different_and_can_be_raced(batch_size, num_examples, learning_rate):
    for knob, words in proposals(Knobs(learning_rate=learning_rate, batch_size=batch_size), num_examples).items():
        _, values = entry(knob, ", ".join(words))
        assert len(set(values)) == len(values) >= 2
        assert knob != "batch_size" or all(1 <= value <= num_examples for value in values)


@pytest.mark.parametrize(
    ("knob", "text", "values"),
    [
        ("optimizer", "sgd, adam", ("sgd", "adam")),
        ("batch_size", "1 8,64", (1, 8, 64)),
        ("learning_rate", "1e-3, .1", (0.001, 0.1)),
    ],
)
def test_what_was_typed(knob, text, values):
    assert entry(knob, text) == (knob, values)


@pytest.mark.parametrize(
    ("knob", "text", "words"),
    [
        ("optimizer", "sgd", "two to four values, with commas between, not 1"),
        ("batch_size", "1,2,3,4,5", "not 5"),
        ("batch_size", "8, 1.5", "Batch sizes are whole numbers"),
        ("learning_rate", "fast, slow", "Learning rates are numbers"),
    ],
)
def test_what_is_no_race_is_refused_in_words(knob, text, words):
    with pytest.raises(ValueError, match=words):
        entry(knob, text)
