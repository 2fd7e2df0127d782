"""The solution on the screen: its captions, who takes over, and that its stars are nobody's."""

import pytest

import scenarios
from engine.serving.process import LocalEngine
from tests.tui.dashboards import until
from tui.dashboard.app import Dashboard
from tui.dashboard.course.studies import Studies
from tui.dashboard.session import Session
from tui.home.progress import Progress
from tui.words.usage_error import UsageError


def notices(app):
    return " | ".join(notice.message for notice in app.shown_notifications)


async def test_a_key_shows_the_solution_with_captions_and_keeps_no_stars(tmp_path):
    scenario = scenarios.load("brisk")
    app = Dashboard(
        Session(scenario, LocalEngine(scenario), LocalEngine), progress=Progress(tmp_path / "progress.sqlite")
    )
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.session.snapshot)
        await pilot.press("S")
        await until(pilot, lambda: app.session.snapshot.solution == "shown")
        await until(pilot, lambda: "Change a knob to take over." in notices(app))
        await until(pilot, lambda: "the solution" in str(app.training.status_line.picture))
        await pilot.press("e", "e", "e")  # three epochs of eight steps: the change is at step 20
        await until(pilot, lambda: "Step 20: batch size 32 → 256." in notices(app))
        app.session.advance(1_040)
        await until(pilot, lambda: app.session.snapshot.goal.kind == "reached")
        await until(pilot, lambda: "The solution: goal reached: 23 steps, held for 100 ★★★" in notices(app))
        await pilot.press("m")
        await until(pilot, lambda: "You have taken over" in notices(app))
    assert Studies(Progress(tmp_path / "progress.sqlite")).of(scenario).solution
    assert Progress(tmp_path / "progress.sqlite").all() == {}


def test_a_scenario_without_a_reference_has_no_solution():
    scenario = scenarios.load("brisk")
    from msgspec import structs

    from scenarios import Scenario

    bare = Scenario("mine.toml", structs.replace(scenario.file, reference=None))
    with pytest.raises(UsageError, match="no solution"):
        Session(bare, LocalEngine(bare), LocalEngine).show_solution()
