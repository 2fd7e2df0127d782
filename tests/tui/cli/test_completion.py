"""What a command line may become, asked for as the shells do, and in those that are there."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import scenarios
from engine.runs.run_set import Live
from engine.training.knobs import KNOBS, OPTIMIZER_NAMES
from scenarios import preset_names
from scenarios.records.run_store import RunStore
from scenarios.records.writing.recording_wish import Recording
from tui.cli.arguments import COMMANDS, SHELLS, parser_for
from tui.cli.command_line import main
from tui.cli.completion import SCRIPTS, candidates
from tui.home.paths import records_file


def texts(*words):
    return [candidate.text for candidate in candidates(words)]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    for name in ("mine.toml", "cars.csv", "notes.md", ".hidden.csv", "my cars.csv"):
        (tmp_path / name).touch()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "more.csv").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_first_word_is_a_command_a_preset_or_a_file(folder):
    assert texts("") == [*COMMANDS, *preset_names(), "cars.csv", "data/", "mine.toml", "my cars.csv"]
    assert texts("tr") == ["train"]
    assert texts("train", "line-") == ["line-fit"]
    assert texts("train", "data/") == ["data/more.csv"]
    assert texts("predict", "") == ["data/"]
    assert texts("predict", "cars.npz", "ca") == ["cars.csv"]
    assert texts("replay", "") == ["last", "data/", "mine.toml"]


def test_after_the_scenario_come_options(folder):
    assert texts("line-fit", "") == texts("line-fit", "-")
    assert texts("train", "--seed", "3", "line-fit", "") == texts("train", "-")
    assert texts("keys", "") == texts("keys", "-")


def test_runs_offers_its_actions(folder):
    assert texts("runs", "") == ["show", "compare", "name", "note", "delete", "export", "import"]
    assert texts("runs", "compare", "last", "") == ["last"]
    assert texts("train", "--resume", "") == ["last"]
    assert texts("runs", "import", "") == ["data/", "mine.toml"]
    assert texts("runs", "--scenario", "line-") == ["line-fit"]


def test_records_are_offered_by_id_and_by_name(folder):
    run = scenarios.load("line-fit").run()
    recorder, live = Recording(records_file(), "test", name="ann")(), [Live(run, 1)]
    recorder.follow(scenarios.load("line-fit"), live)
    run.advance(5)
    recorder.close(20)
    (kept,) = RunStore(records_file()).runs()
    both = ["last", kept.id, "ann"]
    assert texts("runs", "show", "") == texts("replay", "")[:3] == texts("train", "--resume", "") == both
    assert texts("runs", "compare", kept.id, "an") == ["ann"]
    assert texts("runs", "name", "ann", "") == []


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_every_option_of_a_command_is_offered(command):
    expected = [option for action in parser_for(command)._actions for option in action.option_strings]
    assert texts(*[command][: bool(command)], "-") == expected
    assert all(candidate.about for candidate in candidates([*[command][: bool(command)], "-"]))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("moons --optimizer ", list(OPTIMIZER_NAMES)),
        ("moons --theme l", ["light"]),
        ("--speed ", ["full"]),
        ("train moons --schedule c", ["constant", "cosine"]),
        ("train moons --at ", []),
        ("train moons --at 5 ", [f"{knob}=" for knob in KNOBS]),
        ("train moons --at 5 optimizer=ada", ["optimizer=adagrad", "optimizer=adam", "optimizer=adamw"]),
        ("train moons --at 5 learning_rate=0.1 --see", ["--seed"]),
        ("train moons --learning-rate ", []),
        ("export moons --to ", ["pytorch", "keras", "csv"]),
        ("--print-completion z", ["zsh"]),
    ],
)
def test_what_follows_an_option(line, expected):
    assert texts(*line.split(" ")) == expected


def test_a_file_follows_where_one_is_written(folder):
    assert "notes.md" in texts("train", "moons", "--csv", "")
    assert texts("train", "moons", "--csv", "no/such/folder/x") == []


def test_the_program_answers_with_words_and_what_they_are(capsys):
    assert main(["--complete", "train", "moons", "--see"]) == 0
    assert capsys.readouterr().out == "--seed\tof the shuffling\n"
    for shell in SHELLS:
        assert main(["--print-completion", shell]) == 0
        assert capsys.readouterr().out == SCRIPTS[shell] + "\n"


def run(shell, *arguments):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run([shell, *arguments], capture_output=True, text=True, env={**os.environ, "PATH": path})
    assert done.stderr == ""
    return done.stdout.split()


def installed(shell):
    return pytest.mark.skipif(shutil.which(shell) is None, reason=f"there is no {shell} here")


LINES = (
    ("descend train moo", "moons"),
    ("descend moons --optimizer rms", "rmsprop"),
    ("descend export moons --t", "--target --task --to"),
)


@installed("bash")
@pytest.mark.parametrize(("line", "expected"), [*LINES, ("descend train moons --at 5 optimizer=ne", "nesterov")])
def test_bash_offers_it(line, expected):
    ask = f"COMP_LINE='{line}' COMP_POINT={len(line)}; _descend; echo ${{COMPREPLY[@]}}"
    assert run("bash", "-c", f"compopt() {{ :; }}\n{SCRIPTS['bash']}\n{ask}") == expected.split()


@installed("fish")
@pytest.mark.parametrize(("line", "expected"), LINES)
def test_fish_offers_it(line, expected, tmp_path):
    script = tmp_path / "descend.fish"
    script.write_text(SCRIPTS["fish"])
    offered = run("fish", "--no-config", "-c", f"source {script}; complete -C '{line}' | cut -f 1")
    assert offered == expected.split()


@installed("zsh")
@pytest.mark.parametrize(("line", "expected"), LINES)
def test_zsh_offers_it(line, expected):
    before, current = line.rsplit(" ", 1)
    # compadd is the shell's own way to take what is offered: here it says what that is, as it would be narrowed down
    ask = "compdef() { :; }; compadd() { while [[ $1 != -- ]]; do shift; done; shift; print -l -- $@ }"
    words = f"words=({before} '{current}'); CURRENT={len(line.split())}; _descend"
    offered = run("zsh", "-f", "-c", f"{ask}\n{SCRIPTS['zsh']}\n{words}")
    assert offered == expected.split()
