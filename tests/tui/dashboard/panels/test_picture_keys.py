"""Keys and mouse on the pictures of weights and data, through Pilot."""

import numpy as np
import pytest

from engine.serving.commands import RequestFrame
from engine.serving.process import LocalEngine
from engine.serving.views.data_view import DataView
from tests.tui.dashboard.panels.painted_scenarios import HIMMELBLAU, MOONS, scenario
from tests.tui.dashboards import until
from tui.dashboard.app import Dashboard
from tui.dashboard.panels.data.data_panel import DataPanel
from tui.dashboard.panels.weights.weights_panel import WeightsPanel
from tui.dashboard.session import Session
from tui.painting.palette import LEVELS, Ink


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
