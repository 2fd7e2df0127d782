"""The loss curves: minibatch loss faint, full training loss, validation loss, ghost, marks of knob changes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from engine.snapshot import Snapshot
from engine.views.scene import Scene
from tui.knobs import change_label
from tui.painting.axes import Axis, StickyAxis, growing_axis
from tui.painting.canvas import Canvas
from tui.painting.frame import Frame, band, frame
from tui.painting.palette import Ink
from tui.panels.panel import Panel

if TYPE_CHECKING:
    from engine.run import KnobChange

_MARK_ROWS = 2


class LossPanel(Panel):
    """Loss over updates. Curves that change ten times a second are read better than thirty."""

    every = 3
    BORDER_TITLE = "Loss"

    def __init__(self) -> None:
        super().__init__()
        self.log_axis = True
        self._y_axis = StickyAxis()

    def begin(self, scene: Scene) -> None:
        self._y_axis.forget()
        self._describe()

    def toggle_log(self) -> None:
        """Switch between a logarithmic and a linear axis."""
        self.log_axis = not self.log_axis
        self._describe()
        self.repaint()

    def _describe(self) -> None:
        self.border_subtitle = f"{'log' if self.log_axis else 'linear'} · updates"

    def paint(self, scene: Scene, snapshot: Snapshot, width: int, height: int) -> Canvas:
        canvas = Canvas(width, height)
        _write_legend(canvas, snapshot)
        marks = 0 if not snapshot.changes else 2 if height > 15 else 1
        updates = growing_axis(snapshot.step, 20)
        inside = frame(canvas, updates, self._losses_axis(snapshot, updates), top=1 + marks)
        _draw_floor(canvas, inside, snapshot)
        _draw_marks(canvas, inside, snapshot.changes, first_row=1)
        _draw_curves(canvas, inside, snapshot)
        _name_floor(canvas, inside, snapshot)
        return canvas

    def _losses_axis(self, snapshot: Snapshot, updates: Axis) -> Axis:
        """Around what is to be seen, but not down to every lucky minibatch: nine in ten of those are enough."""
        batch = snapshot.curves.batch
        curve_values = [snapshot.curves.training.values, snapshot.curves.validation.values]
        values = np.concatenate([*curve_values, batch.high])
        for ghost in snapshot.ghosts:  # how low it came is worth seeing; how high it flew would flatten all the rest
            steps = ghost.training_loss.steps
            curve_values.append(ghost.training_loss.values[steps <= updates.high])
        low_batch = batch.mean[np.isfinite(batch.mean)]
        lows = np.concatenate([*curve_values, np.quantile(low_batch, [0.1]) if len(low_batch) else batch.mean])
        if self.log_axis:
            values, lows = values[values > 0], lows[lows > 0]
        values, lows = values[np.isfinite(values)], lows[np.isfinite(lows)]
        if not len(values) or not len(lows):
            return Axis(0.1, 10, log=True) if self.log_axis else Axis(0, 1)
        low = float(lows.min()) if self.log_axis else min(0.0, float(lows.min()))
        return self._y_axis.around(min(low, float(values.max())), float(values.max()), log=self.log_axis)


def _write_legend(canvas: Canvas, snapshot: Snapshot) -> None:
    column = 1
    entries = [("⣿ batch", Ink.BATCH), ("━ training", Ink.TRAINING)]
    if np.isfinite(snapshot.curves.validation.values).any():
        entries.append(("╍ validation", Ink.VALIDATION))
    if snapshot.ghosts:
        entries.append(("⠒ run before", Ink.GHOST))
    for text, ink in entries:
        column = canvas.text(column, 0, text, ink) + 2


def _draw_floor(canvas: Canvas, inside: Frame, snapshot: Snapshot) -> None:
    """Where theory sees the training loss settle, if that is within the picture."""
    floor = snapshot.readings.noise_floor.value
    if 0 <= inside.y_axis.position(floor) <= 1:
        canvas.text(inside.left, inside.row(floor), "┄" * inside.width, Ink.AXIS)


def _name_floor(canvas: Canvas, inside: Frame, snapshot: Snapshot) -> None:
    """At the right end of its line, where no curve has come yet."""
    row, words = inside.row(snapshot.readings.noise_floor.value), " predicted floor "
    start = canvas.width - len(words) - 2
    if start > inside.left and (canvas.chars[row, start:] == "┄").all():
        canvas.text(start, row, words, Ink.FAINT)


def _draw_curves(canvas: Canvas, inside: Frame, snapshot: Snapshot) -> None:
    batch = snapshot.curves.batch
    low, high = (np.maximum(edge, inside.y_axis.low) for edge in (batch.low, batch.high))  # a log axis has no zero
    inside.curve(canvas, *band(batch.steps, low, high), Ink.BATCH)
    for ghost in snapshot.ghosts:
        inside.curve(canvas, ghost.training_loss.steps, ghost.training_loss.values, Ink.GHOST)
    inside.curve(canvas, snapshot.curves.validation.steps, snapshot.curves.validation.values, Ink.VALIDATION)
    inside.curve(canvas, snapshot.curves.training.steps, snapshot.curves.training.values, Ink.TRAINING)


def _draw_marks(canvas: Canvas, inside: Frame, changes: tuple[KnobChange, ...], *, first_row: int) -> None:
    """A dashed line at every knob change, with what was changed written above it where there is room."""
    for column, label in reversed(_labels(changes, inside).items()):
        for row in range(inside.top, inside.top + inside.height):
            canvas.text(column, row, "┊", Ink.MARK)
        start = max(0, min(column, canvas.width - len(label)))
        for row in range(inside.top - 1, first_row - 1, -1):
            if (canvas.chars[row, max(0, start - 1) : start + len(label) + 1] == " ").all():
                canvas.text(start, row, label, Ink.MARK)
                break


def _labels(changes: tuple[KnobChange, ...], inside: Frame) -> dict[int, str]:
    """By column, what was changed there. Changes of one knob become one, from the first value to the last."""
    merged: dict[int, dict[str, KnobChange]] = {}
    for change in changes:
        column = inside.column(change.step)
        if column is not None:
            knobs = merged.setdefault(column, {})
            before = knobs.pop(change.knob, change).before
            knobs[change.knob] = replace(change, before=before)
    labels = {
        column: " ".join(change_label(change) for change in knobs.values() if change.before != change.after)
        for column, knobs in merged.items()
    }
    return {column: label for column, label in labels.items() if label}
