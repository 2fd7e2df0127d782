"""The map of the loss, the graph of one weight, and what is drawn on them, as text without an app."""

import math
from dataclasses import replace

import numpy as np
import pytest

import scenarios
from engine.runs.curves import Curve
from engine.runs.ghosts import Ghost
from engine.serving.commands import Advance, RequestFrame, SetKnob, Undo
from engine.serving.process import LocalEngine
from engine.serving.snapshot import View
from tests.tui.dashboard.panels.painted_scenarios import HEAD, HIMMELBLAU, picture_of
from tui.dashboard.panels.weights.arrows import Gradients
from tui.dashboard.panels.weights.ground import draw_trajectories
from tui.dashboard.panels.weights.loss_graph import LossGraph
from tui.dashboard.panels.weights.loss_map import LossMap
from tui.painting.axes import Axis
from tui.painting.canvas import Canvas
from tui.painting.frame import frame
from tui.painting.palette import Ink


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
