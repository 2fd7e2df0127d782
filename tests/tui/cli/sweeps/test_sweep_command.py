"""`descend sweep` without a terminal: rows, what is kept, parts put together, and what is refused."""

import csv
import io
import json
import re

import pytest

from tui.cli.command_line import main

GRID = ["--learning-rate", "0.1,2", "--batch-size", "16,256", "--seeds", "2", "--steps", "40", "--jobs", "1"]
ONE = ["--learning-rate", "0.1", "--batch-size", "16", "--seed", "1", "--steps", "40", "--json"]
SWEEP = ["sweep", "line-fit", *GRID]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    return tmp_path


def said(capsys, *arguments, code=0):
    capsys.readouterr()
    assert main(arguments) == code
    return capsys.readouterr()


def test_there_is_a_row_for_each_training(capsys):
    rows = list(csv.DictReader(io.StringIO(said(capsys, *SWEEP).out)))
    assert list(rows[0]) == [
        *("learning_rate", "batch_size", "seed", "steps", "examples", "status"),
        *("training_loss", "validation_loss", "steps_to_goal", "examples_to_goal"),
    ]
    assert len(rows) == 8
    assert rows[0]["learning_rate"] == "0.1"
    assert rows[-1]["status"] == "diverged"
    one = said(capsys, "train", "line-fit", *ONE)
    assert float(rows[1]["training_loss"]) == json.loads(one.out)["loss"]


def test_json_says_what_was_swept_and_the_files_appear(capsys, folder):
    assert said(capsys, *SWEEP, "--csv", "a.csv", "--json", "a.json").out == ""
    found = json.loads((folder / "a.json").read_text())
    assert (found["axes"], found["seeds"], found["steps"], found["missing"]) == (
        {"learning_rate": [0.1, 2.0], "batch_size": [16, 256]},
        [0, 1],
        40,
        0,
    )
    assert len(found["rows"]) == 8
    assert "exists already" in said(capsys, *SWEEP, "--csv", "a.csv", code=2).err


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_parts_come_together_to_the_same(capsys, folder, kind):
    whole = said(capsys, *SWEEP, "--csv", "-").out
    for part in (1, 2, 3):
        said(capsys, *SWEEP, "--shard", f"{part}/3", f"--{kind}", f"{part}.{kind}")
    names = [f"{part}.{kind}" for part in (1, 2, 3)]
    assert said(capsys, "sweep", "--merge", *names, "--csv", "-").out == whole
    found = said(capsys, "sweep", "--merge", names[0], "--csv", "-")
    assert len(found.out.splitlines()) == 4
    if kind == "json":
        assert "5 trainings of 8 are missing" in found.err


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("sweep line-fit --lr 0.1 --steps 5", "nothing is swept.*--learning-rate has one value"),
        ("sweep line-fit --lr 0.1,1 --learning-rate 1 --steps 5", "is there twice"),
        ("sweep line-fit --lr 0.1,1 --steps 5 --epochs 5", "together"),
        ("sweep line-fit --range-test --csv rows.csv", "--range-test: cannot be given together with --csv"),
        ("sweep line-fit --range-test --target-loss 2", "together with --target-loss"),
        (
            "sweep line-fit --momentum 0,0.9 --optimizer adam --steps 5",
            "acts with sgd and nesterov, not with adam",
        ),
        ("sweep line-fit --momentum 0,0.9 --optimizer sgd,adam --steps 5", "sweep them one after the other"),
        (
            "sweep line-fit --batch-size 1,2 --sampling full_batch --steps 5",
            "does nothing where the sampling",
        ),
        ("sweep line-fit --learning-rat 1,2", "did you mean --learning-rate"),
        ("sweep line-fit --lr 0.1,1 --seed 9223372036854775807 --steps 5", "goes beyond"),
        ("sweep line-fit --lr 0.1,1 --seeds 1000000000", "--seeds must be"),
        ("sweep line-fit --lr 0.1,1 --measure validation_loss --steps 5", "no validation examples"),
        ("sweep line-fit --lr 0.1,1 --epochs 1000000000000", "at most"),
        ("sweep line-fit --lr 0.1,1 --shard 3/2", "--shard must be I/N"),
        ("sweep line-fit --lr 0.1,1 --backend dask", "--scheduler is missing"),
        ("sweep --lr 0.1,1", "SCENARIO is missing"),
        ("sweep line-fit --lr 0.001:1:1000 --batch-size 1,2 --seeds 1001 --steps 5", "at most 2,000,000"),
        ("sweep line-fit --lr 0.001:1:1000 --seeds 11 --steps 5 --jobs 1", "11,000 trainings would take about .*--yes"),
        ("sweep --merge nothing.json", "cannot be read"),
        ("sweep --merge x.json --lr 1", "the files have it"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(capsys, line, words):
    refusal = said(capsys, *line.split(), code=2).err
    assert re.search(words, refusal), refusal
    assert len(refusal.splitlines()) == 1


def test_a_target_takes_the_place_of_the_goal(capsys):
    rows = list(csv.DictReader(io.StringIO(said(capsys, *SWEEP, "--target-loss", "5").out)))
    assert 0 < int(rows[0]["steps_to_goal"]) < 40
    assert rows[-1]["steps_to_goal"] == "inf"


def test_parts_without_a_training_are_refused(capsys):
    said(capsys, *SWEEP, "--shard", "100/100", "--csv", "none.csv")
    assert "no training is in these files" in said(capsys, "sweep", "--merge", "none.csv", code=2).err
