"""The command palette: the same table as the keys, every preset, and nothing that keys or clicks do breaks it."""

import pytest
from textual.widgets import OptionList

import scenarios
from engine.serving.process import LocalEngine
from scenarios.courses.course import built_in
from tests.tui.dashboards import until
from tui.dashboard.app import Dashboard
from tui.dashboard.commands import COMMANDS
from tui.dashboard.screens.briefing import BriefingScreen
from tui.dashboard.screens.command_palette import CommandPalette
from tui.dashboard.screens.option_lists import Options
from tui.dashboard.session import Session


def dashboard():
    scenario = scenarios.load("line-fit")
    return Dashboard(Session(scenario, LocalEngine(scenario), LocalEngine))


def shown(app):
    return [str(option.prompt) for option in app.screen.query_one(OptionList).options]


async def open_palette(app, pilot):
    await until(pilot, lambda: app.session.snapshot is not None)
    await pilot.press("ctrl+p")
    await until(pilot, lambda: isinstance(app.screen, CommandPalette) and shown(app))


async def test_the_palette_offers_the_same_table():
    app = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await open_palette(app, pilot)
        offered = shown(app)
        assert all(any(command.title in title for title in offered) for command in COMMANDS.values())
        titles = [one.file.title for one in built_in().scenarios.values()]
        assert all(any(f"Train {title}" in row for row in offered) for title in titles)


async def test_the_palette_trains_a_scenario():
    app = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await open_palette(app, pilot)
        await pilot.press(*"train", "space", *"saddle")
        assert "Saddle" in shown(app)[0]
        await pilot.press("enter")
        await until(pilot, lambda: app.session.scenario.id == "saddle" and isinstance(app.screen, BriefingScreen))


async def test_what_has_the_words_in_its_title_comes_first_and_the_chosen_command_is_done():
    app = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await open_palette(app, pilot)
        await pilot.press(*"pause")
        assert "pause" in shown(app)[0].partition("\n")[0].lower()
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.training and not app.session.snapshot.running)


async def test_its_key_again_or_escape_closes_it_and_no_two_are_open():
    app = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        for keys in (["ctrl+p"], ["escape"], ["x", "escape", "escape"], ["ctrl+p"] * 5, [*"zzz", "enter", "ctrl+p"]):
            await open_palette(app, pilot)
            await pilot.press(*keys)
            assert len(app.screen_stack) <= 2
            await until(pilot, lambda: app.screen is app.training)
        for opened in ("p", "question_mark", "x"):  # over another dialog it does not open
            await pilot.press(opened, "ctrl+p", "ctrl+p")
            assert len(app.screen_stack) == 2
            assert not isinstance(app.screen, CommandPalette)
            await pilot.press("escape", "escape")
            await until(pilot, lambda: app.screen is app.training)


@pytest.mark.parametrize("size", [(80, 24), (20, 3)])
async def test_lists_bear_every_key_at_every_size(size):
    app = dashboard()
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.session.snapshot is not None)
        for key in ("ctrl+p", "p", "x"):
            await pilot.press(key)
            for word in ("", " zzz"):
                await pilot.press(*word, "pagedown", "pageup", "end", "pagedown")
                await pilot.resize_terminal(size[0], 1)
                await pilot.press("pagedown", "pageup")
                await pilot.resize_terminal(*size)
            await pilot.press("escape", "escape")


async def test_a_click_on_an_entry_that_was_narrowed_away_does_nothing():
    app = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await open_palette(app, pilot)
        await until(pilot, lambda: app.screen.query_one(Options).region.height > 20)
        palette = app.screen
        palette.typed = "train saddle"
        palette.narrow()  # drawn only when the click has been handled
        await pilot.click(Options, offset=(5, 21))
        await pilot.press("escape", "escape")
        await until(pilot, lambda: app.screen is app.training)
        assert app.session.scenario.id == "line-fit"


async def test_a_click_chooses():
    app = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await open_palette(app, pilot)
        await pilot.press(*"train", "space", *"saddle")
        await pilot.click(Options, offset=(5, 0))
        await until(pilot, lambda: app.session.scenario.id == "saddle" and isinstance(app.screen, BriefingScreen))
