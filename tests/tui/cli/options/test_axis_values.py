"""Values of an axis as they are typed."""

import pytest

from engine.training.schedules import parse
from tui.cli.options.axis_values import axis_values
from tui.words.usage_error import UsageError


@pytest.mark.parametrize(
    ("knob", "text", "values"),
    [
        ("learning_rate", "0.1", (0.1,)),
        ("learning_rate", "0.3,0.1", (0.1, 0.3)),
        ("learning_rate", "0.001:1:4", (0.001, 0.01, 0.1, 1.0)),
        ("momentum", "0:0.9:4:linear", (0.0, 0.3, 0.6, 0.9)),
        ("batch_size", "1:256:9", (1, 2, 4, 8, 16, 32, 64, 128, 256)),
        ("batch_size", "1:4:9", (1, 2, 3, 4)),
        ("optimizer", "sgd,adam", ("sgd", "adam")),
        ("schedule", "constant,cosine:steps=50,floor=0.1", ("constant", "cosine:steps=50,floor=0.1")),
    ],
)
def test_values_lists_and_ranges(knob, text, values):
    assert axis_values("--it", knob, text) == values
    if knob == "schedule":
        assert all(parse(value) for value in values)


@pytest.mark.parametrize(
    ("knob", "text", "words"),
    [
        ("learning_rate", "nan", "finite number above 0"),
        ("learning_rate", "-1,1", "finite number above 0"),
        ("learning_rate", "0:1:5", "finite number above 0"),
        ("momentum", "0:0.9:4", "write 0:0.9:4:linear"),
        ("batch_size", "0,1", "a whole number from 1"),
        ("batch_size", "1,2,1", "1 is there twice"),
        ("optimizer", "sgd,sgd", "sgd is there twice"),
        ("optimizer", "sgd,adm", "adam"),
        ("learning_rate", "0.1:1:1", "for one value write just that"),
        ("learning_rate", "0.1:1:x", "from 2 to"),
        ("learning_rate", "1:0.1:5", "a range goes up"),
        ("learning_rate", "0.1:1", "FROM:TO:COUNT"),
        ("learning_rate", "1:1.00001:50", "too close together"),
        ("gradient_clip", "1:inf:5", "finite"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(knob, text, words):
    with pytest.raises(UsageError, match=f"^--it.*{words}"):
        axis_values("--it", knob, text)
