"""A line means the same for the dashboard as for `train`: the same options, and the same bits."""

import hashlib
import json

import pytest

from engine.serving.worker import Worker
from scenarios import load
from tui.cli.arguments import parse
from tui.cli.command_line import main
from tui.cli.loading import load_scenario
from tui.cli.training.planning import opening_of
from tui.home.best_results import key_of
from tui.home.progress import Progress
from tui.home.progress_contents import Best

LINES = (
    "line-fit --steps 90",
    "line-fit --steps 120 --learning-rate 0.0123456789 --batch-size 7 --seed 11",
    "moons --steps 80 --optimizer adam --lr 0.03 --at 0 batch_size=5 --at 30 lr=0.1 --at 30 optimizer=sgd",
    "noisy-batches --epochs 3 --momentum 0.5 --schedule cosine:steps=40 --at 9 decay=0.001 --at 12 clip=1",
    "potholes --steps 60 --sampling with_replacement --at 20 sampling=full_batch",
)


@pytest.mark.parametrize("line", LINES)
def test_the_dashboard_comes_to_the_same_bits_as_train(capsys, line):
    assert main(["train", *line.split(), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    options = parse([*line.split(), "--paused"])
    scenario = load_scenario(options)
    worker = Worker(scenario, steps_per_second=None, opening=opening_of(scenario, options))
    while worker.running:  # it pauses at the end of the plan
        worker.advance()
    trainer = worker.run.trainer
    sha256 = hashlib.sha256(trainer.weights.astype("<f8").tobytes()).hexdigest()
    assert (trainer.steps, sha256) == (report["steps"], report["weights_sha256"])


def test_speed_and_pause_are_the_dashboards():
    for text, speed in (("full", None), ("300", 300.0), ("1,000", 1000.0)):
        options = parse(["line-fit", "--speed", text, "--paused"])
        assert (options.speed, options.paused) == (speed, True)
        file = load_scenario(options).at_speed(options.speed).file
        assert file.screen.steps_per_second == speed


def report(capsys, *arguments):
    assert main(["train", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_report_holds_all_that_it_takes_to_train_the_same_again(capsys):
    line = "line-fit --steps 60 --seed 2 --lr 0.03 --at 20 schedule=cosine:steps=30 --at 10 batch_size=4"
    first = report(capsys, *line.split())
    assert first["knobs"]["learning_rate"] == 0.03
    assert first["knobs"]["gradient_clip"] is None  # infinite
    assert [tuple(change.values()) for change in first["changes"]] == [
        (10, "batch_size", 4),
        (20, "schedule", "cosine:steps=30"),
    ]
    program, *words = first["command"].split()
    assert program == "descend"
    again = report(capsys, *words)
    assert again == first


def test_the_report_holds_the_reference_and_the_verdict(capsys):
    found = report(capsys, "line-fit", "--steps", "60")
    assert found["reference"]["changes"][0] == {"step": 0, "knob": "batch_size", "value": 2}
    verdict = found["verdict"]
    assert verdict["untouched"]["measure"] == verdict["reference"]["measure"] == found["goal"]["measure"]
    assert verdict["reference"]["stars"] == 3
    assert len(verdict["sentences"]) >= 3
    above = report(capsys, "line-fit", "--steps", "300", "--at", "3", "batch_size=8")
    assert "The floor at these knobs is 1.0204, above the goal's 1.02: " in " ".join(above["verdict"]["sentences"])
    without = report(capsys, "one-weight", "--steps", "5")
    assert (without["goal"] is None) == (without["verdict"] is None)


def test_the_list_has_goals_and_bests(capsys):
    best = Best(2, 700.0)
    scenario = load("line-fit")
    Progress().record(key_of(scenario), "examples", best)
    assert main(["scenarios", "--json"]) == 0
    rows = {row["id"]: row for row in json.loads(capsys.readouterr().out)}
    goal = rows["line-fit"]["goal"]
    assert (goal["measure"], goal["stars"]) == ("examples", [20000, 1000, 500])
    assert goal["words"].startswith("Training loss at most 1.02")
    assert rows["line-fit"]["best"] == {"stars": 2, "score": 700.0, "outdated": False}
    assert rows["moons"]["best"] is None
