"""Files written from inside the dashboard."""

import numpy as np
import pytest

import scenarios
from engine.serving.views import step_rows
from engine.training.history import History
from tui.export.new_files import steps_in_words, write_new, write_steps

NOTHING = {".txt": lambda file: None}


def rows_of(*runs):
    return step_rows.StepRows(tuple(step_rows.capture(run, number) for number, run in enumerate(runs, 1)))


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_no_file_is_ever_overwritten(folder):
    paths = [write_new("a", {".txt": lambda file, n=n: file.write(b"%d" % n)})[0] for n in range(3)]
    assert [path.name for path in paths] == ["a.txt", "a-2.txt", "a-3.txt"]
    assert [path.read_text(encoding="utf-8") for path in paths] == ["0", "1", "2"]
    assert all(path.parent == folder for path in paths)


def test_names_have_no_characters_that_need_quoting():
    assert write_new("mein Lauf/über: 1", NOTHING)[0].name == "mein-Lauf-über-1.txt"


@pytest.mark.parametrize(("name", "file"), [("-rf", "rf"), (".hidden", "hidden"), ("...", "training")])
def test_no_file_is_hidden_or_taken_for_an_option(name, file):
    assert write_new(name, NOTHING)[0].name == f"{file}.txt"


def test_what_belongs_together_has_one_number(folder):
    (folder / "a-2.npz").touch()
    (folder / "a.txt").touch()
    assert [path.name for path in write_new("a", {".npz": NOTHING[".txt"], **NOTHING})] == ["a-3.npz", "a-3.txt"]


def test_where_writing_fails_no_part_of_the_file_is_left(folder):
    def fail(file):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_new("a", {".npz": NOTHING[".txt"], ".txt": fail})
    assert list(folder.iterdir()) == []


def test_the_rows_are_those_of_descend_train(folder, capsys):
    from tui.cli.command_line import main

    main(["train", "line-fit", "--steps", "50", "--csv", "cli.csv"])
    run = scenarios.load("line-fit").run()
    run.advance(50)
    path = write_steps("inside", rows_of(run))
    assert path.read_text(encoding="utf-8") == (folder / "cli.csv").read_text(encoding="utf-8")


def test_steps_that_are_no_longer_held_are_said():
    run = scenarios.load("line-fit").run()
    run.trainer.history = History(run.trainer.history.fields, tail=2048)
    run.advance(5000)
    held = rows_of(run)
    assert held.runs[0].numbers.tolist() == list(range(5000 - 2048, 5000))
    assert steps_in_words(held).startswith("2,048 of 5,000 steps, 2,952 to 4,999 (")
    assert write_steps("late", held).read_text(encoding="utf-8").count("\n") == 2049


def test_a_run_without_a_step_is_an_empty_table():
    run = scenarios.load("line-fit").run()
    assert write_steps("none", rows_of(run)).read_text(encoding="utf-8").count("\n") == 1
    assert steps_in_words(rows_of(run)) == "all 0 steps"


def test_a_gap_at_the_beginning_of_a_branch_is_left_out():
    run = scenarios.load("line-fit").run()
    run.trainer.history.skip(10)
    run.trainer.steps = 10
    run.trainer.run(5)
    held = step_rows.capture(run)
    assert held.numbers.tolist() == list(range(10, 15))
    assert not np.isnan(held.values).any()
