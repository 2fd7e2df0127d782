"""The ground of a map: how far it reaches, planes of many weights, and the part of it that is looked at."""

import math

import numpy as np
import pytest

from engine.serving.commands import Advance, RequestFrame
from engine.serving.loss_grids import LossGrid, LossGridRequest
from engine.serving.process import LocalEngine
from engine.serving.snapshot import View
from tests.tui.dashboard.panels.painted_scenarios import MOONS, picture_of, scenario
from tui.dashboard.panels.weights.extent import Extent, Viewport, values_at
from tui.dashboard.panels.weights.map_ground import MapGround
from tui.dashboard.panels.weights.plane_map import PlaneMap
from tui.painting.axes import Axis
from tui.painting.canvas import Canvas
from tui.painting.frame import frame
from tui.painting.palette import Ink


def test_the_plane_of_many_weights_says_how_much_it_shows_and_has_the_loss_under_it():
    canvas, picture, snapshot = picture_of(MOONS, PlaneMap, steps=40, frames=200)
    (plane,) = snapshot.weights.planes
    first, second = (f"{100 * share:.0f} %" for share in plane.shares)
    assert f"{first} + {second}" in canvas.rows()[0]
    assert "step 40" in canvas.rows()[0]
    assert (canvas.paper >= Ink.LEVEL_0).sum() > 500
    assert picture.view(60, 20).loss_grid is None


def test_a_grid_over_a_plane_is_asked_for_until_it_comes_however_the_run_moves_on():
    engine, replies = LocalEngine(scenario(MOONS)), []
    engine.listen(replies.append)
    engine.send(RequestFrame(View()))
    scene = replies[-1].scene
    picture, asked = PlaneMap(scene), []
    for _ in range(300):
        wanted = picture.view(60, 20)
        asked.append(wanted.loss_grid)
        engine.send(RequestFrame(View(scene.number, weights=wanted)))
        picture.paint(scene, replies[-1], 60, 20)
    grids = len(set(asked) - {None})
    assert 2 <= grids <= 40
    assert picture.ground.grid is not None


def test_the_map_of_a_plane_reaches_as_far_as_the_trajectory_does():
    engine, replies = LocalEngine(scenario(MOONS)), []
    engine.listen(replies.append)
    engine.send(RequestFrame(View()))
    scene = replies[-1].scene
    picture, bare = PlaneMap(scene), []
    drawn = [Ink.TRAJECTORY, Ink.TRAJECTORY_1, Ink.TRAJECTORY_2, Ink.TRAJECTORY_3, Ink.BALL]
    for _ in range(120):
        engine.send(Advance(30))
        engine.send(RequestFrame(View(scene.number, weights=picture.view(60, 20))))
        canvas = picture.paint(scene, replies[-1], 60, 20)
        if picture.ground.grid is not None:
            on_it = np.isin(canvas.ink[1:], drawn) & (canvas.chars[1:] != " ")
            bare.append(bool((on_it & (canvas.paper[1:] < Ink.LEVEL_0)).any()))
    assert len(bare) > 100
    assert not any(bare)  # what is beyond the losses is not drawn, before those of a wider part are there


@pytest.mark.parametrize(
    ("now", "symbol", "row", "column"),
    [
        ((0.5, 0.5), "●", None, None),
        ((9.0, 0.5), "→", None, -1),
        ((0.5, 9.0), "↑", 0, None),
        ((0.5, -9.0), "↓", -2, None),
    ],
)
def test_a_map_ends_where_its_losses_do_and_points_to_what_is_outside(now, symbol, row, column):
    ground = MapGround(lambda: [Extent(0.0, 1.0), Extent(0.0, 1.0)])
    grid = LossGridRequest((-1.0, 2.0, 9), (-1.0, 2.0, 9))
    ground.grid = LossGrid(grid, np.arange(81, dtype=np.float32).reshape(9, 9))
    ground.viewport.include(np.array([now]))
    ground.present = list(now)
    canvas, inside = ground.draw(("a", "b"), 60, 20)
    assert (canvas.paper[inside.top : inside.top + inside.height, inside.left :] >= Ink.LEVEL_0).all()
    ground.draw_present(canvas, inside)
    rows, columns = np.nonzero(canvas.chars == symbol)
    assert len(rows) == 1
    assert row is None or rows[0] == row % canvas.height
    assert column is None or columns[0] == column % canvas.width
    assert ("the map follows" in ground.subtitle("● now")) == (symbol != "●")


def test_a_grid_that_ends_within_a_cell_leaves_that_cell_bare():
    ground = MapGround(lambda: [Extent(0.0, 1.0), Extent(0.0, 1.0)])
    grid = LossGridRequest((0.2, 0.8, 9), (0.2, 0.81, 9))
    ground.grid = LossGrid(grid, np.arange(81, dtype=np.float32).reshape(9, 9))
    for height in range(10, 30):
        canvas, _ = ground.draw(("a", "b"), 60, height)
        mapped = canvas.paper >= Ink.LEVEL_0
        assert mapped.any()
        assert ((canvas.ink >= Ink.LEVEL_0) == mapped).all()


def test_a_map_that_a_run_has_blown_up_is_left_to_it_when_another_one_begins():
    viewport = Viewport([Extent(0.0, 1.0)])
    viewport.include(np.array([[0.5], [5.0]]))
    (kept,) = viewport.axes
    viewport.begin([Extent(0.0, 1.0)], np.array([[0.5]]))  # only a little wider: it holds still
    assert viewport.axes == [kept]
    viewport.include(np.array([[1e9]]))
    viewport.begin([Extent(0.0, 1.0)], np.array([[0.5], [2.0]]))
    assert 2 < viewport.axes[0].high < 3


def test_a_viewport_zooms_around_a_point_moves_and_returns():
    viewport = Viewport([Extent(0.0, 10.0), Extent(-1.0, 1.0)])
    whole = viewport.axes
    viewport.zoom(2.0, (4.0, 0.5))
    axis = viewport.axes[0]
    assert axis.high - axis.low == pytest.approx((whole[0].high - whole[0].low) / 2)
    assert axis.share(4.0) == pytest.approx(whole[0].share(4.0))
    viewport.pan(0.5, 0.0)
    assert viewport.axes[0].low == pytest.approx(axis.low + (axis.high - axis.low) / 2)
    viewport.include(np.array([[100.0, 0.0]]))  # training goes on elsewhere: what the user has chosen stays
    assert viewport.axes[0].low == pytest.approx(axis.low + (axis.high - axis.low) / 2)
    for _ in range(9):
        viewport.zoom(0.5, (4.0, 0.5))
    assert not viewport.zoomed
    assert viewport.axes[0].high >= 100
    for _ in range(500):
        viewport.zoom(2.0, (4.0, math.nan), centre=True)
    assert all(axis.low < axis.high for axis in viewport.axes)


def test_values_are_those_of_the_cells_middle():
    inside = frame(Canvas(44, 12), Axis(0, 40), Axis(0, 10))
    x, y = values_at(inside, inside.left, inside.top)
    assert inside.column(x) == inside.left
    assert inside.row(y) == inside.top
    assert values_at(inside, inside.left - 1, 0) is None
