"""The knobs, what they lead to, and how the run stands."""

from __future__ import annotations

import math
import textwrap

from engine.snapshot import Scene, Snapshot
from tui.painting.canvas import Canvas
from tui.painting.numbers import fixed, short
from tui.painting.palette import Ink
from tui.panels.panel import Panel

_VALUE_COLUMN = 20
_NOTE_COLUMN = 30
_STATUS_INKS = {"running": Ink.FAINT, "converged": Ink.GOOD, "diverged": Ink.DANGER}


class ControlsPanel(Panel):
    """In full, a line a knob and the measured quantities; where there are few rows, the same in three lines."""

    BORDER_TITLE = "Controls"
    every = 2  # numbers that change thirty times a second are not read

    def paint(self, scene: Scene, snapshot: Snapshot, width: int, height: int) -> Canvas:
        canvas = Canvas(width, height)
        if height >= 8:
            _paint_knobs(canvas, scene, snapshot)
        else:
            _paint_lines(canvas, scene, snapshot)
        return canvas


def limit_share(snapshot: Snapshot) -> float:
    """The learning rate as a share of the largest stable one; 0 where nothing limits it, NaN if unknown."""
    limit = snapshot.largest_stable_learning_rate
    return 0.0 if math.isinf(limit) else snapshot.knobs.learning_rate / limit


def _limit_ink(share: float) -> int:
    return Ink.DANGER if share > 1 else Ink.CAUTION if share > 0.8 else Ink.GOOD


def _limit_text(share: float) -> str:
    if math.isnan(share):
        return "limit unknown"
    percent = share * 100
    text = f"{percent:.0f} %" if 1 <= percent < 1000 else f"{short(share)} ×" if percent >= 1000 else "under 1 %"
    return f"{text} of the stable limit"


def _gauge(canvas: Canvas, column: int, row: int, cells: int, share: float) -> int:
    """▕████░░░░▏ filled up to the share of the limit."""
    filled = 0 if math.isnan(share) else round(min(share, 1.0) * cells)
    column = canvas.text(column, row, "▕", Ink.FAINT)
    column = canvas.text(column, row, "█" * filled, _limit_ink(share))
    column = canvas.text(column, row, "░" * (cells - filled), Ink.FAINT)
    return canvas.text(column, row, "▏", Ink.FAINT)


def _paint_knobs(canvas: Canvas, scene: Scene, snapshot: Snapshot) -> None:
    knobs = snapshot.knobs
    share = limit_share(snapshot)
    angle = snapshot.gradient_angle
    off = "no gradient" if math.isnan(angle) else f"gradient {angle:3.0f}° off"
    limit = snapshot.largest_stable_learning_rate
    roomy = canvas.height >= 11
    rows: list[tuple[str, str, str, str]] = [
        ("↑ ↓", "learning rate", short(knobs.learning_rate), ""),
        ("← →", "batch size", f"{knobs.batch_size:,}", f"of {scene.num_examples:,} · {off}"),
        ("m M", "momentum", short(knobs.momentum), "SGD" if knobs.momentum == 0 else "SGD, heavy ball"),
    ]
    row = 1 if roomy else 0
    for keys, name, value, note in rows:
        canvas.text(1, row, keys, Ink.KEY)
        canvas.text(6, row, name, Ink.PLAIN)
        canvas.text(_VALUE_COLUMN, row, value, Ink.STRONG)
        canvas.text(_NOTE_COLUMN, row, note, Ink.FAINT)
        if name == "learning rate":
            _gauge(canvas, _NOTE_COLUMN, row, max(4, min(24, canvas.width - _NOTE_COLUMN - 4)), share)
            row += 1
            canvas.text(_NOTE_COLUMN, row, _limit_text(share), _limit_ink(share))
            if canvas.width >= _NOTE_COLUMN + 40:
                canvas.text(_NOTE_COLUMN + 28, row, f"({short(limit)})", Ink.FAINT)
        row += 1
    _paint_measures(canvas, scene, snapshot, row + roomy)


def _paint_measures(canvas: Canvas, scene: Scene, snapshot: Snapshot, row: int) -> None:
    measures = [
        ("training loss", fixed(snapshot.training_loss), Ink.TRAINING),
        ("batch loss", fixed(snapshot.batch_loss), Ink.PLAIN),
        ("gradient norm", fixed(snapshot.gradient_norm), Ink.PLAIN),
        ("sharpness", fixed(snapshot.sharpness), Ink.PLAIN),
        ("seed", str(snapshot.seed), Ink.PLAIN),
    ]
    if not math.isnan(snapshot.validation_loss):
        measures.insert(1, ("validation loss", fixed(snapshot.validation_loss), Ink.VALIDATION))
    half = max(28, min(canvas.width // 2, 40))
    for index, (name, value, ink) in enumerate(measures):
        column = 1 + index % 2 * half
        line = row + index // 2
        canvas.text(column, line, name, Ink.FAINT)
        canvas.text(column + 17, line, value, ink)
    row += -(-len(measures) // 2)
    if len(scene.weight_names) <= 2 and canvas.height - row > 3:
        column = 1
        for name, weight in zip(scene.weight_names, snapshot.weights, strict=True):
            column = canvas.text(column, row, f"{name} ", Ink.FAINT)
            column = canvas.text(column, row, f"{fixed(float(weight)):<10}", Ink.PLAIN)
        row += 1
    row += canvas.height - row > 2
    for line in textwrap.wrap(status_text(snapshot), max(10, canvas.width - 2))[: max(1, canvas.height - row)]:
        canvas.text(1, row, line, _STATUS_INKS[snapshot.status.kind])
        row += 1


def _paint_lines(canvas: Canvas, scene: Scene, snapshot: Snapshot) -> None:
    """Three lines, for 80 columns."""
    knobs, share = snapshot.knobs, limit_share(snapshot)
    column = canvas.text(0, 0, "↑↓ ", Ink.KEY)
    column = canvas.text(column, 0, "learning rate ", Ink.PLAIN)
    canvas.text(column, 0, short(knobs.learning_rate), Ink.STRONG)
    column = _gauge(canvas, 26, 0, 16, share) + 1
    canvas.text(column, 0, _limit_text(share), _limit_ink(share))
    column = canvas.text(0, 1, "←→ ", Ink.KEY)
    column = canvas.text(column, 1, "batch size    ", Ink.PLAIN)
    canvas.text(column, 1, f"{knobs.batch_size:,}", Ink.STRONG)
    angle = "–" if math.isnan(snapshot.gradient_angle) else f"{snapshot.gradient_angle:3.0f}°"
    canvas.text(26, 1, f"of {scene.num_examples:,} · gradient off by {angle}", Ink.FAINT)
    canvas.text(60, 1, f"momentum {short(knobs.momentum)}", Ink.PLAIN)
    column = canvas.text(0, 2, f"loss {fixed(snapshot.training_loss):<9}", Ink.TRAINING)
    if not math.isnan(snapshot.validation_loss):
        column = canvas.text(column + 1, 2, f"validation {fixed(snapshot.validation_loss):<9}", Ink.VALIDATION)
    training = snapshot.status.kind == "running"
    text = f"gradient norm {fixed(snapshot.gradient_norm)}" if training else status_text(snapshot)
    canvas.text(max(column + 1, 16), 2, text, _STATUS_INKS[snapshot.status.kind])


def status_text(snapshot: Snapshot) -> str:
    """How the run stands, in words."""
    status = snapshot.status
    if status.kind == "converged":
        return f"Converged at step {status.step:,}: {status.reason}."
    if status.kind == "diverged":
        return f"Diverged at step {status.step:,}: {status.reason}. Lower the learning rate, then r trains again."
    return "Training." if snapshot.running else "Paused: space trains on, s takes one step, e finishes the epoch."
