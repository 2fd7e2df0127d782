"""Another scenario while frames are on their way: no panel asks the new one for what suited the last."""

import pytest

import scenarios
from engine.serving.process import LocalEngine
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
