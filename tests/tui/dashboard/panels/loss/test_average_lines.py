"""The averages on the loss panel, in curves and in words, and their marks on the map."""

import math

import numpy as np

from engine.runs.curves import Curve
from engine.serving.views.averages_view import AveragePicture, AveragesPicture
from tests.tui.moments import moment
from tui.dashboard.panels.loss import average_lines
from tui.dashboard.panels.loss.loss_panel import LossPanel
from tui.dashboard.panels.weights.weights_panel import WeightsPanel


def picture(polyak, exponential, run, spread):
    curve = Curve(np.arange(2.0), np.ones(2))
    one, other = (AveragePicture(curve, curve, loss, math.nan) for loss in (polyak, exponential))
    return AveragesPicture(200, 100, one, other, run, spread)


def test_what_averaging_takes_off_is_said_beside_the_runs_spread():
    seen = picture(1.003, 1.012, 1.041, 0.021)
    words = average_lines.words(seen, 120)
    assert words == (
        "average since step 200: ◆ Polyak 1.003, ◇ exponential 1.012 · the run 1.041 ± 0.02 · averaging takes off 0.038"
    )
    for width in range(120):
        assert len(average_lines.words(seen, width)) < max(1, width)


def test_losses_have_the_decimals_of_their_spread():
    assert "◆ Polyak 1.01231, ◇ exponential 1.01240 · the run 1.01250 ± 7e−5" in average_lines.words(
        picture(1.01231, 1.0124, 1.0125, 7e-5), 200
    )


def test_where_averaging_buys_nothing_that_is_said():
    assert average_lines.words(picture(5.0, 2.0, 1.0, 0.01), 200).endswith("averaging buys nothing so far")


def test_before_the_first_step_and_after_a_blow_up():
    nothing = picture(math.nan, math.nan, math.nan, math.nan)
    assert average_lines.words(nothing, 80) == "The averages begin after step 200."
    blown_up = picture(math.inf, math.inf, math.nan, math.nan)
    assert average_lines.words(blown_up, 100).startswith("average since step 200: ◆ Polyak ∞")


def test_the_curves_and_the_marks_are_drawn():
    scene, found, panels = moment("two weights, averages")
    snapshot = found["whole", 0, 0]
    loss, weights = (next(panel for panel in panels if isinstance(panel, kind)) for kind in (LossPanel, WeightsPanel))
    text = str(loss.paint(scene, snapshot, 120, 20))
    assert "◆ Polyak" in text
    assert "◇ exponential" in text
    assert "average since step 30:" in text.splitlines()[-1]
    weights._shown = 0
    assert "◇" in str(weights.paint(scene, snapshot, 80, 24))
