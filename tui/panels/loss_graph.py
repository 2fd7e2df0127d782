"""One weight: the loss for every value of it, the ball where training stands, the tangent there."""

from __future__ import annotations

import numpy as np

from engine.snapshot import Snapshot
from engine.views.scene import Scene
from engine.views.weights import LossGrid, LossGridRequest
from tui.painting.axes import Axis
from tui.painting.canvas import Canvas
from tui.painting.frame import frame
from tui.painting.numbers import short
from tui.painting.palette import Ink
from tui.panels.extent import Extent

_POINTS = 200
_BOUNCES = 24  # latest steps whose jumps are drawn


class LossGraph:
    """The graph of one weight's loss. Asks for the curve again when the axis has grown."""

    title = "Weights · the loss of w"
    subtitle = "✛ minimum · ● now, and its slope"

    def __init__(self, scene: Scene) -> None:
        start = float(scene.initial_weights[0])
        minimum = float(scene.minimum[0]) if scene.minimum is not None else start
        self._extent = Extent(start, minimum, 2 * minimum - start)
        self._grid: LossGrid | None = None

    def wanted(self, width: int, height: int) -> LossGridRequest | None:
        """The grid that is not here yet, or None."""
        axis = self._extent.axis
        request = LossGridRequest((axis.low, axis.high, _POINTS))
        return None if self._grid is not None and self._grid.request == request else request

    def paint(self, scene: Scene, snapshot: Snapshot, width: int, height: int) -> Canvas:
        """The picture of this moment."""
        canvas = Canvas(width, height)
        way = snapshot.weights.way[:, 0]
        self._extent.include(way)
        self._grid = snapshot.weights.loss_grid or self._grid
        if self._grid is None:
            return canvas
        x = np.linspace(*self._grid.request.first)
        losses = self._grid.losses
        finite = losses[np.isfinite(losses)]
        top = float(finite.max()) if len(finite) else 1.0
        bottom = min(0.0, float(finite.min())) if len(finite) else 0.0
        y_axis = Axis(bottom - 0.04 * (top - bottom or 1.0), top or 1.0)
        inside = frame(canvas, Axis(float(x[0]), float(x[-1])), y_axis, x_name=scene.weight_names[0])
        inside.path(canvas, x, losses, Ink.SERIES_0)
        recent = way[-_BOUNCES:]
        inside.path(canvas, recent, np.interp(recent, x, losses), Ink.PATH)
        weight, loss = float(way[-1]), float(snapshot.training_loss)
        tangent_x = np.array([x[0], x[-1]])
        inside.path(canvas, tangent_x, loss + float(snapshot.weights.gradient[0]) * (tangent_x - weight), Ink.MARK)
        if scene.minimum is not None:
            best = float(scene.minimum[0])
            inside.symbol(canvas, best, float(np.interp(best, x, losses)), "✛", Ink.MINIMUM)
        slope = f"slope {short(float(snapshot.weights.gradient[0]))}"
        canvas.text(inside.left + (inside.width - len(slope)) // 2, 0, slope, Ink.MARK)  # a bowl is empty there
        inside.symbol(canvas, weight, loss, "●", Ink.BALL)
        return canvas
