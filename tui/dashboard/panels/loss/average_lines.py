"""The averages of the weights on the loss panel: their curves, and in words what averaging buys."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from tui.dashboard.panels.ruler import Line, Ruler
from tui.painting.canvas import Canvas
from tui.painting.frame import Frame
from tui.painting.numbers import fixed, short
from tui.painting.palette import AVERAGES, Ink
from tui.painting.strokes import stroke

if TYPE_CHECKING:
    from engine.serving.views.averages_view import AveragesPicture

_VALIDATION = " validation"


def lines(averages: AveragesPicture | None, ruler: Ruler) -> list[Line]:
    """Return the losses of the averages as lines along the axis; none where there are none."""
    if averages is None:
        return []
    found = []
    pictures = (averages.exponential, "exponential", 1), (averages.polyak, "Polyak", 0)
    for picture, name, index in pictures:
        validation = picture.validation
        if np.isfinite(validation.values).any():
            found.append(
                Line(f"{name}{_VALIDATION}", AVERAGES[index], ruler.place(validation.steps), validation.values)
            )
        found.append(Line(name, AVERAGES[index], ruler.place(picture.training.steps), picture.training.values))
    return found


def is_second(line: Line) -> bool:
    """Tell whether it is the validation loss of an average, which has the sign of the training loss."""
    return line.ink in AVERAGES and line.name.endswith(_VALIDATION)


def mark_ends(canvas: Canvas, inside: Frame, drawn: list[Line]) -> None:
    """Draw each average's sign where its curve ends."""
    for line in drawn:
        seen = np.flatnonzero((line.places <= inside.x_axis.high) & np.isfinite(line.losses))
        if line.ink in AVERAGES and len(seen):
            inside.symbol(canvas, float(line.places[seen[-1]]), float(line.losses[seen[-1]]), sign(line.ink), line.ink)


def sign(ink: int) -> str:
    """The sign of an average."""
    return stroke(ink).sample


def words(averages: AveragesPicture, width: int) -> str:
    """Say in a line, shorter than `width` columns, what the averages have come to beside the run."""
    if math.isnan(averages.polyak.training_loss):
        return f"The averages begin after step {averages.since:,}."[: max(0, width - 1)]
    spread, losses = averages.run_spread, (averages.polyak.training_loss, averages.exponential.training_loss)
    polyak, exponential, run = (_as_fine(loss, spread) for loss in (*losses, averages.run_loss))
    run += "" if math.isnan(spread) else f" ± {short(spread, 1)}"
    one, other = (sign(ink) for ink in AVERAGES)
    bought = averages.run_loss - averages.polyak.training_loss
    gain = f" · averaging takes off {short(bought, 2)}" if bought > spread else " · averaging buys nothing so far"
    gain = gain if math.isfinite(bought) else ""
    since = f"average since step {averages.since:,}"
    ways = (
        f"{since}: {one} Polyak {polyak}, {other} exponential {exponential} · the run {run}{gain}",
        f"{since}: {one} {polyak}, {other} {exponential} · the run {run}{gain}",
        f"average {one} {polyak}, {other} {exponential} · the run {run}{gain}",
        f"average {one} {polyak}, {other} {exponential} · the run {run}",
        f"{one} {polyak} {other} {exponential} · run {run}",
    )
    return next((way for way in ways if len(way) < width), "")


def _as_fine(loss: float, spread: float) -> str:
    """A loss with the decimals that a spread has, three to six, so that it can be set against it."""
    if not (0 < spread < 1e-2 and 1e-3 <= abs(loss) < 1e3):
        return fixed(loss)
    return f"{loss:,.{min(6, max(3, math.ceil(-math.log10(spread))))}f}".replace("-", "−")


def write(canvas: Canvas, averages: AveragesPicture, row: int) -> None:
    """Write the words into a row."""
    canvas.text(1, row, words(averages, canvas.width), Ink.PLAIN)
