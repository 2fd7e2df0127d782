"""The noise gauge: the batch size against the noise scale, and how far the next minibatch's gradient is off."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tui.dashboard.panels.controls import stability_gauge
from tui.painting.canvas import Canvas
from tui.painting.numbers import short
from tui.painting.palette import HUES, Ink

if TYPE_CHECKING:
    from engine.serving.snapshot import Snapshot
    from engine.serving.views.scene import Scene
    from engine.training.knobs import Knobs

_ARROWS = "→↗↑↖←"  # 0°, 45°, … 180° off the true gradient, which points to the right


def gradient_noise(knobs: Knobs, noise_scale: float, num_examples: int) -> float:
    """The length of the error of a minibatch's gradient, of the true gradient's length: root mean square √(S/B · c).

    S is the noise scale, B the batch size in effect, and c = (N − B)/(N − 1) for batches without replacement (1 with).
    NaN where the noise scale is unknown.
    """
    share = knobs.covariance_share(num_examples)
    if not share:
        return 0.0
    return math.sqrt(noise_scale * share) if noise_scale >= 0 else math.nan


def noise_words(scene: Scene, snapshot: Snapshot) -> str:
    """Words such as `noise  4.5 × gradient`; of steady width up to a hundred times."""
    scale = snapshot.readings.noise_scale.value
    noise = gradient_noise(snapshot.knobs, scale, scene.num_examples)
    if math.isinf(noise):
        return "noise rules"
    return f"noise {short(noise, 2):>4} × gradient"


def angle_words(snapshot: Snapshot) -> str:
    """↗ 64° off; of steady width. From a sample ↗ ≈64° off."""
    reading = snapshot.readings.gradient_angle
    angle = reading.value
    if math.isnan(angle):
        return "angle –"
    about = "≈" if reading.error >= 0.5 else ""
    return f"{_ARROWS[min(round(angle / 45), 4)]} {about}{angle:>3.0f}° off"


def draw(canvas: Canvas, column: int, row: int, cells: int, scene: Scene, snapshot: Snapshot) -> int:
    """████████▌─────┃──── from 1 to all examples on a logarithmic scale: filled up to the batch size, a tick at the
    noise scale, ▸ where that is beyond; returns the column after it."""
    canvas.text(column, row, "─" * cells, Ink.FAINT)
    share = _share(snapshot.knobs.batch_in_effect(scene.num_examples), scene.num_examples)
    calm = [Ink.CALM_0 + cell * (HUES - 1) // max(1, cells - 1) for cell in range(cells)]
    stability_gauge.bar(canvas, column, row, max(share, 1 / cells), calm)
    scale = snapshot.readings.noise_scale.value
    if scale > 0:
        place = _share(scale, scene.num_examples)
        symbol = "▸" if scale > scene.num_examples else "┃"
        canvas.text(column + min(int(place * cells), cells - 1), row, symbol, Ink.CAUTION)
    return column + cells


def _share(size: float, num_examples: int) -> float:
    """The place of a batch size on the logarithmic scale; the end is 1."""
    if num_examples <= 1 or not size < num_examples:
        return 1.0
    return math.log(max(size, 1.0)) / math.log(num_examples)
