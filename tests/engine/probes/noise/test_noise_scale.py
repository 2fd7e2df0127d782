"""The noise scale over recent readings: averages divided, not ratios averaged."""

import math

import numpy as np
import pytest

from engine.probes.noise.noise_scale import NoiseAverage, NoiseReading, rounding_length


def average(*readings):
    found = NoiseAverage()
    for reading in readings:
        found.add(reading)
    return found.scale()


def test_the_averages_are_divided():
    scale = average(NoiseReading(100, 6.0, 1.0), NoiseReading(101, 6.0, 0.01))
    assert scale.value == pytest.approx(12 / 1.01)  # and not the mean of 6 and 600
    assert scale.note == "mean of 2 readings since step 100"


def test_only_the_last_tenth_of_the_steps_counts_and_a_step_once():
    scale = average(
        *(NoiseReading(10, 1.0, 1.0), NoiseReading(89, 1.0, 1.0), NoiseReading(90, 2.0, 1.0)),
        *(NoiseReading(100, 9.0, 1.0), NoiseReading(100, 4.0, 1.0)),
    )
    assert scale.value == 3.0


def test_one_exact_reading_is_exact_and_one_from_a_sample_says_its_error():
    assert average(NoiseReading(0, 8.0, 2.0)).kind == "exact"
    sampled = average(NoiseReading(0, 8.0, 2.0, spread_error=1.0, squared_norm_error=0.25))
    assert (sampled.value, sampled.error) == (4.0, pytest.approx(math.hypot(1, 4 * 0.25) / 2))


def test_the_standard_error_covers_the_truth():
    # g ~ N(m, 1) along 5 directions, tr Σ = 10 from samples: |g|² = 5 + m² on average.
    generator = np.random.default_rng(0)
    covered = 0
    for _ in range(200):
        squares = np.square(generator.normal([1, 0, 0, 0, 0], 1, (20, 5))).sum(axis=1)
        spreads = 10 + generator.standard_normal(20)
        readings = (NoiseReading(1000 + k, s, q, 1.0) for k, (s, q) in enumerate(zip(spreads, squares, strict=True)))
        scale = average(*readings)
        covered += abs(scale.value - 10 / 6) < 2 * scale.error
    assert 170 < covered < 198  # of 200; 95 % for normal ones, a few less for a skewed ratio


def test_nothing_over_nothing_is_unknown_and_something_over_nothing_infinite():
    length = rounding_length(2.0, 3.0)
    assert math.isnan(average(NoiseReading(0, 0.0, 0.0)).value)
    assert math.isnan(average(NoiseReading(5, length**2 / 4, length**2 / 9, length=length)).value)
    assert average(NoiseReading(5, 1.0, length**2 / 9, length=length)).value == math.inf
    assert average(NoiseReading(5, 1.0, -0.1)).value == math.inf  # a squared norm without its bias may be below 0


def test_what_is_not_finite_is_forgotten():
    readings = NoiseReading(1, 1.0, 1.0), NoiseReading(2, math.inf, 1.0)
    assert average(*readings).kind == "unknown"
    assert average(*readings, NoiseReading(3, 2.0, 1.0)).value == 2.0
