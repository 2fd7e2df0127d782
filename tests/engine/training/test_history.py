import pickle
import tracemalloc
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.training.history import Evaluations, History

# Values of a step: ordinary, extreme, and not finite.
VALUE = st.floats(-10, 10) | st.floats()
TAIL = 2048  # the shortest tail there is


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@st.composite
def recordings(draw, most=20_000):
    """(2, n) noise with a few drawn values in it, so that long recordings are cheap to draw."""
    steps = draw(st.integers(1, most))
    values = np.random.default_rng(steps).standard_normal((2, steps))
    for place, value in draw(st.lists(st.tuples(st.integers(0, steps - 1), VALUE), max_size=6)):
        values[:, place] = value, -value
    return values


def recorded(values, *, group=None, buckets=4):
    history = History(("a", "b"), tail=TAIL, buckets=buckets)
    for start in range(0, values.shape[1], group or values.shape[1]):
        history.append(values[:, start : start + (group or values.shape[1])])
    return history


def extent(series):
    """Lowest and highest value of a series, NaN without any."""
    return np.fmin.reduce(series.low), np.fmax.reduce(series.high)


def finite_extent(values):
    finite = np.where(np.isfinite(values), values, np.nan)
    return np.fmin.reduce(finite), np.fmax.reduce(finite)


@given(recordings(), st.integers(0, 3000))
def test_the_tail_is_exact(values, count):
    history = recorded(values)
    kept = min(count, TAIL, values.shape[1])
    np.testing.assert_array_equal(history.tail(count), values[:, values.shape[1] - kept :])
    assert history.steps == values.shape[1]


@given(recordings(), st.integers(1, 300), st.sampled_from([2, 4, 64]))
def test_spikes_never_vanish(values, columns, buckets):
    history = recorded(values, buckets=buckets)
    for row, field in zip(values, ("a", "b"), strict=True):
        np.testing.assert_equal(extent(history.window(field, 0, history.steps, columns)), finite_extent(row))


@given(recordings(), st.data())
def test_a_window_within_the_tail_shows_just_its_steps(values, data):
    history = recorded(values)
    start = data.draw(st.integers(max(0, history.steps - TAIL), history.steps - 1))
    stop = data.draw(st.integers(start + 1, history.steps))
    series = history.window("a", start, stop, data.draw(st.integers(1, 300)))
    np.testing.assert_equal(extent(series), finite_extent(values[0, start:stop]))
    assert series.steps[0] == start


@given(recordings(), st.data())
def test_an_older_window_shows_its_steps_and_at_most_a_bucket_more(values, data):
    history = recorded(values, buckets=64)
    start = data.draw(st.integers(0, history.steps - 1))
    stop = data.draw(st.integers(start + 1, history.steps))
    series = history.window("a", start, stop, data.draw(st.integers(1, 300)))
    bucket = 1
    while bucket * 64 <= history.steps:
        bucket *= 2
    low, high = extent(series)
    inner, outer = values[0, start:stop], values[0, max(0, start - bucket) : stop + bucket]
    assert not finite_extent(inner)[1] > high
    assert not finite_extent(inner)[0] < low
    assert not finite_extent(outer)[1] < high
    assert not finite_extent(outer)[0] > low


@given(recordings(), st.integers(1, 300))
def test_a_window_is_about_as_wide_as_asked(values, columns):
    series = recorded(values, buckets=512).window("a", 0, values.shape[1], columns)
    assert len(series.steps) <= columns + 1
    assert len(series.steps) >= min(columns, values.shape[1], 256) // 2
    assert (np.diff(series.steps) > 0).all()


@given(st.integers(1, 20_000), st.integers(1, 300), st.sampled_from([2, 4, 64]))
def test_means_are_exact_where_every_value_is_finite(steps, columns, buckets):
    values = np.random.default_rng(steps).uniform(1, 2, (2, steps))
    series = recorded(values, buckets=buckets).window("a", 0, steps, columns)
    sums = np.append(0.0, np.cumsum(values[0]))
    edges = np.append(series.steps, steps).astype(int)
    expected = np.diff(sums[edges]) / np.diff(edges)
    # The running sum reaches 40,000: its roundings of 4e-12 are the reference's own.
    np.testing.assert_allclose(series.mean, expected, rtol=0, atol=1e-10)


@given(recordings(), st.integers(1, 300), st.sampled_from([2, 64]))
def test_means_lie_between_lowest_and_highest(values, columns, buckets):
    series = recorded(values, buckets=buckets).window("a", 0, values.shape[1], columns)
    assert (np.isnan(series.mean) == np.isnan(series.low)).all()
    gap = np.isnan(series.mean)
    slack = 1e-12 * np.maximum(abs(series.low), abs(series.high))
    assert (gap | (series.low <= series.mean + slack) & (series.mean <= series.high + slack)).all()


@given(recordings(), st.integers(1, 5000), st.sampled_from([2, 4, 64]), st.data())
def test_what_is_kept_does_not_depend_on_the_grouping(values, group, buckets, data):
    whole = recorded(values, buckets=buckets)
    grouped = recorded(values, group=max(group, values.shape[1] // 500), buckets=buckets)
    start = data.draw(st.integers(0, values.shape[1] - 1))
    for window in [("a", 0, values.shape[1], 50), ("b", start, values.shape[1], 10)]:
        one, other = whole.window(*window), grouped.window(*window)
        for part in ("steps", "low", "mean", "high"):
            assert getattr(one, part).tobytes() == getattr(other, part).tobytes()


@pytest.mark.parametrize("buckets", [2, 4])
@pytest.mark.parametrize("group", [1000, 1024, 4096, 100_000])
def test_long_buckets_lose_nothing(buckets, group):
    # 100,000 steps in so few buckets: strides go to 32,768, far beyond the 1,024 reduced at once.
    values = np.random.default_rng(0).uniform(0, 1, (2, 100_000))
    places = np.array([0, 1023, 1024, 33_333, 65_535, 65_536, 98_304, 99_999])
    values[0, places] = 10 + np.arange(len(places))
    history = recorded(values, group=group, buckets=buckets)
    series = history.window("a", 0, 100_000, 100)
    starts = series.steps.astype(int)
    np.testing.assert_array_equal(series.high, np.maximum.reduceat(values[0], starts))
    np.testing.assert_array_equal(series.low, np.minimum.reduceat(values[0], starts))
    sizes = np.diff(np.append(starts, 100_000))
    np.testing.assert_allclose(series.mean, np.add.reduceat(values[0], starts) / sizes, rtol=1e-13)


def test_values_that_are_not_finite_are_gaps():
    values = np.array([[np.nan, np.inf, -np.inf, 1.0, np.nan, 3.0]] * 2)
    history = recorded(values, buckets=64)
    exact = history.window("a", 0, 6, 6)
    for part in (exact.low, exact.mean, exact.high):
        np.testing.assert_array_equal(part, [np.nan, np.nan, np.nan, 1, np.nan, 3])
    halves = history.window("a", 0, 6, 2)
    np.testing.assert_array_equal(halves.low, [np.nan, 1])
    np.testing.assert_array_equal(halves.mean, [np.nan, 2])
    np.testing.assert_array_equal(halves.high, [np.nan, 3])


def test_the_mean_passes_over_gaps_evenly_at_any_stride():
    # Every third value only: the mean must weigh them alike although buckets hold one or two of them.
    values = np.full((2, 6000), np.nan)
    values[:, ::3] = np.random.default_rng(0).uniform(1, 2, 2000)
    series = recorded(values, buckets=64).window("a", 0, 6000, 1)
    assert series.mean == pytest.approx([values[0, ::3].mean()], rel=1e-12)


@pytest.mark.parametrize("columns", [1, 4])
def test_the_mean_of_enormous_values_is_finite(columns):
    with np.errstate(over="ignore"):
        series = recorded(np.full((2, 5000), 1.5e308), buckets=4).window("a", 0, 5000, columns)
    assert (series.mean == 1.5e308).all()


@pytest.mark.parametrize("window", [(0, 0, 10), (5, 2, 10), (50, 90, 10), (-5, 0, 10)])
def test_a_window_without_steps_is_empty(window):
    series = recorded(np.ones((2, 20))).window("a", *window)
    assert [len(part) for part in (series.steps, series.low, series.mean, series.high)] == [0] * 4


def test_a_new_history_is_empty():
    history = History(("a",))
    assert history.tail(5).shape == (1, 0)
    assert len(history.window("a", 0, 10, 5).steps) == 0


def test_memory_is_bounded():
    history = History(("a", "b"), tail=TAIL, buckets=256)
    block = np.zeros((2, 2**18))
    tracemalloc.start()
    try:
        history.append(block)
        before, kept = tracemalloc.get_traced_memory()[0], len(pickle.dumps(history))
        for _ in range(7):
            history.append(block)
        grown = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert history.steps == 2**21
    assert len(pickle.dumps(history)) < kept + 1000
    assert grown < 20_000


@pytest.mark.parametrize("fields", [7, 21])
def test_a_long_run_takes_less_than_thirty_megabytes_even_while_its_tail_grows(fields):
    block = np.random.default_rng(0).standard_normal((fields, 2**16))
    tracemalloc.start()
    try:
        history = History(tuple(f"field {k}" for k in range(fields)))
        while history.steps < 400_000:  # the tail has been full and moved
            history.append(block)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 30e6


def test_buckets_begin_only_as_coarse_as_the_tail_allows():
    # 4,096 steps in 1,024 buckets: nothing is older than the tail before it holds 4,096, and 512 buckets are left.
    history = History(("a",), tail=4096, buckets=1024)
    values = np.random.default_rng(0).standard_normal((1, 4097))
    history.append(values)
    series = history.window("a", 0, 4097, 1024)
    assert len(series.steps) >= 512
    assert extent(series) == finite_extent(values[0])


@pytest.mark.parametrize("buckets", [0, 1, 3, -2])
def test_an_odd_number_of_buckets_is_refused(buckets):
    with pytest.raises(ValueError, match="even number"):
        History(("a",), buckets=buckets)


def evaluated(steps, *, groups, capacity=8):
    evaluations = Evaluations(capacity)
    first, turn = 0, 0
    while first < steps:
        count = min(groups[turn % len(groups)], steps - first)
        due = evaluations.due(first, count)
        assert all(first <= step < first + count for step in due)
        evaluations.append(due, 10.0 * np.array(due), 10.0 * np.array(due) + 1)
        first, turn = first + count, turn + 1
    return evaluations


@given(st.integers(0, 2000), st.lists(st.integers(1, 100), min_size=1, max_size=5), st.sampled_from([2, 7, 64]))
def test_evaluations_are_kept_at_the_multiples_of_the_stride(steps, groups, capacity):
    evaluations = evaluated(steps, groups=groups, capacity=capacity)
    assert evaluations.steps.tolist() == list(range(0, steps, evaluations.stride))
    assert evaluations.training_loss.tolist() == [10 * step for step in evaluations.steps]
    assert evaluations.validation_loss.tolist() == [10 * step + 1 for step in evaluations.steps]


@given(st.integers(1, 2000), st.lists(st.integers(1, 100), min_size=1, max_size=5))
def test_evaluations_are_as_many_as_fit(steps, groups):
    evaluations = evaluated(steps, groups=groups)
    assert len(evaluations.steps) <= 8
    assert evaluations.stride == 1 or len(range(0, steps, evaluations.stride // 2)) > 8


def thrifty(steps, *, groups, change):
    evaluations = Evaluations(stride=4, thrift=8)
    first, turn = 0, 0
    while first < steps:
        count = min(groups[turn % len(groups)], steps - first, change - first if first < change else steps)
        if first == change:
            evaluations.restart(change)
        due = evaluations.due(first, count)
        evaluations.append(due, np.zeros(len(due)), np.zeros(len(due)))
        first, turn = first + count, turn + 1
    return evaluations.steps.tolist()


def test_evaluations_that_take_long_become_rarer_with_the_steps_since_the_knobs_changed():
    # Every 4 steps for 8·4 steps, every 8 until 64 have passed, every 16 until 128, …
    early = [*range(0, 32, 4), *range(32, 64, 8)]
    assert thrifty(200, groups=[200], change=10**6) == [*early, *range(64, 128, 16), 128, 160, 192]
    late = [*range(100, 132, 4), 136, 144, 152, 160, 176, 192]
    assert thrifty(200, groups=[200], change=100) == [*early, 64, 80, 96, *late]


@given(st.integers(1, 1000), st.lists(st.integers(1, 90), min_size=1, max_size=5), st.integers(1, 500))
def test_rare_evaluations_do_not_depend_on_grouping(steps, groups, change):
    assert thrifty(steps, groups=groups, change=change) == thrifty(steps, groups=[10**6], change=change)
