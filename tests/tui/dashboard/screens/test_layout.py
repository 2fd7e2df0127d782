"""Panels alone and together, the line of keys, and the mouse on both."""

import pytest

import scenarios
from engine.serving.process import LocalEngine
from tests.tui.dashboards import until
from tui.dashboard.app import Dashboard
from tui.dashboard.keys.keymap import DEFAULT, Keymap
from tui.dashboard.panels import key_line
from tui.dashboard.screens.layout import layout_for
from tui.dashboard.session import Session


def dashboard(name="line-fit"):
    scenario = scenarios.load(name)
    return Dashboard(Session(scenario, LocalEngine(scenario), LocalEngine))


def visible(app):
    """Numbers of the panels with a border that are to be seen."""
    return [p.number for p in app.training.numbered if p.display and p.size.width and p.size.height > 4]


SIZES = (
    ("size", "layout", "together"),
    [
        ((80, 24), "compact", [1, 2]),
        ((120, 40), "full", [1, 2, 3, 4]),
        ((200, 60), "wide", [1, 2, 3, 4, 5]),
        ((80, 60), "tall", [1, 2, 3, 4]),
    ],
)


@pytest.mark.parametrize(*SIZES)
async def test_the_first_display_is_in_the_layout_of_the_terminal(size, layout, together, monkeypatch):
    app, display, layouts = dashboard(), Dashboard.draw, set()

    def recording(self, screen, renderable):
        if screen is app.training:
            order = [child.id or type(child).__name__ for child in screen.query_one("#panels").children]
            layouts.add((*sorted(screen.classes), *order))
        display(self, screen, renderable)

    monkeypatch.setattr(Dashboard, "draw", recording)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.session.snapshot is not None and app.session.pacing.complete)
        assert visible(app) == together
        assert len(layouts) == 1
        assert layout in layouts.pop()


@pytest.mark.parametrize(*SIZES)
async def test_any_panel_alone_and_all_again(size, layout, together):
    app = dashboard()
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.session.snapshot is not None)
        assert layout_for(*size) == layout
        assert visible(app) == together
        for number, panel in enumerate(app.training.numbered, 1):
            await pilot.press(str(number))
            await until(pilot, lambda number=number: visible(app) == [number])
            await until(pilot, lambda panel=panel: (panel.picture.width, panel.picture.height) == panel.size)
            assert "learning rate" in str(app.training.controls.picture)
            assert str(number) in str(panel._border_title)
            await pilot.press(str(number) if number % 2 else "escape")
            await until(pilot, lambda: visible(app) == together)
        await pilot.press("2", "1")  # from one to another
        await until(pilot, lambda: visible(app) == [1])
        await pilot.press("0")
        await until(pilot, lambda: visible(app) == together)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_escape_leaves_the_table_of_runs(size):
    app = dashboard()
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.session.snapshot is not None)
        before = visible(app)
        await pilot.press("t")
        await until(pilot, lambda: app.training.comparison.is_on_screen)
        await pilot.press("escape")
        await until(pilot, lambda: visible(app) == before and not app.training.comparison.is_on_screen)


async def test_on_a_small_terminal_the_other_picture_takes_turns():
    app = dashboard()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.session.snapshot is not None)
        await pilot.press("0")
        await until(pilot, lambda: visible(app) == [1, 3])
        notices = [notice.message for notice in app.shown_notifications]
        assert "The data, in the place of the weights. 0 changes back." in notices
        await until(pilot, lambda: "•" in str(app.training.data.picture))
        await pilot.press("0")
        await until(pilot, lambda: visible(app) == [1, 2])


async def test_a_click_on_the_number_of_a_panel_shows_it_alone():
    app = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.session.snapshot is not None)
        await pilot.click(app.training.weights, offset=(3, 0))
        await until(pilot, lambda: visible(app) == [2])
        await pilot.click(app.training.weights, offset=(3, 0))
        await until(pilot, lambda: visible(app) == [1, 2, 3, 4])
        await pilot.double_click(app.training.weights, offset=(8, 8))
        await pilot.pause()
        assert visible(app) == [1, 2, 3, 4]


async def test_a_click_on_the_line_of_keys_is_a_key():
    app = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.session.snapshot is not None)
        assert " space pause " in str(app.training.key_line.render())
        await pilot.click(app.training.key_line, offset=(2, 0))
        await until(pilot, lambda: " space train " in str(app.training.key_line.render()))
        assert not app.session.snapshot.running
        await pilot.click(app.training.key_line, offset=(0, 0))
        await pilot.pause()
        assert not app.session.snapshot.running


@pytest.mark.parametrize("width", [80, 100, 120, 200])
def test_the_line_of_keys_shows_what_fits(width):
    entries = key_line.fitting(DEFAULT, width)
    assert entries[0] == ("pause", "space", "pause")
    assert key_line.fitting(DEFAULT, width, paused=True) == [("pause", "space", "train"), *entries[1:]]
    assert entries[-1] == ("help", "?", "help")
    assert len("".join(f" {shown} {word}" for _, shown, word in entries)) <= width
    assert {"step", "epoch", "again", "scenarios"} < {command for command, _, _ in entries}


def test_the_line_of_keys_names_the_keys_as_they_are():
    entries = key_line.fitting(Keymap({"pause": ("f2",), "faster": ("right_square_bracket",)}), 200)
    assert ("pause", "f2", "pause") in entries
    assert ("faster", "] -", "speed") in entries
