"""What the dashboard says over its pictures: once, a few at a time, and not for longer than it is true."""

from pathlib import Path

import pytest
from textual.widgets._toast import Toast

import scenarios
from engine.serving.process import LocalEngine
from tests.tui.dashboards import until
from tui.dashboard.app import Dashboard
from tui.dashboard.keys.keymap import Keymap
from tui.dashboard.session import Session


def dashboard(name="line-fit", keymap=None):
    scenario = scenarios.load(name)
    return Dashboard(Session(scenario, LocalEngine(scenario), LocalEngine), keymap)


def shown(app):
    return [toast._notification.message for toast in app.screen.query(Toast)]


def says(app, words):
    return any(words in message for message in shown(app))


async def begin(app, pilot):
    """Paused, with no notice left."""
    await until(pilot, lambda: shown(app))
    await pilot.press("space")
    await until(pilot, lambda: not app.session.snapshot.running and not shown(app))


async def test_a_newcomer_is_told_what_is_trained_and_where_the_briefing_is_once():
    app = dashboard(keymap=Keymap({"help": ("F",)}))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: shown(app))
        summary = app.session.scenario.file.summary
        assert shown(app) == [f"Line fit: {summary} Press F for the briefing, A to answer its question."]
        await pilot.press("s")
        await until(pilot, lambda: not shown(app))
        await pilot.press("r")
        await until(pilot, lambda: app.session.snapshot.number == 2)
        assert not shown(app)
        app.open_scenario(scenarios.load("one-weight"))  # whose briefing is shown
        await until(pilot, lambda: app.screen is not app.training and app.session.arrived)
        await pilot.press("space")
        await until(pilot, lambda: app.screen is app.training and app.session.snapshot.step > 1)
        assert not shown(app)


def rows(screen):
    """The places of the notices on a screen."""
    return [notice.region for notice in screen.query(Toast)]


async def test_below_a_dialog_no_notice_is_drawn_a_second_time():
    app = dashboard()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await begin(app, pilot)
        await pilot.press("h")
        await until(pilot, lambda: shown(app))
        await pilot.press("V")
        await until(pilot, lambda: app.screen is not app.training and shown(app))
        await until(pilot, lambda: app.screen.query(Toast) and rows(app.screen) == rows(app.training))
        assert rows(app.screen)[-1].bottom == app.size.height - 1  # above the line of keys


async def test_where_the_briefing_is_on_the_screen_nobody_points_to_it():
    app = dashboard()
    async with app.run_test(size=(200, 60), notifications=True) as pilot:
        await until(pilot, lambda: app.session.snapshot and app.session.snapshot.step > 5)
        assert not shown(app)


async def test_the_same_notice_is_not_stacked_and_goes_when_it_is_no_longer_true():
    app = dashboard()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await begin(app, pilot)
        await pilot.press("full_stop")
        await until(pilot, lambda: says(app, "this is the latest step"))
        row = app.screen.query_one(Toast).region.y
        await pilot.press("full_stop", "full_stop", "u")
        await until(pilot, lambda: says(app, "no knob change"))
        assert len(shown(app)) == 1
        await until(pilot, lambda: app.screen.query_one(Toast).region.y == row)
        await pilot.press("comma")
        await until(pilot, lambda: not shown(app))


@pytest.mark.parametrize("messages", ["aaab", "abcdef", "abcabde"])
async def test_they_take_four_rows_at_most_none_of_them_twice(messages):
    app = dashboard()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await begin(app, pilot)
        for message in messages:
            app.notify(message)
        await until(pilot, lambda: messages[-1] in shown(app))
        latest = list(dict.fromkeys(reversed(messages)))[:4]
        await until(pilot, lambda: sorted(shown(app)) == sorted(latest))


async def test_a_long_one_takes_the_rows_of_the_others():
    app = dashboard()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await begin(app, pilot)
        long = " ".join(["word"] * 60)
        for message in ("a", "b", long):
            app.notify(message)
        await until(pilot, lambda: shown(app) == [long])
        await until(pilot, lambda: app.screen.query_one(Toast).region.height == 4)


@pytest.mark.parametrize("size", [(80, 22), (120, 40), pytest.param((100, 30), marks=pytest.mark.thorough)])
async def test_a_notice_covers_neither_panels_nor_dialogs(size):
    app = dashboard()
    async with app.run_test(size=size, notifications=True) as pilot:
        await begin(app, pilot)
        for message in ("first " * 20, "second"):
            app.notify(message, timeout=600)
        for key in ("space", "V", "question_mark", "p"):
            await pilot.press(key)
            is_dialog = key != "space"
            await until(pilot, lambda is_dialog=is_dialog: (app.screen is not app.training) == is_dialog)
            await until(pilot, lambda: [bool(toast.region) for toast in app.screen.query(Toast)] == [True, True])
            toasts = [toast.region for toast in app.screen.query(Toast)]
            training = app.training
            others = [*training.numbered, training.goal_line, training.status_line, training.key_line]
            widgets = [app.screen.query_one(".dialog")] if is_dialog else [other for other in others if other.display]
            regions = [widget.region for widget in widgets]
            assert not any(toast.overlaps(region) for toast in toasts for region in regions)
            assert all(app.screen.region.contains_region(region) for region in [*toasts, *regions])
            if is_dialog:
                await pilot.press("escape")
                await until(pilot, lambda: app.screen is app.training)


async def test_escape_closes_them_and_changes_no_panel():
    app = dashboard()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await begin(app, pilot)
        app.notify("a hint that has been read", timeout=600)
        await until(pilot, lambda: shown(app))
        await pilot.press("escape")
        await until(pilot, lambda: not shown(app))
        assert app.training.weights.is_on_screen


async def test_a_saved_picture_is_of_the_dashboard_and_not_of_its_notices(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    app = dashboard()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await begin(app, pilot)
        app.notify("something-else-altogether")
        await until(pilot, lambda: shown(app))
        await pilot.press("P")
        await until(pilot, lambda: says(app, "Wrote the screen"))
        picture = next(Path(tmp_path).glob("*.svg")).read_text()
        assert "something-else" not in picture
        assert "learning" in picture
        assert says(app, "something-else")


@pytest.mark.parametrize(
    ("begun_with", "key", "words"),
    [
        ({}, "M", "momentum 0 is as low as the keys go"),
        ({"momentum": 0.99}, "m", "momentum 0.99 is as high as the keys go"),
        ({"batch_size": 256}, "right", "batch size 256 is as high as the keys go"),
        ({"batch_size": 1}, "left", "batch size 1 is as low as the keys go"),
        ({"optimizer": "adam"}, "m", "momentum acts with sgd and nesterov, not with adam"),
    ],
)
async def test_a_key_that_changes_nothing_says_so(begun_with, key, words):
    app = dashboard()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await begin(app, pilot)
        for knob, value in begun_with.items():
            app.session.set_knob(knob, value)
        await pilot.press("s", key)
        await until(pilot, lambda: shown(app) == [words])
        await pilot.press("s")
        await until(pilot, lambda: app.session.snapshot.step > 1 and not shown(app))
        assert all(getattr(app.session.snapshot.knobs, knob) == value for knob, value in begun_with.items())


async def test_what_ends_a_race_says_so():
    app = dashboard()
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await begin(app, pilot)
        app.session.race("batch_size", (8, 32))
        await until(pilot, lambda: app.session.snapshot.lock_step)
        await pilot.press("up")
        await until(pilot, lambda: app.session.snapshot.changes)
        assert not says(app, "race has ended")
        await pilot.press("u")
        await until(pilot, lambda: says(app, "The race has ended"))


async def test_news_of_a_scenario_goes_with_it_and_a_warning_stays():
    app = dashboard()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await begin(app, pilot)
        app.notify("Reached")
        app.notify("Nothing was saved", severity="warning")
        await until(pilot, lambda: says(app, "Reached") and says(app, "Nothing was saved"))
        app.open_scenario(scenarios.load("one-weight"))
        await until(pilot, lambda: app.screen is not app.training and app.session.arrived)
        await until(pilot, lambda: shown(app) == ["Nothing was saved"])
