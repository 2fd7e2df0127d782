"""The pictures of weights and data, as text without an app; and their commands and mouse through Pilot."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import scenarios
from engine.runs.curves import Curve
from engine.runs.ghosts import Ghost
from engine.serving.commands import Advance, Play, RequestFrame, SetKnob, ShowSwarm, Undo
from engine.serving.loss_grids import LossGrid, LossGridRequest
from engine.serving.process import LocalEngine
from engine.serving.snapshot import View
from engine.serving.views.data_view import DataView
from engine.serving.views.weights_view import WeightsView
from scenarios.reading import parse
from tests.tui.dashboards import until
from tui.dashboard.app import Dashboard
from tui.dashboard.panels.arrows import Arrows, Gradients
from tui.dashboard.panels.data.confusion import ConfusionTable
from tui.dashboard.panels.data.data_panel import DataPanel
from tui.dashboard.panels.data.regions import MARKERS, DecisionRegions
from tui.dashboard.panels.weights.extent import Extent, Viewport, values_at
from tui.dashboard.panels.weights.ground import draw_trajectories
from tui.dashboard.panels.weights.loss_graph import LossGraph
from tui.dashboard.panels.weights.loss_map import LossMap
from tui.dashboard.panels.weights.map_ground import MapGround
from tui.dashboard.panels.weights.plane_map import PlaneMap
from tui.dashboard.panels.weights.weights_panel import WeightsPanel
from tui.dashboard.session import Session
from tui.painting.ascii import ascii_text
from tui.painting.axes import Axis
from tui.painting.canvas import Canvas
from tui.painting.frame import frame
from tui.painting.palette import CHANCES, LEVELS, Ink

HEAD = 'title = "Mine"\nsummary = "mine"\nbriefing = "mine"\n'
HIMMELBLAU = HEAD + (
    '[objective]\nkind = "himmelblau"\nscale = 0.01\nnoise = 1.0\n'
    "[training]\nlearning_rate = 0.1\nbatch_size = 8\nweights = [0.0, 0.0]\n"
)
MOONS = HEAD + (
    '[data]\nkind = "moons"\nexamples = 100\nvalidation_share = 0.2\n[objective]\nkind = "network"\nhidden = [6]\n'
    '[training]\nlearning_rate = 0.3\nbatch_size = 8\n[screen]\nview = "data"\n'
)
BLOBS = MOONS.replace('kind = "moons"', 'kind = "blobs"\nclasses = 3\nfeatures = 4')


def scenario(text):
    return scenarios.Scenario("mine.toml", parse(text, "mine.toml"))


def picture_of(text, make, *, steps=30, size=(60, 20), swarm=False, frames=3):
    """The picture after so many steps, from snapshots that it asked for."""
    engine, replies = LocalEngine(scenario(text)), []
    engine.listen(replies.append)
    for command in (Play(False), ShowSwarm(swarm), Advance(steps), RequestFrame(View())):
        engine.send(command)
    scene = replies[-1].scene
    picture = make(scene)
    for _ in range(frames):
        wanted = picture.view(*size)
        part = "weights" if isinstance(wanted, WeightsView) else "data"
        view = View(scene.number, **{part: wanted})
        engine.send(RequestFrame(view))
        assert picture.complete(replies[-1])
        canvas = picture.paint(scene, replies[-1], *size)
    return canvas, picture, replies[-1]


# --- weights ----------------------------------------------------------------------------------------


def test_the_map_shows_all_minima_the_start_and_where_training_stands():
    canvas, _, _ = picture_of(HIMMELBLAU, LossMap)
    text = str(canvas)
    assert text.count("✛") == 4
    assert (text.count("○"), text.count("●")) == (1, 1)
    first = canvas.rows()[0]
    assert "true gradient" in first
    assert "this batch" in first
    assert "° off" in first


def test_the_legends_angle_is_that_between_the_gradients():
    canvas, _, snapshot = picture_of(HIMMELBLAU, LossMap)
    one, other = snapshot.weights.gradient, snapshot.weights.batch_gradient
    degrees = math.degrees(math.acos(one @ other / np.linalg.norm(one) / np.linalg.norm(other)))
    assert f"{degrees:.0f}° off" in canvas.rows()[0]


@pytest.mark.parametrize("size", [(38, 14), (60, 20), (120, 50)])
def test_the_legend_fits(size):
    canvas, _, _ = picture_of(HIMMELBLAU, LossMap, size=size)
    assert "° off" in canvas.rows()[0]
    assert "×" in canvas.rows()[0]


def test_without_arrows_the_map_has_the_whole_room():
    def make(scene):
        return LossMap(scene, Gradients(arrows=False))

    canvas, _, _ = picture_of(HIMMELBLAU, make)
    assert "gradient" not in str(canvas)
    assert canvas.paper[0, 30] >= Ink.LEVEL_0


def test_an_arrow_points_along_its_step_to_the_stated_scale():
    canvas = Canvas(42, 22)
    inside = frame(canvas, Axis(0, 10), Axis(0, 10))
    pointers = Arrows()
    step = np.array([0.01, 0.0])
    pointers.fit(inside, [step, 0.5 * step])
    assert pointers.scale in {200.0, 500.0}
    pointers.draw(canvas, inside, (5.0, 5.0), step, Ink.MARK)
    _, columns = np.nonzero(canvas.ink == Ink.MARK)
    assert columns.min() == inside.column(5.0)
    assert abs(columns.max() - inside.column(5.0 + pointers.scale * 0.01)) <= 1
    for _ in range(50):  # lengths that change little do not change the scale
        before = pointers.scale
        pointers.fit(inside, [1.3 * step])
        assert pointers.scale == before
    for _ in range(100):
        pointers.fit(inside, [0.01 * step])
    assert pointers.scale > 20 * before
    pointers.fit(inside, [np.zeros(2), np.array([np.nan, 1.0])])
    assert math.isfinite(pointers.scale)


def test_an_arrow_that_would_leave_the_picture_ends_at_its_edge_with_two_heads():
    pointers, tops = Arrows(), []
    for step in ([0.0, 4.0], [0.0, 40.0]):
        canvas = Canvas(42, 22)
        inside = frame(canvas, Axis(0, 10), Axis(0, 10))
        pointers.draw(canvas, inside, (5.0, 5.0), np.array(step), Ink.MARK)
        rows, columns = np.nonzero(canvas.ink == Ink.MARK)
        tops.append(int(rows.min()))
        assert len(set(columns[rows < rows.max()].tolist())) > 1  # a head
    assert tops[1] == inside.top < tops[0]


def test_an_arrow_that_begins_outside_of_the_picture_is_left_out_of_it():
    canvas = Canvas(42, 22)
    inside = frame(canvas, Axis(0, 10), Axis(0, 10))
    Arrows().draw(canvas, inside, (15.0, 5.0), np.array([4.0, 0.0]), Ink.MARK)
    assert not (canvas.ink == Ink.MARK).any()


@given(st.lists(st.floats(), min_size=4, max_size=4))
def test_arrows_of_any_numbers_are_drawn_or_left_out_but_never_raise(numbers):
    canvas = Canvas(20, 8)
    inside, pointers, steps = frame(canvas, Axis(0, 1), Axis(0, 1)), Arrows(), np.array(numbers).reshape(2, 2)
    pointers.fit(inside, steps)
    assert 0 < pointers.scale < math.inf
    for step in steps:
        pointers.draw(canvas, inside, (0.5, 0.5), step, Ink.MARK)


def test_the_trajectory_fades_with_its_age():
    canvas = Canvas(80, 10)
    inside = frame(canvas, Axis(0, 300), Axis(0, 10))
    draw_trajectories(canvas, inside, np.stack([np.arange(300.0), np.full(300, 5.0)], axis=1))
    row = canvas.ink[inside.row(5.0)]
    inks = [Ink.TRAJECTORY_3, Ink.TRAJECTORY_2, Ink.TRAJECTORY_1, Ink.TRAJECTORY]
    assert [int(ink) for ink in dict.fromkeys(row.tolist()) if ink in inks] == inks


def test_a_short_trajectory_is_drawn_whole():
    for length in (1, 2, 30, 101, 102):
        canvas = Canvas(40, 10)
        inside = frame(canvas, Axis(0, 200), Axis(0, 10))
        draw_trajectories(canvas, inside, np.stack([np.arange(length, dtype=float), np.full(length, 5.0)], axis=1))
        assert canvas.rows()[inside.row(5.0)].strip(" 5")


def test_the_graph_of_one_weight_has_the_batchs_own_curve_beside_the_true_one():
    text = HEAD + '[objective]\nkind = "two_minima"\n[training]\nlearning_rate = 0.3\nbatch_size = 1\nweights = [1.5]\n'
    canvas, _, _ = picture_of(text, LossGraph, steps=1)
    assert str(canvas).count("✛") == 2
    assert (canvas.ink == Ink.BATCH_CURVE).any()
    assert (canvas.ink == Ink.SERIES_0).any()
    assert "slope" in canvas.rows()[0]


def test_a_swarm_is_drawn_as_dots_around_the_run(monkeypatch):
    monkeypatch.setattr("engine.runs.swarm._MOST_SECONDS", 1e9)  # however slow the machine
    canvas, _, snapshot = picture_of(HIMMELBLAU, LossMap, swarm=True, steps=25)
    assert snapshot.weights.swarm.weights.shape == (64, 2)
    assert (canvas.ink == Ink.SWARM).sum() > 3


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


def test_a_pin_says_the_loss_at_the_nearest_point_of_the_grid():
    def make(scene):
        picture = LossMap(scene)
        picture.ground.pin = (3.0, 2.0)
        return picture

    canvas, picture, _ = picture_of(HIMMELBLAU, make)
    request = picture.view(60, 20).loss_grid or picture.ground.grid.request
    x, y = (
        values[np.abs(values - at).argmin()]
        for values, at in ((np.linspace(*request.first), 3), (np.linspace(*request.second), 2))
    )
    loss = 0.01 * ((x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2)
    assert f"loss {loss:.4g}" in str(canvas)


def test_a_map_that_a_run_has_blown_up_is_left_to_it_when_another_one_begins():
    viewport = Viewport([Extent(0.0, 1.0)])
    viewport.include(np.array([[0.5], [5.0]]))
    (kept,) = viewport.axes
    viewport.begin([Extent(0.0, 1.0)], np.array([[0.5]]))  # only a little wider: it holds still
    assert viewport.axes == [kept]
    viewport.include(np.array([[1e9]]))
    viewport.begin([Extent(0.0, 1.0)], np.array([[0.5], [2.0]]))
    assert 2 < viewport.axes[0].high < 3


def test_a_map_has_room_for_the_ghosts_but_not_for_one_that_blew_up():
    engine, replies = LocalEngine(scenarios.load("line-fit")), []
    engine.listen(replies.append)
    engine.send(Advance(5))
    engine.send(RequestFrame(View()))
    snapshot = replies[-1]
    picture = LossMap(snapshot.scene)
    for last, room in ((1e9, False), (9.0, True)):
        way = np.array([[-1.0, -1.0], [last, -last]])
        ghost = Ghost(2, "", Curve(np.zeros(1), np.ones(1)), np.zeros(1), way)
        picture.paint(snapshot.scene, replace(snapshot, ghosts=(ghost,)), 60, 20)
        across, up = picture.ground.viewport.axes
        assert (across.high > last) == (up.low < -last) == room


def test_after_a_blow_up_and_undo_the_map_is_of_the_size_of_the_run():
    engine, replies = LocalEngine(scenarios.load("line-fit")), []
    engine.listen(replies.append)
    engine.send(RequestFrame(View()))
    scene = replies[-1].scene
    picture = LossMap(scene)

    def frame_of(*commands):
        for command in commands:
            engine.send(command)
        engine.send(RequestFrame(View(scene.number, weights=picture.view(60, 20))))
        picture.paint(scene, replies[-1], 60, 20)
        return max(axis.high - axis.low for axis in picture.ground.viewport.axes)

    whole = frame_of(Advance(20))
    assert frame_of(SetKnob("learning_rate", 5.0), Advance(60)) > 1e3 * whole
    assert frame_of(Undo()) <= 2 * whole


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


# --- data -------------------------------------------------------------------------------------------


def test_decision_regions_are_a_heat_map_with_the_points_over_it():
    canvas, _, snapshot = picture_of(MOONS, DecisionRegions, steps=300)
    chances = canvas.paper[(canvas.paper >= Ink.CHANCE_0) & (canvas.paper < Ink.CHANCE_0 + CHANCES)]
    assert {int(Ink.CHANCE_0), int(Ink.CHANCE_0) + CHANCES - 1} <= set(chances.tolist())
    text = str(canvas)
    assert text.count("○") > 10
    assert text.count("●") > 10
    lit = np.isin(canvas.chars, ["○", "●"]) & (canvas.ink == Ink.BALL)
    assert 0 < lit.sum() <= len(snapshot.data.batch)
    assert (canvas.ink == Ink.CLASS_0).any()


def test_classes_are_told_apart_by_their_markers_in_ascii_as_well():
    assert len(set(ascii_text(MARKERS))) == len(MARKERS)
    assert "?" not in ascii_text(MARKERS)


@pytest.mark.parametrize("size", [(38, 14), (60, 20)])
def test_a_confusion_table_is_complete_and_legible(size):
    canvas, _, snapshot = picture_of(BLOBS, lambda _: ConfusionTable("validation"), steps=200, size=size)
    counts = snapshot.data.confusion.counts
    rows = canvas.rows()
    assert f"of {counts.sum()}" in rows[0]
    lines = [row.split() for row in rows[2:] if row.strip()]
    assert [[0 if cell == "·" else int(cell) for cell in line[1:4]] for line in lines] == counts.tolist()
    assert [line[0] for line in lines] == ["A", "B", "C"]


# --- the dashboard ----------------------------------------------------------------------------------


def dashboard(chosen):
    engine = LocalEngine(chosen)
    return Dashboard(Session(chosen, engine, LocalEngine)), engine


def text_of(app, panel):
    return " ".join(str(app.training.query_one(panel).picture).split())


async def paused(pilot, app, *, at_step=12):
    await until(pilot, lambda: app.session.snapshot is not None and app.session.snapshot.step >= at_step)
    await pilot.press("space")
    await until(pilot, lambda: not app.session.snapshot.running)


async def test_the_keys_of_the_weights_pictures():
    app, engine = dashboard(scenario(HIMMELBLAU))
    async with app.run_test(size=(120, 40)) as pilot:
        await paused(pilot, app)
        panel = app.training.query_one(WeightsPanel)
        await until(pilot, lambda: "° off" in text_of(app, WeightsPanel))
        await pilot.press("g")
        await until(pilot, lambda: Ink.CLOUD in panel.picture.ink)
        assert len(app.session.snapshot.weights.cloud) == 200
        await pilot.press("g")
        await until(pilot, lambda: "° off" not in text_of(app, WeightsPanel))
        await pilot.press("g", "asterisk")
        await until(pilot, lambda: "zoomed" in str(panel.border_subtitle))
        await until(pilot, lambda: "° off" in text_of(app, WeightsPanel))
        await pilot.press("slash")
        await until(pilot, lambda: "start" in str(panel.border_subtitle))
        await pilot.press("w")
        await until(pilot, lambda: "over time" in str(panel.border_title))
        await until(pilot, lambda: app.session.snapshot.weights.series)
        await pilot.press("w")
        await until(pilot, lambda: text_of(app, WeightsPanel).count("✛") == 4)
        assert engine.worker.run.changes == []


async def test_the_map_has_fewer_levels_where_the_link_takes_less():
    app, _ = dashboard(scenario(HIMMELBLAU))
    async with app.run_test(size=(120, 40)) as pilot:
        panel = app.training.query_one(WeightsPanel)

        def levels():
            inks = set(panel.picture.paper.ravel().tolist())
            return len(inks & set(range(Ink.LEVEL_0, Ink.LEVEL_0 + LEVELS)))

        await until(pilot, lambda: levels() > 8)
        for detail, most in ((1, 8), (0, 4)):
            app.link.detail = detail
            await until(pilot, lambda most=most: 1 < levels() <= most)
        app.link.detail = 2
        await until(pilot, lambda: levels() > 8)


async def test_the_swarm_comes_and_goes_with_its_key():
    app, _ = dashboard(scenario(HIMMELBLAU))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.session.snapshot is not None and app.session.snapshot.step >= 5)
        await pilot.press("y")
        await until(pilot, lambda: app.session.snapshot.weights.swarm is not None)
        panel = app.training.query_one(WeightsPanel)
        await until(pilot, lambda: "64 other seeds" in str(panel.border_subtitle))
        await pilot.press("y")
        await until(pilot, lambda: app.session.snapshot.weights.swarm is None)


@pytest.mark.parametrize(
    ("text", "titles"),
    [(MOONS, ["decision regions", "confusion, training", "confusion, validation"]), (HIMMELBLAU, ["each"])],
)
async def test_the_data_key_shows_what_suits(text, titles):
    app, _ = dashboard(scenario(text))
    async with app.run_test(size=(120, 40)) as pilot:
        await paused(pilot, app)
        panel = app.training.query_one(DataPanel)
        for title in [*titles, titles[0]]:
            await until(pilot, lambda title=title: title in str(panel.border_title))
            await until(pilot, lambda: text_of(app, DataPanel))
            await pilot.press("d")


async def test_what_is_dear_is_asked_for_only_when_it_is_painted():
    app, engine = dashboard(scenario(MOONS))
    views = []
    send = engine.send
    engine.send = lambda command: (
        views.append(command.view) if isinstance(command, RequestFrame) else None,
        send(command),
    )
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.session.snapshot is not None and app.session.snapshot.step >= 40)
    wanted = [view.data.regions is not None for view in views[3:]]
    assert 0 < np.mean(wanted) < 0.5  # every third, or fewer where the link is slow
    assert DataView().regions is None


async def test_the_mouse_zooms_drags_and_asks_for_the_loss(monkeypatch):
    app, _ = dashboard(scenario(HIMMELBLAU))
    async with app.run_test(size=(120, 40)) as pilot:
        await paused(pilot, app)
        panel = app.training.query_one(WeightsPanel)
        await until(pilot, lambda: "✛" in text_of(app, WeightsPanel))
        await pilot.click(WeightsPanel, offset=(30, 10))
        await until(pilot, lambda: "loss" in text_of(app, WeightsPanel))
        with monkeypatch.context() as patch:
            patch.setattr(app, "CLICK_CHAIN_TIME_THRESHOLD", -1.0)  # two clicks, however fast, are no double click
            await pilot.click(WeightsPanel, offset=(30, 10))
        await until(pilot, lambda: "loss" not in text_of(app, WeightsPanel))
        await pilot.mouse_down(WeightsPanel, offset=(30, 10))
        await pilot.hover(WeightsPanel, offset=(20, 8))
        await pilot.mouse_up(WeightsPanel, offset=(20, 8))
        await until(pilot, lambda: "zoomed" in str(panel.border_subtitle))
        await pilot.double_click(WeightsPanel, offset=(30, 12))
        await until(pilot, lambda: "zoomed" not in str(panel.border_subtitle))
