"""What cannot be done is refused in one sentence that names it, with exit code 2."""

import os
import subprocess
import sys
import types
from pathlib import Path

import pytest

import scenarios
from tui.cli.command_line import main

LINE_FIT = (Path(scenarios.__file__).parent / "presets" / "line-fit.toml").read_text()


def refusal(capsys, *arguments):
    """The sentence on standard error, without `descend: error: `."""
    assert main([str(argument) for argument in arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("descend: error: ")
    assert err.count("\n") == 1
    return err.removeprefix("descend: error: ").rstrip("\n")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--steps", "-5"], ["--steps", "whole number from 0", "'-5'"]),
        (["--steps", "2.5"], ["--steps", "whole number", "'2.5'"]),
        (["--steps", "many"], ["--steps", "whole number", "'many'"]),
        (["--steps", "1" + "0" * 30], ["--steps", "1,000,000,000,000"]),
        (["--steps", "1" * 5000], ["--steps", "1,000,000,000,000"]),
        (["--steps"], ["--steps", "a value must follow"]),
        (["--epochs", "-1"], ["--epochs", "'-1'"]),
        (["--steps", "5", "--epochs", "5"], ["--epochs", "together with", "--steps"]),
        (["--batch-size", "0"], ["--batch-size", "whole number from 1", "'0'"]),
        (["--batch-size", "3.0"], ["--batch-size", "whole number", "'3.0'"]),
        (["--batch-size", "9" * 30], ["--batch-size", "1,000,000,000,000"]),
        (["--learning-rate", "nan"], ["--learning-rate", "finite number above 0", "nan"]),
        (["--learning-rate", "inf"], ["--learning-rate", "finite number above 0", "inf"]),
        (["--learning-rate", "-inf"], ["--learning-rate", "finite number above 0", "-inf"]),
        (["--learning-rate", "-1e-3"], ["--learning-rate", "finite number above 0", "-0.001"]),
        (["--learning-rate", "0"], ["--learning-rate", "finite number above 0", "0.0"]),
        (["--learning-rate", "fast"], ["--learning-rate", "number", "'fast'"]),
        (["--learning-rate", "1e999"], ["--learning-rate", "finite number above 0"]),
        (["--momentum", "1"], ["--momentum", "below 1", "1.0"]),
        (["--momentum", "-0.1"], ["--momentum", "at least 0", "-0.1"]),
        (["--momentum", "nan"], ["--momentum", "below 1", "nan"]),
        (["--seed", "-1"], ["--seed", "whole number from 0", "'-1'"]),
        (["--seed", "9" * 30], ["--seed", "9,223,372,036,854,775,807"]),
        (["--optimizer", "adm"], ["--optimizer", "sgd, nesterov", "'adm'", "did you mean adam?"]),
        (["--sampling", "full"], ["--sampling", "with_replacement", "'full'"]),
        (["--weight-decay", "-1"], ["--weight-decay", "at least 0", "-1.0"]),
        (["--gradient-clip", "0"], ["--gradient-clip", "above 0", "0.0"]),
        (["--schedule", "cosin"], ["--schedule", "constant, step", "'cosin'", "did you mean cosine?"]),
        (["--schedule", "cosine"], ["--schedule cosine", "steps is missing"]),
        (["--schedule", "cosine:step=5"], ["--schedule cosine", "step is none", "did you mean steps?"]),
        (["--schedule", "cosine:steps=0"], ["--schedule cosine", "steps", "whole number", "not 0"]),
        (["--epoch", "5"], ["'--epoch'", "did you mean --epochs?"]),
        (["--wings", "5"], ["'--wings'", "descend train --help"]),
        (["--at", "5"], ["--at", "STEP and KNOB=VALUE must follow"]),
        (["--at", "-1", "momentum=0.5"], ["--at", "whole number from 0", "'-1'"]),
        (["--at", "5", "momentum"], ["--at 5", "KNOB=VALUE", "'momentum'"]),
        (["--at", "5", "learning-rat=1"], ["--at 5", "'learning-rat'", "did you mean learning_rate?"]),
        (["--at", "5", "l=1"], ["--at 5", "'l'", "learning_rate, batch_size, momentum"]),
        (["--at", "5", "momentum=1"], ["--at 5 momentum", "below 1", "1.0"]),
        (["--at", "5", "optimizer=adm"], ["--at 5 optimizer", "did you mean adam?"]),
        (["--at", "5", "schedule=cosine"], ["--at 5 schedule cosine", "steps is missing"]),
        (["--at", "5", "sampling=none"], ["--at 5 sampling", "reshuffled", "'none'"]),
        (["--at", "5", "weight_decay=-1"], ["--at 5 weight_decay", "at least 0"]),
        (["--at", "5", "optimiser=adam"], ["--at 5", "'optimiser'", "did you mean optimizer?"]),
        (["--steps", "5", "--at", "5", "optimizer=adam"], ["--at 5 optimizer=adam", "5 steps long"]),
        (["--at", "5", "learning_rate=nan"], ["--at 5 learning_rate", "finite", "nan"]),
        (["--at", "5", "batch_size=0"], ["--at 5 batch_size", "whole number from 1", "'0'"]),
        (["--at", "5", "batch_size="], ["--at 5 batch_size", "whole number", "''"]),
        (["--steps", "5", "--at", "5", "momentum=0.5"], ["--at 5", "5 steps long", "last step is 4"]),
        (["--steps", "0", "--at", "0", "momentum=0.5"], ["--at 0", "0 steps long"]),
        (["--epochs", "1", "--at", "8", "momentum=0.5"], ["--at 8", "8 steps long"]),
        (["--csv", "/nowhere/at/all.csv"], ["--csv /nowhere/at/all.csv", "cannot be written", "No such file"]),
        (["--csv", "/"], ["--csv /", "cannot be written", "Is a directory"]),
    ],
    ids=lambda value: " ".join(value)[:40],
)
def test_options_of_train(options, words, capsys):
    message = refusal(capsys, "train", "line-fit", *options)
    for word in words:
        assert word in message


def test_options_behind_two_dashes(capsys):
    words = "'--steps' is not understood here; options come before --"
    assert refusal(capsys, "train", "--", "line-fit", "--steps", "3") == words


def test_unknown_scenarios_and_commands(capsys):
    assert "did you mean line-fit" in refusal(capsys, "train", "linefit")
    assert "one-weight, line-fit, noisy-batches" in refusal(capsys, "train", "xyz")
    assert "SCENARIO is missing" in refusal(capsys, "train")
    assert "did you mean --json?" in refusal(capsys, "scenarios", "--jsn")
    assert "cars.CSV: cannot be read: No such file" in refusal(capsys, "train", "cars.CSV")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, ["cannot be read", "No such file"]),
        (b"", ["empty"]),
        (b"title = ", ["not valid TOML"]),
        (b"\xff\xfe\x00", ["not UTF-8"]),
        (LINE_FIT.replace("learning_rate", "learning_rat").encode(), ["`learning_rat`", "`learning_rate`"]),
        (LINE_FIT.replace("batch_size = 32", "batch_size = 0").encode(), ["training.batch_size", "0"]),
        (LINE_FIT.replace("weights = [-1.0, -1.0]", "weights = [1.0]").encode(), ["training.weights", "2 weights"]),
    ],
    ids=["missing", "empty", "malformed", "not text", "misspelt", "impossible", "unfitting"],
)
def test_scenario_files(content, words, capsys, tmp_path):
    path = tmp_path / "mine.toml"
    if content is not None:
        path.write_bytes(content)
    message = refusal(capsys, "train", path)
    for word in [str(path), *words]:
        assert word in message


def test_a_file_cannot_steer_the_terminal(capsys, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('"\\u001b[2J" = 1\n' + LINE_FIT)
    assert "\x1b" not in refusal(capsys, "train", path)
    path.write_text(LINE_FIT.replace('"Line fit"', '"\\u001b[2J"'))
    assert '`title` = "\\u001b[2J": character 1 is the control character U+001B' in refusal(capsys, "train", path)


def test_a_scenario_without_a_length_needs_one(capsys, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(LINE_FIT.replace("epochs = 25\n", ""))
    assert "--steps N or --epochs N" in refusal(capsys, "train", path)


def test_csv_does_not_overwrite_its_scenario(capsys, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(LINE_FIT)
    assert "scenario's own file" in refusal(capsys, "train", path, "--csv", path)
    assert path.read_text() == LINE_FIT


def test_a_refused_training_leaves_an_existing_csv_alone(capsys, tmp_path):
    path = tmp_path / "steps.csv"
    path.write_text("precious")
    refusal(capsys, "train", "line-fit", "--learning-rate", "nan", "--csv", path)
    assert path.read_text() == "precious"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk(capsys):
    message = refusal(capsys, "train", "line-fit", "--steps", "100000", "--csv", "/dev/full")
    assert "--csv /dev/full: cannot be written: No space left on device" in message
    with Path("/dev/full").open("wb") as full:
        command = [sys.executable, "-m", "tui", "train", "line-fit", "--json"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert done.returncode == 2
    assert done.stderr == "descend: error: standard output cannot be written: No space left on device\n"


def pretend_terminal(monkeypatch, *others):
    """The standard streams say that they are a terminal, apart from the others."""
    for stream in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(getattr(sys, stream), "isatty", lambda stream=stream: stream not in others)


@pytest.fixture
def opened(monkeypatch):
    """What the dashboard was started with."""
    started = []
    module = types.ModuleType("tui.dashboard.start")
    module.start = lambda scenario, *_, **__: started.append(scenario.id) or 0
    module.Records = lambda *_: None
    monkeypatch.setitem(sys.modules, "tui.dashboard.start", module)
    return started


def test_dashboard_opens_with_a_scenario(opened, capsys, monkeypatch):
    pretend_terminal(monkeypatch)
    assert main([]) == 0
    assert main(["line-fit"]) == 0
    assert opened == ["one-weight", "line-fit"]  # the first one of the course, and the one that is named
    assert capsys.readouterr() == ("", "")


def test_dashboard_refuses_bad_input_before_it_opens(opened, capsys, monkeypatch, tmp_path):
    pretend_terminal(monkeypatch)
    assert "did you mean" in refusal(capsys, "line-fitt")
    assert "cars.csv: cannot be read: No such file" in refusal(capsys, "cars.csv")
    assert "cannot be read" in refusal(capsys, tmp_path / "none.toml")
    assert "not understood" in refusal(capsys, "line-fit", "--csv", "5")
    assert "--learning-rate must be" in refusal(capsys, "line-fit", "--learning-rate", "-1")
    assert "--at 5 momentum must be" in refusal(capsys, "line-fit", "--at", "5", "momentum=1")
    assert "--speed must be full, or steps a second" in refusal(capsys, "line-fit", "--speed", "0")
    assert opened == []


@pytest.mark.parametrize(("stream", "name"), [("stdin", "input"), ("stdout", "output"), ("stderr", "error")])
def test_dashboard_needs_a_terminal(stream, name, opened, capsys, monkeypatch):
    pretend_terminal(monkeypatch, stream)
    message = refusal(capsys, "one-weight")
    assert f"standard {name} is not one" in message
    assert "descend train one-weight" in message
    assert "did you mean line-fit" in refusal(capsys, "line-fitt")
    assert opened == []


def test_closed_streams_are_no_terminal():
    done = subprocess.run(
        [sys.executable, "-m", "tui", "line-fit"],
        preexec_fn=lambda: (os.close(0), os.close(1)),
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert "descend train line-fit" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["--theme", "light", "train", "ravine"], "train"),
        (["--lr", "0.1", "train", "ravine"], "train"),
        (["--json", "scenarios"], "scenarios"),
        (["--to", "pytorch", "export", "moons"], "export"),
    ],
)
def test_options_before_the_command_are_called_that(arguments, command, capsys):
    assert refusal(capsys, *arguments) == f"the command comes first: descend {command} …, and then the options"
