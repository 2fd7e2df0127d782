"""The picture of a learning-rate range test: the loss while the rate grows, the limit, and what the test suggests."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from engine.plain_text import counted
from tui.painting.axes import Axis, enclosing_axis
from tui.painting.canvas import Canvas
from tui.painting.frame import Frame, frame
from tui.painting.numbers import short
from tui.painting.palette import Ink

if TYPE_CHECKING:
    from engine.serving.snapshot import Snapshot
    from engine.serving.views.range_view import RangePicture

_HIGHEST = 4.0  # times the smallest smoothed loss: beyond that the test ends


def paint(test: RangePicture, snapshot: Snapshot, width: int, height: int) -> Canvas:
    """Paint a test that is done."""
    canvas = Canvas(width, height)
    x_axis, y_axis = _axes(test)
    if y_axis is None:
        canvas.text(1, 0, "No loss of this test is a number.", Ink.CAUTION)
        return canvas
    inside = frame(canvas, x_axis, y_axis, x_name="learning rate", top=1)
    inside.points(canvas, test.rates, test.losses, Ink.BATCH_CURVE)
    inside.curve(canvas, test.rates, test.smoothed, Ink.TRAINING)
    signs = (
        ("limit", test.limit, Ink.DANGER),
        ("suggested", test.suggestion, Ink.GOOD),
        ("now", snapshot.learning_rate, Ink.KEY),
    )
    column = canvas.text(1, 0, "━ loss", Ink.TRAINING) + 2
    for name, rate, ink in signs:
        if math.isfinite(rate):
            _line(canvas, inside, rate, ink)
            words = f"│ {name} {short(rate)}"
            if column + len(words) < width:
                column = canvas.text(column, 0, words, ink) + 2
    return canvas


def _line(canvas: Canvas, inside: Frame, rate: float, ink: int) -> None:
    """Draw a line up at a rate, where that is in the picture, beside the curve."""
    column = inside.column(rate)
    if column is not None:
        for row in range(inside.top, inside.top + inside.height):
            if canvas.chars[row, column] == " ":
                canvas.text(column, row, "│", ink)


def _axes(test: RangePicture) -> tuple[Axis, Axis | None]:
    """The axis of the rates, and that of the losses; None without a finite loss."""
    end = max(float(test.rates[-1]), test.limit if math.isfinite(test.limit) else 0.0) * 1.5
    x_axis = Axis(float(test.rates[0]), end, log=True)
    seen = np.concatenate([test.losses, test.smoothed])
    seen = seen[np.isfinite(seen)]
    smoothed = test.smoothed[np.isfinite(test.smoothed)]
    if not len(smoothed):
        return x_axis, None
    low, top = float(seen.min()), max(_HIGHEST * float(smoothed.min()), float(smoothed[0]))
    high = min(float(seen.max()), top) if top > 0 else float(seen.max())
    if low > 0 and high > 3 * low:
        return x_axis, enclosing_axis(low, high, log=True)
    return x_axis, enclosing_axis(min(low, 0.0) if low < high / 4 else low, high)


def words(test: RangePicture) -> str:
    """Say what the test suggests, beside the true limit."""
    steps, low = counted(len(test.rates), "step"), short(float(test.rates[0]), 2)
    found = f"From step {test.step:,}, the rate grew from {low} in {steps}: "
    blew = f"the loss blew up at {short(test.blew_up)}" if math.isfinite(test.blew_up) else "the loss never blew up"
    if math.isnan(test.suggestion):
        found += f"the loss hardly fell, so the test suggests no rate; {blew}."
    else:
        found += f"lowest at {short(10 * test.suggestion)}, so it suggests a tenth, {short(test.suggestion)}; {blew}."
    if not 0 < test.limit < math.inf:
        return f"{found} The true limit is not known here."
    found += f" The true limit there is {short(test.limit)}"
    if math.isfinite(test.suggestion):
        found += f": the suggestion is {short(100 * test.suggestion / test.limit, 2)} % of it"
    if math.isfinite(test.blew_up) and test.blew_up > test.limit:
        found += (
            f". Steps above it take a while to grow: the test runs on to {short(test.blew_up / test.limit, 2)} × it"
        )
    return f"{found}."
