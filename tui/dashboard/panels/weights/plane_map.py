"""The map for more than two weights: the run in the plane in which it has moved most, over the loss of that plane."""

from __future__ import annotations

import math

import numpy as np

from engine.serving.loss_grids import PLANE_EXAMPLES, LossGridRequest
from engine.serving.snapshot import Snapshot
from engine.serving.views.scene import Scene
from engine.serving.views.weights_view import PlanePicture, PlaneView, WeightsView
from tui.dashboard.panels.weights.extent import Extent, Viewport
from tui.dashboard.panels.weights.loss_map import GroundMap, draw_way, swarm_in_words
from tui.painting.axes import Array
from tui.painting.canvas import Canvas
from tui.painting.frame import columns, point
from tui.painting.palette import Ink

_WORK = 3e8  # weights times examples that a grid may cost: a tenth of a second, a few milliseconds a frame
_FEWEST_CELLS, _MOST_CELLS = 100, 600  # in between, the loss is interpolated
_NAMES = ("1st direction", "2nd")


class PlaneMap(GroundMap):
    """The plane of a run. It changes to one that was fitted anew when the loss over that one is there.

    The loss is computed on fewer points where it is dear, and not at all where it is very dear.
    """

    title = "Weights · plane of most movement"
    marks = "○ start · ● now"

    def __init__(self, scene: Scene) -> None:
        super().__init__(Viewport([Extent(0.0), Extent(0.0)]))
        self._cells = min(_MOST_CELLS, _WORK / (_examples(scene) * len(scene.weight_names)))
        self._latest: PlanePicture | None = None
        self._drawn: PlanePicture | None = None
        self._awaited: LossGridRequest | None = None
        self._next: Viewport | None = None  # of the latest plane, while another one is drawn

    @property
    def _affordable(self) -> bool:
        return self._cells >= _FEWEST_CELLS

    def view(self, columns: int, width: int, height: int) -> WeightsView:
        """The request for what the next picture needs."""
        wanted = PlaneView(self._drawn.number if self._drawn else -1)
        grid = None
        if self._latest is not None and self._affordable:
            viewport, number = self._next or self.viewport, self._latest.number
            grid = self.missing(viewport, width, height, top=1, cells=self._cells, plane=number)
            if self._awaited is not None and self._awaited.plane == number and not viewport.zoomed:
                grid = self._awaited  # a dear one would never come if it changed with every step
            self._awaited = grid
        return WeightsView(columns, way=False, plane=wanted, loss_grid=grid)

    def present(self, snapshot: Snapshot) -> list[float]:
        """The place of training in the picture."""
        return self._drawn.way[-1].tolist() if self._drawn else [0.0, 0.0]

    def complete(self, snapshot: Snapshot) -> bool:
        """Tell whether a snapshot has what was asked for."""
        return bool(snapshot.weights.planes) or self._drawn is None

    def paint(self, scene: Scene, snapshot: Snapshot, width: int, height: int) -> Canvas:
        """The picture of this moment."""
        self._take(snapshot)
        self.swarm_words = swarm_in_words(snapshot)
        if self._drawn is None:
            canvas = Canvas(width, height)
            canvas.text(1, 0, "It takes a few steps to have a plane.", Ink.AXIS)
            return canvas
        canvas, inside = self.ground(_NAMES, width, height, top=1)
        plane = self._drawn
        draw_way(canvas, inside, plane.way)
        inside.points(canvas, *columns(plane.swarm), Ink.SWARM)
        inside.symbol(canvas, *point(plane.way[0]), "○", Ink.PATH)
        self.draw_pin(canvas, inside)
        inside.symbol(canvas, *point(plane.way[-1]), "●", Ink.BALL)
        _write_shares(canvas, plane, snapshot.step, scene)
        return canvas

    def _take(self, snapshot: Snapshot) -> None:
        """Keep what came, and change to the latest plane when its picture is ready."""
        picture = snapshot.weights
        if not picture.planes:
            return
        number = self._drawn.number if self._drawn else -1
        self._drawn = next((plane for plane in picture.planes if plane.number == number), None)
        latest, grid = picture.planes[-1], picture.loss_grid
        if grid is not None and grid.request == self._awaited:
            self._awaited = None
        if self._latest is None or latest.number != self._latest.number:
            self._next = Viewport(_extents(latest.way))
        self._latest = latest
        for viewport, plane in ((self.viewport, self._drawn), (self._next, latest)):
            if viewport is not None and plane is not None:
                viewport.include(plane.way)
        ready = grid is not None and grid.request.plane == latest.number
        if grid is not None and (self._drawn is None or grid.request.plane in (latest.number, self._drawn.number)):
            self._grid = grid
        if self._drawn is None or (self._drawn is not latest and (ready or not self._affordable)):
            self._drawn, self.pin = latest, None
            if self._next is not None:
                self.viewport, self._next = self._next, None


def _extents(way: Array) -> list[Extent]:
    """The extents around a trajectory, (m, 2). The second axis is at least half as long as the first: a shorter one
    would make mountains of the little that a run moves along it, and the trajectory would soon leave the map."""
    first, second = (column[np.isfinite(column)].tolist() or [0.0] for column in way.T)
    middle, quarter = (min(second) + max(second)) / 2, (max(first) - min(first)) / 4
    return [Extent(*first), Extent(*second, middle - quarter, middle + quarter)]


def _examples(scene: Scene) -> int:
    """Words for how many examples the loss is mapped over."""
    return min(scene.loss_examples, PLANE_EXAMPLES)


def _write_shares(canvas: Canvas, plane: PlanePicture, step: int, scene: Scene) -> None:
    """Write how much of the movement the plane shows, of when it is, and over how many examples its loss, if not over
    all."""
    first, second = (f"{100 * share:.0f} %" if math.isfinite(share) else "–" for share in plane.shares)
    seen, fitted = f"{first} + {second}", f"step {plane.step:,}"
    examples = f"{_examples(scene):,} examples" if _examples(scene) < scene.loss_examples else ""
    loss, over = (f" · loss of {examples}", f" · {examples}") if examples else ("", "")
    texts = (
        f"{seen} of the movement of {len(scene.weight_names):,} weights · fitted at {fitted}{loss}",
        f"{seen} of the movement · fitted at {fitted}{loss}",
        f"{seen} of the movement · {fitted}{over}",
        f"{seen} · {fitted}{over}",
        f"{seen} · {fitted}",
    )
    canvas.text(1, 0, next((text for text in texts if len(text) < canvas.width), texts[-1]), Ink.FAINT)
