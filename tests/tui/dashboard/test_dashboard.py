"""The dashboard through Textual's Pilot, with the engine in this process: a frame is a step, no clock decides."""

import math
from dataclasses import replace

import pytest

import scenarios
from engine.serving.commands import RequestFrame
from engine.serving.process import LocalEngine
from engine.serving.snapshot import EngineFailed
from tests.tui.dashboards import until
from tui.dashboard.app import Dashboard
from tui.dashboard.panels.controls.controls_panel import ControlsPanel
from tui.dashboard.panels.data.data_panel import DataPanel
from tui.dashboard.panels.loss.loss_panel import LossPanel
from tui.dashboard.panels.status_line import StatusLine
from tui.dashboard.panels.weights.weights_panel import WeightsPanel
from tui.dashboard.screens.briefing import BriefingScreen
from tui.dashboard.screens.help_dialog import HelpScreen
from tui.dashboard.screens.picker import PickerScreen
from tui.dashboard.session import Session
from tui.painting.look import PLAIN, Depth, Look


class RecordingEngine(LocalEngine):
    """Remembers what it was sent."""

    def __init__(self, scenario, steps_per_frame=1):
        super().__init__(scenario, steps_per_frame=steps_per_frame)
        self.sent = []

    def send(self, command):
        self.sent.append(command)
        super().send(command)


def dashboard(name="line-fit", steps_per_frame=1, look=PLAIN):
    scenario = scenarios.load(name)
    engine = RecordingEngine(scenario, steps_per_frame)
    return Dashboard(Session(scenario, engine, RecordingEngine), look=look), engine


async def begin(pilot, *, pause=True):
    """Wait for the first picture, and pause there unless told otherwise."""
    await until(pilot, lambda: pilot.app.session.snapshot is not None)
    if pause:
        await pilot.press("space")
        await until(pilot, lambda: not pilot.app.session.snapshot.running)


def text(app, panel):
    """The panel's picture, with line ends as spaces."""
    return " ".join(str(app.training.query_one(panel).picture).split())


async def test_training_begins_at_once_and_shows_on_every_panel():
    app, _ = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.session.snapshot and app.session.snapshot.step > 30)
        await until(pilot, lambda: "training" in text(app, LossPanel))
        assert "Line fit" in text(app, StatusLine)
        assert "✛" in text(app, WeightsPanel)
        assert "●" in text(app, WeightsPanel)
        assert "•" in text(app, DataPanel)
        assert "learning rate" in text(app, ControlsPanel)
        assert app.session.snapshot.training_loss < 3


async def test_what_a_knob_was_set_to_is_shown_before_the_engine_answers(monkeypatch):
    app, _ = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot)
        await until(pilot, lambda: not app.session.pacing.under_way)
        controls, before = app.training.controls, app.session.snapshot
        with monkeypatch.context() as patch:
            patch.setattr(app.session, "request_frame", lambda view: False)
            await pilot.press("up")
            assert "11 % of the batch-32 limit" in text(app, ControlsPanel)  # 0.05 is 5.4 %
            assert controls.snapshot is app.session.snapshot is before
            app._receive(before)  # on its way before the key was pressed
            assert "11 % of the batch-32 limit" in text(app, ControlsPanel)
            assert "0.05 → 0.1" not in text(app, ControlsPanel)
            await pilot.press("down")  # taken back
            assert "5.4 % of the batch-32 limit" in text(app, ControlsPanel)
            await pilot.press("up")
        await until(pilot, lambda: app.session.snapshot.knobs.learning_rate == 0.1)
        assert "0.05 → 0.1" in text(app, ControlsPanel)


async def test_pictures_that_are_held_for_a_key_wait_for_one_frame_and_not_for_two():
    app, _ = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot)
        await until(pilot, lambda: app.session.pacing.complete)
        later = [replace(app.session.snapshot, step=1000 + k) for k in range(2)]
        app.training.show(app.session.scene, later[0], slowly=True, held=True)
        assert app.training.controls.snapshot is later[0]
        assert not app.session.pacing.complete
        assert app.training.loss.snapshot is app.session.snapshot
        app.training.show(app.session.scene, later[1], slowly=True, held=True)
        assert app.training.loss.snapshot is later[1]


async def test_arrows_change_the_knobs_and_leave_marks():
    app, engine = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot)
        await pilot.press("up", "up", "left", "shift+down", "m")
        run = engine.worker.run
        await until(pilot, lambda: app.session.snapshot.knobs == run.trainer.knobs)
        assert (run.trainer.learning_rate, run.trainer.batch_size, run.trainer.momentum) == (0.182, 16, 0.5)
        changed = [change.knob for change in run.changes]
        assert changed == ["learning_rate", "learning_rate", "batch_size", "learning_rate", "momentum"]
        await until(pilot, lambda: "lr ↑0.182" in text(app, LossPanel))
        assert "batch ↓16" in text(app, LossPanel)
        assert "momentum 0 → 0.5" in text(app, ControlsPanel)
        await pilot.press("down", "right", "M")
        await until(pilot, lambda: run.trainer.momentum == 0)
        assert (run.trainer.learning_rate, run.trainer.batch_size) == (0.1, 32)


async def test_the_optimizer_changes_in_mid_run_and_leaves_a_mark():
    app, engine = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot)
        await pilot.press("o", "o", "o", "o")
        await until(pilot, lambda: app.session.snapshot.knobs.optimizer == "adam")
        assert engine.worker.run.changes[-1].after == "adam"
        await until(pilot, lambda: "adam" in text(app, LossPanel))
        assert "adam" in text(app, ControlsPanel)
        await pilot.press("space")
        await until(pilot, lambda: app.session.snapshot.running)
        await pilot.press("o", "o")
        await until(pilot, lambda: app.session.snapshot.knobs.optimizer == "sgd")


async def test_keys_pressed_faster_than_frames_arrive_add_up():
    app, engine = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot)
        for _ in range(4):
            await app.action_command("batch-size-down")
        assert engine.worker.run.trainer.batch_size == 2


async def test_pause_step_and_epoch():
    app, engine = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot)
        before = app.session.snapshot.step
        await until(pilot, lambda: "paused" in text(app, StatusLine))
        await pilot.press("s")
        await until(pilot, lambda: app.session.snapshot.step == before + 1)
        await pilot.press("e")
        await until(pilot, lambda: app.session.snapshot.step > before + 1)
        assert engine.worker.run.trainer.examples % 256 == 0
        assert not app.session.snapshot.running
        await pilot.press("space")
        await until(pilot, lambda: app.session.snapshot.running and app.session.snapshot.step > before + 20)


async def test_nothing_is_asked_of_the_engine_while_nothing_changes(monkeypatch):
    app, engine = dashboard()
    asked, request_frame = [], app.session.request_frame
    monkeypatch.setattr(app.session, "request_frame", lambda view: asked.append(request_frame(view)) or asked[-1])
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot)
        await until(pilot, lambda: len(asked) > 10 and not any(asked[-10:]))
        engine.sent.clear()
        ticks = len(asked)
        await until(pilot, lambda: len(asked) >= ticks + 20)
        assert not [command for command in engine.sent if isinstance(command, RequestFrame)]


async def test_speed_follows_its_keys():
    app, _ = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot, pause=False)
        await pilot.press("plus")
        await until(pilot, lambda: app.session.snapshot.steps_per_second == 30)
        await pilot.press("minus", "minus")
        await until(pilot, lambda: app.session.snapshot.steps_per_second == 3)
        assert "3 steps/s" in text(app, StatusLine)


async def test_training_again_keeps_the_knobs_and_leaves_a_ghost():
    app, engine = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot)
        await pilot.press("up", "e", "r")
        await until(pilot, lambda: app.session.snapshot.ghosts)
        assert engine.worker.run.trainer.learning_rate == 0.1
        assert engine.worker.run.trainer.seed == 0
        await until(pilot, lambda: "╍1" in text(app, LossPanel))
        await pilot.press("R")
        await until(pilot, lambda: app.session.snapshot.seed == 1)


async def test_the_loss_axis_switches():
    app, _ = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot)
        loss = app.training.query_one(LossPanel)
        assert "log" in loss.top_border.text
        logarithmic = text(app, LossPanel)
        await pilot.press("l")
        assert "linear" in loss.top_border.text
        assert text(app, LossPanel) != logarithmic


async def test_a_scenario_is_picked_with_its_briefing_in_sight():
    app, engine = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot)
        await pilot.press("p")
        await until(pilot, lambda: isinstance(app.screen, PickerScreen))
        await pilot.press(*"fuel", "enter")
        await until(pilot, lambda: isinstance(app.screen, BriefingScreen) and app.session.arrived)
        assert app.session.scenario.id == "fuel-economy"
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.training)
        await until(pilot, lambda: "Fuel economy" in text(app, StatusLine))
        await until(pilot, lambda: "horsepower" in text(app, WeightsPanel))
        assert "validation" in text(app, DataPanel)
        assert len(engine.worker.run.trainer.weights) == 9


async def test_leaving_the_picker_changes_nothing():
    app, engine = dashboard()
    async with app.run_test(size=(80, 24)) as pilot:
        await begin(pilot)
        run = engine.worker.run
        await pilot.press("p", "up", "escape")
        await until(pilot, lambda: app.screen is app.training)
        assert engine.worker.run is run


def screen_text(app):
    """All that stands on the screen, as the terminal gets it."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


def styles(app):
    """The styles of all cells on the screen, as the terminal gets them."""
    return {segment.style for strip in app.screen._compositor.render_strips() for segment in strip if segment.style}


# One of each kind: what the panels show depends on weights, features and classes.
KINDS = ("one-weight", "line-fit", "potholes", "small-batch-escape", "moons", "fuel-economy", "digits")


@pytest.mark.parametrize("name", KINDS)
async def test_ascii_is_all_that_is_drawn_where_it_is_asked_for(name):
    app, _ = dashboard(name, steps_per_frame=20, look=Look(ascii=True))
    async with app.run_test(size=(200, 60)) as pilot:
        await until(pilot, lambda: "training" in text(app, LossPanel))
        await pilot.press("up")
        await pilot.pause()
        assert screen_text(app).isascii()


async def test_dialogs_are_drawn_in_ascii_too_where_it_is_asked_for():
    app, _ = dashboard(steps_per_frame=20, look=Look(ascii=True))
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await pilot.pause()
        assert screen_text(app).isascii()
        await pilot.press("escape", "p")
        await until(pilot, lambda: isinstance(app.screen, PickerScreen))
        await pilot.pause()
        assert screen_text(app).isascii()
        await pilot.press("escape", "ctrl+p")
        await pilot.pause()
        assert screen_text(app).isascii()


async def test_plain_characters_come_and_go_by_key():
    app, _ = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot)
        assert not screen_text(app).isascii()
        await pilot.press("a")
        await until(pilot, lambda: screen_text(app).isascii())
        await pilot.press("a")
        await until(pilot, lambda: "●" in screen_text(app))


async def test_without_colour_nothing_has_one_and_the_map_is_drawn_in_lines():
    app, _ = dashboard(look=Look(depth=Depth.NONE))
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot)
        await until(pilot, lambda: "✛" in text(app, WeightsPanel))
        assert all(color is None or color.is_default for s in styles(app) for color in (s.color, s.bgcolor))
        assert not app.training.weights.picture.paper.any()
        rows = app.training.weights.picture.rows()
        assert sum("⠀" < char <= "⣿" for row in rows for char in row) > 100
        await pilot.press("p")
        await until(pilot, lambda: isinstance(app.screen, PickerScreen))
        await pilot.pause()
        assert any(style.reverse for style in styles(app))  # where the cursor is


@pytest.mark.parametrize(
    ("depth", "allowed"), [(Depth.SIXTEEN, {"STANDARD"}), (Depth.INDEXED, {"EIGHT_BIT", "STANDARD"})]
)
async def test_no_more_colours_than_the_terminal_has(depth, allowed):
    app, _ = dashboard(look=Look(depth=depth))
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot)
        await until(pilot, lambda: "✛" in text(app, WeightsPanel))
        kinds = {color.type.name for style in styles(app) for color in (style.color, style.bgcolor) if color}
        assert kinds <= allowed | {"DEFAULT"}


async def test_themes_follow_one_another_and_are_the_terminals_own_with_few_colours():
    app, _ = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot)
        seen = [app.theme]
        for _ in range(4):
            before = styles(app)
            await pilot.press("T")
            await until(pilot, lambda before=before: styles(app) != before)
            seen.append(app.theme)
        assert seen == ["dark", "light", "contrast", "ansi", "dark"]
    app, _ = dashboard(look=Look(depth=Depth.SIXTEEN))
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot)
        await pilot.press("T")
        assert app.theme == "ansi"


async def test_quitting_ends_with_code_zero():
    app, _ = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot)
        await pilot.press("q")
    assert app.return_code in (0, None)


SIZES = ((80, 22), (80, 24), (99, 30), (100, 30), (110, 34), (80, 50), (120, 30), (120, 40), (200, 60), (300, 100))


@pytest.mark.parametrize(
    ("name", "size"),
    [*(("line-fit", size) for size in SIZES), *((name, size) for name in KINDS for size in ((80, 24), (200, 60)))],
)
async def test_every_scenario_is_shown_at_every_size(name, size):
    app, _ = dashboard(name, steps_per_frame=20)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.session.snapshot and app.session.snapshot.step > 40)
        await until(pilot, lambda: "training" in text(app, LossPanel))
        assert app.session.scenario.file.title in text(app, StatusLine)
        assert "learning rate" in text(app, ControlsPanel)
        panels = [panel for panel in (WeightsPanel, DataPanel) if app.training.query_one(panel).display]
        assert all(text(app, panel).strip() for panel in panels)


async def test_resizing_back_and_forth_keeps_the_picture():
    app, _ = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot, pause=False)
        for size in [(40, 10), (200, 60), (80, 24), (81, 22), (120, 40)]:
            await pilot.resize_terminal(*size)
            await pilot.pause()
        await until(pilot, lambda: "●" in text(app, WeightsPanel))
        loss = app.training.query_one(LossPanel)
        await until(pilot, lambda: app.size == (120, 40) and loss.picture.width == loss.size.width)


@pytest.mark.parametrize("size", [(79, 24), (40, 12)])
async def test_a_terminal_that_is_too_small_says_so_and_nothing_else(size):
    app, _ = dashboard()
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.session.snapshot is not None)
        words = " ".join(" ".join(strip.text for strip in app.screen._compositor.render_strips()).split())
        assert words == (
            "descend needs at least 80 × 22 cells. Please enlarge the terminal. space pauses the training, q quits."
        )


async def test_diverging_is_said_and_pauses():
    app, _ = dashboard(steps_per_frame=50)
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot)
        await pilot.press("up", "up", "up", "up", "up", "space")
        await until(pilot, lambda: app.session.snapshot.status.kind == "diverged")
        await until(pilot, lambda: "Diverged" in text(app, ControlsPanel))
        assert not app.session.snapshot.running


async def test_numbers_that_are_not_finite_are_shown_not_fatal():
    app, engine = dashboard(steps_per_frame=1000)
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot)
        for _ in range(12):
            await pilot.press("up")
        await pilot.press("space")
        await until(pilot, lambda: app.session.snapshot.status.kind == "diverged")
        await pilot.press("space")
        await until(pilot, lambda: engine.worker.run.trainer.blew_up_at is not None)
        await until(pilot, lambda: not math.isfinite(app.session.snapshot.training_loss))
        await until(pilot, lambda: "not a finite number" in text(app, ControlsPanel))
        await pilot.press("l", "l")
        await pilot.press(*["down"] * 12, "r")
        await until(pilot, lambda: math.isfinite(app.session.snapshot.training_loss))


async def test_an_engine_that_stops_is_said_and_can_be_started_again():
    app, _ = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot)
        app._receive(EngineFailed("the engine process ended (killed by SIGKILL)"))
        failure = app.training.query_one("#failure")
        await until(pilot, lambda: failure.display)
        assert "killed by SIGKILL" in str(failure.render())
        await pilot.press("up", "space", "s", "l")
        assert app.screen is app.training
        await pilot.press("r")
        await until(pilot, lambda: app.session.failure is None and app.session.snapshot.step > 5)
        assert not failure.display
