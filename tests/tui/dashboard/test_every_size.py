"""Every picture at every width and every height, in every theme and with every character set: what is painted fits, and
raises nothing. `tests/benchmarks/every_size.py` goes through all pairs of them, and more of the ways to paint each."""

from itertools import product

import pytest

from tests.tui import moments
from tui.dashboard.panels.panel import settled, strip
from tui.painting.look import DEPTHS, THEMES, Look
from tui.painting.styles import line_filters

WIDTHS, HEIGHTS = range(61), range(41)
SIZES = list(product(WIDTHS, HEIGHTS))[::9]  # 41 heights: another ninth of them at each width
LOOKS = [Look(*choice) for choice in product(THEMES, DEPTHS.values(), (False, True))]
KINDS = (
    "LossPanel", "ControlsPanel", "ComparisonPanel", "StatusLine", "GoalLine", "LossGraph", "LossMap", "PlaneMap",
    "WeightCurves", "Fit", "Predictions", "ExampleGradients", "DecisionRegions", "ConfusionTable",
)  # fmt: skip


def paint_and_show(painting, width, height, number):
    """As a panel does, in one look of all and one detail."""
    canvas = painting.paint(width, height)
    assert (canvas.width, canvas.height) == (width, height)
    look = LOOKS[number % len(LOOKS)]
    canvas = settled(canvas, look, number % 3)
    for row in (number % (height + 1), height):  # one of the canvas, and one below it
        line = strip(canvas, row, width + number % 2, look)
        for line_filter in line_filters(look):
            line = line.apply_filter(line_filter, None)
        assert line.cell_length == sum(len(segment.text) for segment in line) == width + number % 2


def test_all_kinds_of_pictures_are_here():
    assert set(moments.paintings()) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_fits_every_size_in_every_look(kind):
    paintings = moments.paintings()[kind]
    for number, (width, height) in enumerate(SIZES):
        painting = paintings[(17 * number) % len(paintings)]
        try:
            paint_and_show(painting, width, height, number)
        except Exception as error:
            raise AssertionError(f"{painting.words} at {width} × {height}") from error
