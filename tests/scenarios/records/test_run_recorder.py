"""Recording: what trains comes into the store, as it stands, and is trained again to the same bits."""

import sqlite3
from contextlib import closing
from types import SimpleNamespace

import numpy as np
import pytest

import scenarios
from engine.runs.plan import Change, play
from engine.runs.records.marks import weights_sha256
from engine.runs.run_set import Runs
from engine.serving.opening import resume
from scenarios.records.kept_scenario import scenario_of
from scenarios.records.records_error import RecordsError
from scenarios.records.stored_past import StoredPast
from scenarios.records.writing.recording_wish import Recording
from scenarios.records.writing.run_recorder import RunRecorder
from scenarios.records.writing.store_writer import StoreWriter
from tests.scenarios.records.conftest import Clock

CHANGES = (
    Change(40, "batch_size", 3),
    Change(40, "momentum", 0.5),
    Change(75, "schedule", "cosine:steps=60"),
    Change(90, "optimizer", "adam"),
    Change(120, "gradient_clip", 0.1),
    Change(130, "gradient_clip", np.inf),
)


def trained_again(run, store, path, steps=None):
    """The run of a record, and so many steps in all."""
    scenario = scenario_of(run, store.scenario_file(run))
    plan = run.plan()
    again = scenario.run(seed=plan.seed, knobs=plan.knobs)
    rest = resume(again, plan, StoredPast(path, run, "test")())
    play(again, SimpleNamespace(changes=rest.changes, steps=steps or plan.steps))
    return again


@pytest.mark.parametrize("name", ["line-fit", "moons", "ravine", "one-weight", "digits"])
def test_a_record_says_what_was_trained_and_leads_to_the_same_bits(name, record, store, path):
    run = record(name, 150, CHANGES, seed=7)
    (kept,) = store.runs()
    outcome, trainer = kept.outcome, run.trainer
    assert (kept.scenario, outcome.seed, outcome.steps, outcome.examples) == (name, 7, 150, trainer.examples)
    assert outcome.training_loss == trainer.loss()
    assert outcome.weights_sha256 == weights_sha256(trainer.weights)
    assert kept.knob_changes() == tuple(run.changes)
    assert (outcome.goal.state, kept.stars) == (run.goal_state.kind, run.goal_state.stars)
    assert [mark.steps for mark in outcome.marks] == [1, 2, 4, 8, 16, 32, 64, 128]
    assert store.curves(kept).buckets.shape == (3, 4, 150)
    assert not record.notices
    again = trained_again(kept, store, path)
    assert weights_sha256(again.trainer.weights) == outcome.weights_sha256
    assert again.changes == run.changes


def test_a_record_that_is_gone_on_with_is_the_same_one_longer(record, store, path):
    record("line-fit", 100, CHANGES)
    (kept,) = store.runs()
    scenario = scenarios.load("line-fit")
    run = scenario.run()
    recorder = Recording(path, "test", resumes=kept)()
    runs = Runs(run, kept.plan().changes)
    recorder.follow(scenario, runs.live)
    for _ in range(15):
        runs.advance(10)
        recorder.follow(scenario, runs.live)
    recorder.close(20)
    (longer,) = store.runs()
    assert (longer.id, longer.started, longer.outcome.steps) == (kept.id, kept.started, 150)
    assert longer.outcome.marks[:7] == kept.outcome.marks
    whole = record("line-fit", 150, CHANGES[:4])
    assert longer.outcome.weights_sha256 == weights_sha256(whole.trainer.weights)


def half_resumed(store, path):
    """The only record, and its training that has been done again for 60 steps."""
    (kept,) = store.runs()
    scenario = scenarios.load("line-fit")
    recorder, runs = Recording(path, "test", resumes=kept)(), Runs(scenario.run())
    recorder.follow(scenario, runs.live)
    runs.advance(60)
    return kept, scenario, recorder, runs


def test_one_that_comes_to_other_weights_on_the_way_is_a_branch_of_it(record, store, path):
    record("line-fit", 100)
    kept, scenario, recorder, runs = half_resumed(store, path)
    runs.set_knob("learning_rate", 0.2)
    for _ in range(3):
        runs.advance(20)
        recorder.follow(scenario, runs.live)
    recorder.close(20)
    branch, before = store.runs()
    assert before == kept
    assert (branch.parent, branch.outcome.steps) == (kept.id, 120)
    assert weights_sha256(trained_again(branch, store, path).trainer.weights) == branch.outcome.weights_sha256


def test_while_it_is_trained_again_the_record_stays_as_it_is(record, store, path):
    record("line-fit", 100)
    kept, scenario, recorder, runs = half_resumed(store, path)
    recorder.follow(scenario, runs.live)
    recorder.close(20)
    assert store.runs() == [kept]


def test_branches_and_races_know_where_they_come_from(path, store):
    scenario = scenarios.load("line-fit")
    clock = Clock()
    recorder = RunRecorder(StoreWriter(path, 10**9), "test", clock=clock)
    runs = Runs(scenario.run())
    recorder.follow(scenario, runs.live)
    assert recorder.seconds_to_due() is None
    runs.advance(50)
    assert recorder.seconds_to_due() > 0
    runs.travel("step", -20)
    runs.set_knob("learning_rate", 0.5)
    recorder.follow(scenario, runs.live)
    clock.now += 1
    runs.advance(5)
    recorder.follow(scenario, runs.live)
    runs.race([scenario.run(), scenario.run(seed=1)], ["0.1", "0.2"], lock_step="updates")
    recorder.follow(scenario, runs.live)
    runs.advance(3)
    recorder.close(20)
    *races, branch, first = store.runs()
    assert [(run.outcome.label, run.outcome.steps, run.parent) for run in races] == [("0.2", 3, ""), ("0.1", 3, "")]
    assert (branch.parent, branch.outcome.parent_step, branch.outcome.steps) == (first.id, 30, 35)
    assert [mark.steps for mark in branch.outcome.marks] == [1, 2, 4, 8, 16, 32]
    assert branch.outcome.marks[:5] == first.outcome.marks[:5]
    assert branch.outcome.marks[5] != first.outcome.marks[5]
    assert weights_sha256(trained_again(branch, store, path).trainer.weights) == branch.outcome.weights_sha256


def test_a_branch_at_the_latest_step_is_a_record_of_its_own(path, store):
    scenario = scenarios.load("line-fit")
    recorder, runs = Recording(path, "test")(), Runs(scenario.run())
    recorder.follow(scenario, runs.live)
    runs.advance(50)
    recorder.follow(scenario, runs.live)
    runs.branch()
    recorder.follow(scenario, runs.live)
    runs.advance(20)
    recorder.follow(scenario, runs.live)
    runs.travel("step", -60)
    runs.branch()
    recorder.follow(scenario, runs.live)
    runs.advance(10)
    recorder.close(20)
    third, second, first = store.runs()
    assert [run.outcome.steps for run in (third, second, first)] == [20, 70, 50]
    assert (second.parent, third.parent) == (first.id, second.id)
    for run in (first, second, third):
        again = trained_again(run, store, path)
        assert weights_sha256(again.trainer.weights) == run.outcome.weights_sha256
        assert [mark.steps for mark in run.outcome.marks] == [2**k for k in range(run.outcome.steps.bit_length())]


def test_it_is_due_each_second_and_soon_after_a_change(path):
    scenario, clock = scenarios.load("line-fit"), Clock()
    recorder, runs = RunRecorder(StoreWriter(path, 10**9), "test", clock=clock), Runs(scenario.run())
    recorder.follow(scenario, runs.live)
    runs.advance(5)
    recorder.follow(scenario, runs.live)
    assert recorder.seconds_to_due() == 1
    runs.set_knob("momentum", 0.9)
    assert recorder.seconds_to_due() == pytest.approx(0.1)
    clock.now += 0.2
    recorder.follow(scenario, runs.live)
    assert recorder.seconds_to_due() is None
    recorder.close(20)


def test_a_solution_that_is_shown_is_nobodys_training(path, store):
    scenario = scenarios.load("line-fit")
    recorder, runs = Recording(path, "test")(), Runs(scenario.run())
    runs.show_solution(scenario.run(), scenario.file.reference.script())
    recorder.follow(scenario, runs.live)
    runs.advance(50)
    recorder.follow(scenario, runs.live)
    runs.set_knob("learning_rate", 0.013)
    recorder.follow(scenario, runs.live)
    runs.advance(5)
    recorder.close(20)
    (taken_over,) = store.runs()
    assert (taken_over.outcome.steps, taken_over.parent) == (55, "")


def test_a_run_without_a_step_leaves_nothing(record, store):
    record("line-fit", 0)
    assert store.runs() == []


def test_what_came_to_nothing_is_recorded_too(record, store, path):
    run = record("line-fit", 3000, (Change(5, "learning_rate", 3.0),))
    (kept,) = store.runs()
    assert kept.outcome.status == "diverged"
    assert kept.outcome.steps == run.trainer.steps
    again = trained_again(kept, store, path)
    assert weights_sha256(again.trainer.weights) == kept.outcome.weights_sha256


TABLE = "x,y\n" + "\n".join(f"{k},{3 * k + k % 3}" for k in range(40))


def test_a_table_of_ones_own_is_known_again_by_its_bytes(record, store, path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table = tmp_path / "own.csv"
    table.write_text(TABLE)
    record(scenarios.load("own.csv"), 30)
    (kept,) = store.runs()
    assert kept.scenario == str(table)
    monkeypatch.chdir("/")
    assert weights_sha256(trained_again(kept, store, path).trainer.weights) == kept.outcome.weights_sha256
    table.write_text(TABLE + "\n1,1")
    with pytest.raises(RecordsError, match=r"own.csv: is not the data any more .* bytes have changed"):
        scenario_of(kept, store.scenario_file(kept))
    table.unlink()
    with pytest.raises(RecordsError, match="cannot be read there any more"):
        scenario_of(kept, store.scenario_file(kept))


def test_a_scenario_whose_file_is_gone_is_trained_from_the_record(record, store, path, tmp_path):
    own = tmp_path / "own.toml"
    preset = scenarios.scenario._PRESETS / "moons.toml"
    own.write_bytes(preset.read_bytes().replace(b"seed = ", b"seed = 1"))
    record(scenarios.load(str(own)), 30)
    own.unlink()
    (kept,) = store.runs()
    assert weights_sha256(trained_again(kept, store, path).trainer.weights) == kept.outcome.weights_sha256


def test_a_long_run_of_the_line_fit_takes_little_room(record, path):
    record("line-fit", 60_000)  # as many buckets as ever
    with closing(sqlite3.connect(path)) as database:
        (outcome,) = database.execute("SELECT length(outcome) FROM run").fetchone()
        (curves,) = database.execute("SELECT length(data) FROM curves").fetchone()
        (checkpoints,) = database.execute("SELECT count(*) FROM checkpoint").fetchone()
    assert (outcome + curves < 70_000, checkpoints) == (True, 0)
