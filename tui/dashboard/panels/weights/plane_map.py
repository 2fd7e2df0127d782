"""The map for more than two weights: the run in the plane in which it has moved most, over the loss of that plane."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from engine.serving import loss_grids
from engine.serving.views import weights_view
from tui.dashboard.panels.weights.extent import Extent
from tui.dashboard.panels.weights.ground import draw_trajectories
from tui.dashboard.panels.weights.map_ground import MapGround
from tui.painting.axes import Array
from tui.painting.canvas import Canvas
from tui.painting.frame import point
from tui.painting.palette import Ink

if TYPE_CHECKING:
    from engine.serving.snapshot import Snapshot
    from engine.serving.views.scene import Scene

_WORK = 6e8  # weights times examples that a grid may cost: a fifth of a second, a few milliseconds a frame
_FEWEST_CELLS, _MOST_CELLS = 100, 1500  # in between, the loss is interpolated
_MARGIN = 0.5  # by which an extent grows at once: the map reaches as far, so that no trajectory leaves it meanwhile
_NAMES = ("1st direction", "2nd")


class PlaneMap:
    """The plane of a run. It changes to one that was fitted anew when the loss over that one is there.

    The loss is computed on fewer points where it is dear, and not at all where it is very dear; first on a few, which
    are soon there.
    """

    every = 1
    title = "Weights · plane of most movement"

    def __init__(self, scene: Scene) -> None:
        self.ground = _ground(np.zeros((1, 2)))
        self._cells = min(_MOST_CELLS, _WORK / (_examples(scene) * len(scene.weight_names)))
        self._latest: weights_view.PlanePicture | None = None
        self._drawn: weights_view.PlanePicture | None = None
        self._awaited: loss_grids.LossGridRequest | None = None
        self._next: MapGround | None = None  # of the latest plane, while another one is drawn

    @property
    def subtitle(self) -> str:
        """Words for the marks; while zoomed, for the way back."""
        return self.ground.subtitle("○ start · ● now")

    @property
    def _affordable(self) -> bool:
        return self._cells >= _FEWEST_CELLS

    def view(self, width: int, height: int) -> weights_view.WeightsView:
        """The request for what the next picture needs."""
        wanted = weights_view.PlaneView(self._drawn.number if self._drawn else -1)
        grid = None
        if self._latest is not None and self._affordable:
            ground, number = self._next or self.ground, self._latest.number
            cells = self._cells if ground.covered else _FEWEST_CELLS
            grid = ground.request(width, height, top=1, cells=cells, plane=number, margin=_MARGIN)
            if self._awaited is not None and self._awaited.plane == number and not ground.viewport.zoomed:
                grid = self._awaited  # a dear one would never come if it changed with every step
            self._awaited = grid
        return weights_view.WeightsView(trajectory=False, plane=wanted, loss_grid=grid)

    def complete(self, snapshot: Snapshot) -> bool:
        """Tell whether a snapshot has what was asked for."""
        return bool(snapshot.weights.planes) or self._drawn is None

    def paint(self, scene: Scene, snapshot: Snapshot, width: int, height: int) -> Canvas:
        """The picture of this moment."""
        self._keep(snapshot)
        if self._drawn is None:
            canvas = Canvas(width, height)
            canvas.text(1, 0, "It takes a few steps to have a plane.", Ink.AXIS)
            return canvas
        ground, plane = self.ground, self._drawn
        ground.follow(snapshot, plane.trajectory)
        canvas, inside = ground.draw(_NAMES, width, height, top=1)
        draw_trajectories(canvas, inside, plane.trajectory)
        ground.draw_swarm(canvas, inside, plane.swarm)
        inside.symbol(canvas, *point(plane.trajectory[0]), "○", Ink.TRAJECTORY)
        ground.draw_averages(canvas, inside, plane.averages)
        ground.draw_pin(canvas, inside)
        ground.draw_present(canvas, inside)
        _write_shares(canvas, plane, snapshot.step, scene)
        return canvas

    def _keep(self, snapshot: Snapshot) -> None:
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
            self._next = _ground(latest.trajectory)
        self._latest = latest
        newest = self._next or self.ground
        newest.follow(snapshot, latest.trajectory)
        if grid is not None and grid.request.plane == latest.number:
            newest.grid = grid
        elif grid is not None and self._drawn is not None and grid.request.plane == self._drawn.number:
            self.ground.grid = grid
        ready = newest.grid is not None or not self._affordable
        if self._drawn is None or (self._next is not None and ready):
            self.ground, self._next, self._drawn = newest, None, latest


def _ground(trajectory: Array) -> MapGround:
    return MapGround(lambda: _extents(trajectory))


def _extents(trajectory: Array) -> list[Extent]:
    """The extents around a trajectory, (m, 2). The second axis is at least half as long as the first: a shorter one
    would make mountains of the little that a run moves along it, and the trajectory would soon leave the map."""
    first, second = (column[np.isfinite(column)].tolist() or [0.0] for column in trajectory.T)
    middle, quarter = (min(second) + max(second)) / 2, (max(first) - min(first)) / 4
    return [Extent(*first), Extent(*second, middle - quarter, middle + quarter)]


def _examples(scene: Scene) -> int:
    """Words for how many examples the loss is mapped over."""
    return min(scene.loss_examples, loss_grids.PLANE_EXAMPLES)


def _write_shares(canvas: Canvas, plane: weights_view.PlanePicture, step: int, scene: Scene) -> None:
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
