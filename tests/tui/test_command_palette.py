"""The command palette: the same table as the keys, every preset, and closed at any moment."""

from textual.command import CommandList, CommandPalette

import scenarios
from engine.process import LocalEngine
from tui.app import Dashboard
from tui.commands import COMMANDS
from tui.presets import presets
from tui.session import Session


def dashboard():
    scenario = scenarios.load("line-fit")
    return Dashboard(Session(scenario, LocalEngine(scenario), LocalEngine))


async def until(pilot, condition):
    for _ in range(1000):
        if condition():
            return
        await pilot.pause(0.01)
    raise AssertionError("the screen never showed it")


async def test_the_palette_offers_the_same_table():
    app = dashboard()
    async with app.run_test(size=(120, 40)):
        offered = [entry.title for entry in app.get_system_commands(app.screen)]
        assert all(any(command.title in title for title in offered) for command in COMMANDS.values())
        assert all(f"Train {scenario.file.title}" in offered for scenario in presets().values())


async def test_the_palette_trains_a_scenario():
    app = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.session.snapshot is not None)
        await pilot.press("ctrl+p")
        await until(pilot, lambda: app.screen is not app.training)
        await pilot.press(*"train", "space", *"saddle")
        await until(pilot, lambda: app.screen.query_one(CommandList).option_count > 0)
        await until(pilot, lambda: "Saddle" in str(app.screen.query_one(CommandList).get_option_at_index(0).prompt))
        await pilot.press("enter")
        await until(pilot, lambda: app.session.scenario.id == "saddle" and app.screen is app.training)


async def test_a_search_that_outlives_the_palette_does_not_end_the_program():
    app = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("ctrl+p")
        palette = app.screen
        assert isinstance(palette, CommandPalette)
        await pilot.press("escape")
        await until(pilot, lambda: not palette.is_attached)
        search = palette._gather_commands("train")  # as a key does that was typed before it had closed
        await until(pilot, lambda: search.is_finished)
        await pilot.press("space")
        await until(pilot, lambda: not app.session.snapshot.running)
