"""A CSV file in the place of a scenario, and a scenario file to begin with."""

import io
import json
import sys
from pathlib import Path

import pytest

import scenarios
from engine.serving.commands import Race, TrainAgain
from engine.serving.process import LocalEngine
from engine.serving.snapshot import Refused
from scenarios.courses.checking import check
from scenarios.data.csv import csv_memory
from tests.tui.dashboards import until
from tui.cli.command_line import main
from tui.cli.loading import reading_bar
from tui.dashboard.app import Dashboard
from tui.dashboard.session import Session


@pytest.fixture
def flats(tmp_path):
    lines = [f"{40 + k};{k % 4 or '?'};{['north', 'south'][k % 2]};{1000 * k + 500}" for k in range(100)]
    path = tmp_path / "flats.csv"
    path.write_text("size;rooms;quarter;price\n" + "\n".join(lines))
    return path


def test_train_on_a_csv_file(flats, capsys):
    assert main(["train", str(flats), "--epochs", "20", "--json"]) == 0
    out, err = capsys.readouterr()
    report = json.loads(out)
    assert report["examples"] == 20 * 60  # a fifth of 75 is held out
    assert len(report["weights"]) == 4
    assert report["validation_loss"] > 0
    assert err == (
        f"descend: {flats}: 25 of 100 lines left out, for they have a missing value, most of them in 'rooms', such as "
        "'?' in column 'rooms' on line 2\n"
    )
    assert main(["train", str(flats), "--epochs", "20", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == report


def test_another_target(flats, capsys):
    assert main(["train", str(flats), "--target", "quarter", "--steps", "10"]) == 0
    assert "rooms " in capsys.readouterr().out
    assert main(["train", str(flats), "--target", "prise", "--steps", "10"]) == 2
    words = f"descend: error: {flats}: the target 'prise' is no column of it; did you mean 'price'?\n"
    assert capsys.readouterr() == ("", words)


def test_a_csv_file_of_its_own_is_not_overwritten(flats, capsys, tmp_path):
    content = flats.read_text()
    assert main(["train", str(flats), "--csv", str(flats)]) == 2
    (tmp_path / "mine.toml").write_text(TOML)
    assert main(["train", str(tmp_path / "mine.toml"), "--csv", str(flats), "--steps", "1"]) == 2
    assert capsys.readouterr().err.count("is the scenario's own file") == 2
    assert flats.read_text() == content


TOML = """
title = "Flats"
summary = "S"
briefing = "B"
data = { kind = "csv", path = "flats.csv", features = ["size"] }
objective = { kind = "least_squares" }
training = { learning_rate = 0.1, batch_size = 8 }
"""


@pytest.mark.parametrize("command", [[], ["train"]])
@pytest.mark.parametrize("content", [b"", b"\x00\x01", b"a\n1\n", b"a,b\n1\n", b'a,b\n"1,2\n', b"a,b\n1,inf\n2,3\n"])
def test_bad_files_are_refused(command, content, tmp_path, capsys, monkeypatch):
    for stream in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(getattr(sys, stream), "isatty", lambda: not command)
    path = tmp_path / "data.csv"
    path.write_bytes(content)
    assert main([*command, str(path)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"descend: error: {path}: ")
    assert err.count("\n") == 1


def test_the_bar_is_for_files_of_several_chunks(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", Terminal())
    with reading_bar("small.csv") as progress:
        progress(1.0)
    assert sys.stderr.getvalue() == ""
    with reading_bar("[large].csv") as progress:
        progress(0.5)
        progress(1.0)
    assert "Reading [large].csv" in sys.stderr.getvalue()
    assert "100%" in sys.stderr.getvalue()
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with reading_bar("large.csv") as progress:
        progress(0.5)
    assert sys.stderr.getvalue() == ""


async def test_the_dashboard_says_what_was_left_out(flats):
    scenario = scenarios.load(str(flats))
    app = Dashboard(Session(scenario, LocalEngine(scenario), LocalEngine))
    async with app.run_test() as pilot:
        for _ in range(1000):
            if app.session.snapshot is not None and app._notifications:
                break
            await pilot.pause(0.01)
        note = next(iter(app._notifications))
        assert note.message.startswith("flats.csv: ")
        assert "25 of 100 lines left out" in note.message


def test_training_again_reads_a_changed_file_and_refuses_a_broken_one(flats):
    engine, replies = LocalEngine(scenarios.load(str(flats))), []
    engine.listen(replies.append)
    assert engine.worker.run.trainer.objective.inputs.shape == (60, 3)
    content = flats.read_text()
    flats.write_text(content.replace("?", "9"))
    engine.send(TrainAgain())
    assert engine.worker.run.trainer.objective.inputs.shape == (80, 3)
    run = engine.worker.run
    flats.write_text(content + 20 * "\n1;2;3;4;5")
    engine.send(TrainAgain())
    assert engine.worker.run is run
    words = f"{flats}: line 102 has 5 entries, but the table has 4 columns, separated by semicolon; 20 lines are such"
    assert replies == [Refused(words)]


def test_training_again_refuses_data_that_wants_another_model(flats):
    """The ghosts' weights would not be those of the run."""
    engine, replies = LocalEngine(scenarios.load(str(flats))), []
    engine.listen(replies.append)
    run = engine.worker.run
    flats.write_text("size;price\n" + "\n".join(f"{k};{k * k}" for k in range(60)))
    for command in (TrainAgain(), TrainAgain(True), Race("learning_rate", (0.1, 0.2))):
        engine.send(command)
    words = "the data has changed: its model has 2 weights now, not 4; read the file again"
    assert replies == [Refused(words)] * 3
    flats.write_text("size;price\n" + "\n".join(f"{k};{'low' if k < 30 else 'high'}" for k in range(60)))
    engine.send(TrainAgain())
    assert replies[-1].reason.startswith(f"{flats}: its data has changed: objective.kind: ")
    assert engine.worker.run is run


async def test_scripts_of_data_that_has_gone_are_refused(flats, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    scenario = scenarios.load(str(flats))
    app = Dashboard(Session(scenario, LocalEngine(scenario), LocalEngine))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.session.snapshot)
        csv_memory.forget()
        flats.unlink()
        await pilot.press("E")
        words = f"{flats}: cannot be read: No such file or directory."
        await until(pilot, lambda: any(note.message == words for note in app._notifications))
    assert list(tmp_path.iterdir()) == []


def test_a_new_scenario_file_trains_as_it_is(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["scenarios", "--new", "mine"]) == 0
    path = tmp_path / "mine.toml"
    assert capsys.readouterr().out == f"{path} is written; to train it: descend mine.toml\n"
    run = scenarios.load("mine.toml").run()
    before = run.trainer.loss()
    run.advance(100)
    assert run.trainer.loss() < before / 2
    assert "# [goal]" in path.read_text()
    path.write_text("precious")
    assert main(["scenarios", "--new", "mine.toml"]) == 2
    assert "mine.toml exists already; name another file" in capsys.readouterr().err
    assert path.read_text() == "precious"


@pytest.mark.parametrize("name", ["none/mine", "", "a\0b", "x" * 300])
def test_a_new_file_that_cannot_be(name, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".toml").mkdir()
    assert main(["scenarios", "--new", name]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    shown = {"": "''", "a\0b": "a\\x00b"}.get(name, name if len(name) <= 80 else f"'{'x' * 78}…")
    assert err.startswith(f"descend: error: --new {shown}: cannot be written: ")


def test_the_commented_goal_of_a_new_file_holds(tmp_path):
    text = (tmp_path / "mine.toml").write_text
    template = (Path(scenarios.__file__).parent / "files" / "template.toml").read_text()
    head, goal = template.split("# What is to be achieved")
    lines = [line.removeprefix("# ") for line in goal.splitlines()[1:] if not line.endswith(" with:") and line != "#"]
    text(head + "\n".join(lines))
    scenario = scenarios.load(str(tmp_path / "mine.toml"))
    assert check(scenario).faults == ()
    assert scenario.file.goal.stars == (200, 20, 8)
    assert scenario.file.reference.changes[0].learning_rate == 0.2
    assert [answer.text for answer in scenario.file.question.answers] == ["A learning rate of 0.2", "Batches of 256"]


async def test_a_changed_file_is_read_again_with_one_key_and_a_broken_one_leaves_the_run_alone(tmp_path):
    path = tmp_path / "mine.toml"
    text = (Path(scenarios.__file__).parent / "presets" / "line-fit.toml").read_text()
    path.write_text(text)
    scenario = scenarios.load(str(path))
    engine = LocalEngine(scenario)
    app = Dashboard(Session(scenario, engine, LocalEngine))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.session.snapshot)
        path.write_text(text.replace("learning_rate = 0.05", "learning_rate = -1"))
        run = engine.worker.run
        await pilot.press("L")
        await until(pilot, lambda: any("learning_rate" in note.message for note in app._notifications))
        assert engine.worker.run is run
        path.write_text(text.replace("learning_rate = 0.05", "learning_rate = 0.3").replace("Line fit", "My fit"))
        await pilot.press("L")
        await until(pilot, lambda: engine.worker.run.trainer.learning_rate == 0.3)
        await until(pilot, lambda: "My fit" in str(app.training.status_line.picture))


async def test_a_preset_has_no_file_to_read_again():
    scenario = scenarios.load("line-fit")
    app = Dashboard(Session(scenario, LocalEngine(scenario), LocalEngine))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.session.snapshot)
        await pilot.press("L")
        await until(pilot, lambda: any("is a preset" in note.message for note in app._notifications))


def test_a_csv_file_is_read_again_with_its_target(flats):
    scenario = scenarios.load(str(flats), target="size")
    flats.write_text(flats.read_text().replace("north", "east"))
    again = scenarios.read_again(scenario)
    assert again.file.data.target == "size"
    assert again.run().trainer.objective.weight_names != scenario.run().trainer.objective.weight_names or again.notes
