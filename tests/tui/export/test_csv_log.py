"""The CSV of steps: losses over all examples, knobs, and every racer."""

import csv

import numpy as np
import pytest

import scenarios
from engine.runs import run as run_module
from engine.runs.plan import Change, Plan, play
from engine.runs.races import begin
from engine.runs.run_set import Runs
from engine.serving.views import step_rows
from tui.export import csv_log
from tui.export.new_files import steps_in_words, write_steps


def written(path, run, plan, pace):
    with csv_log.csv_log(str(path), run) as log:
        play(run, plan, pace=lambda run, taken: pace, after=log)
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def plan_of(run, steps, *changes):
    return Plan(run.trainer.seed, run.trainer.knobs, tuple(Change(*change) for change in changes), steps)


@pytest.fixture
def spread(monkeypatch):
    """Losses that take so long that they come steps later."""
    monkeypatch.setattr(run_module, "_LONG_WORK", 0.0)
    monkeypatch.setattr("engine.runs.past.spread_losses._PART_WORK", 5e3)


def test_a_loss_over_all_examples_stands_at_the_step_at_which_it_was_taken(tmp_path):
    run = scenarios.load("moons").run()
    rows = written(tmp_path / "a.csv", run, plan_of(run, 100), 1024)
    taken = {int(row["step"]): row for row in rows if row["training_loss"]}
    assert list(taken) == run.evaluations.steps.tolist()
    assert [float(row["training_loss"]) for row in taken.values()] == run.evaluations.training_loss.tolist()
    assert [float(row["validation_loss"]) for row in taken.values()] == run.evaluations.validation_loss.tolist()
    trainer = scenarios.load("moons").trainer()
    trainer.run(16)
    assert float(taken[16]["training_loss"]) == pytest.approx(trainer.loss(), rel=1e-12)
    assert float(taken[16]["validation_loss"]) == pytest.approx(trainer.validation_loss(), rel=1e-12)


def test_without_validation_examples_its_column_is_empty_and_a_loss_that_is_no_number_says_so(tmp_path):
    run = scenarios.load("one-weight").run()
    rows = written(tmp_path / "a.csv", run, plan_of(run, 9000, (5, "learning_rate", 1e300)), 1024)
    assert {row["validation_loss"] for row in rows} == {""}
    assert rows[-1]["training_loss"] in ("inf", "nan")


@pytest.mark.parametrize("steps", [3000])
def test_what_is_written_does_not_depend_on_how_steps_are_grouped(tmp_path, steps):
    found = []
    for pace in (1024, 97):
        run = scenarios.load("line-fit").run()
        found.append(written(tmp_path / f"{pace}.csv", run, plan_of(run, steps), pace))
    assert found[0] == found[1]
    losses = [int(row["step"]) for row in found[0] if row["training_loss"]]
    assert losses[:513] == list(range(513))  # then every other step, and so on
    assert 700 < len(losses) < 1600


def test_losses_that_take_long_stand_at_their_steps_too(tmp_path, spread):
    found = []
    for pace in (1024, 7):
        run = scenarios.load("moons").run()
        found.append(written(tmp_path / f"{pace}.csv", run, plan_of(run, 700), pace))
    assert found[0] == found[1]
    assert [int(row["step"]) for row in found[0]] == list(range(700))
    losses = {int(row["step"]): float(row["training_loss"]) for row in found[0] if row["training_loss"]}
    assert losses == dict(zip(run.evaluations.steps, run.evaluations.training_loss, strict=True))
    assert len(losses) > 3


def test_optimizer_and_momentum_are_those_of_the_step(tmp_path):
    changes = [(3, "momentum", 0.5), (3, "optimizer", "nesterov"), (5, "batch_size", 4), (7, "optimizer", "adam")]
    run = scenarios.load("line-fit").run()
    rows = written(tmp_path / "a.csv", run, plan_of(run, 9, *changes), 1024)
    expected = ["sgd,0.0"] * 3 + ["nesterov,0.5"] * 4 + ["adam,0.5"] * 2
    assert [f"{row['optimizer']},{row['momentum']}" for row in rows] == expected
    late = step_rows.StepRows((step_rows.capture(run, start=4),))
    assert [row[10] for row in csv_log.rows(late.runs)] == ["nesterov"] * 3 + ["adam"] * 2


def test_every_racer_has_its_rows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    scenario = scenarios.load("line-fit")
    runs = Runs(scenario.run())
    begin(runs, scenario, "optimizer", ("sgd", "adam", "rmsprop"))
    runs.advance(20)
    held = step_rows.StepRows(tuple(step_rows.capture(run, number) for number, run in runs.training.items()))
    assert steps_in_words(held) == "all 60 steps of 3 runs"
    with write_steps("race", held).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["run"], row["optimizer"]) for row in rows[::20]] == [("1", "sgd"), ("2", "adam"), ("3", "rmsprop")]
    last = [float(rows[end]["w0"]) for end in (19, 39, 59)]
    assert len(set(last)) == 3
    np.testing.assert_array_equal(last[1], runs.training[2].trainer.history.tail(1)[5, 0])
