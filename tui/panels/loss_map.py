"""Two weights: the contour map of the loss, the way that training has taken, the minimum."""

from __future__ import annotations

import numpy as np

from engine.snapshot import Snapshot
from engine.views.scene import Scene
from engine.views.weights import LossGrid, LossGridRequest
from tui.painting.axes import Axis
from tui.painting.canvas import Canvas
from tui.painting.contour import levels
from tui.painting.frame import Frame, frame
from tui.painting.palette import Ink
from tui.panels.extent import Extent


class LossMap:
    """The map of two weights. Its half blocks are painted once for each grid; the way is drawn over them."""

    subtitle = "○ start · ✛ minimum · ● now"

    def __init__(self, scene: Scene) -> None:
        minimum = scene.minimum if scene.minimum is not None else scene.initial_weights
        first, second = scene.weight_names
        self.title = f"Weights · the loss over {first}, {second}"
        self._extents = [Extent(float(a), float(b)) for a, b in zip(scene.initial_weights, minimum, strict=True)]
        self._grid: LossGrid | None = None
        self._background: tuple[LossGrid, Canvas, Frame] | None = None

    def _request(self, width: int, height: int) -> LossGridRequest:
        first, second = (extent.axis for extent in self._extents)
        inside = frame(Canvas(width, height), first, second)  # only for the room that the labels leave
        return LossGridRequest((first.low, first.high, inside.width), (second.low, second.high, 2 * inside.height))

    def wanted(self, width: int, height: int) -> LossGridRequest | None:
        """The grid that is not here yet, or None."""
        request = self._request(width, height)
        return None if self._grid is not None and self._grid.request == request else request

    def paint(self, scene: Scene, snapshot: Snapshot, width: int, height: int) -> Canvas:
        """The picture of this moment."""
        way = snapshot.weights.way
        for extent, values in zip(self._extents, way.T, strict=True):
            extent.include(values)
        self._grid = snapshot.weights.loss_grid or self._grid
        if self._grid is None:
            return Canvas(width, height)
        background, inside = self._painted_map(self._grid, scene, width, height)
        canvas = background.copy()
        for ghost in snapshot.ghosts:
            inside.path(canvas, *ghost.way.T, Ink.GHOST)
        inside.path(canvas, *way.T, Ink.PATH)
        inside.symbol(canvas, *scene.initial_weights.tolist(), "○", Ink.PATH)
        if scene.minimum is not None:
            inside.symbol(canvas, *scene.minimum.tolist(), "✛", Ink.MINIMUM)
        inside.symbol(canvas, *way[-1].tolist(), "●", Ink.BALL)
        return canvas

    def _painted_map(self, grid: LossGrid, scene: Scene, width: int, height: int) -> tuple[Canvas, Frame]:
        if self._background is not None:
            drawn, canvas, inside = self._background
            if drawn is grid and (canvas.width, canvas.height) == (width, height):
                return canvas, inside
        canvas = Canvas(width, height)
        first = Axis(*grid.request.first[:2])
        second = Axis(*grid.request.second[:2]) if grid.request.second else first
        x_name, y_name = scene.weight_names
        inside = frame(canvas, first, second, x_name=x_name, y_name=y_name)
        inks = levels(grid.losses[::-1])
        fits = inks.shape == (2 * inside.height, inside.width)
        if not fits:  # of another size, until the right one arrives
            rows = np.linspace(0, len(inks) - 1, 2 * inside.height).round().astype(int)
            columns = np.linspace(0, inks.shape[1] - 1, inside.width).round().astype(int)
            inks = inks[np.ix_(rows, columns)]
        canvas.half_blocks(inks, inside.left, 0)
        self._background = (grid, canvas, inside)
        return canvas, inside
