"""The column beside the panels: chapter, briefing, goal, hints, what is next, and words as far as there is room."""

import pytest

import scenarios
from engine.serving.process import LocalEngine
from tests.tui.dashboards import until
from tui.dashboard.app import Dashboard
from tui.dashboard.session import Session


def titles(column):
    return [str(box.border_title) for box in column.children if box.display]


@pytest.mark.parametrize("size", [(170, 40), (200, 60)])
async def test_the_column_says_where_one_is_and_what_comes_next(size):
    scenario = scenarios.load("line-fit")
    app = Dashboard(Session(scenario, LocalEngine(scenario), LocalEngine))
    async with app.run_test(size=size) as pilot:
        column = app.training.column
        await until(pilot, lambda: column.children)
        assert titles(column)[:4] == ["Chapter 1 of 7 · Gradient and descent", "Goal", "Hints · 0 of 3", "Next"]
        assert str(column.children[0].border_subtitle) == "scenario 2 of 23"
        await pilot.press("space", "h")
        await until(pilot, lambda: "Hints · 1 of 3" in titles(column))
        assert scenario.file.hints[0] in str(column.children[2].visual)
        await until(pilot, lambda: column.region.contains_region(column.children[2].region))
        await pilot.press("t")  # without the table there is room
        if size == (200, 60):
            await until(pilot, lambda: titles(column)[-1] == "Words on the screen")
            await until(pilot, lambda: column.max_scroll_y == 0)
        app.open_scenario(scenarios.load("noisy-batches"))
        await until(pilot, lambda: app.session.snapshot.step == 0)
        await pilot.press("escape")
        await until(pilot, lambda: titles(column) and "Minibatches" in titles(column)[0])


async def test_words_of_a_small_column_are_left_out():
    scenario = scenarios.load("line-fit")
    app = Dashboard(Session(scenario, LocalEngine(scenario), LocalEngine))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.session.snapshot is not None)
        assert not app.training.column.children
