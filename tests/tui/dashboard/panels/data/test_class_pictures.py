"""Pictures of classes, as text without an app: decision regions and the confusion table."""

import numpy as np
import pytest

from tests.tui.dashboard.panels.painted_scenarios import BLOBS, MOONS, picture_of
from tui.dashboard.panels.data.confusion import ConfusionTable
from tui.dashboard.panels.data.regions import MARKERS, DecisionRegions
from tui.painting.ascii import ascii_text
from tui.painting.palette import CHANCES, Ink


def test_decision_regions_are_a_heat_map_with_the_points_over_it():
    canvas, _, snapshot = picture_of(MOONS, DecisionRegions, steps=300)
    chances = canvas.paper[(canvas.paper >= Ink.CHANCE_0) & (canvas.paper < Ink.CHANCE_0 + CHANCES)]
    assert {int(Ink.CHANCE_0), int(Ink.CHANCE_0) + CHANCES - 1} <= set(chances.tolist())
    text = str(canvas)
    assert text.count("○") > 10
    assert text.count("●") > 10
    lit = np.isin(canvas.chars, ["○", "●"]) & (canvas.ink == Ink.BALL)
    assert 0 < lit.sum() <= len(snapshot.data.batch)
    assert (canvas.ink == Ink.CLASS_0).any()


def test_classes_are_told_apart_by_their_markers_in_ascii_as_well():
    assert len(set(ascii_text(MARKERS))) == len(MARKERS)
    assert "?" not in ascii_text(MARKERS)


@pytest.mark.parametrize("size", [(38, 14), (60, 20)])
def test_a_confusion_table_is_complete_and_legible(size):
    canvas, _, snapshot = picture_of(BLOBS, lambda _: ConfusionTable("validation"), steps=200, size=size)
    counts = snapshot.data.confusion.counts
    rows = canvas.rows()
    assert f"of {counts.sum()}" in rows[0]
    lines = [row.split() for row in rows[2:] if row.strip()]
    assert [[0 if cell == "·" else int(cell) for cell in line[1:4]] for line in lines] == counts.tolist()
    assert [line[0] for line in lines] == ["A", "B", "C"]
