"""What may be typed into the prompt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.training.knobs import Knobs
from engine.training.schedules import parse as parse_schedule
from tui.dashboard.commands import typed_entry
from tui.words.usage_error import UsageError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("learning_rate 0.3", ("learning_rate", 0.3)),
        ("  learning_rate =  3e-1 ", ("learning_rate", 0.3)),
        ("batch_size=48", ("batch_size", 48)),
        ("lr 0.3", ("learning_rate", 0.3)),
        ("batch=48", ("batch_size", 48)),
        ("decay 0.01", ("weight_decay", 0.01)),
        ("learning rate 0.3", ("learning_rate", 0.3)),
        ("Learning rate = 0.3", ("learning_rate", 0.3)),
        ("learning-rate=0.3", ("learning_rate", 0.3)),
        ("batch size 8,192", ("batch_size", 8192)),
        ("gradient clip 1,000.5", ("gradient_clip", 1000.5)),
        ("sampling full batch", ("sampling", "full_batch")),
        ("optimizer Adam", ("optimizer", "adam")),
        ("clip 2", ("gradient_clip", 2.0)),
        ("0.25", ("momentum", 0.25)),
        ("momentum 0.9", ("momentum", 0.9)),
        ("optimizer adam", ("optimizer", "adam")),
        ("schedule cosine:steps=500,floor=0.1", ("schedule", "cosine:steps=500,floor=0.1")),
        ("weight_decay 0.01", ("weight_decay", 0.01)),
        ("gradient_clip inf", ("gradient_clip", float("inf"))),
        ("sampling full_batch", ("sampling", "full_batch")),
        ("speed 1,000", ("speed", 1000.0)),
        ("speed full", ("speed", None)),
    ],
)
def test_what_is_understood(text, expected):
    assert typed_entry.parse(text, "momentum") == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("learning_rat 0.3", ["'learning_rat'", "did you mean learning_rate?"]),
        ("lrr 1", ["did you mean lr?"]),
        ("lr", ["learning_rate needs a value"]),
        ("learning rate", ["learning_rate needs a value"]),
        ("batch size 8,19", ["batch_size must be a whole number", "'8,19'"]),
        ("xyz 1", ["'xyz'", "learning_rate, batch_size", "speed"]),
        ("learning_rate", ["learning_rate needs a value", "learning_rate 0.01"]),
        ("schedule", ["schedule needs a value", "cosine:steps=500"]),
        ("learning_rate fast", ["learning_rate must be a number", "'fast'"]),
        ("learning_rate -1", ["learning_rate", "above 0", "-1"]),
        ("learning_rate nan", ["learning_rate", "finite"]),
        ("0", ["learning_rate", "above 0"]),
        ("batch_size 0", ["batch_size", "whole number from 1"]),
        ("batch_size 2.5", ["batch_size", "whole number"]),
        ("momentum 1", ["momentum", "below 1"]),
        ("optimizer adm", ["optimizer", "did you mean adam?"]),
        ("schedule cosine", ["schedule", "steps is missing"]),
        ("sampling none", ["sampling", "reshuffled"]),
        ("speed 0", ["speed", "from 0.01", "'0'"]),
        ("speed inf", ["speed", "full"]),
        ("speed fast", ["speed", "full", "'fast'"]),
        ("1 2 3", ["'1'"]),
    ],
)
def test_what_is_refused_in_words(text, words):
    with pytest.raises(UsageError) as refusal:
        typed_entry.parse(text, "learning_rate")
    for word in words:
        assert word in str(refusal.value)


@given(st.text(max_size=60))
def test_anything_else_is_refused_too(text):
    try:
        name, value = typed_entry.parse(text, "learning_rate")
    except UsageError:
        return
    if name != typed_entry.SPEED:
        Knobs(**{name: value})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("l", "learning_rate"),
        ("learning_rate ", "learning_rate 0.05"),
        ("learning_rate 0", "learning_rate 0.05"),
        ("learning_rate 3", None),
        ("lr 0", "lr 0.05"),
        ("batch", "batch_size"),
        ("batch_size=", "batch_size=32"),
        ("optimizer ada", "optimizer adagrad"),
        ("schedule co", "schedule constant"),
        ("schedule cos", "schedule cosine:steps=300"),
        ("sampling ", "sampling reshuffled"),
        ("speed f", "speed full"),
        ("xyz", None),
    ],
)
def test_completions(text, expected):
    assert typed_entry.complete(text, Knobs(), 300) == expected


@given(st.integers(-10, 10**7))
def test_every_completed_schedule_can_be_set(length):
    for kind in ("const", "st", "exp", "inv", "cos", "war", "one", "pla"):
        text = typed_entry.complete(f"schedule {kind}", Knobs(), length)
        assert parse_schedule(text.removeprefix("schedule "))


@pytest.mark.parametrize("last", ["optimizer", "schedule", "sampling"])
def test_a_number_alone_after_a_knob_of_words_is_a_learning_rate(last):
    assert typed_entry.parse("0.005", last) == ("learning_rate", 0.005)
    assert typed_entry.parse("0.5", "momentum") == ("momentum", 0.5)
