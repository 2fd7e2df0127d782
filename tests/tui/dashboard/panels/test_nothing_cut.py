"""Nothing is cut without a mark on the panels, as large as they are on usual terminals."""

import numpy as np
import pytest

from engine.serving.views.data_view import Confusion
from tests.tui import moments
from tui.dashboard.panels.data import confusion
from tui.painting.canvas import Canvas

# Columns and rows inside the borders, at 80x24, 100x30, 120x40 and 200x60, with and without the table of runs.
PICTURES = [(38, 14), (48, 13), (58, 20), (70, 31)]
SIZES = {
    "LossPanel": [*PICTURES, (48, 20), (78, 16)],
    "ControlsPanel": [(78, 4), (78, 3), (98, 4), (48, 9), (58, 12), (70, 20)],
    "ComparisonPanel": [(78, 14), (48, 20), (58, 20), (54, 20)],
    "StatusLine": [(80, 1), (100, 1), (120, 1), (200, 1)],
    "GoalLine": [(80, 1), (100, 1), (120, 1), (200, 1)],
}


@pytest.fixture
def lost(monkeypatch):
    """Texts that were written wholly outside of a canvas that has cells."""
    found, write = [], Canvas.text

    def text(canvas, column, row, text, *ink):
        outside = column >= canvas.width or not 0 <= row < canvas.height
        if outside and text.strip() and canvas.width and canvas.height:
            found.append((text, column, row, canvas.width, canvas.height))
        return write(canvas, column, row, text, *ink)

    monkeypatch.setattr(Canvas, "text", text)
    return found


@pytest.mark.parametrize("kind", ["LossPanel", "ControlsPanel", "ComparisonPanel", "StatusLine", "GoalLine", "Fit"])
def test_no_text_is_lost_on_a_panel_of_a_usual_size(kind, lost):
    paintings = moments.paintings()[kind]
    for number, painting in enumerate(paintings[:: max(1, len(paintings) // 40)]):
        sizes = SIZES.get(kind, PICTURES)
        painting.paint(*sizes[number % len(sizes)])
        assert not lost, painting.words


@pytest.mark.parametrize("size", [(38, 14), (48, 6), (48, 8), (58, 10), (70, 17)])
@pytest.mark.parametrize("classes", [3, 10, 26])
def test_a_confusion_table_says_which_rows_and_columns_it_has_no_room_for(size, classes, lost):
    canvas, names = Canvas(*size), tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ"[:classes])
    counts = np.full((classes, classes), 12, dtype=np.intp)
    confusion._write_counts(canvas, Confusion("training", counts, int(counts.sum())))
    confusion._write_table(canvas, counts, names)
    assert not lost
    rows = canvas.rows()
    shown = [name for name in names if any(row.split()[:1] == [name] for row in rows[2:])]
    columns = [name for name in names if name in rows[1].split()]
    assert shown == list(names[: len(shown)])
    assert (shown == list(names)) == ("more of" not in str(canvas))
    assert shown == list(names) or f"… {classes - len(shown)} more of {classes} classes" in str(canvas)
    assert (columns == list(names)) == all("…" not in row for row in rows[2 : 2 + len(shown)])
