"""Classes: how many examples of each were taken for which."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.snapshot import Snapshot
from engine.views.data import Confusion, DataView, Part
from engine.views.scene import Scene
from tui.painting.canvas import Canvas
from tui.painting.palette import SHARES, Ink

_TALL = 3  # lines for a class where there is room


class ConfusionTable:
    """Actual classes in rows, predicted ones in columns; the brighter a cell, the larger its share of the row."""

    subtitle = "rows: actual · columns: predicted"
    every = 6

    def __init__(self, part: Part) -> None:
        self._part = part
        self.title = f"Data · confusion, {part}"
        self._confusion: Confusion | None = None

    def view(self, width: int, height: int) -> DataView:
        """What the next picture needs."""
        return DataView(predictions=False, confusion=self._part)

    def paint(self, scene: Scene, snapshot: Snapshot, width: int, height: int) -> Canvas:
        """The picture of this moment."""
        came = snapshot.data.confusion
        self._confusion = came if came is not None and came.part == self._part else self._confusion
        canvas = Canvas(width, height)
        if self._confusion is not None:
            _write_accuracy(canvas, self._confusion)
            _write_table(canvas, self._confusion.counts, scene.classes)
        return canvas


def _write_accuracy(canvas: Canvas, confusion: Confusion) -> None:
    """92.1 % right: 1,324 of 1,437."""
    counted, right = int(confusion.counts.sum()), int(np.trace(confusion.counts))
    share = f"{100 * right / counted:.1f} % right" if counted else "no prediction is a number"
    column = canvas.text(1, 0, share, Ink.STRONG)
    rest = f": {right:,} of {counted:,}" if counted else ""
    if counted < confusion.examples:
        rest += f" (of {confusion.examples:,})"
    canvas.text(column, 0, rest, Ink.FAINT)


def _write_table(canvas: Canvas, counts: NDArray[np.intp], names: tuple[str, ...]) -> None:
    """The table, as far as it fits, with the share of each class that is recognised at its end."""
    classes, totals = len(counts), counts.sum(axis=1)
    longest = max(map(len, names))
    label = min(longest, max(3, canvas.width // 4))
    widest = max(longest, len(f"{counts.max(initial=0):,}")) + 3
    cell = max(3, min(widest, (canvas.width - label - 9) // classes))
    lines = max(1, min(_TALL, (canvas.height - 2) // classes))
    left, end = label + 2, label + 2 + classes * cell
    for j, name in enumerate(names):
        canvas.text(left + j * cell, 1, f"{name[: cell - 1]:>{cell - 1}}", Ink.FAINT)
    canvas.text(end + 1, 1, "right", Ink.FAINT)
    for i, name in enumerate(names):
        top = 2 + i * lines
        row = top + (lines - 1) // 2
        canvas.text(1, row, f"{name[:label]:>{label}}", Ink.PLAIN)
        for j, count in enumerate(counts[i].tolist()):
            column = left + j * cell
            text = f"{count:,}" if len(f"{count:,}") < cell else _short(count)
            if count:
                grounds = Ink.RIGHT_0 if i == j else Ink.WRONG_0
                ground = grounds + min(int(count / totals[i] * SHARES), SHARES - 1)
                canvas.paper[top : top + lines, column : column + cell] = ground
            canvas.text(column, row, f"{text if count else '·':>{cell - 1}} ", Ink.STRONG if count else Ink.AXIS)
        recognised = f"{100 * counts[i, i] / totals[i]:.0f} %" if totals[i] else "–"
        canvas.text(end, row, f"{recognised:>6}", Ink.PLAIN)


def _short(count: int) -> str:
    return f"{count // 1000}k" if count < 1_000_000 else f"{count // 1_000_000}M"
