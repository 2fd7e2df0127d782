"""The options for people's own tables, on the command line."""

import io
import json
import math
import pickle
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import scenarios
from engine.runs.branching import branch
from engine.serving.views import data_view
from engine.serving.views.data_view import DataView
from scenarios.data.csv import csv_files, csv_memory, table_text
from tui.cli.command_line import main


@pytest.fixture
def flats(tmp_path):
    path = tmp_path / "flats.data"  # what it is, its content says
    lines = [f"f{k};{40 + k * 7 % 60};{k % 3};{100 * (40 + k * 7 % 60) + 50 * (k % 3) + 7}" for k in range(60)]
    path.write_text("name;size;rooms;price\n" + "\n".join(lines))
    return str(path)


def report(capsys, *arguments):
    assert main(["train", *map(str, arguments), "--json"]) == 0
    out, err = capsys.readouterr()
    return json.loads(out), err


def test_weights_in_the_units_of_the_columns(flats, capsys):
    found, err = report(capsys, flats, "--epochs", 500)
    assert list(found["weights_in_own_units"]) == ["size", "rooms", "intercept"]
    assert list(found["weights_in_own_units"].values()) == pytest.approx([100, 50, 7], rel=1e-4)
    assert err == f"descend: {flats}: column 'name' left out: more than 50 different texts, such as 'f0'\n"
    assert main(["train", flats, "--epochs", "500"]) == 0
    out = capsys.readouterr().out
    assert "in own units     size 100, rooms 50, intercept 7" in out
    assert "; of standardised features" in out


def test_a_scaled_target_is_said_and_its_loss_is_given_in_own_units(flats, capsys):
    plain, _ = report(capsys, flats, "--steps", 20)
    scaled, err = report(capsys, flats, "--steps", 20, "--scale-target")
    assert "the target 'price' is scaled: less its mean" in err
    assert scaled["loss"] < 1
    assert scaled["loss_in_own_units"] > 100 * scaled["loss"]
    assert scaled["weights_in_own_units"].keys() == plain["weights_in_own_units"].keys()
    long, _ = report(capsys, flats, "--epochs", 500, "--scale-target")
    assert list(long["weights_in_own_units"].values()) == pytest.approx([100, 50, 7], rel=1e-4)


def test_the_rmse_of_a_scaled_target_is_in_its_own_units(flats, capsys):
    scaled, _ = report(capsys, flats, "--steps", 20, "--scale-target")
    assert scaled["rmse"] == pytest.approx(math.sqrt(scaled["loss_in_own_units"]), rel=1e-12)  # of a mean square
    ratio = math.sqrt(scaled["loss_in_own_units"] / scaled["loss"])
    assert scaled["validation_rmse"] == pytest.approx(ratio * math.sqrt(scaled["validation_loss"]), rel=1e-12)
    run = scenarios.load(flats, scale_target=True).run()
    run.advance(20)
    for shown in (run, branch(run, 20)):  # and on the screen
        picture = data_view.capture(shown, DataView(scores=True))
        assert picture.training_scores.rmse == pytest.approx(scaled["rmse"], rel=1e-12)
        assert picture.validation_scores.rmse == pytest.approx(scaled["validation_rmse"], rel=1e-12)


def test_columns_can_be_dropped_and_the_task_named(flats, capsys):
    found, _ = report(capsys, flats, "--steps", 5, "--drop", "name", "--drop", "rooms")
    assert list(found["weights_in_own_units"]) == ["size", "intercept"]
    number, _ = report(capsys, flats, "--steps", 5, "--target", "rooms", "--task", "regression")
    assert len(number["weights"]) == 3
    classes, _ = report(capsys, flats, "--steps", 5, "--target", "rooms", "--task", "classification")
    assert len(classes["weights"]) == 9


REFUSALS = {
    "--target prize": "the target 'prize' is no column of it; did you mean 'price' or 'size'?",
    "--drop room": "the column to drop 'room' is no column of it; did you mean 'rooms'?",
    "--drop price --target price": "the target 'price' cannot be dropped as well",
    "--drop size --drop rooms": "no feature is left beside the target: column 'name' left out: more than 50",
    "--task classification": "the target 'price' has 41 different values; at most 10 classes can be told apart",
    "--target name --task regression": "the target 'name' has more than 50 different texts",
    "--target rooms --scale-target": "the target 'rooms' is classes, which cannot be scaled",
}


@pytest.mark.parametrize("options", REFUSALS)
def test_a_wrong_choice_is_refused(options, flats, capsys):
    assert main(["train", flats, *options.split()]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"descend: error: {flats}: {REFUSALS[options]}")


def test_the_columns_are_described(flats, capsys):
    assert main(["scenarios", "--describe", flats]) == 0
    assert capsys.readouterr().out == (
        "column\tread as\tmissing\texample\n"
        "name\tleft out: more than 50 different texts, such as 'f0'\t0\tf0\n"
        "size\tnumber\t0\t40\n"
        "rooms\tnumber\t0\t0\n"
        "price\ttarget: number\t0\t4007\n"
    )
    assert main(["scenarios", "--describe", "line-fit"]) == 2
    assert "line-fit: has no table" in capsys.readouterr().err


def test_standard_input(flats, capsys, monkeypatch):
    expected, _ = report(capsys, flats, "--steps", 50)
    content = Path(flats).read_bytes()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(content), isatty=lambda: False))
    monkeypatch.setattr(table_text, "_input", [])
    found, _ = report(capsys, "-", "--steps", 50)
    assert found["weights_sha256"] == expected["weights_sha256"]


def test_the_engine_process_is_handed_the_numbers(flats, monkeypatch):
    scenario = scenarios.load(flats)
    weights = scenario.run().trainer.weights
    crossing = pickle.dumps(scenario.with_numbers())
    csv_memory.forget()
    monkeypatch.setattr(csv_files, "read_table", lambda *_: pytest.fail("the file is read twice"))
    there = pickle.loads(crossing)
    assert there == scenario
    run = there.run()
    run.advance(10)
    assert run.trainer.weights.shape == weights.shape
    there.run()  # and again


def test_a_scenario_file_has_the_same_choices(flats, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        """
title = "Flats"
summary = "S"
briefing = "B"
data = { kind = "csv", path = "flats.data", drop = ["name", "rooms"], scale_target = true }
objective = { kind = "least_squares" }
training = { learning_rate = 0.1, batch_size = 8 }
"""
    )
    run = scenarios.load(str(path)).run()
    assert run.trainer.objective.inputs.shape == (60, 1)
    assert abs(run.trainer.objective.targets.std() - 1) < 1e-12


def test_weights_in_own_units_are_told_to_the_digit_that_counts(tmp_path, capsys):
    path = tmp_path / "map.csv"
    path.write_text("x,y\n" + "\n".join(f"{k % 17},{5_412_345.5 + 2 * (k % 17) + (k % 2) / 8}" for k in range(60)))
    assert main(["train", str(path), "--epochs", "300"]) == 0
    out = capsys.readouterr().out
    intercept = float(re.search(r"intercept ([-+.e\d]+)", out)[1])
    found, _ = report(capsys, path, "--epochs", 300)
    assert intercept == pytest.approx(found["weights_in_own_units"]["intercept"], abs=1e-3)
