"""Drawing of ghosts, on every panel: their curves, and their numbers where they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from engine.runs.ghosts import Ghost
from tui.dashboard.panels.ruler import Line, Ruler
from tui.painting import run_colours
from tui.painting.axes import Array, Numbers
from tui.painting.canvas import Canvas
from tui.painting.frame import Frame
from tui.painting.palette import Ink


def ink_of(ghost: Ghost) -> int:
    """Return the ink of all that is drawn of a ghost."""
    return Ink.FAINT if ghost.faint else run_colours.ink(ghost.number)


def curves(ghosts: Iterable[Ghost], ruler: Ruler) -> list[Line]:
    """Return the training losses as lines along the axis that the run in front is drawn on."""
    return [
        Line(
            f"{run_colours.marker(ghost.number)} {ghost.label}".rstrip(),
            ink_of(ghost),
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
        inside.symbol(canvas, float(x), float(y), str(ghost.number), ink_of(ghost))
