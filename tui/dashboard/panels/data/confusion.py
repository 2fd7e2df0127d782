"""Classes: how many examples of each were taken for which."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.plain_text import counted
from engine.serving.views import data_view
from tui.painting.canvas import Canvas, cut
from tui.painting.numbers import tick
from tui.painting.palette import SHARES, Ink

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.serving.snapshot import Snapshot
    from engine.serving.views.scene import Scene

_TALL = 3  # lines for a class where there is room


class ConfusionTable:
    """Actual classes in rows, predicted ones in columns; the brighter a cell, the larger its share of the row."""

    subtitle = "rows: actual · columns: predicted"
    every = 6

    def __init__(self, part: data_view.Part) -> None:
        self._part = part
        self.title = f"Data · confusion, {part}"

    def view(self, width: int, height: int) -> data_view.DataView:
        """The request for what the next picture needs."""
        return data_view.DataView(predictions=False, confusion=self._part)

    def complete(self, snapshot: Snapshot) -> bool:
        """Tell whether a snapshot has what was asked for."""
        return snapshot.data.confusion is not None and snapshot.data.confusion.part == self._part

    def paint(self, scene: Scene, snapshot: Snapshot, width: int, height: int) -> Canvas:
        """The picture of this moment."""
        canvas, confusion = Canvas(width, height), snapshot.data.confusion
        if confusion is not None:
            _write_counts(canvas, confusion)
            _write_table(canvas, confusion.counts, scene.classes)
        return canvas


def _write_counts(canvas: Canvas, confusion: data_view.Confusion) -> None:
    """Write words such as `1,324 of 1,437 right`; or, `470 of 512 right, of 1,437 examples`."""
    judged, right = int(confusion.counts.sum()), int(np.trace(confusion.counts))
    words = f"{right:,} of {judged:,} right" if judged else "no prediction is a number"
    column = canvas.text(1, 0, words, Ink.STRONG)
    if judged < confusion.examples:
        canvas.text(column, 0, f", of {counted(confusion.examples, 'example')}", Ink.FAINT)


def _write_table(canvas: Canvas, counts: NDArray[np.intp], names: tuple[str, ...]) -> None:
    """The table with the share of each class that is recognised at its end; where it does not fit, a mark in the place
    of its last rows and columns."""
    classes, totals = len(counts), counts.sum(axis=1)
    longest = max(map(len, names))
    label = min(longest, max(3, canvas.width // 4))
    widest = max(longest, len(f"{counts.max(initial=0):,}")) + 3
    cell = max(3, min(widest, (canvas.width - label - 9) // classes))
    lines = max(1, min(_TALL, (canvas.height - 2) // classes))
    left = label + 2
    columns, rows = _whole(classes, (canvas.width - left - 4) // cell), _whole(classes, (canvas.height - 2) // lines)
    end = left + (columns + (columns < classes)) * cell
    roomy = canvas.width - end >= 6
    for j, name in enumerate(names[:columns]):
        canvas.text(left + j * cell, 1, f"{cut(name, cell - 1):>{cell - 1}}", Ink.FAINT)
    canvas.text(end + 1, 1, "right" if roomy else "%", Ink.FAINT)
    for i, name in enumerate(names[:rows]):
        top = 2 + i * lines
        row = top + (lines - 1) // 2
        canvas.text(1, row, f"{cut(name, label):>{label}}", Ink.PLAIN)
        for j, count in enumerate(counts[i, :columns].tolist()):
            column = left + j * cell
            text = f"{count:,}" if len(f"{count:,}") <= cell else tick(count)
            if count:
                grounds = Ink.RIGHT_0 if i == j else Ink.WRONG_0
                ground = grounds + min(int(count / totals[i] * SHARES), SHARES - 1)
                canvas.paper[top : top + lines, column : column + cell] = ground
            text = f"{text if count else '·':>{max(cell - 1, len(text))}} "[:cell]
            canvas.text(column, row, text, Ink.STRONG if count else Ink.AXIS)
        if columns < classes:
            canvas.text(end - cell, row, f"{'…':>{cell - 1}}", Ink.FAINT)
        recognised = f"{100 * counts[i, i] / totals[i]:.0f}" if totals[i] else "–"
        canvas.text(end, row, f"{recognised + ' %':>6}" if roomy else f"{recognised:>3}", Ink.PLAIN)
    if rows < classes:
        canvas.text(
            1, 2 + rows * lines, f"… {classes - rows} more of {counted(classes, 'class', 'classes')}", Ink.FAINT
        )


def _whole(classes: int, room: int) -> int:
    """The number of classes that are shown where there is room for so many: one less where a mark takes a place."""
    return classes if classes <= room else max(1, room - 1)
