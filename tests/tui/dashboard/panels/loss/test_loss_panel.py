"""The loss panel's keys and mouse through Textual's Pilot, with the engine in this process."""

import csv
import os
from pathlib import Path

import pytest

import scenarios
from engine.serving.commands import Advance
from engine.serving.process import LocalEngine
from tests.tui.dashboards import until
from tui.dashboard.app import Dashboard
from tui.dashboard.panels.loss.loss_panel import LossPanel
from tui.dashboard.session import Session


@pytest.fixture
def app():
    """Line-fit, not begun."""
    scenario = scenarios.load("line-fit")
    return Dashboard(Session(scenario, LocalEngine(scenario), LocalEngine))


async def trained(pilot, steps):
    """Paused after so many steps, and shown."""
    app = pilot.app
    await until(pilot, lambda: app.session.snapshot is not None)
    await pilot.press("space")
    await until(pilot, lambda: not app.session.snapshot.running)
    app.session._send(Advance(steps - app.session.snapshot.step))
    await until(pilot, lambda: app.session.snapshot.step == steps)


def curves(app):
    return app.session.snapshot.curves


def panel(app):
    return app.training.query_one(LossPanel)


def words(app):
    return " ".join(str(panel(app).picture).split())


def offset_of(app, step):
    """Where in the panel, with its border, a step is."""
    inside, ruler = panel(app).curves.inside, panel(app).curves.ruler
    return inside.column(float(ruler.place(step))) + 1, inside.top + 3


async def test_l_switches_the_loss_axis(app):
    async with app.run_test(size=(120, 40)) as pilot:
        await trained(pilot, 100)
        assert "log" in panel(app).top_border.text
        before = words(app)
        await pilot.press("l")
        assert "linear" in panel(app).top_border.text
        assert words(app) != before


async def test_n_counts_updates_examples_and_epochs(app):
    async with app.run_test(size=(120, 40)) as pilot:
        await trained(pilot, 300)
        ends = []
        for unit in ("updates", "examples", "epochs"):
            assert unit in panel(app).top_border.text
            ends.append(panel(app).curves.inside.x_axis.high)
            await pilot.press("n")
        assert ends == [300, 10_000, 40]  # 300 steps of 32 are 9,600 examples, 37.5 epochs of 256
        assert "updates" in panel(app).top_border.text


async def test_v_shows_envelope_and_mean_or_one_of_them(app):
    async with app.run_test(size=(120, 40)) as pilot:
        await trained(pilot, 100)
        seen = []
        for _ in range(3):
            seen.append(("⣿ batch" in words(app), "mean of" in words(app)))
            await pilot.press("v")
        assert seen == [(True, True), (True, False), (False, True)]


async def test_f_follows_the_latest_steps_and_shows_the_whole_run_again(app):
    async with app.run_test(size=(120, 40)) as pilot:
        await trained(pilot, 1000)
        await pilot.press("f")
        await until(pilot, lambda: (curves(app).start, curves(app).stop) == (800, 1000))
        assert curves(app).batch.steps.tolist()[:3] == [800, 802, 804]
        assert "latest 200" in panel(app).border_subtitle
        await pilot.press("s")
        await until(pilot, lambda: (curves(app).start, curves(app).stop) == (850, 1050))
        await pilot.press("f")
        await until(pilot, lambda: curves(app).start == 0)


async def test_z_shows_real_steps_and_capital_z_zooms_out(app):
    async with app.run_test(size=(120, 40)) as pilot:
        await trained(pilot, 1000)
        await pilot.press("z", "z", "z", "z")
        await until(pilot, lambda: curves(app).stop - curves(app).start == 50)
        batch = curves(app).batch
        assert batch.low.tolist() == batch.high.tolist()  # single steps
        await pilot.press(*"ZZZZZZ")
        await until(pilot, lambda: curves(app).view.span is None)


async def test_the_cursor_reads_the_values_of_its_step(app):
    async with app.run_test(size=(120, 40)) as pilot:
        await trained(pilot, 500)
        await pilot.press("i")
        await until(pilot, lambda: curves(app).reading is not None and "step 499" in words(app))
        history = app.session._engine.worker.run.trainer.history
        await pilot.press("left_parenthesis")
        await until(pilot, lambda: curves(app).reading.step < 499)
        back = curves(app).reading
        assert back.batch_loss == history.tail(500)[0][back.step]
        await until(pilot, lambda: f"step {back.step}" in words(app))
        await pilot.press("left_curly_bracket", "left_curly_bracket", "right_parenthesis", "right_curly_bracket")
        await until(pilot, lambda: curves(app).reading.step < back.step)
        await pilot.press("i")
        await until(pilot, lambda: "gradient" not in words(app))
        assert curves(app).reading is None


async def test_the_cursor_moves_a_step_at_least_and_takes_the_window_along(app):
    async with app.run_test(size=(120, 40)) as pilot:
        await trained(pilot, 500)
        await pilot.press("i", *"zzzzzz")
        await until(pilot, lambda: curves(app).stop - curves(app).start == 10 and curves(app).reading)
        start = curves(app).start
        step = curves(app).reading.step
        for _ in range(12):
            await pilot.press("left_parenthesis")
        await until(pilot, lambda: curves(app).reading.step == step - 12)
        assert curves(app).start < start


async def test_a_click_places_the_cursor_and_the_wheel_zooms_around_the_mouse(app):
    async with app.run_test(size=(120, 40)) as pilot:
        await trained(pilot, 1000)
        await pilot.click(LossPanel, offset=offset_of(app, 300))
        await until(pilot, lambda: curves(app).reading is not None)
        assert abs(curves(app).reading.step - 300) < 20
        await pilot.press("i")
        await pilot._post_mouse_events([_scroll("up")], LossPanel, offset=offset_of(app, 500))
        await until(pilot, lambda: curves(app).view.span is not None)
        assert curves(app).start < 500 < curves(app).stop < 1000
        await pilot._post_mouse_events([_scroll("down")] * 3, LossPanel, offset=offset_of(app, 500))
        await until(pilot, lambda: curves(app).view.span is None)


def _scroll(direction):
    from textual import events

    return events.MouseScrollUp if direction == "up" else events.MouseScrollDown


async def test_dragging_pans_and_does_not_place_the_cursor(app):
    async with app.run_test(size=(120, 40)) as pilot:
        await trained(pilot, 1000)
        await pilot.press("f")
        await until(pilot, lambda: curves(app).start == 800)
        column, row = offset_of(app, 850)
        await pilot.mouse_down(LossPanel, offset=(column, row))
        await pilot.hover(LossPanel, offset=(column + 10, row))
        await pilot.mouse_up(LossPanel, offset=(column + 10, row))
        await until(pilot, lambda: curves(app).start < 800)
        assert curves(app).stop - curves(app).start == 200
        assert curves(app).reading is None


async def test_keys_before_the_first_picture_do_no_harm(app):
    async with app.run_test(size=(120, 40)) as pilot:
        for command in ("follow", "zoom-in-time", "zoom-out-in-time", "cursor", "cursor-left", "cursor-far-right"):
            await app.action_command(command)
        await until(pilot, lambda: "training" in words(app))


async def test_another_run_is_read_from_its_beginning_with_the_same_axes(app):
    async with app.run_test(size=(120, 40)) as pilot:
        await trained(pilot, 500)
        await pilot.press("f", "n", "i")
        await until(pilot, lambda: curves(app).reading is not None)
        await pilot.press("r")
        await until(pilot, lambda: app.session.snapshot.step < 400)
        await until(pilot, lambda: curves(app).reading is None)
        assert curves(app).view.span == 200
        assert "examples" in panel(app).top_border.text


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def notices(app):
    return " ".join(notification.message for notification in app._notifications)


async def test_w_writes_every_step_to_a_new_file_and_says_where(app, folder):
    async with app.run_test(size=(120, 40)) as pilot:
        await trained(pilot, 120)
        await pilot.press("W")
        target = folder / "line-fit-run-1.csv"
        await until(pilot, lambda: str(target) in notices(app))
        assert "all 120 steps" in notices(app)
        with target.open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        trainer = app.session._engine.worker.run.trainer
        assert [int(row["step"]) for row in rows] == list(range(120))
        assert [float(row["batch_loss"]) for row in rows] == trainer.history.tail(120)[0].tolist()
        await pilot.press("W")
        await until(pilot, (folder / "line-fit-run-1-2.csv").exists)
        assert target.read_text(encoding="utf-8") == (folder / "line-fit-run-1-2.csv").read_text(encoding="utf-8")


async def test_p_saves_the_screen_without_web_fonts(app, folder):
    async with app.run_test(size=(120, 40)) as pilot:
        await trained(pilot, 120)
        await pilot.press("P")
        target = folder / "line-fit-screen.svg"
        await until(pilot, lambda: str(target) in notices(app))
        svg = target.read_text(encoding="utf-8")
        assert svg.startswith("<svg")
        assert "font-face" not in svg
        assert "http" not in svg.replace("http://www.w3.org", "").replace("https://www.textualize.io", "")


async def test_a_directory_that_cannot_be_written_is_said_and_nothing_is_lost(app, folder, monkeypatch):
    really = os.open

    def refuse(path, *args, **kwargs):
        if Path(path).parent == folder:
            raise PermissionError(13, os.strerror(13), str(path))
        return really(path, *args, **kwargs)

    async with app.run_test(size=(120, 40)) as pilot:
        await trained(pilot, 120)
        with monkeypatch.context() as patch:
            patch.setattr(os, "open", refuse)
            await pilot.press("W", "P")
            await until(pilot, lambda: notices(app).count("Permission denied") == 2)
        assert "line-fit-run-1.csv" in notices(app)
        await pilot.press("s")
        await until(pilot, lambda: app.session.snapshot.step == 121)
