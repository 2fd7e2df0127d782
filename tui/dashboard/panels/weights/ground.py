"""The ground that pictures of the weights stand on: the part of it that is shown, the losses over it, and what stands
on it. The graph of one weight has one axis of it, the maps have two."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np

from tui.dashboard.panels.weights.extent import Extent, Viewport
from tui.painting.axes import Array, Numbers
from tui.painting.canvas import Canvas, Dots
from tui.painting.frame import Frame, columns
from tui.painting.palette import AVERAGES, Ink
from tui.painting.strokes import stroke

if TYPE_CHECKING:
    from engine.serving.loss_grids import LossGrid, LossGridRequest
    from engine.serving.snapshot import Snapshot

CLOUD = 200  # possible minibatches
_ZOOMED = "zoomed · / or a double click shows all"


class Ground:
    """A ground that can be zoomed, dragged and asked for the loss at a point.

    extents: makes those that are enough for a run that begins, one an axis. viewport: the part that is shown. grid: the
    latest losses over it, None before they come. pin: the point that was clicked. inside: the area of the latest
    picture. present: where training stood in it, NaN before.
    """

    def __init__(self, extents: Callable[[], list[Extent]]) -> None:
        self._extents = extents
        self.viewport = Viewport(extents())
        self.present = [float("nan")] * len(self.viewport.extents)
        self.grid: LossGrid | None = None
        self.pin: tuple[float, float] | None = None
        self.inside: Frame | None = None
        self._run = -1
        self._swarm_words = ""

    def subtitle(self, marks: str) -> str:
        """Words for the marks; while zoomed, for the way back."""
        return self._swarm_words + (_ZOOMED if self.viewport.zoomed else marks)

    def missing(self, request: LossGridRequest) -> LossGridRequest | None:
        """The request; None where its grid is here."""
        return None if self.grid is not None and self.grid.request == request else request

    def follow(self, snapshot: Snapshot, trajectory: Array) -> None:
        """Make room for a trajectory, (m, axes), of the run that a snapshot shows, and for those of its ghosts."""
        if snapshot.number != self._run:
            self._run = snapshot.number
            self.viewport.begin(self._extents(), trajectory)
        self.viewport.include(trajectory)
        for ghost in snapshot.ghosts:
            if len(ghost.trajectory):
                self.viewport.include_near(ghost.trajectory, self._extents())
        self.present = [float(value) for value in trajectory[-1]]
        self._swarm_words = _swarm_in_words(snapshot)

    def place(self, points: Array) -> tuple[Numbers, Numbers]:
        """The x and the y at which (m, axes) points are drawn."""
        return columns(points)

    def draw_swarm(self, canvas: Canvas, inside: Frame, replicas: Array) -> None:
        """Draw a dot for each of (R, axes) replicas."""
        inside.points(canvas, *self.place(replicas), Ink.SWARM)

    def draw_averages(self, canvas: Canvas, inside: Frame, averages: Array) -> None:
        """Draw a sign for each of (k, axes) averages of the weights, the Polyak one over the exponential one."""
        for ink, x, y in reversed(list(zip(AVERAGES, *self.place(averages), strict=False))):
            inside.symbol(canvas, float(x), float(y), stroke(ink).sample, ink)


def draw_pin(canvas: Canvas, inside: Frame, x: float, y: float, words: str) -> None:
    """Draw the point that was clicked, with words beside it on the side where there is room."""
    column, row = inside.column(x), inside.row(y)
    if column is None:
        return
    canvas.text(column, row, "+", Ink.STRONG)
    start = column + 1 if column + 1 + len(words) <= canvas.width else column - len(words)
    canvas.text(max(inside.left, start), row, words, Ink.STRONG)


def draw_trajectories(canvas: Canvas, inside: Frame, trajectory: Array, ghosts: Iterable[Dots] = ()) -> None:
    """Draw a trajectory, (m, 2), fading with age: the oldest half, the younger half, the latest 100 and 25 points; and
    those of ghosts, so that none hides another."""
    older = max(0, len(trajectory) - 101)
    latest = max(older, len(trajectory) - 26)
    front = [
        (trajectory[: older // 2 + 1], Ink.TRAJECTORY_3),
        (trajectory[older // 2 : older + 1], Ink.TRAJECTORY_2),
        (trajectory[older : latest + 1], Ink.TRAJECTORY_1),
        (trajectory[latest:], Ink.TRAJECTORY),
    ]
    canvas.weave([*([ghost] for ghost in ghosts), [inside.trail(canvas, points, ink) for points, ink in front]])


def nearest(values: Numbers, value: float) -> int:
    """The index of the value that is nearest."""
    return int(np.abs(values - value).argmin())


def _swarm_in_words(snapshot: Snapshot) -> str:
    """`64 other seeds since step 120 · `, or that they have fallen behind; nothing without a swarm."""
    swarm = snapshot.weights.swarm
    if swarm is None:
        return ""
    behind = " (behind: it is too fast for them)" if swarm.step < snapshot.step else ""
    return f"{swarm.replicas} other seeds since step {swarm.since:,}{behind} · "
