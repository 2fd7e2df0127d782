"""The sweep on the dashboard: shown by a key, read by a cursor, flown to, kept and ended; and the range test."""

import math
import re

import pytest

from engine.serving.commands import SetKnob, Undo
from engine.training.knobs import Knobs
from scenarios.sweeps import background_sweep
from scenarios.sweeps.background_sweep import SweepBegun, SweepEnded, SweepResults
from scenarios.sweeps.sweep_map import CellResult
from scenarios.sweeps.sweep_plan import Axis, Cell, SweepPlan
from tests.tui.dashboard.test_dashboard import begin, dashboard, text, until
from tui.dashboard.panels.sweep.sweep_panel import SweepPanel
from tui.dashboard.panels.weights.weights_panel import WeightsPanel
from tui.painting.look import Depth, Look

AXES = Axis("batch_size", (8, 16, 32, 64)), Axis("learning_rate", (0.005, 0.05, 0.5, 5.0))
PLAN = SweepPlan(AXES, Knobs(), (0, 1, 2), 6400, "examples")


class FakeSweep:
    """In place of the process: it tells what the test says."""

    made = ()

    def __init__(self, scenario, knobs, seed, on_news):
        self.scenario, self.knobs, self.seed, self.tell = scenario, knobs, seed, on_news
        self.closed, self.holds = False, []
        type(self).made = (*self.made, self)

    def hold(self, held):
        self.holds.append(held)

    def close(self):
        self.closed = True


@pytest.fixture
def sweeps(monkeypatch):
    monkeypatch.setattr(background_sweep, "BackgroundSweep", FakeSweep)
    monkeypatch.setattr(FakeSweep, "made", ())
    return FakeSweep


def results(cells):
    return SweepResults(
        tuple(
            CellResult(cell, 9, 99, "diverged" if cell.place[-1] == 3 else "running", 1 + cell.place[0], 0.0, 7.0, 7.0)
            for cell in cells
        )
    )


async def shown(pilot, sweeps, plan=PLAN, limits=(0.4, 0.5, 0.6, 0.7)):
    """Open the sweep and let it be done."""
    await begin(pilot)
    await pilot.press("X")
    app = pilot.app
    assert app.training.shows_sweep
    sweeps.made[-1].tell(SweepBegun(plan, limits))
    sweeps.made[-1].tell(results(plan.cells))
    sweeps.made[-1].tell(SweepEnded())
    await until(pilot, lambda: app.training.sweep.state.ended)
    await until(pilot, lambda: "best" in text(app, SweepPanel))
    return app


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60), (90, 60)])
async def test_it_is_shown_filled_and_hidden_and_kept(sweeps, size):
    app, _ = dashboard()
    async with app.run_test(size=size) as pilot:
        await shown(pilot, sweeps)
        words = text(app, SweepPanel)
        assert "Here: learning rate 0.05, batch size 32: training loss 3.000" in words
        assert "◆ present" in words
        assert not app.training.weights.display
        assert len(sweeps.made) == 1
        assert sweeps.made[0].closed  # its process has ended with it
        await pilot.press("X")
        await until(pilot, lambda: app.training.weights.display)
        assert app.focused is None
        await pilot.press("X")
        await until(pilot, lambda: app.training.sweep.display)
        assert "training loss 3.000" in text(app, SweepPanel)
        assert len(sweeps.made) == 1
        await pilot.press("escape")
        await until(pilot, lambda: app.training.weights.display)


async def test_the_arrows_read_and_enter_flies_and_undo_takes_back_both(sweeps):
    app, engine = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await shown(pilot, sweeps)
        await pilot.press("up", "left", "left")
        await until(pilot, lambda: "learning rate 0.5, batch size 8" in text(app, SweepPanel))
        assert app.session.knobs == Knobs()  # the arrows are the cursor's
        await pilot.press("enter")
        await until(pilot, lambda: app.session.snapshot.knobs == Knobs(learning_rate=0.5, batch_size=8))
        assert [command for command in engine.sent if isinstance(command, SetKnob)] == [
            SetKnob("learning_rate", 0.5),
            SetKnob("batch_size", 8, joined=True),
        ]
        await pilot.press("enter")  # there already: no change that the next one would be joined to
        await pilot.press("s", "u")
        await until(pilot, lambda: any(isinstance(command, Undo) for command in engine.sent))
        await until(pilot, lambda: app.session.snapshot.knobs == Knobs())


async def test_only_the_batch_size_is_another_one(sweeps):
    app, engine = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await shown(pilot, sweeps)
        await pilot.press("left", "enter")
        await until(pilot, lambda: app.session.snapshot.knobs.batch_size == 16)
        assert SetKnob("batch_size", 16) in engine.sent


async def test_the_cursor_stays_on_the_map_and_a_click_places_it(sweeps):
    app, _ = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await shown(pilot, sweeps)
        await pilot.press(*["right"] * 9, *["up"] * 9)
        await until(pilot, lambda: "learning rate 5, batch size 64: blew up with all 3 seeds." in text(app, SweepPanel))
        panel = app.training.sweep
        row, line = next(
            (row, line) for row, line in enumerate(str(panel.picture).splitlines()) if re.match(r" *0.005 ", line)
        )
        await pilot.click(offset=(panel.content_region.x + len(line[:9]), panel.content_region.y + row))
        await until(pilot, lambda: "learning rate 0.005, batch size 8: " in text(app, SweepPanel))


async def test_the_mark_moves_with_the_knobs_and_other_knobs_are_told(sweeps):
    app, _ = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await shown(pilot, sweeps)
        before = str(app.training.sweep.picture)
        await pilot.press("shift+up", "shift+up", "shift+up", "shift+up", "shift+up", "shift+up", "shift+up", "m")
        await until(pilot, lambda: "The run has another momentum by now. G sweeps with it." in text(app, SweepPanel))
        assert next(line for line in before.splitlines() if "◆" in line) not in str(app.training.sweep.picture)
        await pilot.press("G")
        assert len(sweeps.made) == 2
        assert sweeps.made[1].knobs.momentum == 0.5
        await until(pilot, lambda: "The sweep begins" in text(app, SweepPanel))
        sweeps.made[0].tell(results([Cell((0, 0), 0)]))  # late news of the one before
        await pilot.pause()
        assert app.training.sweep.state.map is None


async def test_another_scenario_ends_it(sweeps):
    app, _ = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot)
        await pilot.press("X")
        import scenarios

        app.open_scenario(scenarios.load("one-weight"))
        assert sweeps.made[0].closed
        assert app.training.sweep.state is None
        assert not app.training.shows_sweep
        await until(pilot, lambda: app.training.query_one(WeightsPanel).display)


async def test_a_process_that_has_come_to_grief_is_told_and_begun_again(sweeps):
    app, _ = dashboard()
    async with app.run_test(size=(80, 24)) as pilot:
        await begin(pilot)
        await pilot.press("X")
        sweeps.made[0].tell(SweepEnded("its process has ended"))
        await until(pilot, lambda: "No sweep: its process has ended. G begins anew." in text(app, SweepPanel))
        await pilot.press("G")
        sweeps.made[1].tell(SweepBegun(PLAN, (math.nan,) * 4))
        sweeps.made[1].tell(results(list(PLAN.cells)[:5]))
        sweeps.made[1].tell(SweepEnded("its process has ended"))
        await until(pilot, lambda: "The sweep has ended too early: its process has ended." in text(app, SweepPanel))


async def test_where_the_batch_size_does_not_act_there_are_rates_alone(sweeps):
    app, _ = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await shown(pilot, sweeps, SweepPlan(AXES[1:], Knobs(sampling="full_batch"), (0, 1, 2), 99), (0.4,))
        assert "The batch size does not act here" in text(app, SweepPanel)
        await pilot.press("right", "enter")
        await until(pilot, lambda: app.session.snapshot.knobs.learning_rate == 0.5)
        assert app.session.snapshot.knobs.batch_size == 32


async def test_while_the_program_is_stopped_nothing_is_swept(sweeps):
    app, _ = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot)
        await pilot.press("X")
        with app.sweeping.held():
            assert sweeps.made[0].holds == [True]
        assert sweeps.made[0].holds == [True, False]


async def test_typing_goes_to_the_prompt_and_then_to_the_map_again(sweeps):
    app, _ = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await shown(pilot, sweeps)
        await app.action_command("entry")
        await until(pilot, lambda: app.focused is not None and app.focused is not app.training.sweep)
        await pilot.press("escape")
        await until(pilot, lambda: app.focused is app.training.sweep)


async def test_the_range_test_is_shown_with_the_limit_and_what_it_suggests():
    app, _ = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot)
        await pilot.press("F")
        await until(pilot, lambda: "━ loss" in text(app, SweepPanel))
        words = text(app, SweepPanel)
        step = app.session.snapshot.step
        assert f"From step {step}, the rate grew from" in words
        assert "limit 0.921" in words
        assert "now 0.05" in words
        assert "The true limit there is 0.921: the suggestion is" in words
        assert app.session.snapshot.knobs == Knobs()
        await pilot.press("s", "F")
        await until(pilot, lambda: f"From step {step + 1}, the rate" in text(app, SweepPanel))
        await pilot.press("X")  # the map is another picture of the panel
        assert app.training.sweep.showing == "map"
        app.sweeping.close()


async def test_a_run_that_has_blown_up_has_no_range_test():
    app, _ = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await begin(pilot, pause=False)
        app.session.set_knob("learning_rate", 1e6)
        await until(pilot, lambda: app.session.snapshot.status.kind == "diverged")
        await pilot.press("F")
        assert not app.training.shows_sweep


@pytest.mark.parametrize("look", [Look("light"), Look("ansi", Depth.NONE), Look("ansi", Depth.SIXTEEN, ascii=True)])
async def test_it_is_painted_in_every_look_and_size(sweeps, look):
    app, _ = dashboard(look=look)
    async with app.run_test(size=(120, 40)) as pilot:
        await shown(pilot, sweeps)
        panel = app.training.sweep
        for showing in ("map", "range"):
            panel.showing = showing
            for width in (1, 2, 7, 20, 60, 130):
                for height in (1, 2, 5, 12, 30):
                    assert panel.paint(panel.scene, panel.snapshot, width, height).width == width
