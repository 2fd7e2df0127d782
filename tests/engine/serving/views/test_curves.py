import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.runs.run import Run
from engine.serving.views import curves_view
from engine.serving.views.curves_view import CurvesView, running_mean, window
from engine.training.history import History
from engine.training.knobs import Knobs
from engine.training.trainer import Trainer


@pytest.fixture
def run(make_line):
    """100 examples in batches of 32: the fourth of an epoch has 4."""
    return Run(Trainer(make_line(100), np.zeros(2), knobs=Knobs(batch_size=32)))


def recorded(run, field):
    trainer = run.trainer
    return trainer.history.tail(trainer.steps)[trainer.history.fields.index(field)]


def picture(run, **view):
    return curves_view.capture(run, CurvesView(**view), run.trainer.loss(), run.trainer.validation_loss())


def forget(run, tail):
    """Give the run a history that holds so few steps exactly; it must not have trained yet."""
    run.trainer.history = History(run.trainer.history.fields, tail=tail, buckets=64)


def test_a_window_is_exact_at_full_resolution(run):
    run.advance(1000)
    shown = picture(run, columns=200, start=300, span=100)
    assert (shown.start, shown.stop) == (300, 400)
    assert shown.batch.steps.tolist() == list(range(300, 400))
    for edge in (shown.batch.low, shown.batch.mean, shown.batch.high):
        assert edge.tolist() == recorded(run, "batch_loss")[300:400].tolist()


def test_the_whole_run_is_an_envelope_of_every_step(run):
    run.advance(3000)
    batch = picture(run, columns=50).batch
    losses = recorded(run, "batch_loss")
    assert 25 <= len(batch.steps) <= 51
    for low, high, first, last in zip(
        batch.low, batch.high, batch.steps, np.append(batch.steps[1:], 3000), strict=True
    ):
        assert (low, high) == (losses[int(first) : int(last)].min(), losses[int(first) : int(last)].max())


def test_what_is_drawn_stays_as_it_is_until_the_window_steps(run):
    run.advance(900)
    before = picture(run, columns=60)
    run.advance(60)
    after = picture(run, columns=60)
    assert (after.start, after.stop) == (before.start, before.stop)
    shared = len(before.batch.steps) - 1  # the last one may have been under way
    for name in ("steps", "low", "mean", "high"):
        assert getattr(after.batch, name)[:shared].tolist() == getattr(before.batch, name)[:shared].tolist()
    settled = shared - 3  # the mean looks ahead
    assert after.smoothed[:settled].tolist() == before.smoothed[:settled].tolist()


@given(st.integers(0, 10**9), st.integers(1, 10**6))
def test_a_window_that_follows_holds_the_latest_step_and_steps_by_a_quarter(steps, span):
    start, stop = window(CurvesView(span=span), steps)
    assert stop - start == span
    assert start >= 0
    assert max(steps, span) <= stop < max(steps, span) + max(1, span // 4)


@given(st.integers(0, 10**9))
def test_the_whole_run_has_room_for_a_quarter_more_at_most(steps):
    start, stop = window(CurvesView(), steps)
    assert start == 0
    assert steps <= stop <= max(20, 1.25 * steps + 1)


def test_a_window_beyond_the_run_is_empty(run):
    run.advance(10)
    shown = picture(run, start=500, span=100)
    assert len(shown.batch.steps) == 0
    assert len(shown.smoothed) == 0
    assert shown.training.steps.tolist() == [10]


def test_the_running_mean_is_of_the_neighbours_that_there_are():
    mean = running_mean(np.array([0.0, 1.0, 2.0, np.nan, 4.0, 5.0]), 1)
    np.testing.assert_allclose(mean, [0.5, 1.0, 1.5, np.nan, 4.5, 4.5])
    assert len(running_mean(np.empty(0), 3)) == 0
    assert running_mean(np.array([7.0]), 3).tolist() == [7.0]


@given(st.lists(st.floats(), max_size=30))
def test_a_running_mean_of_anything_is_finite_or_a_gap(values):
    with np.errstate(over="ignore"):
        mean = running_mean(np.array(values), 3)
    assert len(mean) == len(values)
    assert not np.isinf(mean).any()


def test_the_mean_in_a_window_is_that_of_the_steps_around_too(run):
    run.advance(2000)
    losses = recorded(run, "batch_loss")
    shown = picture(run, columns=200, start=1000, span=200)
    assert shown.mean_of == 7
    assert shown.smoothed == pytest.approx([losses[step - 3 : step + 4].mean() for step in range(1000, 1200)])
    wide = picture(run, columns=50, start=1000, span=200)
    assert wide.mean_of == 28
    assert wide.smoothed[10] == pytest.approx(losses[1040 - 12 : 1040 + 16].mean())


def test_averages_and_envelopes_have_the_same_points_wherever_the_tail_ends(run):
    forget(run, 2048)
    run.advance(10_000)
    exact_from = run.trainer.history.exact_from
    for start in (0, 100, exact_from - 50, exact_from, exact_from + 10, 9_990):
        shown = picture(run, columns=80, start=start, span=300)
        assert len(shown.smoothed) == len(shown.batch.steps) == len(shown.batch.low)
        if start >= exact_from:
            assert shown.batch.steps[0] == start
        assert (np.diff(shown.batch.steps) > 0).all()


def test_examples_are_exact_where_the_batch_size_changed_in_mid_run(run):
    run.advance(40)
    run.set_knob("batch_size", 3)
    run.advance(60)
    run.set_knob("batch_size", 100)
    run.advance(20)
    examples = recorded(run, "examples")
    knots = picture(run, columns=300).examples
    steps = np.arange(120)
    assert np.interp(steps, knots.steps, knots.values).tolist() == examples.tolist()
    assert (knots.steps[-1], knots.values[-1]) == (120, run.trainer.examples)
    zoomed = picture(run, columns=40, start=30, span=20).examples
    inside = np.arange(30, 50)
    assert np.interp(inside, zoomed.steps, zoomed.values).tolist() == examples[inside].tolist()


def test_examples_do_not_run_backwards_over_ten_million_steps(run):
    forget(run, 2048)
    run.advance(200_000)
    for view in ({}, {"span": 200}, {"start": 777, "span": 4000}):
        knots = picture(run, **view).examples
        assert (np.diff(knots.steps) > 0).all()
        assert (np.diff(knots.values) >= 0).all()


def test_the_cursor_reads_what_the_history_recorded(run):
    run.advance(50)
    run.set_knob("learning_rate", 0.02)
    run.advance(50)
    reading = picture(run, cursor=50).reading
    assert (reading.step, reading.first, reading.count) == (50, 50, 1)
    for field in ("batch_loss", "batch_gradient_norm", "learning_rate", "batch_size", "examples"):
        assert getattr(reading, field) == recorded(run, field)[50]
    assert reading.learning_rate == 0.02
    stride = run.evaluations.stride
    assert reading.evaluated_at == 50 // stride * stride
    assert reading.training_loss == run.evaluations.training_loss[50 // stride]
    assert np.isnan(reading.validation_loss)


def test_the_cursor_stays_within_the_run(run):
    assert picture(run, cursor=3).reading is None
    run.advance(10)
    assert picture(run, cursor=10**9).reading.step == 9
    assert picture(run, cursor=-1).reading.step == 0
    assert picture(run).reading is None


def test_the_cursor_reads_means_where_the_step_is_too_long_ago_and_says_of_which(run):
    forget(run, 2048)
    run.advance(9000)
    fresh = Run(Trainer(run.trainer.objective, np.zeros(2), knobs=Knobs(batch_size=32)))
    fresh.advance(9000)
    losses = recorded(fresh, "batch_loss")
    reading = picture(run, cursor=1000).reading
    assert reading.count > 1
    assert reading.first <= 1000 < reading.first + reading.count
    assert reading.batch_loss == pytest.approx(losses[reading.first : reading.first + reading.count].mean())
    assert reading.examples == recorded(fresh, "examples")[reading.first]


def test_evaluations_reach_over_the_edges_of_the_window(run):
    run.advance(1000)
    stride = run.evaluations.stride
    start = 10 * stride + 1
    training = picture(run, start=start, span=3).training
    assert training.steps[0] <= start
    assert training.steps[-1] >= start + 3
    assert set(training.steps) <= {*run.evaluations.steps, 1000.0}


def test_where_the_loss_is_not_finite_there_is_a_gap_and_the_step_is_said(run):
    run.set_knob("learning_rate", 50.0)
    run.advance(10_000)
    shown = picture(run, cursor=10**9)
    assert shown.blew_up_at == run.trainer.steps - 1
    assert not np.isinf(shown.training.values).any()
    assert not np.isinf(shown.batch.high).any()
    assert shown.reading.step == run.trainer.steps - 1
