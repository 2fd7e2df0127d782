"""The knobs, what they lead to, and how the run stands."""

from __future__ import annotations

import math
import textwrap

from engine.snapshot import Snapshot
from engine.views.scene import Scene
from tui.painting.canvas import Canvas
from tui.painting.numbers import fixed, short
from tui.painting.palette import Ink
from tui.panels import stability
from tui.panels.panel import Panel

_VALUE_COLUMN = 20
_STATUS_INKS = {"running": Ink.FAINT, "converged": Ink.GOOD, "diverged": Ink.DANGER}


class ControlsPanel(Panel):
    """In full, a line a knob and the measured quantities; where there are few rows, the same in three lines."""

    BORDER_TITLE = "Controls"
    every = 3  # numbers that change thirty times a second are not read

    def paint(self, scene: Scene, snapshot: Snapshot, width: int, height: int) -> Canvas:
        canvas = Canvas(width, height)
        if height >= 8:
            _paint_knobs(canvas, scene, snapshot)
        else:
            _paint_lines(canvas, scene, snapshot)
        return canvas


def _paint_knobs(canvas: Canvas, scene: Scene, snapshot: Snapshot) -> None:
    knobs, share = snapshot.knobs, stability.limit_share(snapshot)
    roomy = canvas.width >= 56
    note_column = 30 if roomy else 27
    row = 1 if canvas.height >= 11 else 0
    rows = [
        ("↑ ↓", "learning rate", short(snapshot.learning_rate), ""),
        ("", "", "", ""),
        ("← →", "batch size", f"{knobs.batch_size:,}", f"of {scene.num_examples:,} · {_angle_text(snapshot, roomy)}"),
        ("m M", "momentum", short(knobs.momentum), f"{knobs.optimizer} · o changes it"),
    ]
    for line, (keys, name, value, note) in enumerate(rows, row):
        canvas.text(1, line, keys, Ink.KEY)
        canvas.text(6, line, name, Ink.PLAIN)
        canvas.text(_VALUE_COLUMN, line, value, Ink.STRONG)
        canvas.text(note_column, line, note, Ink.FAINT)
    stability.draw(canvas, note_column, row, max(4, min(24, canvas.width - note_column - 2)), share)
    text = stability.text(snapshot)  # right under the gauge where it fits, else further left
    canvas.text(min(note_column, max(6, canvas.width - len(text) - 1)), row + 1, text, stability.ink(share))
    _paint_measures(canvas, scene, snapshot, row + len(rows) + (canvas.height >= 13))


def _angle_text(snapshot: Snapshot, roomy: bool) -> str:
    """How far the next minibatch's gradient is from that of all the data."""
    angle = snapshot.readings.gradient_angle
    if math.isnan(angle):
        return "no gradient"
    return f"{'gradient ' if roomy else ''}{angle:.0f}° off"


def _paint_measures(canvas: Canvas, scene: Scene, snapshot: Snapshot, row: int) -> None:
    measures = [
        ("training loss", fixed(snapshot.training_loss), Ink.TRAINING),
        ("batch loss", fixed(snapshot.batch_loss), Ink.PLAIN),
        ("batch gradient", fixed(snapshot.gradient_norm), Ink.PLAIN),
        ("sharpness", fixed(snapshot.readings.sharpness.value), Ink.PLAIN),
    ]
    measured = (("noise scale", snapshot.readings.noise_scale), ("noise floor", snapshot.readings.noise_floor))
    measures += [(name, fixed(reading.value), Ink.PLAIN) for name, reading in measured if math.isfinite(reading.value)]
    if not math.isnan(snapshot.validation_loss):
        measures.insert(1, ("validation loss", fixed(snapshot.validation_loss), Ink.VALIDATION))
    if len(scene.weight_names) <= 2:
        weights = zip(scene.weight_names, snapshot.weights.present, strict=True)
        measures += [(f"weight {name}", fixed(float(weight)), Ink.PLAIN) for name, weight in weights]
    measures.append(("seed", str(snapshot.seed), Ink.PLAIN))
    half = max(24, min(canvas.width // 2, 40))
    status = textwrap.wrap(status_text(snapshot), max(10, canvas.width - 2))
    lines = min(-(-len(measures) // 2), max(1, canvas.height - row - len(status)))
    for index, (name, value, ink) in enumerate(measures[: 2 * lines]):
        column, line = 1 + index % 2 * half, row + index // 2
        canvas.text(column, line, name, Ink.FAINT)
        canvas.text(column + (17 if half > 27 else 16), line, value, ink)
    row += lines + (canvas.height - row - lines > len(status))
    for line, text in enumerate(status[: max(1, canvas.height - row)], row):
        canvas.text(1, line, text, _STATUS_INKS[snapshot.status.kind])


def _paint_lines(canvas: Canvas, scene: Scene, snapshot: Snapshot) -> None:
    """Three lines, for 80 columns."""
    knobs, share = snapshot.knobs, stability.limit_share(snapshot)
    rows = [
        ("↑↓", "learning rate", short(snapshot.learning_rate)),
        ("←→", "batch size", f"{knobs.batch_size:,}"),
    ]
    for row, (keys, name, value) in enumerate(rows):
        canvas.text(0, row, keys, Ink.KEY)
        canvas.text(3, row, name, Ink.PLAIN)
        canvas.text(17, row, value, Ink.STRONG)
    column = stability.draw(canvas, 26, 0, 12, share) + 1
    canvas.text(column, 0, stability.text(snapshot), stability.ink(share))
    canvas.text(26, 1, f"of {scene.num_examples:,} · {_angle_text(snapshot, True)}", Ink.FAINT)
    canvas.text(60, 1, f"momentum {short(knobs.momentum)}", Ink.PLAIN)
    column = canvas.text(0, 2, f"loss {fixed(snapshot.training_loss):<9}", Ink.TRAINING) + 1
    if not math.isnan(snapshot.validation_loss):
        column = canvas.text(column, 2, f"validation {fixed(snapshot.validation_loss):<9}", Ink.VALIDATION) + 1
    canvas.text(column, 2, _short_status_text(snapshot), _STATUS_INKS[snapshot.status.kind])


def _short_status_text(snapshot: Snapshot) -> str:
    """What fits beside the losses."""
    if snapshot.status.kind == "diverged":
        return f"Diverged at step {snapshot.status.step:,}. ↓ slows down, r trains again."
    if snapshot.status.kind == "converged":
        where = {"local minimum": " in a local minimum", "saddle": " on a saddle"}.get(snapshot.status.detail, "")
        return f"Converged at step {snapshot.status.step:,}{where}."
    if snapshot.status.detail == "oscillating":
        return "Back and forth: the learning rate is at its limit."
    return f"batch gradient {fixed(snapshot.gradient_norm)}"


def status_text(snapshot: Snapshot) -> str:
    """How the run stands, in words."""
    status = snapshot.status
    if status.kind == "converged":
        return f"Converged at step {status.step:,}: {status.reason}."
    if status.kind == "diverged":
        return f"Diverged at step {status.step:,}: {status.reason}. ↓ lowers the learning rate, r trains again."
    if status.detail == "oscillating":
        return f"Back and forth since step {status.step:,}: {status.reason}."
    return "Training." if snapshot.running else "Paused: space trains on, s takes one step, e finishes the epoch."
