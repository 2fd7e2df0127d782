"""Ghosts on the panels: their dots are kept while they stay the same, and are those that would be worked out anew."""

import numpy as np
import pytest

from engine.runs.curves import Curve
from engine.runs.ghosts import Ghost
from tui.dashboard.panels.ghost_drawing import KeptDots
from tui.painting.axes import Axis
from tui.painting.canvas import Canvas
from tui.painting.frame import frame


def ghost(number=1, steps=50):
    at = np.linspace(0.0, steps, 20)
    trajectory = np.stack([np.cos(at + number), np.sin(at * number)], axis=1)
    return Ghost(number, "", Curve(at, np.exp(-at / 30)), at * 8, trajectory)


def worked_out(kept, ghosts, high=1.5):
    canvas, called = Canvas(40, 12), []
    inside = frame(canvas, Axis(-high, high), Axis(-high, high))

    def work_out(ghost):
        called.append(ghost.number)
        return inside.trail(canvas, ghost.trajectory, ghost.number)

    return kept.of(ghosts, inside, work_out), called


@pytest.mark.parametrize(
    ("ghosts", "high", "anew"),
    [
        ([ghost(1), ghost(2)], 1.5, []),
        ([ghost(1), ghost(2, steps=51)], 1.5, [2]),  # it races on
        ([ghost(2), ghost(3)], 1.5, [3]),
        ([ghost(2)], 1.5, []),
        ([], 1.5, []),
        ([ghost(1), ghost(2)], 3.0, [1, 2]),
    ],
    ids=["the same", "trained on", "another", "fewer", "none", "another axis"],
)
def test_only_what_looks_different_is_worked_out_anew(ghosts, high, anew):
    kept = KeptDots()
    worked_out(kept, [ghost(1), ghost(2)])
    found, called = worked_out(kept, ghosts, high)
    expected, _ = worked_out(KeptDots(), ghosts, high)
    assert called == anew
    assert [dots.ink for dots in found] == [dots.ink for dots in expected]
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(np.stack(one[:2]), np.stack(other[:2]))
