"""Help and picker: everything in them, found by typing, with keys and mouse."""

import pytest
from textual.containers import VerticalScroll
from textual.widgets import OptionList

import scenarios
from engine.serving.process import LocalEngine
from scenarios.courses.course import built_in
from tests.tui.dashboards import until
from tui.dashboard.app import Dashboard
from tui.dashboard.commands import COMMANDS
from tui.dashboard.keys.keymap import DEFAULT, Keymap
from tui.dashboard.screens.briefing import BriefingScreen
from tui.dashboard.screens.command_palette import CommandPalette
from tui.dashboard.screens.help_dialog import HelpScreen
from tui.dashboard.screens.picker import PickerScreen
from tui.dashboard.session import Session

ROWS = len(built_in().entries) + len(built_in().chapters)


def dashboard(keys=DEFAULT):
    scenario = scenarios.load("line-fit")
    return Dashboard(Session(scenario, LocalEngine(scenario), LocalEngine), keymap=keys)


def body(screen):
    """All that the help says, scrolled to or not."""
    width = 160
    return "\n".join(
        "".join(segment.text for segment in line)
        for line in screen.app.console.render_lines(
            screen._body.content,
            screen.app.console.options.update(width=width),
        )
    )


@pytest.mark.parametrize("size", [(80, 24), pytest.param((120, 40), marks=pytest.mark.thorough)])
async def test_help_names_every_command_with_its_key(size):
    app = dashboard(Keymap({"pause": ("f9",)}))
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.session.snapshot is not None)
        await pilot.press("question_mark")
        await until(
            pilot, lambda: isinstance(app.screen, HelpScreen) and "Words, figures and signs" in body(app.screen)
        )
        text = body(app.screen)
        for command in COMMANDS.values():
            assert command.title in text
        assert "f9" in text
        assert "noise scale" in text
        assert "256 points scatter" in text
        dialog = app.screen.query_one(VerticalScroll)
        await pilot.press("pagedown")
        await until(pilot, lambda: dialog.scroll_y > 0)
        await pilot.press(*"sharpness")
        await until(pilot, lambda: "Raise the learning rate" not in body(app.screen))
        assert "largest eigenvalue" in body(app.screen)
        assert "sharpness" in str(dialog.border_subtitle)
        await pilot.press(*"xyz")
        await until(pilot, lambda: "Nothing here" in body(app.screen))
        await pilot.press("backspace", "backspace", "backspace")
        await until(pilot, lambda: "largest eigenvalue" in body(app.screen))
        await pilot.press("escape")  # first the words, then the dialog
        await until(pilot, lambda: "Raise the learning rate" in body(app.screen))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.training)


async def test_the_picker_finds_by_typing_and_shows_the_briefing():
    app = dashboard()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.session.snapshot is not None)
        await pilot.press("p")
        await until(pilot, lambda: isinstance(app.screen, PickerScreen))
        listed = app.screen.query_one(OptionList)
        assert listed.option_count == ROWS
        assert listed.highlighted_option.id == "line-fit"
        await pilot.press("space", *"spirals")  # a blank alone searches for nothing
        assert app.screen.typed == "spirals"
        await until(pilot, lambda: listed.option_count == 1)
        await pilot.press("escape")
        await until(pilot, lambda: listed.option_count == ROWS)
        await pilot.press(*"zzz")
        await until(pilot, lambda: listed.option_count == 0)
        await pilot.press("enter", "escape", *"potholes")
        await until(pilot, lambda: listed.option_count and listed.highlighted_option.id == "potholes")
        await pilot.press("enter")
        await until(pilot, lambda: app.session.scenario.id == "potholes" and isinstance(app.screen, BriefingScreen))


@pytest.mark.parametrize("name", ["line-fit", "digits"])
async def test_the_picker_opens_with_the_whole_briefing(name):
    scenario = scenarios.load(name)
    app = Dashboard(Session(scenario, LocalEngine(scenario), LocalEngine))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.session.snapshot is not None)
        await pilot.press("p")
        await until(pilot, lambda: isinstance(app.screen, PickerScreen))
        await until(pilot, lambda: any(f"descend {name}" in row.text for row in app.screen._compositor.render_strips()))


async def test_the_picker_takes_the_mouse():
    app = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.session.snapshot is not None)
        await pilot.press("p")
        await until(pilot, lambda: isinstance(app.screen, PickerScreen))
        await pilot.pause()
        await pilot.click(OptionList, offset=(3, 1))
        await until(pilot, lambda: app.session.scenario.id == scenarios.preset_names()[0])
        await until(pilot, lambda: isinstance(app.screen, BriefingScreen))


async def test_a_dialog_that_is_closed_twice_closes_nothing_else():
    app = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.session.snapshot)
        await pilot.press("p")
        await until(pilot, lambda: isinstance(app.screen, PickerScreen))
        picker = app.screen
        picker.dismiss(None)
        picker.dismiss(None)
        await until(pilot, lambda: app.screen is app.training)
        picker.dismiss(None)
        await pilot.pause()
        assert app.screen is app.training


@pytest.mark.parametrize("key", ["p", "question_mark"])
async def test_what_is_typed_is_no_markup(key):
    app = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.session.snapshot)
        await pilot.press(key)
        await until(pilot, lambda: app.screen is not app.training)
        await pilot.press("left_square_bracket", "slash", "right_square_bracket", "left_square_bracket", "a")
        await pilot.pause()
        shown = "".join(strip.text for strip in app.screen._compositor.render_strips())
        assert "“[/][a”" in shown


async def test_a_dialog_that_another_covers_is_closed_neither_by_late_keys_nor_twice():
    app = dashboard()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.session.snapshot is not None)
        await pilot.press("p")
        await until(pilot, lambda: isinstance(app.screen, PickerScreen))
        picker = app.screen
        app.push_screen(palette := CommandPalette([]))
        await until(pilot, lambda: palette.is_mounted)
        for _ in range(2):
            picker.dismiss(None)
        assert app.screen is palette
        for _ in range(2):
            palette.dismiss(None)
        await until(pilot, lambda: app.screen is picker)
        picker.dismiss(None)
        await until(pilot, lambda: app.screen is app.training)


@pytest.mark.parametrize("opening", ["question_mark", "p", "x", "enter"])
@pytest.mark.parametrize("key", ["ctrl+z", "f8"])
async def test_the_way_back_to_the_shell_is_open_everywhere(monkeypatch, opening, key):
    suspended = []
    monkeypatch.setattr(Dashboard, "action_suspend_process", lambda app: suspended.append(app.screen))
    app = dashboard(DEFAULT if key == "ctrl+z" else Keymap({"suspend": (key,)}))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.session.snapshot is not None)
        await pilot.press(opening)
        await pilot.pause()
        await pilot.press(key)
        await until(pilot, lambda: suspended)
