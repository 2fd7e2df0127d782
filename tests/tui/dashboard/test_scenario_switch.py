"""Another scenario while frames are on their way: no panel asks the new one for what suited the last."""

import pytest

import scenarios
from engine.serving.process import LocalEngine
from engine.serving.snapshot import Refused
from tests.tui.dashboards import until
from tui.dashboard.app import Dashboard
from tui.dashboard.panels.weights.weights_panel import WeightsPanel
from tui.dashboard.session import Session
from tui.terminal.link import Link


@pytest.mark.parametrize(("before", "after"), [("one-weight", "line-fit"), ("line-fit", "moons"), ("moons", "saddle")])
@pytest.mark.parametrize("slow", [False, True])  # on a slow link the panels change one after another
async def test_no_panel_asks_the_next_scenario_for_what_suited_the_one_before(monkeypatch, before, after, slow):
    monkeypatch.setattr(Link, "slow", slow)
    scenario = scenarios.load(before)
    app = Dashboard(Session(scenario, LocalEngine(scenario), LocalEngine))
    async with app.run_test(size=(120, 40)) as pilot:
        panel = app.training.query_one(WeightsPanel)
        await until(pilot, lambda: panel.scene is not None)
        app.session.set_speed(30.0)  # so slow that every frame is painted
        await until(pilot, lambda: app.session.snapshot.step > 5 and panel.turns.every == 1)
        # From here on a key always waits, so that each frame is asked for before the one that came is painted.
        monkeypatch.setattr(Link, "requested", Link.hurry)
        app.link.hurry()
        panel.zoom(1)  # to a part of the map that is not here yet
        app._train(scenarios.load(after))
        await until(pilot, lambda: app.session.failure or (panel.scene.number == 2 and panel.snapshot.step > 5))
        assert app.session.failure is None, app.session.failure.details


async def test_a_goal_never_stands_beside_how_the_run_before_stood_to_its_own():
    scenario = scenarios.load("one-weight")
    app = Dashboard(Session(scenario, LocalEngine(scenario), LocalEngine))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.session.snapshot and app.session.snapshot.step > 5)
        snapshot, scene = app.session.snapshot, app.session.scene
        app._train(scenarios.load("potholes"), paused=True)
        app._show(scene, snapshot, snapshot)  # which was on its way
        assert "steps" not in str(app.training.goal_line.picture)
        assert "step" not in str(app.training.status_line.picture)
        await until(pilot, lambda: "0 steps so far" in str(app.training.goal_line.picture))
        assert "Potholes" in str(app.training.status_line.picture)


async def test_where_the_next_scenario_is_refused_the_lines_tell_of_the_run_again():
    scenario = scenarios.load("one-weight")
    app = Dashboard(Session(scenario, LocalEngine(scenario), LocalEngine))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.session.snapshot and app.session.snapshot.step > 5)
        await pilot.press("space")
        await until(pilot, lambda: not app.session.snapshot.running)
        app._train(scenarios.load("potholes"), paused=True)
        app._receive(Refused("it is too large"))
        assert "One weight" in str(app.training.status_line.picture)
        assert "so far" in str(app.training.goal_line.picture)
