"""The noise floor in words."""

import math

import pytest

from engine.measurement import Measurement
from tui.words.floor_words import marked, source


@pytest.mark.parametrize(
    ("kind", "value", "error", "text", "where_from"),
    [
        ("exact", 1.0125, 0.0, "1.012", "predicted"),
        ("estimate", 1.0125, 0.0, "≈1.012", "predicted, about"),
        ("measured", 0.5, 0.0123, "≈0.500", "measured ± 0.01"),
        ("estimate", math.inf, 0.0, "∞", "predicted, about"),
    ],
)
def test_the_floor_says_where_it_comes_from(kind, value, error, text, where_from):
    floor = Measurement(value, "noise floor", kind, error=error)
    assert (marked(floor), source(floor)) == (text, where_from)
