"""The measured quantities, in two columns."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from engine.snapshot import Snapshot
from engine.views.scene import Scene
from tui.painting.canvas import Canvas
from tui.painting.numbers import fixed, short
from tui.painting.palette import Ink

if TYPE_CHECKING:
    from engine.probes.measurement import Measurement

_NAME_CELLS = 16
_COLUMN_CELLS = 28  # at least


def draw_measures(canvas: Canvas, row: int, rows: int, scene: Scene, snapshot: Snapshot) -> None:
    """The most telling ones first, as many as fit, each with what it is worth where there is room."""
    half = max(_COLUMN_CELLS, (canvas.width - 1) // 2)
    columns = max(1, canvas.width // half)
    for index, (name, value, ink, note) in enumerate(_measures(scene, snapshot)[: columns * max(0, rows)]):
        column, line = 1 + index % columns * half, row + index // columns
        canvas.text(column, line, name, Ink.FAINT)
        end = canvas.text(column + _NAME_CELLS, line, value, ink) + 1
        if note and len(note) < half - _NAME_CELLS - 9:
            canvas.text(max(end, column + _NAME_CELLS + 8), line, note, Ink.FAINT)


def in_a_line(snapshot: Snapshot) -> list[str]:
    """The most telling ones, to be joined."""
    readings = snapshot.readings
    known = (
        ("gradient norm", snapshot.gradient_norm),
        ("sharpness", readings.sharpness.value),
        ("noise scale", readings.noise_scale.value),
        ("floor", readings.noise_floor.value),
    )
    return [f"{name} {fixed(value)}" for name, value in known if not math.isnan(value)]


def _measures(scene: Scene, snapshot: Snapshot) -> list[tuple[str, str, int, str]]:
    readings, rate = snapshot.readings, snapshot.learning_rate
    measures = [("training loss", fixed(snapshot.training_loss), Ink.TRAINING, "")]
    if not math.isnan(snapshot.validation_loss):
        measures.append(("validation loss", fixed(snapshot.validation_loss), Ink.VALIDATION, ""))
    measures += [
        ("batch loss", fixed(snapshot.batch_loss), Ink.PLAIN, ""),
        ("gradient norm", fixed(snapshot.gradient_norm), Ink.PLAIN, "of the batch"),
        ("sharpness", fixed(readings.sharpness.value), Ink.PLAIN, f"of {short(2 / rate)} = 2/lr" if rate else ""),
        _measured("noise scale", readings.noise_scale),
        _measured("noise floor", readings.noise_floor),
        ("examples/s", short(snapshot.measured_rate * snapshot.knobs.batch_size), Ink.PLAIN, ""),
        ("seed", str(snapshot.seed), Ink.PLAIN, ""),
    ]
    if len(scene.weight_names) <= 2:
        weights = zip(scene.weight_names, snapshot.weights.present, strict=True)
        measures[-2:-2] = [(f"weight {name}", fixed(float(weight)), Ink.PLAIN, "") for name, weight in weights]
    return measures


def _measured(name: str, reading: Measurement) -> tuple[str, str, int, str]:
    """A reading with its note: by which sampling, or why it is unknown."""
    return name, fixed(reading.value), Ink.PLAIN, reading.note
