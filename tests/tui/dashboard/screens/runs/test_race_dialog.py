"""What a race is proposed between, and what was typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.training.knobs import USUAL_RATES, Knobs
from tui.words import glossary
from tui.words.race_proposals import TooManyError, entry, proposals


def test_proposals_are_around_the_present_knobs():
    assert proposals(Knobs(learning_rate=0.05, batch_size=32), 256) == {
        "optimizer": ["sgd", "adagrad", "rmsprop", "adam"],
        "usual_rates": ["sgd 0.01", "adagrad 0.01", "rmsprop 0.001", "adam 0.001"],
        "batch_size": ["8", "32", "128", "256"],
        "learning_rate": ["0.025", "0.05", "0.1", "0.2"],
        "another_knob": ["momentum 0", "0.5", "0.9", "0.99"],
    }
    with_momentum = Knobs(learning_rate=0.05, batch_size=32, momentum=0.9)
    assert proposals(with_momentum, 256)["optimizer"] == ["sgd", "nesterov", "rmsprop", "adam"]


@given(st.integers(1, 10**6), st.integers(2, 10**6), st.floats(1e-9, 1e6))
def test_proposals_are_different_and_can_be_raced(batch_size, num_examples, learning_rate):
    for knob, words in proposals(Knobs(learning_rate=learning_rate, batch_size=batch_size), num_examples).items():
        _, values, rates = entry(knob, ", ".join(words))
        assert len(rates) == (len(values) if knob == "usual_rates" else 0)
        assert len(set(values)) == len(values) >= 2
        assert knob != "batch_size" or all(1 <= value <= num_examples for value in values)


@pytest.mark.parametrize(
    ("kind", "text", "typed"),
    [
        ("optimizer", "sgd, adam", ("optimizer", ("sgd", "adam"), ())),
        ("optimizer", "sgd, Adam 1e-3", ("optimizer", ("sgd", "adam"), (None, 0.001))),
        ("usual_rates", "adam 0.1, adam .01 sgd 1", ("optimizer", ("adam", "adam", "sgd"), (0.1, 0.01, 1.0))),
        ("batch_size", "1 8,64", ("batch_size", (1, 8, 64), ())),
        ("learning_rate", "1e-3, .1", ("learning_rate", (0.001, 0.1), ())),
        ("another_knob", "momentum 0, .9", ("momentum", (0.0, 0.9), ())),
        ("another_knob", "weight decay 0,0.1 1", ("weight_decay", (0.0, 0.1, 1.0), ())),
        (
            "another_knob",
            "schedule cosine:steps=50, one_cycle:steps=80",
            ("schedule", ("cosine:steps=50", "one_cycle:steps=80"), ()),
        ),
    ],
)
def test_what_was_typed(kind, text, typed):
    assert entry(kind, text) == typed


def test_the_glossary_tells_the_usual_rates():
    (found,) = [entry for entry in glossary.entries() if entry.term == "usual rate"]
    assert found.formula == f"SGD {USUAL_RATES['sgd']}; Adam {USUAL_RATES['adam']}"


def test_a_knob_that_does_not_act_with_the_optimizer_is_refused():
    with pytest.raises(ValueError, match="Momentum acts with sgd and nesterov, not with adam"):
        entry("another_knob", "momentum 0, 0.9", "adam")


def test_for_more_values_than_a_race_takes_the_sweep_is_offered():
    with pytest.raises(TooManyError):
        entry("batch_size", "1,2,3,4,5")


@pytest.mark.parametrize(
    ("knob", "text", "words"),
    [
        ("usual_rates", "0.1 sgd, adam", "behind its optimizer, like adam 0.001"),
        ("usual_rates", "sgd 0.1 0.2, adam", "behind its optimizer"),
        ("usual_rates", "sgd 0.1", "not 1"),
        ("optimizer", "sgd", "two to four values, with commas between, not 1"),
        ("batch_size", "1,2,3,4,5", "not 5"),
        ("batch_size", "8, 1.5", "Batch sizes are whole numbers"),
        ("learning_rate", "fast, slow", "Learning rates are numbers"),
        ("another_knob", "impetus 1, 2", "Begin with the name of a knob: learning_rate"),
        ("another_knob", "momentum 0, 1", "Momentum must be"),
    ],
)
def test_what_is_no_race_is_refused_in_words(knob, text, words):
    with pytest.raises(ValueError, match=words):
        entry(knob, text)
