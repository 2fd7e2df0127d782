"""Time and runs by their keys, through Textual's Pilot, with the engine in this process."""

import shlex

import pytest

from engine.serving.worker import Worker
from tests.tui.dashboard.test_dashboard import begin, dashboard, text, until
from tui.cli.arguments import parse
from tui.cli.training.planning import opening_of
from tui.dashboard.panels.comparison_panel import ComparisonPanel
from tui.dashboard.panels.controls.controls_panel import ControlsPanel
from tui.dashboard.panels.loss.loss_panel import LossPanel
from tui.dashboard.panels.status_line import StatusLine
from tui.dashboard.panels.weights.weights_panel import WeightsPanel
from tui.dashboard.screens.line_dialog import LineScreen
from tui.dashboard.screens.runs.race_dialog import RaceScreen


async def at(pilot, **expected):
    """Wait until the snapshot says so."""
    app = pilot.app
    await until(pilot, lambda: all(getattr(app.session.snapshot, name) == value for name, value in expected.items()))
    return app.session.snapshot


async def test_undo_goes_back_to_before_the_last_change():
    app, engine = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot)
        before = app.session.snapshot.step
        await pilot.press("up", "s", "s", "s", "u")
        snapshot = await at(pilot, number=2)
        assert (snapshot.step, snapshot.knobs.learning_rate) == (before, 0.05)
        await until(pilot, lambda: all(words in text(app, LossPanel) for words in ("━ 2 training", "╍1")))
        await pilot.press("up")
        assert engine.worker.run.trainer.learning_rate == 0.1  # from what is shown, not from what was undone


async def test_undo_comes_back_from_a_divergence():
    app, _ = dashboard(steps_per_frame=50)
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot)
        step = app.session.snapshot.step
        await pilot.press(*["up"] * 7, "space")
        await until(pilot, lambda: app.session.snapshot.status.kind == "diverged")
        await until(pilot, lambda: "u takes back lr" in text(app, ControlsPanel))
        await pilot.press("u")
        snapshot = await at(pilot, number=2, step=step)
        assert snapshot.status.kind == "running"


async def test_steps_back_and_forth():
    app, _ = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot)
        await pilot.press("e", "e")
        latest = app.session.snapshot
        await pilot.press("comma", "comma", "comma")
        snapshot = await at(pilot, step=latest.step - 3)
        assert snapshot.latest_step == latest.step
        await until(pilot, lambda: "3 steps back" in text(app, StatusLine))
        assert "You are in the past" in text(app, ControlsPanel)
        assert "│" in text(app, LossPanel)
        await pilot.press("full_stop")
        await at(pilot, step=latest.step - 2)
        await pilot.press("full_stop", "full_stop")
        snapshot = await at(pilot, step=latest.step)
        assert snapshot.weights.present.tolist() == latest.weights.present.tolist()
        await until(pilot, lambda: "paused" in text(app, StatusLine))


async def test_going_back_pauses_first():
    app, _ = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot, pause=False)
        await until(pilot, lambda: app.session.snapshot.step > 5)
        await pilot.press("comma")
        await until(pilot, lambda: app.session.snapshot.step == app.session.snapshot.latest_step - 1)
        assert not app.session.snapshot.running
        await pilot.press("space")
        await at(pilot, running=True, number=2)


async def test_epochs_and_changes_back_and_forth():
    app, _ = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot)
        await pilot.press("e", "e", "up", "e")
        latest = app.session.snapshot.step
        assert app.session.snapshot.epoch == 3
        for key, epoch in [("less_than_sign", 2), ("less_than_sign", 1), ("greater_than_sign", 2)]:
            await pilot.press(key)
            await at(pilot, epoch=epoch)
        await pilot.press("greater_than_sign", "left_square_bracket")
        snapshot = await at(pilot, step=16)
        assert "0.05 → 0.1" in text(app, ControlsPanel)
        assert snapshot.knobs.learning_rate == 0.1
        await pilot.press("comma", "right_square_bracket")
        await at(pilot, step=16, latest_step=latest)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (["u"], "no knob change to undo"),
        (["full_stop"], "latest step: space or s trains on"),
        (["less_than_sign"] * 9, "beginning"),
        (["left_square_bracket"], "no knob was changed before"),
        (["s", "b", "b"], "not taken a step of its own"),
        (["tab"], "one run only: x begins a race"),
        (["shift+tab"], "one run only"),
        (["backspace"], "no earlier run"),
    ],
)
async def test_what_cannot_be_done_is_said(keys, words):
    app, _ = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot)
        await pilot.press(*keys)
        await until(pilot, lambda: any(words in notice.message for notice in app._notifications))


async def test_a_knob_at_a_past_moment_branches_there():
    app, engine = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot)
        await pilot.press("e", "comma", "comma", "left")
        snapshot = await at(pilot, number=2)
        assert snapshot.step == snapshot.latest_step == 6
        assert engine.worker.run.trainer.batch_size == 16


async def test_branch_here_and_forget_the_ghost():
    app, _ = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot)
        await pilot.press("s", "b")
        snapshot = await at(pilot, number=2)
        assert [ghost.number for ghost in snapshot.ghosts] == [1]
        await pilot.press("backspace")
        await at(pilot, ghosts=())
        await until(pilot, lambda: "╍1" not in text(app, LossPanel))


@pytest.mark.parametrize("size", [(80, 24), (80, 60), (120, 40)])
async def test_the_table_comes_and_goes_and_training_stays_live(size):
    app, _ = dashboard()
    async with app.run_test(size=size) as pilot:
        await begin(pilot, pause=False)
        panel = app.training.query_one(ComparisonPanel)
        assert not panel.display
        await pilot.press("t")
        await until(pilot, lambda: "first at step" in text(app, ComparisonPanel))
        step = app.session.snapshot.step
        await until(pilot, lambda: app.session.snapshot.step > step + 5)
        assert "first at loss ≤ 1.02" in str(panel.border_title)
        assert "learning rate" in text(app, ControlsPanel)
        await pilot.press("t")
        await until(pilot, lambda: not panel.display)


async def test_where_there_is_room_the_table_stands_beside_the_panels():
    app, _ = dashboard()
    async with app.run_test(size=(200, 60)) as pilot:
        await begin(pilot)
        await until(pilot, lambda: "first at step" in text(app, ComparisonPanel))
        assert app.training.column.display
        await pilot.press("t")
        await until(pilot, lambda: not app.training.query_one(ComparisonPanel).display)


async def test_a_race_of_optimizers_from_the_picker():
    app, engine = dashboard()
    async with app.run_test(size=(200, 60)) as pilot:
        await begin(pilot)
        await pilot.press("s", "x")
        await until(pilot, lambda: isinstance(app.screen, RaceScreen))
        await pilot.press("enter")
        snapshot = await at(pilot, lock_step="updates")
        assert (snapshot.number, snapshot.label) == (2, "sgd")
        await until(pilot, lambda: "compared at the same number of steps" in text(app, StatusLine))
        await until(pilot, lambda: all(name in text(app, ComparisonPanel) for name in ("adagrad", "rmsprop", "adam")))
        await until(pilot, lambda: "━ 2 sgd" in text(app, LossPanel))
        await pilot.press("tab")
        await at(pilot, number=3, label="adagrad")
        assert "sgd → adagrad" not in text(app, ControlsPanel)  # nothing was changed
        await pilot.press("up")
        assert engine.worker.runs.latest.trainer.learning_rate == 0.1
        await pilot.press("shift+tab", "shift+tab")
        await at(pilot, label="adam")
        await pilot.press("r")
        snapshot = await at(pilot, lock_step="")
        assert snapshot.knobs.optimizer == "adam"


async def test_a_race_of_optimizers_at_their_usual_rates():
    app, _ = dashboard()
    async with app.run_test(size=(200, 60)) as pilot:
        await begin(pilot)
        await pilot.press("x")
        await until(pilot, lambda: isinstance(app.screen, RaceScreen))
        await pilot.press("down", "enter")
        snapshot = await at(pilot, label="sgd 0.01", lock_step="updates")
        assert snapshot.knobs.learning_rate == 0.01
        await until(pilot, lambda: "adam 0.001" in text(app, LossPanel))


async def test_a_race_with_values_of_ones_own():
    app, _ = dashboard()
    async with app.run_test(size=(80, 24)) as pilot:
        await begin(pilot)
        await pilot.press("x")
        await until(pilot, lambda: isinstance(app.screen, RaceScreen))
        await pilot.press("down", "down", "tab", "ctrl+u", *"3", "enter")
        await until(pilot, lambda: "two to four" in str(app.screen.query_one("#refusal").render()))
        await pilot.press(*",300", "enter")
        snapshot = await at(pilot, lock_step="examples")
        assert (snapshot.label, snapshot.ghosts[-1].label) == ("batch 3", "batch 300")


async def test_leaving_the_picker_of_races_changes_nothing():
    app, engine = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot)
        run = engine.worker.run
        await pilot.press("x", "down", "escape")
        await until(pilot, lambda: app.screen is app.training)
        assert engine.worker.run is run


async def test_racers_are_numbered_on_the_map():
    app, _ = dashboard("one-weight")
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot)
        await pilot.press("x")
        await until(pilot, lambda: isinstance(app.screen, RaceScreen))
        await pilot.press("down", "down", "down", "enter")
        await at(pilot, lock_step="updates")
        await until(pilot, lambda: all(str(number) in text(app, WeightsPanel) for number in (2, 3, 4)))


async def test_the_run_is_copied_as_a_line_that_gives_the_same_bits():
    app, engine = dashboard()
    async with app.run_test(size=(80, 24)) as pilot:
        await begin(pilot)
        await pilot.press(*"sss", "left", *"ss", "up", "s", "C")
        await until(pilot, lambda: isinstance(app.screen, LineScreen))
        line = app.clipboard
        assert line == str(app.screen.query_one("#line").render())
        weights = engine.worker.run.trainer.weights.tobytes()
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.training)
    options = parse(shlex.split(line)[1:])
    again = Worker(app.session.scenario, steps_per_second=None, opening=opening_of(app.session.scenario, options))
    while again.running:
        again.advance()
    assert again.run.trainer.weights.tobytes() == weights
    assert len(options.at) == 2
