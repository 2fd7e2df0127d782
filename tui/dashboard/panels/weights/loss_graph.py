"""One weight: the loss for every value of it, the ball where training stands, the slope there, and the loss that the
present minibatch sees in its place."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from engine.serving.loss_grids import LossGrid, LossGridRequest
from engine.serving.snapshot import Snapshot
from engine.serving.views.scene import Scene
from engine.serving.views.weights_view import WeightsView
from tui.dashboard.panels import arrows
from tui.dashboard.panels.arrows import Arrows
from tui.dashboard.panels.pictures import frames_at
from tui.dashboard.panels.weights.extent import Extent, Viewport
from tui.dashboard.panels.weights.loss_map import CLOUD, ZOOMED, swarm_in_words
from tui.painting import run_colours
from tui.painting.axes import Array, Axis, Numbers
from tui.painting.canvas import Canvas
from tui.painting.frame import Frame, frame
from tui.painting.numbers import short
from tui.painting.palette import Ink

_POINTS, _BATCH_POINTS = 200, 80
_JUMPS = 24  # latest steps whose jumps are drawn


class LossGraph:
    """The graph of one weight's loss. Asks for the curve again when the axis has changed."""

    every = 1

    def __init__(self, scene: Scene) -> None:
        start = float(scene.initial_weights[0])
        minima = scene.minima[:, 0].tolist() or [start]
        across = [2 * minima[0] - start] if len(minima) == 1 else []  # the other wall, as high as the start
        self._begin: Callable[[], list[Extent]] = lambda: [Extent(start, *minima, *across)]
        self.viewport = Viewport(self._begin())
        self._number = -1
        self.title = f"Weights · the loss of {scene.weight_names[0]}"
        self.marks = "✛ minimum · ● now, and its slope" if len(scene.minima) else "● now, and its slope"
        self.swarm_words = ""
        self.arrows, self.cloud = True, False
        self.pin: tuple[float, float] | None = None
        self.inside: Frame | None = None
        self._grid: LossGrid | None = None
        self._arrows = Arrows()

    @property
    def subtitle(self) -> str:
        """Words for the marks; while zoomed, for the way back."""
        return self.swarm_words + (ZOOMED if self.viewport.zoomed else self.marks)

    def view(self, columns: int, width: int, height: int) -> WeightsView:
        """The request for what the next picture needs."""
        (axis,) = self.viewport.axes
        request = LossGridRequest((axis.low, axis.high, _POINTS))
        return WeightsView(
            columns,
            batch_gradient=self.arrows,
            batch_losses=(axis.low, axis.high, _BATCH_POINTS) if self.arrows else None,
            cloud=CLOUD if self.cloud else 0,
            loss_grid=None if self._grid is not None and self._grid.request == request else request,
        )

    def present(self, snapshot: Snapshot) -> list[float]:
        """The place of training in the picture."""
        return [float(value) for value in snapshot.weights.present]

    def complete(self, snapshot: Snapshot) -> bool:
        """Tell whether a snapshot has what was asked for."""
        return len(snapshot.weights.way) > 0

    def paint(self, scene: Scene, snapshot: Snapshot, width: int, height: int) -> Canvas:
        """The picture of this moment."""
        self.every = frames_at(snapshot)
        canvas, picture = Canvas(width, height), snapshot.weights
        self._grid, self.swarm_words = picture.loss_grid or self._grid, swarm_in_words(snapshot)
        if self._grid is None:
            return canvas
        if snapshot.number != self._number:
            self._number = snapshot.number
            self.viewport.begin(self._begin(), picture.way)
        self.viewport.include(picture.way)
        x, losses = np.linspace(*self._grid.request.first), self._grid.losses
        top = int(self.arrows)
        self.inside = inside = frame(
            canvas, self.viewport.axes[0], _loss_axis(losses), x_name=scene.weight_names[0], top=top
        )
        if self.arrows and len(picture.batch_losses):
            low, high = inside.x_axis.low, inside.x_axis.high
            inside.path(canvas, np.linspace(low, high, len(picture.batch_losses)), picture.batch_losses, Ink.BATCH)
        inside.path(canvas, x, losses, Ink.SERIES_0)
        recent = picture.way[-_JUMPS:, 0]
        inside.path(canvas, recent, np.interp(recent, x, losses), Ink.PATH)
        weight, loss, slope = float(picture.way[-1, 0]), float(snapshot.training_loss), float(picture.gradient[0])
        ends = np.array([x[0], x[-1]])
        inside.path(canvas, ends, loss + slope * (ends - weight), arrows.TRUE)
        for minimum, lowest in zip(scene.minima[:, 0].tolist(), scene.minima_losses.tolist(), strict=True):
            inside.symbol(canvas, minimum, lowest, "✛", Ink.MINIMUM)
        if picture.swarm is not None:
            replicas = picture.swarm.weights[:, 0]
            inside.points(canvas, replicas, np.interp(replicas, x, losses), Ink.SWARM)
        if self.arrows:
            self._draw_gradients(canvas, inside, snapshot)
        self._draw_pin(canvas, inside, x, losses)
        for ghost in snapshot.ghosts:
            last = float(ghost.way[-1, 0])
            inside.symbol(
                canvas, last, float(np.interp(last, x, losses)), str(ghost.number), run_colours.ink(ghost.number)
            )
        inside.symbol(canvas, weight, loss, "●", Ink.BALL)
        return canvas

    def _draw_gradients(self, canvas: Canvas, inside: Frame, snapshot: Snapshot) -> None:
        """Draw where the step of this minibatch leads, and where those of others would; and the two slopes in words."""
        picture, rate = snapshot.weights, snapshot.learning_rate
        if not len(picture.batch_gradient):
            return
        slopes = float(picture.gradient[0]), float(picture.batch_gradient[0])
        at = float(picture.way[-1, 0]), float(snapshot.training_loss)
        level = np.full(len(picture.cloud), at[1])
        inside.points(canvas, at[0] - rate * picture.cloud[:, 0], level, Ink.CLOUD)
        self._arrows.draw(canvas, inside, at, np.array([-rate * slopes[1], 0.0]), arrows.BATCH)
        column = canvas.text(1, 0, f"slope {short(slopes[0]):<9}", arrows.TRUE)
        column = canvas.text(column + 1, 0, f"{_name(width=canvas.width)}{short(slopes[1]):<9}", arrows.BATCH)
        if canvas.width - column > 24:
            canvas.text(column + 1, 0, "┄ its loss  → its step", Ink.BATCH)

    def _draw_pin(self, canvas: Canvas, inside: Frame, x: Array, losses: Numbers) -> None:
        """The point of the graph that was clicked, with its loss."""
        if self.pin is None:
            return
        index = int(np.abs(x - self.pin[0]).argmin())
        column = inside.column(float(x[index]))
        if column is None:
            return
        text = f" loss {short(float(losses[index]), 4)} at {short(float(x[index]), 4)} "
        row = inside.row(float(losses[index]))
        canvas.text(column, row, "+", Ink.STRONG)
        start = column + 1 if column + 1 + len(text) <= canvas.width else column - len(text)
        canvas.text(max(inside.left, start), row, text, Ink.STRONG)


def _name(width: int) -> str:
    return "of this batch " if width >= 44 else "batch "


def _loss_axis(losses: Numbers) -> Axis:
    """The axis from a little below the lowest loss, or below 0 where that is near, to the highest."""
    finite = losses[np.isfinite(losses)]
    if not len(finite):
        return Axis(-0.04, 1.0)
    low, high = float(finite.min()), float(finite.max())
    if 0 < low < 0.2 * high:
        low = 0.0
    span = high - low or max(abs(high), 1.0)
    return Axis(low - 0.06 * span, low + span if math.isfinite(span) else high)
