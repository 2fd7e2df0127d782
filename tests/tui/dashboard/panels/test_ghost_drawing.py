"""Ghosts on the panels: what is drawn of them is kept while it stays the same, and looks as if it were drawn anew."""

import numpy as np
import pytest

from engine.runs.curves import Curve
from engine.runs.ghosts import Ghost
from tui.dashboard.panels import ghost_drawing
from tui.painting.axes import Axis
from tui.painting.canvas import Canvas
from tui.painting.frame import frame
from tui.painting.palette import Ink


def ghost(number=1, steps=50):
    at = np.linspace(0.0, steps, 20)
    trajectory = np.stack([np.cos(at + number), np.sin(at * number)], axis=1)
    return Ghost(number, "", Curve(at, np.exp(-at / 30)), at * 8, trajectory)


def ground(high=1.5):
    canvas = Canvas(40, 12)
    inside = frame(canvas, Axis(-high, high), Axis(-high, high))
    canvas.half_blocks(np.full((20, 30), 3, dtype=np.uint8), 4, 0)
    inside.line(canvas, np.array([-1.0, 1.0]), np.array([1.0, -1.0]), Ink.BATCH)
    return canvas, inside


def drawn(layer, ghosts, high=1.5):
    canvas, inside = ground(high)
    called = []

    def paint(onto):
        called.append(True)
        ghost_drawing.trajectories(onto, inside, ghosts)

    layer.draw(canvas, ghosts, inside, paint)
    return canvas, bool(called)


def same(one, other):
    return all((getattr(one, part) == getattr(other, part)).all() for part in ("chars", "ink", "paper"))


def test_the_layer_looks_as_if_the_ghosts_were_drawn_where_they_lie():
    ghosts = [ghost(1), ghost(2), ghost(3)]
    expected, inside = ground()
    ghost_drawing.trajectories(expected, inside, ghosts)
    canvas, _ = drawn(ghost_drawing.Layer(), ghosts)
    assert same(canvas, expected)


@pytest.mark.parametrize(
    ("ghosts", "high", "anew"),
    [
        ([ghost(1), ghost(2)], 1.5, False),
        ([ghost(1), ghost(2, steps=51)], 1.5, True),  # it races on
        ([ghost(2), ghost(3)], 1.5, True),
        ([ghost(1)], 1.5, True),
        ([ghost(1), ghost(2)], 3.0, True),
    ],
    ids=["the same", "trained on", "others", "fewer", "another axis"],
)
def test_ghosts_are_drawn_anew_only_where_they_look_different(ghosts, high, anew):
    layer = ghost_drawing.Layer()
    drawn(layer, [ghost(1), ghost(2)])
    canvas, painted = drawn(layer, ghosts, high)
    assert painted is anew
    assert same(canvas, drawn(ghost_drawing.Layer(), ghosts, high)[0])
