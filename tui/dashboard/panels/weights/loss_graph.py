"""One weight: the loss for every value of it, the ball where training stands, the slope there, and the loss that the
present minibatch sees in its place."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from engine.serving import loss_grids
from engine.serving.views import weights_view
from tui.dashboard.panels import ghost_drawing
from tui.dashboard.panels.pictures import frames_at
from tui.dashboard.panels.weights import arrows
from tui.dashboard.panels.weights.arrows import Arrows, Gradients
from tui.dashboard.panels.weights.extent import Extent
from tui.dashboard.panels.weights.ground import CLOUD, Ground, draw_pin, nearest
from tui.painting.axes import Array, Axis, Numbers
from tui.painting.canvas import Canvas
from tui.painting.frame import Frame, frame
from tui.painting.numbers import short
from tui.painting.palette import Ink
from tui.painting.strokes import stroke

if TYPE_CHECKING:
    from engine.serving.snapshot import Snapshot
    from engine.serving.views.scene import Scene

_POINTS, _BATCH_POINTS = 200, 80
_JUMPS = 24  # latest steps whose jumps are drawn


class GraphGround(Ground):
    """The ground of the graph: the loss along one axis, at the height of which everything on it is drawn."""

    def request(self) -> loss_grids.LossGridRequest | None:
        """The curve of what is shown; None where it is here."""
        (axis,) = self.viewport.axes
        return self.missing(loss_grids.LossGridRequest((axis.low, axis.high, _POINTS)))

    @property
    def curve(self) -> tuple[Array, Numbers]:
        """The values of the weight, and the losses there; none before they come."""
        return (np.linspace(*self.grid.request.first), self.grid.losses) if self.grid else (np.empty(0), np.empty(0))

    def place(self, points: Array) -> tuple[Numbers, Numbers]:
        return points[:, 0], np.interp(points[:, 0], *self.curve)

    def draw(self, canvas: Canvas, name: str, *, top: int) -> Frame:
        """Draw the axes."""
        self.inside = frame(canvas, self.viewport.axes[0], _loss_axis(self.curve[1]), x_name=name, top=top)
        return self.inside

    def draw_pin(self, canvas: Canvas, inside: Frame) -> None:
        """Draw the point of the curve that was clicked, with its loss."""
        if self.pin is None:
            return
        x, losses = self.curve
        index = nearest(x, self.pin[0])
        value, loss = float(x[index]), float(losses[index])
        draw_pin(canvas, inside, value, loss, f" loss {short(loss, 4)} at {short(value, 4)} ")


class LossGraph:
    """The graph of one weight's loss. Asks for the curve again when the axis has changed. gradients: those that the
    user wants to see."""

    every = 1

    def __init__(self, scene: Scene, gradients: Gradients | None = None) -> None:
        start = float(scene.initial_weights[0])
        minima = scene.minima[:, 0].tolist() or [start]
        across = [2 * minima[0] - start] if len(minima) == 1 else []  # the other wall, as high as the start
        self.ground = GraphGround(lambda: [Extent(start, *minima, *across)])
        self.title = f"Weights · the loss of {scene.weight_names[0]}"
        self._marks = "✛ minimum · ● now, and its slope" if len(scene.minima) else "● now, and its slope"
        self._gradients = gradients or Gradients()
        self._arrows = Arrows()

    @property
    def subtitle(self) -> str:
        """Words for the marks; while zoomed, for the way back."""
        return self.ground.subtitle(self._marks)

    def view(self, width: int, height: int) -> weights_view.WeightsView:
        """The request for what the next picture needs."""
        (axis,) = self.ground.viewport.axes
        return weights_view.WeightsView(
            batch_gradient=self._gradients.arrows,
            batch_losses=(axis.low, axis.high, _BATCH_POINTS) if self._gradients.arrows else None,
            cloud=CLOUD if self._gradients.cloud else 0,
            loss_grid=self.ground.request(),
        )

    def complete(self, snapshot: Snapshot) -> bool:
        """Tell whether a snapshot has what was asked for."""
        return len(snapshot.weights.trajectory) > 0

    def paint(self, scene: Scene, snapshot: Snapshot, width: int, height: int) -> Canvas:
        """The picture of this moment."""
        self.every = frames_at(snapshot)
        canvas, picture, ground = Canvas(width, height), snapshot.weights, self.ground
        ground.grid = picture.loss_grid or ground.grid
        if ground.grid is None:
            return canvas
        ground.follow(snapshot, picture.trajectory)
        inside = ground.draw(canvas, scene.weight_names[0], top=int(self._gradients.arrows))
        if self._gradients.arrows and len(picture.batch_losses):
            low, high = inside.x_axis.low, inside.x_axis.high
            inside.line(
                canvas, np.linspace(low, high, len(picture.batch_losses)), picture.batch_losses, Ink.BATCH_CURVE
            )
        inside.line(canvas, *ground.curve, Ink.SERIES_0)
        inside.line(canvas, *ground.place(picture.trajectory[-_JUMPS:]), Ink.TRAJECTORY)
        self._draw_slope(canvas, inside, snapshot)
        for minimum, lowest in zip(scene.minima[:, 0].tolist(), scene.minima_losses.tolist(), strict=True):
            inside.symbol(canvas, minimum, lowest, "✛", Ink.MINIMUM)
        if picture.swarm is not None:
            ground.draw_swarm(canvas, inside, picture.swarm.weights)
        if self._gradients.arrows:
            self._draw_gradients(canvas, inside, snapshot)
        ground.draw_averages(canvas, inside, picture.averages)
        ground.draw_pin(canvas, inside)
        ghost_drawing.number_places(canvas, inside, snapshot.ghosts, ground.place)
        inside.symbol(canvas, float(picture.trajectory[-1, 0]), float(snapshot.training_loss), "●", Ink.BALL)
        return canvas

    def _draw_slope(self, canvas: Canvas, inside: Frame, snapshot: Snapshot) -> None:
        """Draw the tangent at the ball, from end to end of the curve."""
        x, _ = self.ground.curve
        weight, slope = float(snapshot.weights.trajectory[-1, 0]), float(snapshot.weights.gradient[0])
        ends = np.array([x[0], x[-1]])
        inside.line(canvas, ends, snapshot.training_loss + slope * (ends - weight), arrows.TRUE)

    def _draw_gradients(self, canvas: Canvas, inside: Frame, snapshot: Snapshot) -> None:
        """Draw where the step of this minibatch leads, and where those of others would; and the two slopes in words."""
        picture, rate = snapshot.weights, snapshot.learning_rate
        if not len(picture.batch_gradient):
            return
        slopes = float(picture.gradient[0]), float(picture.batch_gradient[0])
        at = float(picture.trajectory[-1, 0]), float(snapshot.training_loss)
        level = np.full(len(picture.cloud), at[1])
        inside.points(canvas, at[0] - rate * picture.cloud[:, 0], level, Ink.CLOUD)
        self._arrows.draw(canvas, inside, at, np.array([-rate * slopes[1], 0.0]), arrows.BATCH)
        column = canvas.text(1, 0, f"slope {short(slopes[0]):<9}", arrows.TRUE)
        column = canvas.text(column + 1, 0, f"{_name(width=canvas.width)}{short(slopes[1]):<9}", arrows.BATCH)
        if canvas.width - column > 24:
            canvas.text(column + 1, 0, f"{stroke(Ink.BATCH_CURVE).sample} its loss  → its step", Ink.BATCH_CURVE)


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
