"""The measured quantities, in two columns."""

from __future__ import annotations

import math
from textwrap import shorten
from typing import TYPE_CHECKING, NamedTuple

from tui.dashboard.panels.controls import age
from tui.painting.canvas import Canvas
from tui.painting.numbers import estimated, fixed, short
from tui.painting.palette import Ink
from tui.words import floor_words

if TYPE_CHECKING:
    from engine.measurement import Measurement
    from engine.serving.snapshot import Snapshot
    from engine.serving.views.scene import Scene

_NAME_CELLS = 16
_VALUE_CELLS = 8
_COLUMN_CELLS = 24  # at least; in narrow ones there is no line with a long name
_FEWEST_WORDS = 4  # cells for a reason; in fewer of them not one of its words is read
_TREND_CELLS = 6  # at least


def draw(canvas: Canvas, row: int, rows: int, scene: Scene, snapshot: Snapshot) -> list[str]:
    """The most telling ones first, as many as fit; below them those that are not known, with the reason. Returns the
    names of those that found no room, the seed the last one of what is known."""
    half = max(_COLUMN_CELLS, (canvas.width - 1) // 2)
    columns = max(1, canvas.width // half)
    known, unknown = _measures(scene, snapshot)
    too_long = [measure.name for measure in known if measure.room(half) < -1]
    known = [measure for measure in known if measure.name not in too_long]
    places = columns * max(0, rows)
    for index, measure in enumerate(known[:places]):
        column, line = 1 + index % columns * half, row + index // columns
        canvas.text(column, line, measure.name, Ink.FAINT)
        canvas.text(column + measure.name_cells, line, measure.value, measure.ink)
        room = measure.room(half)
        if measure.name == "batch gradient norm" and room >= _TREND_CELLS:
            _draw_trend(canvas, column + half - room - 1, line, room, snapshot)
        elif note := next((note for note in measure.notes if len(note) <= room), ""):
            canvas.text(column + half - room - 1, line, note, Ink.FAINT)
    end = row + -(-len(known) // columns)
    lines = max(0, row + rows - end)
    for line, (name, why) in enumerate(unknown[:lines], end):
        room = canvas.width - 1 - _NAME_CELLS
        words = shorten(f"– {why}", room, placeholder=" …") if room >= _FEWEST_WORDS else ""
        canvas.text(1, line, f"{name:<{_NAME_CELLS}}{words}", Ink.FAINT)
    return [*too_long, *(name for name, _ in unknown[lines:]), *(measure.name for measure in known[places:])]


def in_a_line(scene: Scene, snapshot: Snapshot) -> list[str]:
    """The most telling ones, to be joined; those that were read have their age behind them."""
    readings, then = snapshot.readings, age.words(snapshot)
    known = [f"batch gradient norm {fixed(snapshot.batch_gradient_norm)}"]
    if _known(readings.sharpness):
        known.append(f"sharpness {estimated(readings.sharpness.value, readings.sharpness.error)}")
    if _known(readings.noise_scale):
        known.append(f"noise scale {_noise_scale(scene, readings.noise_scale)}")
    if then and known[1:]:
        known[-1] += f", {then}"
    if _known(readings.noise_floor):
        known.append(f"floor {floor_words.marked(readings.noise_floor)}")
    return known if not math.isnan(snapshot.batch_gradient_norm) else known[1:]


class _Measure(NamedTuple):
    """A line of the table. notes: the ways to say what the value is worth, the longest first."""

    name: str
    value: str
    ink: int = Ink.PLAIN
    notes: tuple[str, ...] = ()

    @property
    def name_cells(self) -> int:
        """The number of cells before the value: as many for all names but long ones."""
        return max(_NAME_CELLS, len(self.name) + 1)

    def room(self, cells: int) -> int:
        """The number of cells that a column of so many leaves for a note."""
        return cells - self.name_cells - _VALUE_CELLS - 1


def _measures(scene: Scene, snapshot: Snapshot) -> tuple[list[_Measure], list[tuple[str, str]]]:
    """The measures that are known; and (name, reason) of what is not."""
    readings = snapshot.readings
    of_then = (then,) if (then := age.of_losses(snapshot)) else ()
    measures = [_Measure("training loss", fixed(snapshot.training_loss), Ink.TRAINING, of_then)]
    if not math.isnan(snapshot.validation_loss):
        measures.append(_Measure("validation loss", fixed(snapshot.validation_loss), Ink.VALIDATION, of_then))
    measures.append(_Measure("batch loss", fixed(snapshot.batch_loss)))
    probed = {
        "gradient norm": readings.gradient_norm,
        "sharpness": readings.sharpness,
        "preconditioned": readings.limiting_curvature,
        "noise scale": readings.noise_scale,
    }
    if readings.limiting_curvature.what == readings.sharpness.what:
        del probed["preconditioned"]
    measures += [_read(name, reading, scene, snapshot) for name, reading in probed.items() if _known(reading)]
    probed["noise floor"] = floor = readings.noise_floor
    if _known(floor):
        measures.append(_Measure("noise floor", floor_words.marked(floor), Ink.PLAIN, (floor_words.source(floor),)))
    measures.append(_Measure("batch gradient norm", fixed(snapshot.batch_gradient_norm)))
    if len(scene.weight_names) <= 2:
        weights = zip(scene.weight_names, snapshot.weights.present, strict=True)
        measures += [_Measure(f"weight {name}", fixed(float(weight))) for name, weight in weights]
    per_step = scene.num_examples / snapshot.knobs.steps_per_epoch(scene.num_examples)
    measures += [
        _Measure("examples/s", short(snapshot.measured_rate * per_step)),
        _Measure("seed", str(snapshot.seed)),
    ]
    return measures, [(name, reading.note) for name, reading in probed.items() if not _known(reading)]


def _read(name: str, reading: Measurement, scene: Scene, snapshot: Snapshot) -> _Measure:
    """A reading with what it is worth: its age before all, its standard error, the edge that it is held against."""
    value, notes = estimated(reading.value, reading.error), []
    if value.startswith("≈"):
        notes.append(f"± {short(reading.error, 1)}")
    if name == "noise scale":
        value = _noise_scale(scene, reading)
        if reading.value > scene.num_examples:
            notes = [f"more than all {scene.num_examples:,} examples: noise rules", "noise rules"]
    elif reading is snapshot.readings.limiting_curvature and math.isfinite(snapshot.edge):
        notes = [" · ".join([*notes, f"edge {short(snapshot.edge)}"]), *notes]
    if then := age.words(snapshot):
        notes = [f"{note} · {then}" for note in notes] + [then]
    return _Measure(name, value, age.ink(snapshot, Ink.PLAIN), tuple(notes))


def _noise_scale(scene: Scene, reading: Measurement) -> str:
    """The noise scale; beyond all examples only that it is more."""
    return f">{scene.num_examples:,}" if reading.value > scene.num_examples else estimated(reading.value, reading.error)


def _known(reading: Measurement) -> bool:
    return not math.isnan(reading.value)


def _draw_trend(canvas: Canvas, column: int, row: int, cells: int, snapshot: Snapshot) -> None:
    """The batch gradient norm over the whole run, a row high, on a logarithmic scale of its own."""
    import numpy as np  # the first frame has no need of it

    norms = snapshot.gauges.batch_gradient_norm.mean
    with np.errstate(all="ignore"):
        heights = np.log(norms[np.isfinite(norms) & (norms > 0)])
    if len(heights) < 2 or heights.min() == heights.max():
        return
    x = np.linspace(2 * column, 2 * (column + cells) - 1, len(heights))
    y = 4 * row + 3 - 3 * (heights - heights.min()) / (heights.max() - heights.min())
    canvas.line(x, y, Ink.BATCH, (2 * column, 4 * row, 2 * (column + cells), 4 * row + 4))
