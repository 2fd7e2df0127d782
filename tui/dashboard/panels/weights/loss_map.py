"""Maps of the loss in half blocks, and the map of two weights: the trajectory, the minima, and where the
gradients point."""

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
from tui.painting import run_colours
from tui.painting.axes import Array, Axis, Numbers
from tui.painting.canvas import Canvas
from tui.painting.contour import levels
from tui.painting.frame import Frame, columns, frame, point
from tui.painting.numbers import short
from tui.painting.palette import Ink

MOST_CELLS = 5000  # of a grid, which has to cross the pipe; on larger screens the loss is interpolated
CLOUD = 200  # possible minibatches
ZOOMED = "zoomed · / or a double click shows all"


class GroundMap:
    """A map of the loss that can be zoomed, dragged and asked for its value at a point.

    Its half blocks are painted once for each grid and part of it; everything else is drawn over them. Until the grid of
    a new part arrives, the old one is stretched.
    """

    every = 1
    marks, swarm_words = "", ""

    def __init__(self, viewport: Viewport) -> None:
        self.viewport = viewport
        self.pin: tuple[float, float] | None = None
        self.inside: Frame | None = None
        self._grid: LossGrid | None = None
        self._background: tuple[object, Canvas, Frame] | None = None

    @property
    def subtitle(self) -> str:
        """Words for the marks; while zoomed, for the way back."""
        return self.swarm_words + (ZOOMED if self.viewport.zoomed else self.marks)

    def missing(
        self,
        viewport: Viewport,
        width: int,
        height: int,
        *,
        top: int,
        cells: float = MOST_CELLS,
        plane: int | None = None,
    ) -> LossGridRequest | None:
        """The grid for a viewport on so many cells, of about so many points at most; None where it is here."""
        first, second = viewport.axes
        inside = frame(Canvas(width, height), first, second, top=top)  # for the room that labels leave
        coarser = min(1.0, math.sqrt(cells / (inside.width * 2 * inside.height)))
        across, up = (max(2, round(coarser * points)) for points in (inside.width, 2 * inside.height))
        request = LossGridRequest((first.low, first.high, across), (second.low, second.high, up), plane)
        return None if self._grid is not None and self._grid.request == request else request

    def ground(self, names: tuple[str, str], width: int, height: int, *, top: int = 0) -> tuple[Canvas, Frame]:
        """A fresh canvas with the axes and, as far as the grid reaches, the loss."""
        x_axis, y_axis = self.viewport.axes
        key = (self._grid, x_axis, y_axis, width, height, top, names)
        if self._background is None or self._background[0] != key:
            canvas = Canvas(width, height)
            inside = frame(canvas, x_axis, y_axis, x_name=names[0], y_name=names[1], top=top)
            if self._grid is not None:
                _paint(canvas, inside, self._grid)
            self._background = (key, canvas, inside)
        _, canvas, self.inside = self._background
        return canvas.copy(), self.inside

    def draw_pin(self, canvas: Canvas, inside: Frame) -> None:
        """The point that was clicked, with its loss: of the nearest point of the grid, where it is exact."""
        if self.pin is None or self._grid is None or self._grid.request.second is None:
            return
        first, second = np.linspace(*self._grid.request.first), np.linspace(*self._grid.request.second)
        i, j = int(np.abs(first - self.pin[0]).argmin()), int(np.abs(second - self.pin[1]).argmin())
        column, row = inside.column(float(first[i])), inside.row(float(second[j]))
        if column is None or not 0 <= float(inside.y_axis.share(float(second[j]))) <= 1:
            return
        text = (
            f" loss {short(float(self._grid.losses[j, i]), 4)} at {short(float(first[i]))}, {short(float(second[j]))} "
        )
        canvas.text(column, row, "+", Ink.STRONG)
        start = column + 1 if column + 1 + len(text) <= canvas.width else column - len(text)
        canvas.text(max(inside.left, start), row, text, Ink.STRONG)


def _paint(canvas: Canvas, inside: Frame, grid: LossGrid) -> None:
    """The grid under the frame, interpolated where its points are not those of the half cells; bare beside it."""
    assert grid.request.second is not None  # it is a map
    across = _places(inside.x_axis, inside.width, grid.request.first)
    rows = _places(inside.y_axis, 2 * inside.height, grid.request.second)[::-1]
    covered_rows, covered_columns = ~np.isnan(rows), ~np.isnan(across)
    covered_rows = (covered_rows[0::2] & covered_rows[1::2]).repeat(2)  # a cell has both of its halves, or none
    if not (covered_rows.any() and covered_columns.any()):
        return
    inks = np.zeros((len(rows), len(across)), dtype=np.uint8)
    part = _between(_between(grid.losses, rows[covered_rows]).T, across[covered_columns]).T
    inks[np.ix_(covered_rows, covered_columns)] = levels(part)
    canvas.half_blocks(inks, inside.left, inside.top)


def _places(axis: Axis, count: int, points: tuple[float, float, int]) -> Array:
    """(count,) where the points of an axis lie among those of a grid, from 0 to its number − 1; NaN outside."""
    low, high, number = points
    places = (np.linspace(axis.low, axis.high, count) - low) / (high - low) * (number - 1)
    places = np.where(np.abs(places - places.round()) < 1e-6, places.round(), places)
    return np.where((places >= 0) & (places <= number - 1), places, np.nan)


def _between(rows: Numbers, places: Array) -> Array:
    """(m, …) linear interpolation between rows, at places from 0 to their number − 1."""
    lower = np.minimum(places.astype(np.intp), max(0, len(rows) - 2))
    share = (places - lower)[:, None]
    if not share.any():
        return np.asarray(rows[lower])
    with np.errstate(all="ignore"):
        return np.asarray(rows[lower] * (1 - share) + rows[np.minimum(lower + 1, len(rows) - 1)] * share)


def swarm_in_words(snapshot: Snapshot) -> str:
    """`64 other seeds since step 120 · `, or that they have fallen behind; nothing without a swarm."""
    swarm = snapshot.weights.swarm
    if swarm is None:
        return ""
    behind = " (behind: it is too fast for them)" if swarm.step < snapshot.step else ""
    return f"{swarm.replicas} other seeds since step {swarm.since:,}{behind} · "


def draw_way(canvas: Canvas, inside: Frame, way: Array) -> None:
    """Draw the trajectory, (m, 2), fading with age: the oldest half, the younger half, the latest 100 and 25 points."""
    older = max(0, len(way) - 101)
    inside.path(canvas, *columns(way[: older // 2 + 1]), Ink.PATH_3)
    inside.path(canvas, *columns(way[older // 2 : older + 1]), Ink.PATH_2)
    inside.path(canvas, *columns(way[older : max(older, len(way) - 26) + 1]), Ink.PATH_1)
    inside.path(canvas, *columns(way[max(older, len(way) - 26) :]), Ink.PATH)


class LossMap(GroundMap):
    """The map of two weights."""

    def __init__(self, scene: Scene) -> None:
        seen = scene.minima[scene.minima_losses <= _lowest(scene)] if len(scene.minima) else scene.minima
        points = np.vstack([scene.initial_weights, seen])
        self._begin: Callable[[], list[Extent]] = lambda: [Extent(*column.tolist()) for column in points.T]
        super().__init__(Viewport(self._begin()))
        self._number = -1
        first, second = scene.weight_names
        self._names = (first, second)
        self.title = f"Weights · the loss over {first}, {second}"
        self.arrows = True
        self.cloud = False
        self._arrows = Arrows()
        local = " · × local" if (scene.minima_losses > _lowest(scene)).any() else ""
        self.marks = f"○ start · ✛ minimum{local} · ● now" if len(scene.minima) else "○ start · ● now"

    def view(self, columns: int, width: int, height: int) -> WeightsView:
        """The request for what the next picture needs."""
        return WeightsView(
            columns,
            batch_gradient=self.arrows,
            cloud=CLOUD if self.cloud else 0,
            loss_grid=self.missing(self.viewport, width, height, top=int(self.arrows)),
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
        picture = snapshot.weights
        self._grid, self.swarm_words = picture.loss_grid or self._grid, swarm_in_words(snapshot)
        if snapshot.number != self._number:
            self._number = snapshot.number
            self.viewport.begin(self._begin(), picture.way)
        self.viewport.include(picture.way)
        canvas, inside = self.ground(self._names, width, height, top=int(self.arrows))
        for ghost in snapshot.ghosts:
            inside.path(canvas, *columns(ghost.way), run_colours.ink(ghost.number))
        draw_way(canvas, inside, picture.way)
        inside.symbol(canvas, *point(scene.initial_weights), "○", Ink.PATH)
        if self.arrows:
            self._draw_gradients(canvas, inside, snapshot)
        if picture.swarm is not None:
            inside.points(canvas, *columns(picture.swarm.weights), Ink.SWARM)
        for minimum, loss in zip(scene.minima, scene.minima_losses.tolist(), strict=True):
            inside.symbol(canvas, *point(minimum), "✛" if loss <= _lowest(scene) else "×", Ink.MINIMUM)
        self.draw_pin(canvas, inside)
        for ghost in snapshot.ghosts:
            inside.symbol(canvas, *point(ghost.way[-1]), str(ghost.number), run_colours.ink(ghost.number))
        inside.symbol(canvas, *point(picture.way[-1]), "●", Ink.BALL)
        return canvas

    def _draw_gradients(self, canvas: Canvas, inside: Frame, snapshot: Snapshot) -> None:
        picture, rate = snapshot.weights, snapshot.learning_rate
        if not len(picture.batch_gradient):
            return
        steps = [-rate * picture.gradient, -rate * picture.batch_gradient]
        self._arrows.fit(inside, steps)
        x, y = picture.way[-1].tolist()
        if len(picture.cloud):
            reached = picture.way[-1] - self._arrows.scale * rate * picture.cloud
            inside.points(canvas, *columns(reached), Ink.CLOUD)
        pair = list(zip(steps, (arrows.TRUE, arrows.BATCH), strict=True))
        for step, ink in sorted(pair, key=lambda arrow: -np.hypot(*arrow[0])):  # the shorter over the longer
            self._arrows.draw(canvas, inside, (x, y), step, ink)
        arrows.legend(canvas, 0, picture.batch_angle, self._arrows.scale)


def _lowest(scene: Scene) -> float:
    """The loss up to which a minimum is one of the lowest."""
    lowest = float(scene.minima_losses.min(initial=np.inf))
    return lowest + 1e-9 * max(1.0, abs(lowest))
