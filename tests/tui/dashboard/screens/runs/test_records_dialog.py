"""Records in the dashboard: listed, drawn as ghosts, gone on with, shown again; the best one without being asked."""

import pytest

import scenarios
from engine.runs.records.marks import weights_sha256
from engine.runs.run_set import Live
from engine.serving.process import LocalEngine
from engine.serving.snapshot import EngineFailed
from scenarios.records.openings import replayed, resumed
from scenarios.records.run_store import RunStore
from scenarios.records.writing.recording_wish import Recording
from tests.tui.dashboards import until
from tui.dashboard.app import Dashboard
from tui.dashboard.screens.runs.records_dialog import RecordsScreen
from tui.dashboard.session import Session
from tui.home.earlier_runs import EarlierRuns

SCENARIO = scenarios.load("line-fit")


@pytest.fixture
def store(tmp_path):
    """Three records of the scenario, of 40, 80 and 20 steps; and one of another."""
    path = tmp_path / "runs.sqlite"
    for name, steps, rate in (("line-fit", 40, 0.1), ("line-fit", 80, 0.03), ("line-fit", 20, 0.2), ("moons", 20, 0.1)):
        scenario = scenarios.load(name)
        run = scenario.run()
        recorder, live = Recording(path, "test")(), [Live(run, 1)]
        recorder.follow(scenario, live)
        run.advance(steps // 2)
        run.set_knob("learning_rate", rate)
        run.advance(steps // 2)
        recorder.close(20)
    return RunStore(path)


def dashboard(store, *, shows_best=False):
    def start(scenario, run, replays):
        opening = replayed(run) if replays else resumed(run, store.path, "test")
        return LocalEngine(scenario, opening=opening, steps_per_frame=10)

    earlier = EarlierRuns(store.path, start, shows_best=shows_best)
    return Dashboard(Session(SCENARIO, LocalEngine(SCENARIO), LocalEngine), earlier=earlier)


async def opened(app, pilot):
    await until(pilot, lambda: app.session.snapshot is not None)
    await pilot.press("H")
    await until(pilot, lambda: isinstance(app.screen, RecordsScreen) and app.screen.is_mounted)
    await pilot.pause()
    return app.screen.query_one("Options")


async def test_the_records_of_this_scenario_are_listed_and_one_becomes_a_ghost_and_a_row(store):
    app = dashboard(store)
    async with app.run_test(size=(120, 40)) as pilot:
        options = await opened(app, pilot)
        latest = [run for run in store.runs() if run.scenario == "line-fit"]
        assert [option.id for option in options.options] == [run.id for run in latest]
        await pilot.press("down", "enter")
        await pilot.press("t")
        await until(pilot, lambda: app.session.snapshot.ghosts and app.session.snapshot.comparison)
        (ghost,) = app.session.snapshot.ghosts
        assert (ghost.label, ghost.number, ghost.faint) == (f"of {latest[1].begun}", 2, False)
        assert ghost.training_loss.steps[-1] == 80
        (row,) = [row for row in app.session.snapshot.comparison.rows if row.number == 2]
        assert (row.steps, row.knobs.learning_rate, row.changes) == (80, 0.03, 1)


async def test_a_record_is_one_ghost_however_often_it_is_asked_for(store):
    app = dashboard(store, shows_best=True)
    best = EarlierRuns(store.path, None, shows_best=True).best(SCENARIO)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.session.snapshot is not None and app.session.snapshot.ghosts)
        for _ in range(2):
            options = await opened(app, pilot)
            options.highlighted = [option.id for option in options.options].index(best.id)
            await pilot.press("enter")
            await until(pilot, lambda: not app.session.snapshot.ghosts[0].faint)
        await opened(app, pilot)
        await pilot.press("down", "enter")
        await until(pilot, lambda: len(app.session.snapshot.ghosts) == 2)
        assert [(ghost.number, ghost.faint) for ghost in app.session.snapshot.ghosts] == [(2, False), (3, False)]


@pytest.mark.parametrize(("key", "solution"), [("r", ""), ("p", "replayed")])
async def test_one_is_gone_on_with_or_shown_again_and_comes_to_the_same_bits(store, key, solution):
    app = dashboard(store)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(app, pilot)
        await pilot.press(key)
        (record,) = [run for run in store.runs() if run.outcome.steps == 20 and run.scenario == "line-fit"]
        await until(pilot, lambda: app.session.snapshot is not None and app.session.snapshot.step == 20)
        await until(pilot, lambda: not app.session.snapshot.running)
        assert app.session.snapshot.solution == solution
        assert [change.step for change in app.session.snapshot.changes] == [10]
        weights = app.session._engine.worker.run.trainer.weights
        assert weights_sha256(weights) == record.outcome.weights_sha256
        words = "The same bits as before, after 20 steps."
        await until(pilot, lambda: words in [notice.message for notice in app.shown_notifications])


async def test_the_best_earlier_run_is_a_faint_ghost_once(store):
    app = dashboard(store, shows_best=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.session.snapshot is not None and app.session.snapshot.ghosts)
        (ghost,) = app.session.snapshot.ghosts
        best = EarlierRuns(store.path, None, shows_best=True).best(SCENARIO)
        assert (ghost.label, ghost.faint) == (f"of {best.begun}", True)
        await pilot.press("r")
        await until(pilot, lambda: len(app.session.snapshot.ghosts) == 2)
        assert [ghost.faint for ghost in app.session.snapshot.ghosts] == [True, False]


async def test_where_the_engine_has_died_a_key_goes_on_from_its_record(store):
    app = dashboard(store)
    run = next(run for run in store.runs() if run.outcome.steps == 20 and run.scenario == "line-fit")
    app._earlier.on_screen = run.id
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.session.snapshot is not None)
        app._receive(EngineFailed("killed by SIGKILL"))
        failure = app.training.query_one("#failure")
        await until(pilot, lambda: "space goes on from its record, after 20 steps ·" in str(failure.render()))
        await pilot.press("space")
        await until(pilot, lambda: app.session.snapshot.step == 20 and not app.session.snapshot.running)
        assert app.session.failure is None
        assert not failure.display


@pytest.mark.parametrize(
    ("replays", "said"), [(True, "shows the record {} again"), (False, "goes on with the record {}")]
)
async def test_the_first_notice_of_a_record_says_what_is_shown(store, replays, said):
    run = next(run for run in store.runs() if run.scenario == "line-fit")
    opening = replayed(run) if replays else resumed(run, store.path, "test")
    earlier = EarlierRuns(store.path, None, shows_best=False, on_screen=run.id)
    engine = LocalEngine(SCENARIO, opening=opening)
    app = Dashboard(Session(SCENARIO, engine, LocalEngine), earlier=earlier)
    async with app.run_test(size=(120, 40)) as pilot:
        words = said.format(run.id)
        await until(pilot, lambda: any(words in notice.message for notice in app.shown_notifications))
        assert not any("briefing" in notice.message for notice in app.shown_notifications)


def test_what_is_trained_on_the_screen_is_no_earlier_run_of_itself(store):
    earlier = EarlierRuns(store.path, None, shows_best=True)
    first, *_, last = sorted(run.started for run in earlier.of(SCENARIO))
    assert earlier.best(SCENARIO).started <= last
    assert earlier.best(SCENARIO, before=last).started < last
    assert earlier.best_ghost(SCENARIO, first) is None


async def test_where_nothing_is_recorded_the_dialog_says_so(tmp_path):
    app = dashboard(RunStore(tmp_path / "none.sqlite"))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.session.snapshot is not None)
        await pilot.press("H")
        await until(pilot, lambda: isinstance(app.screen, RecordsScreen) and app.screen.is_mounted)
        assert app.screen.query_one(".dialog").border_subtitle == "esc close"
        await pilot.press("r", "escape")
        await until(pilot, lambda: app.screen is app.training)
