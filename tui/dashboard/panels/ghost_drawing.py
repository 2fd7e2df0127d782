"""Drawing of ghosts, on every panel: their curves, and their numbers where they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from tui.dashboard.panels.ruler import Line, Ruler
from tui.painting import run_colours
from tui.painting.axes import Array, Numbers
from tui.painting.canvas import Canvas, Dots
from tui.painting.frame import Frame
from tui.painting.palette import Ink


def ink_of(ghost: Ghost) -> int:
    """Return the ink of all that is drawn of a ghost."""
    return Ink.FAINT if ghost.faint else run_colours.ink(ghost.number)


if TYPE_CHECKING:
    from engine.runs.ghosts import Ghost


class KeptDots:
    """The dots of ghosts, kept as long as they stay the same: most ghosts train no more, and to work out those of five
    takes as long as all else on a panel."""

    def __init__(self) -> None:
        self._place: object = None
        self._known: dict[object, Dots] = {}

    def of(self, ghosts: Iterable[Ghost], place: object, work_out: Callable[[Ghost], Dots]) -> list[Dots]:
        """The dots of each ghost. place: all that they depend on beside it."""
        if place != self._place:
            self._place, self._known = place, {}
        self._known = {ghost.moment: self._known.get(ghost.moment) or work_out(ghost) for ghost in ghosts}
        return list(self._known.values())


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
