"""Drawing of ghosts, on every panel: their curves, and their numbers where they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from tui.dashboard.panels.ruler import Line, Ruler
from tui.painting import run_colours
from tui.painting.axes import Array, Numbers
from tui.painting.canvas import Canvas
from tui.painting.frame import Frame

if TYPE_CHECKING:
    from engine.runs.ghosts import Ghost


class Layer:
    """A drawing of ghosts that is kept as long as it stays the same: most of them train no more, and five take as long
    to draw as all else on a panel."""

    def __init__(self) -> None:
        self._kept: tuple[object, Canvas] | None = None

    def draw(self, canvas: Canvas, ghosts: Iterable[Ghost], place: object, paint: Callable[[Canvas], None]) -> None:
        """Put over the canvas what `paint` draws of the ghosts. place: all that this depends on beside them."""
        key = (canvas.width, canvas.height, place, [ghost.moment for ghost in ghosts])
        if self._kept is None or self._kept[0] != key:
            layer = Canvas(canvas.width, canvas.height)
            paint(layer)
            self._kept = key, layer
        canvas.overlay(self._kept[1])


def curves(ghosts: Iterable[Ghost], ruler: Ruler) -> list[Line]:
    """Return the training losses as lines along the axis that the run in front is drawn on."""
    return [
        Line(
            f"{run_colours.marker(ghost.number)} {ghost.label}".rstrip(),
            run_colours.ink(ghost.number),
            ruler.place_other(ghost.training_loss.steps, ghost.examples),
            ghost.training_loss.values,
            ghost.number,
        )
        for ghost in ghosts
    ]


def number_curves(canvas: Canvas, inside: Frame, lines: Sequence[Line]) -> None:
    """Draw the numbers of ghosts where their curves end, or leave the picture: side by side where they would meet."""
    taken: set[tuple[int, int]] = set()
    for line in lines:
        seen = np.flatnonzero((line.places <= inside.x_axis.high) & np.isfinite(line.losses))
        if line.number and len(seen):
            place, words = float(line.places[seen[-1]]), str(line.number)
            column, row = (
                min(inside.column(place) or inside.left, canvas.width - len(words)),
                inside.row(line.losses[seen[-1]]),
            )
            while (column, row) in taken:
                column -= len(words) + 1
            taken.add((column, row))
            canvas.text(column, row, words, line.ink)


def number_places(
    canvas: Canvas, inside: Frame, ghosts: Iterable[Ghost], place: Callable[[Array], tuple[Numbers, Numbers]]
) -> None:
    """Draw the numbers of ghosts where they stand. place: from (m, axes) weights to the x and the y of each."""
    for ghost in ghosts:
        (x,), (y,) = place(ghost.trajectory[-1:])
        inside.symbol(canvas, float(x), float(y), str(ghost.number), run_colours.ink(ghost.number))
