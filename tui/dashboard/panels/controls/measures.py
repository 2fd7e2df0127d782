"""The measured quantities, in two columns."""

from __future__ import annotations

import math
from textwrap import shorten
from typing import TYPE_CHECKING

from engine.serving.snapshot import Snapshot
from engine.serving.views.scene import Scene
from tui.painting.canvas import Canvas
from tui.painting.numbers import fixed, short
from tui.painting.palette import Ink

if TYPE_CHECKING:
    from engine.probes.measurement import Measurement

_NAME_CELLS = 16
_VALUE_CELLS = 8
_COLUMN_CELLS = 24  # at least
_FEWEST_WORDS = 4  # cells for a reason; in fewer of them not one of its words is read


def draw_measures(canvas: Canvas, row: int, rows: int, scene: Scene, snapshot: Snapshot) -> None:
    """The most telling ones first, as many as fit; below them those that are not known, with the reason."""
    half = max(_COLUMN_CELLS, (canvas.width - 1) // 2)
    columns = max(1, canvas.width // half)
    room = half - _NAME_CELLS - _VALUE_CELLS - 1
    known, unknown = _measures(scene, snapshot)
    for index, (name, value, ink, note) in enumerate(known[: columns * max(0, rows)]):
        column, line = 1 + index % columns * half, row + index // columns
        canvas.text(column, line, name, Ink.FAINT)
        canvas.text(column + _NAME_CELLS, line, value, ink)
        if name == "gradient norm" and room >= 8:
            _draw_trend(canvas, column + half - room - 1, line, room, snapshot)
        elif len(note) <= room:
            canvas.text(column + half - room - 1, line, note, Ink.FAINT)
    end = row + -(-len(known) // columns)
    for line, (name, why) in enumerate(unknown[: max(0, row + rows - end)], end):
        room = canvas.width - 1 - _NAME_CELLS
        words = shorten(f"– {why}", room, placeholder=" …") if room >= _FEWEST_WORDS else ""
        canvas.text(1, line, f"{name:<{_NAME_CELLS}}{words}", Ink.FAINT)


def in_a_line(snapshot: Snapshot) -> list[str]:
    """The most telling ones, to be joined."""
    readings = snapshot.readings
    known = (
        ("gradient norm", snapshot.batch_gradient_norm),
        ("sharpness", readings.sharpness.value),
        ("noise scale", readings.noise_scale.value),
        ("floor", readings.noise_floor.value),
    )
    return [f"{name} {fixed(value)}" for name, value in known if not math.isnan(value)]


def _measures(scene: Scene, snapshot: Snapshot) -> tuple[list[tuple[str, str, int, str]], list[tuple[str, str]]]:
    """(name, value, ink, note) of what is known, and (name, reason) of what is not."""
    readings, rate = snapshot.readings, snapshot.learning_rate
    measures: list[tuple[str, str, int, str]] = [("training loss", fixed(snapshot.training_loss), Ink.TRAINING, "")]
    if not math.isnan(snapshot.validation_loss):
        measures.append(("validation loss", fixed(snapshot.validation_loss), Ink.VALIDATION, ""))
    measures += [
        ("batch loss", fixed(snapshot.batch_loss), Ink.PLAIN, ""),
        ("gradient norm", fixed(snapshot.batch_gradient_norm), Ink.PLAIN, ""),
    ]
    probed = (
        ("sharpness", readings.sharpness, f"2/lr {short(2 / rate)}" if rate else ""),
        ("noise scale", readings.noise_scale, readings.noise_scale.note),
        ("noise floor", readings.noise_floor, readings.noise_floor.note),
    )
    measures += [(name, fixed(reading.value), Ink.PLAIN, note) for name, reading, note in probed if _known(reading)]
    if len(scene.weight_names) <= 2:
        weights = zip(scene.weight_names, snapshot.weights.present, strict=True)
        measures += [(f"weight {name}", fixed(float(weight)), Ink.PLAIN, "") for name, weight in weights]
    measures += [
        ("examples/s", short(snapshot.measured_rate * snapshot.knobs.batch_size), Ink.PLAIN, ""),
        ("seed", str(snapshot.seed), Ink.PLAIN, ""),
    ]
    return measures, [(name, reading.note) for name, reading, _ in probed if not _known(reading)]


def _known(reading: Measurement) -> bool:
    return not math.isnan(reading.value)


def _draw_trend(canvas: Canvas, column: int, row: int, cells: int, snapshot: Snapshot) -> None:
    """The gradient norm over the whole run, a row high, on a logarithmic scale of its own."""
    import numpy as np  # the first frame has no need of it

    norms = snapshot.gauges.batch_gradient_norm.mean
    with np.errstate(all="ignore"):
        heights = np.log(norms[np.isfinite(norms) & (norms > 0)])
    if len(heights) < 2 or heights.min() == heights.max():
        return
    x = np.linspace(2 * column, 2 * (column + cells) - 1, len(heights))
    y = 4 * row + 3 - 3 * (heights - heights.min()) / (heights.max() - heights.min())
    canvas.line(x, y, Ink.BATCH, (2 * column, 4 * row, 2 * (column + cells), 4 * row + 4))
