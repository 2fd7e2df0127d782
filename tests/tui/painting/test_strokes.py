"""Curves of one picture are told apart, whatever the terminal can show."""

from itertools import combinations

import numpy as np
import pytest

from tui.painting.ascii import ascii_text
from tui.painting.axes import Axis
from tui.painting.canvas import Canvas
from tui.painting.frame import frame
from tui.painting.look import THEMES, Depth, Look
from tui.painting.palette import Ink
from tui.painting.strokes import series, stroke
from tui.painting.styles import cell_style

RUNS = range(Ink.RUN_0, Ink.RUN_7 + 1)
PICTURES = {
    "losses": (Ink.TRAINING, Ink.VALIDATION, Ink.SMOOTHED, *RUNS),
    "averages": (
        *(Ink.TRAINING, Ink.VALIDATION, Ink.SMOOTHED),
        *(Ink.POLYAK, Ink.EXPONENTIAL),
    ),
    "weights over time": range(Ink.SERIES_0, Ink.SERIES_9 + 1),
    "trails": (Ink.TRAJECTORY, *RUNS),
    "one weight": (Ink.SERIES_0, Ink.BATCH_CURVE),
}


def drawn(ink):
    """The dots of a slope in this ink."""
    canvas = Canvas(40, 6)
    inside = frame(canvas, Axis(0, 1), Axis(0, 1))
    inside.curve(canvas, np.array([0.0, 1.0]), np.array([0.1, 0.9]), ink)
    return str(canvas)


@pytest.mark.parametrize("picture", PICTURES)
def test_no_two_curves_of_a_picture_look_alike_without_colour(picture):
    inks = PICTURES[picture]
    for other, ink in combinations(inks, 2):
        assert drawn(other) != drawn(ink), (other, ink)
        assert stroke(other).sample != stroke(ink).sample
        assert ascii_text(stroke(other).sample) != ascii_text(stroke(ink).sample)


def test_no_two_of_sixteen_weights_over_time_look_alike():
    def drawn_as(index):
        canvas = Canvas(40, 6)
        inside = frame(canvas, Axis(0, 1), Axis(0, 1))
        inside.curve(canvas, np.array([0.0, 1.0]), np.array([0.1, 0.9]), *series(index))
        return str(canvas)

    assert len(set(map(drawn_as, range(16)))) == 16
    for index in range(10, 16):  # which share a colour with another one
        ink, drawn = series(index)
        other, thin = series(index - 10)
        assert ink == other
        assert drawn.pattern != thin.pattern


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("depth", [depth for depth in Depth if depth])
def test_four_racers_have_four_colours_and_none_is_that_of_the_run_in_front(theme, depth):
    look = Look(theme, depth)
    for first in range(len(RUNS)):
        racers = [RUNS[(first + i) % len(RUNS)] for i in range(4)]
        for front in (Ink.TRAINING, Ink.TRAJECTORY):
            colors = [cell_style(look, int(ink), 0).color for ink in (front, *racers)]
            assert len(set(colors)) == 5, (first, front)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("depth", Depth)
def test_the_training_loss_is_the_strongest_line_of_its_picture(theme, depth):
    look, others = Look(theme, depth), (Ink.VALIDATION, Ink.SMOOTHED, Ink.BATCH, *RUNS)
    assert cell_style(look, Ink.TRAINING, 0).bold
    assert not any(cell_style(look, int(ink), 0).bold for ink in others)
    assert [ink for ink in (Ink.TRAINING, *others) if stroke(ink).thick] == [Ink.TRAINING]


@pytest.mark.parametrize("slope", [(0.0, 1.0), (1.0, 0.0), (1.0, 1.0), (1.0, -1.0), (1.0, 2.0), (2.0, -1.0)])
def test_a_trail_is_seen_and_broken_whatever_its_direction(slope):
    across, up = slope
    canvas = Canvas(30, 30)
    inside = frame(canvas, Axis(-2, 2), Axis(-2, 2))
    whole = Canvas(30, 30)
    ends = np.array([[-across, -up], [across, up]]) / 1.2
    canvas.weave([[inside.trail(canvas, ends, Ink.RUN_0)]])
    whole.weave([[inside.trail(whole, ends, Ink.TRAJECTORY)]])
    seen, all_of_it = int((canvas.ink == Ink.RUN_0).sum()), int((whole.ink == Ink.TRAJECTORY).sum())
    assert 0.3 * all_of_it < seen < all_of_it


def test_trails_on_the_same_way_take_turns():
    canvas = Canvas(40, 12)
    inside = frame(canvas, Axis(0, 1), Axis(0, 1))
    ends = np.array([[0.0, 0.2], [1.0, 0.8]])
    inks = (Ink.RUN_0 + 1, Ink.RUN_0 + 4, Ink.TRAJECTORY)
    canvas.weave([[inside.trail(canvas, ends, ink)] for ink in inks])
    shown = [int((canvas.ink == ink).sum()) for ink in inks]
    assert min(shown) > 4, shown
