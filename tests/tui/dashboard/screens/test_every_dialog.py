"""Every dialog on terminals of usual sizes: all of it can be seen, or scrolled to.

`tests/benchmarks/every_size.py` opens them at many more."""

import pytest

import scenarios
from engine.serving.process import LocalEngine
from tests.tui.dashboard.screens.every_dialog import OPENING, faults, is_shown
from tests.tui.dashboards import until
from tui.dashboard.app import Dashboard
from tui.dashboard.session import Session


def dashboard(name="line-fit"):
    scenario = scenarios.load(name)
    return Dashboard(Session(scenario, LocalEngine(scenario), LocalEngine))


def length(scenario):
    question = scenario.file.question
    return len(question.text) + 80 * len(question.answers)


@pytest.mark.parametrize("size", [(80, 22), pytest.param((200, 60), marks=pytest.mark.thorough)])
async def test_all_of_a_dialog_can_be_seen_or_scrolled_to(size):
    app = dashboard()
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.session.snapshot is not None)
        for name, open_dialog in OPENING.items():
            open_dialog(app)
            await until(pilot, lambda: is_shown(app))
            await pilot.pause()
            assert not faults(app), name
            await pilot.press("escape")
            await until(pilot, lambda: app.screen is app.training)


async def test_on_a_small_terminal_the_answers_stand_below_the_longest_briefings():
    app = dashboard()
    async with app.run_test(size=(80, 22)) as pilot:
        await until(pilot, lambda: app.session.snapshot is not None)
        asking = [scenario for scenario in app._way.course.scenarios.values() if scenario.file.question]
        for scenario in sorted(asking, key=length)[-3:]:
            app.open_scenario(scenario)
            await until(pilot, lambda: is_shown(app))
            dialog, question = app.screen.query_one(".dialog"), app.screen.query_one("#question")
            await until(pilot, lambda question=question: question.region)
            assert dialog.region.contains_region(question.region)
            assert question.region.height < dialog.region.height / 2
            assert not faults(app)
            await pilot.press("escape")
            await until(pilot, lambda: app.screen is app.training)


async def test_a_verdict_with_all_its_words_stays_on_a_small_terminal():
    app = dashboard()
    async with app.run_test(size=(80, 22)) as pilot:
        await until(pilot, lambda: app.session.snapshot is not None)
        OPENING["verdict"](app)
        await until(pilot, lambda: is_shown(app))
        await until(pilot, lambda: app.screen.query_one(".dialog").max_scroll_y > 0)
        assert not faults(app)
