"""The painters, read as text: no app, no terminal."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.painting.ascii import ascii_text
from tui.painting.axes import Axis, StickyAxis, enclosing_axis, growing_axis, quantile
from tui.painting.canvas import Canvas
from tui.painting.contour import contour_lines, fewer_levels, levels
from tui.painting.frame import _along, band, frame
from tui.painting.numbers import fixed, short, tick
from tui.painting.palette import CERTAINTIES, CHANCES, LEVELS, Ink

NUMBERS = st.floats(-1e200, 1e200)
POSITIVE = st.floats(1e-200, 1e200)


def test_a_falling_curve_in_its_frame():
    canvas = Canvas(30, 8)
    inside = frame(canvas, Axis(0, 10), Axis(0.1, 10, log=True), x_name="x")
    x = np.linspace(0, 10, 41)
    inside.curve(canvas, x, 10 * np.exp(-x / 3), Ink.SERIES_0)
    # ln 100 over seven rows of four dots: 10/e^(10/3) = 0.36 is 72 % of the way down.
    assert str(canvas).split("\n") == [
        " 10 ⠉⠑⠲⠤⣀⡀",
        "         ⠉⠑⠲⠤⣀⡀",
        "              ⠈⠑⠒⠤⢄⣀",
        "                   ⠈⠉⠒⠦⢄⣀",
        "                         ⠉⠒⠢⢤⣀",
        "",
        "0.1",
        "    0           5         10 x",
    ]


def test_a_canvas_keeps_one_ink_a_cell_so_that_no_curve_colours_anothers_dots():
    canvas = Canvas(1, 1)
    canvas.dots(np.array([0.0]), np.array([0.0]), Ink.BATCH)
    canvas.dots(np.array([1.0]), np.array([3.0]), Ink.TRAINING)
    assert str(canvas) == "⢀"
    canvas.dots(np.array([0.0]), np.array([0.0]), Ink.TRAINING)
    assert str(canvas) == "⢁"


@given(st.lists(st.tuples(st.floats(), st.floats()), max_size=12))
def test_lines_through_any_numbers_are_drawn_or_left_out_but_never_raise(points):
    canvas = Canvas(9, 4)
    x, y = (np.array([point[i] for point in points], dtype=float) for i in (0, 1))
    canvas.line(x, y, Ink.TRAJECTORY)
    canvas.line(x, y, Ink.TRAJECTORY, (2, 2, 10, 10))
    canvas.dots(x, y, Ink.TRAJECTORY)
    assert all(len(row) == 9 for row in canvas.rows())


def test_a_line_is_clipped_to_its_box_and_keeps_its_direction():
    canvas = Canvas(6, 3)
    canvas.line(np.array([-1e6, 1e6]), np.array([-1e6, 1e6]), Ink.TRAJECTORY, (2, 0, 10, 12))
    assert str(canvas).split("\n") == [" ⢄", "  ⠑⢄", "    ⠑"]
    assert all(row[0] == " " and row[5] == " " for row in canvas.rows())


def test_text_is_clipped_and_keeps_the_paper():
    canvas = Canvas(4, 1)
    canvas.half_blocks(np.full((2, 4), Ink.LEVEL_0, dtype=np.uint8))
    canvas.text(2, 0, "abc", Ink.STRONG)
    canvas.text(0, 7, "below", Ink.STRONG)
    assert canvas.rows() == ["  a…"]  # cut with a mark
    assert (canvas.paper == Ink.LEVEL_0).all()


def test_changed_spans_name_the_cells_that_differ_and_only_those_rows():
    before, after = Canvas(10, 3), Canvas(10, 3)
    after.text(2, 1, "x")
    after.text(6, 1, "y")
    assert after.changed_spans(before) == [(1, 2, 7)]  # four cells between are not worth a move of the cursor
    after.text(9, 2, "z")
    after.text(0, 2, "z")
    assert after.changed_spans(before) == [(1, 2, 7), (2, 0, 1), (2, 9, 10)]
    assert after.changed_spans(after.copy()) == []


def test_the_ink_of_a_blank_is_no_change_and_no_run_of_its_own():
    before, after = Canvas(6, 1), Canvas(6, 1)
    for canvas in (before, after):
        canvas.text(0, 0, "a  b", Ink.KEY)
    after.ink[0, 1] = Ink.DANGER
    before.settle()
    after.settle()
    assert after.changed_spans(before) == []
    assert after.runs(0, 0, canvas.width) == [("a  b  ", Ink.KEY, 0)]


def test_a_broken_curve_holds_still_while_it_grows():
    short, long = Canvas(12, 1), Canvas(12, 1)
    for canvas, end in ((short, 13.0), (long, 23.0)):
        canvas.line(np.array([0.0, end]), np.array([1.0, 1.0]), Ink.VALIDATION)
    assert str(long) == "⠒⠒⠒⠒  ⠒⠒⠒⠒"
    assert str(long).startswith(str(short))


@pytest.mark.parametrize(("detail", "level", "chance", "certainty"), [(2, 16, 12, 4), (1, 8, 6, 2), (0, 4, 4, 1)])
def test_on_a_slow_link_maps_have_fewer_colours_and_the_rest_stays(detail, level, chance, certainty):
    def left(first, count):
        canvas = Canvas(count, 1)
        canvas.half_blocks(np.arange(first, first + count, dtype=np.uint8).repeat(2).reshape(-1, 2).T)
        return np.unique(fewer_levels(canvas, detail).paper).tolist()

    assert len(left(Ink.LEVEL_0, LEVELS)) == level
    assert [left(Ink.LEVEL_0, LEVELS)[i] for i in (0, -1)] == [Ink.LEVEL_0, Ink.LEVEL_0 + LEVELS - 1]
    chances = left(Ink.CHANCE_0, CHANCES)
    assert len(chances) == chance
    assert sum(ink < Ink.CHANCE_0 + CHANCES // 2 for ink in chances) == chance // 2  # each class keeps its side
    for number in range(10):
        assert len(left(Ink.REGION_0 + number * CERTAINTIES, CERTAINTIES)) == certainty
    assert len(left(Ink.REGION_0, 10 * CERTAINTIES)) == 10 * certainty

    canvas = Canvas(3, 1)
    canvas.half_blocks(np.full((2, 3), Ink.LEVEL_0 + 3, dtype=np.uint8))
    canvas.text(1, 0, "●", Ink.BALL)
    drawn = fewer_levels(canvas, detail)
    assert (drawn.rows(), drawn.ink[0, 1]) == ([" ● "], Ink.BALL)


def test_without_colours_the_map_is_lines_around_the_valley_and_what_is_drawn_on_it_stays():
    x, y = np.meshgrid(np.linspace(-1, 1, 24), np.linspace(-1, 1, 24))
    canvas = Canvas(26, 12)
    canvas.half_blocks(levels(x**2 + y**2), column=2)
    canvas.text(14, 6, "✛", Ink.MINIMUM)
    lines = contour_lines(canvas)
    assert not lines.paper.any()
    assert lines.rows()[6][14] == "✛"
    assert str(lines).split("\n") == [
        "      ⣀⡠⠒⠊        ⠑⠒⢄⣀",
        "    ⡠⠊     ⣀⣀⣀⣀⣀⣀     ⠑⢄",
        "   ⡸    ⡠⠒⠊      ⠑⠒⢄    ⢇",
        "  ⡸   ⢠⠊    ⣀⣀⣀⣀    ⠑⡄   ⢇",
        "     ⢠⠊   ⡠⠊    ⠑⢄   ⠑⡄",
        "     ⢸   ⢸        ⡇   ⡇",
        "     ⢸   ⢸    ✛   ⡇   ⡇",
        "     ⠘⢄   ⠑⢄    ⡠⠊   ⡠⠃",
        "  ⢱   ⠘⢄    ⠉⠉⠉⠉    ⡠⠃   ⡎",
        "   ⢱    ⠑⠤⢄      ⡠⠤⠊    ⡎",
        "    ⠑⢄     ⠉⠉⠉⠉⠉⠉     ⡠⠊",
        "      ⠉⠑⠤⢄        ⡠⠤⠊⠉",
    ]
    assert ascii_text(str(lines)).split("\n")[1:7] == [
        "    .'     ______     '.",
        "   /    .-'      '-.    \\",
        "  /   .'    ____    '.   \\",
        "     .'   .'    '.   '.",
        "     |   |        |   |",
        "     |   |    +   |   |",
    ]
    assert contour_lines(Canvas(3, 3)).rows() == ["   "] * 3


def test_without_colours_decision_regions_are_told_apart_by_the_line_between_them_and_tables_are_left_alone():
    canvas = Canvas(8, 3)
    classes = np.tile(np.repeat([0, 3], 4), (6, 1))
    certainties = np.tile([3, 2, 1, 0, 0, 1, 2, 3], (6, 1))  # within a class no line
    canvas.half_blocks((Ink.REGION_0 + classes * CERTAINTIES + certainties).astype(np.uint8))
    assert contour_lines(canvas).rows() == ["    ⡇   "] * 3
    chances = np.tile(np.arange(CHANCES), (6, 1)) + int(Ink.CHANCE_0)
    canvas = Canvas(CHANCES, 3)
    canvas.half_blocks(chances.astype(np.uint8))
    assert contour_lines(canvas).rows() == ["      ⡇     "] * 3
    canvas = Canvas(4, 1)
    canvas.text(0, 0, "17")
    canvas.paper[:] = Ink.RIGHT_0
    assert contour_lines(canvas).rows() == ["17  "]
    assert not contour_lines(canvas).paper.any()


@given(st.floats(0.001, 1e12), st.floats(1, 1e6))
def test_a_growing_axis_reaches_the_latest_step_and_steps_by_at_most_half(latest, at_least):
    axis = growing_axis(latest, at_least)
    assert axis.low == 0
    assert max(latest, at_least) * (1 - 1e-9) <= axis.high <= max(latest, at_least) * 1.51


@given(NUMBERS, NUMBERS)
def test_an_enclosing_axis_encloses(a, b):
    low, high = sorted((a, b))
    axis = enclosing_axis(low, high)
    assert axis.low < axis.high
    tolerance = 1e-9 * (high - low)
    assert axis.low <= low + tolerance
    assert axis.high >= high - tolerance


@given(POSITIVE, POSITIVE)
def test_a_log_axis_encloses_and_spans_something(a, b):
    low, high = sorted((a, b))
    axis = enclosing_axis(low, high, log=True)
    assert axis.low <= low * (1 + 1e-9)
    assert axis.high >= high * (1 - 1e-9)
    assert axis.high / axis.low > 4


@given(NUMBERS, NUMBERS, st.booleans(), st.integers(1, 12))
def test_ticks_are_few_and_inside(a, b, log, at_most):
    low, high = sorted((abs(a) + 1e-200, abs(b) + 1e-200)) if log else sorted((a, b))
    axis = enclosing_axis(low, high, log=log)
    ticks = axis.ticks(at_most)
    span = axis.high - axis.low
    assert len(ticks) <= at_most
    assert all(axis.low - 1e-6 * span <= value <= axis.high + 1e-6 * span for value in ticks)


@given(
    low=st.floats(-1e3, 1e3),
    span=st.floats(1e-3, 1e5),
    width=st.integers(12, 90),
    height=st.integers(4, 40),
    log=st.booleans(),
)
def test_labels_stand_at_even_distances(low, span, width, height, log):
    axis = Axis(abs(low) + 1e-3, abs(low) + 1e-3 + span, log=True) if log else Axis(low, low + span)
    canvas = Canvas(width, height)
    inside = frame(canvas, axis, axis)
    values = axis.ticks(max(2, height // 3))
    rows = [inside.row(value) for value in values]
    assert len(set(rows)) == len(rows)
    columns = [column + len(label) // 2 for column, label in _along(inside, width)][1:-1]  # the ends may be moved in
    for places, name in ((rows, "rows"), (columns, "columns")):
        gaps = [abs(b - a) for a, b in pairwise(places)]
        assert log or not gaps or max(gaps) - min(gaps) <= 1, (name, places)


@pytest.mark.parametrize(
    ("low", "high", "at_most", "expected"),
    [
        (0.5, 50, 10, (1, 3, 10, 30)),
        (0.9, 30, 4, (1, 3, 10, 30)),
        (0.9, 9, 4, (1, 2, 5)),  # hardly any else
        (1e-6, 1, 5, (1e-6, 1e-4, 1e-2, 1)),
        (1e-4, 1, 5, (1e-4, 1e-3, 1e-2, 1e-1, 1)),
    ],
)
def test_ticks_of_a_log_axis_are_even_where_there_are_enough(low, high, at_most, expected):
    assert Axis(low, high, log=True).ticks(at_most) == expected


def test_a_sticky_axis_holds_still_until_a_value_leaves_it():
    sticky = StickyAxis()
    first = sticky.around(0.9, 26, log=True)
    assert sticky.around(1.1, 20, log=True) is first
    wider = sticky.around(0.01, 26, log=True)
    assert wider.low <= 0.01
    assert sticky.around(0.01, 26, log=False).log is False


def test_values_without_a_place_on_a_log_axis_have_none():
    share = Axis(1, 100, log=True).share(np.array([0.0, -1.0, 10.0, np.nan, np.inf]))
    assert np.isnan(share[[0, 1, 3]]).all()
    assert share[2] == pytest.approx(0.5)


def test_a_band_covers_low_to_high_at_every_step():
    x, y = band(np.array([0.0, 1.0]), np.array([1.0, 2.0]), np.array([3.0, 2.0]))
    assert x.tolist() == [0, 0, 1]
    assert y.tolist() == [1, 3, 2]


def test_contour_levels_of_a_bowl_are_evenly_spaced_rings():
    x = np.linspace(-1, 1, 33)
    inks = levels(x[None, :] ** 2) - int(Ink.LEVEL_0)
    assert inks[0, 16] == 0
    assert inks[0, 0] == inks[0, 32] == LEVELS - 1
    assert inks[0, 16:].tolist() == [min(i, LEVELS - 1) for i in range(17)]


def test_contour_levels_take_anything_that_is_not_finite_as_the_height():
    inks = levels(np.array([[0.0, np.nan], [np.inf, 1.0]])) - int(Ink.LEVEL_0)
    assert inks.tolist() == [[0, LEVELS - 1], [LEVELS - 1, LEVELS - 1]]
    assert (levels(np.full((2, 2), np.nan)) == Ink.LEVEL_0 + LEVELS - 1).all()
    assert len(set(levels(np.full((2, 2), 3.0)).ravel())) == 1


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.05, "0.05"), (1234.5, "1,234"), (1e-9, "1.0e−9"), (math.nan, "–"), (math.inf, "∞"), (-0.5, "−0.5"), (0.0, "0")],
)
def test_short_numbers(value, text):
    assert short(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(7.64, "7.6"), (99.4, "99"), (99.6, "100"), (112.0, "112"), (-112.0, "−112")]
)
def test_numbers_of_three_digits_need_no_exponent_where_two_were_wanted(value, text):
    assert short(value, 2) == text


@pytest.mark.parametrize(
    ("value", "text"), [(1.01, "1.010"), (26.466, "26.47"), (603.59, "603.6"), (0.0, "0.000"), (math.nan, "–")]
)
def test_fixed_numbers_keep_their_width(value, text):
    assert fixed(value) == text


@pytest.mark.parametrize(("value", "text"), [(20, "20"), (5000, "5k"), (2e6, "2M"), (1e-9, "1e-9"), (0.1, "0.1")])
def test_ticks_are_written_short(value, text):
    assert tick(value) == text


@pytest.mark.parametrize("share", [0.0, 0.01, 0.1, 0.5, 0.98, 1.0])
def test_a_quantile_is_numpys(share):
    for values in (np.array([3.0]), np.array([2.0, 1.0]), np.random.default_rng(0).normal(size=101)):
        assert quantile(values, share) == pytest.approx(float(np.quantile(values, share)), rel=1e-12)
