"""Arrows on a picture: to scale, within it, whatever their numbers."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tui.dashboard.panels.weights.arrows import Arrows
from tui.painting.axes import Axis
from tui.painting.canvas import Canvas
from tui.painting.frame import frame
from tui.painting.palette import Ink


def test_an_arrow_points_along_its_step_to_the_stated_scale():
    canvas = Canvas(42, 22)
    inside = frame(canvas, Axis(0, 10), Axis(0, 10))
    pointers = Arrows()
    step = np.array([0.01, 0.0])
    pointers.fit(inside, [step, 0.5 * step])
    assert pointers.scale in {200.0, 500.0}
    pointers.draw(canvas, inside, (5.0, 5.0), step, Ink.MARK)
    _, columns = np.nonzero(canvas.ink == Ink.MARK)
    assert columns.min() == inside.column(5.0)
    assert abs(columns.max() - inside.column(5.0 + pointers.scale * 0.01)) <= 1
    for _ in range(50):  # lengths that change little do not change the scale
        before = pointers.scale
        pointers.fit(inside, [1.3 * step])
        assert pointers.scale == before
    for _ in range(100):
        pointers.fit(inside, [0.01 * step])
    assert pointers.scale > 20 * before
    pointers.fit(inside, [np.zeros(2), np.array([np.nan, 1.0])])
    assert math.isfinite(pointers.scale)


def test_an_arrow_that_would_leave_the_picture_ends_at_its_edge_with_two_heads():
    pointers, tops = Arrows(), []
    for step in ([0.0, 4.0], [0.0, 40.0]):
        canvas = Canvas(42, 22)
        inside = frame(canvas, Axis(0, 10), Axis(0, 10))
        pointers.draw(canvas, inside, (5.0, 5.0), np.array(step), Ink.MARK)
        rows, columns = np.nonzero(canvas.ink == Ink.MARK)
        tops.append(int(rows.min()))
        assert len(set(columns[rows < rows.max()].tolist())) > 1  # a head
    assert tops[1] == inside.top < tops[0]


def test_an_arrow_that_begins_outside_of_the_picture_is_left_out_of_it():
    canvas = Canvas(42, 22)
    inside = frame(canvas, Axis(0, 10), Axis(0, 10))
    Arrows().draw(canvas, inside, (15.0, 5.0), np.array([4.0, 0.0]), Ink.MARK)
    assert not (canvas.ink == Ink.MARK).any()


@given(st.lists(st.floats(), min_size=4, max_size=4))
def test_arrows_of_any_numbers_are_drawn_or_left_out_but_never_raise(numbers):
    canvas = Canvas(20, 8)
    inside, pointers, steps = frame(canvas, Axis(0, 1), Axis(0, 1)), Arrows(), np.array(numbers).reshape(2, 2)
    pointers.fit(inside, steps)
    assert 0 < pointers.scale < math.inf
    for step in steps:
        pointers.draw(canvas, inside, (0.5, 0.5), step, Ink.MARK)
