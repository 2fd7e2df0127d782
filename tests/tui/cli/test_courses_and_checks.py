"""`descend` without a name, with a course, with a folder; and `descend scenarios --check`."""

import json

import pytest

import scenarios
from scenarios.courses.checking import count_words
from tui.cli import loading
from tui.cli.arguments import parse
from tui.cli.command_line import main
from tui.home.best_results import key_of
from tui.home.progress import Progress
from tui.home.progress_contents import Best
from tui.words.usage_error import UsageError

ONE_WEIGHT = (scenarios.scenario._PRESETS / "one-weight.toml").read_text()
WORDS = count_words(scenarios.load("one-weight").file.briefing)
COURSE = 'title = "Mine"\n[[chapters]]\ntitle = "One"\nscenarios = ["line-fit", "a.toml"]\n'


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a.toml").write_text(ONE_WEIGHT)
    return tmp_path


def beginning(*arguments):
    found = loading.load_beginning(parse(arguments))
    return found.scenario.id, found.course.title, found.first


def star(name):
    scenario = scenarios.load(name)
    Progress().record(key_of(scenario), scenario.file.goal.measure, Best(1, 10.0))


def test_without_a_name_the_course_goes_on_where_one_left_off():
    title = "Stochastic gradient descent"
    assert beginning() == ("one-weight", title, "tour")  # the first time ever
    assert beginning() == ("one-weight", title, "tour")  # still nothing was opened
    Progress().keep_place("lesson", "one-weight")
    assert beginning() == ("one-weight", title, "briefing")
    star("one-weight")
    assert beginning() == ("line-fit", title, "briefing")
    Progress().keep_place("lesson", "potholes")
    assert beginning() == ("potholes", title, "briefing")


def test_who_has_stars_needs_no_tour():
    star("ravine")
    assert beginning()[::2] == ("one-weight", "briefing")


def test_a_scenario_trains_at_once_unless_it_is_to_be_paused():
    assert beginning("moons")[::2] == ("moons", "training")
    assert beginning("moons", "--paused")[::2] == ("moons", "briefing")


def test_a_course_and_a_folder_open_in_the_picker(folder, monkeypatch):
    monkeypatch.chdir(folder)
    assert beginning(".") == ("a.toml", folder.name, "tour")  # the first time ever
    Progress().keep_place("lesson", "moons")
    assert beginning(".") == ("a.toml", folder.name, "picker")
    (folder / "mine.toml").write_text(COURSE)
    assert beginning("mine.toml") == ("line-fit", "Mine", "picker")
    Progress().keep_place(str(folder / "mine.toml"), "a.toml")
    assert beginning("mine.toml") == ("a.toml", "Mine", "picker")
    assert beginning("a.toml", "--paused")[::2] == ("a.toml", "briefing")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (COURSE.replace("line-fit", "line-fitt"), "there is neither a preset nor a file of this name"),
        (COURSE.replace("line-fit", "Line-fitt"), "did you mean line-fit?"),
        (COURSE.replace("line-fit", "aa.toml"), "did you mean a.toml?"),
        (COURSE.replace("line-fit", "a.toml"), "is in this course already"),
        ("", "there is no scenario in this folder"),
    ],
)
def test_a_course_that_is_wrong_is_refused_with_one_sentence(folder, capsys, text, expected):
    if text:
        (folder / "course.toml").write_text(text)
    else:
        (folder / "a.toml").unlink()
    assert main([str(folder)]) == 2
    assert expected in capsys.readouterr().err


def test_what_is_of_a_table_is_refused_for_the_course(capsys):
    assert main(["--target", "price"]) == 2
    assert "--target is for a CSV file only" in capsys.readouterr().err


def checked(capsys, *arguments):
    code = main(["scenarios", "--check", *map(str, arguments)])
    return code, capsys.readouterr().out


def test_a_scenario_without_fault(folder, capsys):
    code, out = checked(capsys, folder / "a.toml")
    assert code == 0
    measured = 'untouched ★☆☆, reference ★★★, by the hints ★★★, answer "No, it may stay as it is"'
    assert out == f"{folder}/a.toml: {WORDS} words, {measured}\n1 scenario checked, no fault\n"


def test_a_table_is_checked_with_the_goal_that_it_is_given(folder, capsys):
    (folder / "mine.csv").write_text("x,y\n" + "".join(f"{x},{3 * x + x * 7919 % 11}\n" for x in range(60)))
    (folder / "course.toml").write_text('title = "Mine"\n[[chapters]]\ntitle = "One"\nscenarios = ["mine.csv"]\n')
    for name in ("mine.csv", "course.toml"):
        code, out = checked(capsys, folder / name)
        assert code == 0
        assert "mine.csv: 92 words, untouched ★☆☆, reference ★★★\n" in out


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "training_loss = 0.0001",
            "training_loss = 100",
            "goal: ask for more; nobody needs to touch anything for three stars (with seed 0: 0 steps)",
        ),
        ("learning_rate = 0.5", "learning_rate = 0.06", "reference: earns ★☆☆, not three stars (with seed 0: "),
        ("learning_rate = 0.5", "learning_rate = 0.06", " steps; three stars are for at most 6)"),
        ("learning_rate = 0.5", "learning_rate = 0.001", "the goal is not reached, the training loss ends at "),
        ("The model is", "word " * (121 - WORDS) + "The model is", "briefing: has 121 words; at most 120"),
    ],
)
def test_faults_are_named_with_their_key_and_what_was_measured(folder, capsys, old, new, expected):
    (folder / "a.toml").write_text(ONE_WEIGHT.replace(old, new, 1))
    code, out = checked(capsys, folder / "a.toml")
    assert code == 1
    assert expected in out
    assert all(line.startswith(f"{folder}/a.toml: ") for line in out.splitlines()[:-1])
    assert out.endswith("1 scenario checked, 1 fault\n")


def test_what_cannot_be_read_in_a_folder_is_named_and_the_others_are_checked(folder, capsys):
    (folder / "b.toml").write_text("title = ")
    code, out = checked(capsys, folder)
    assert code == 2
    assert f"{folder}/a.toml: {WORDS} words" in out
    assert f"{folder}/b.toml: not valid TOML" in out
    code, out = checked(capsys, folder, "--json")
    found = {one["id"]: one for one in json.loads(out)}
    assert found[f"{folder}/a.toml"] == {
        "id": f"{folder}/a.toml",
        "title": "One weight",
        "words": WORDS,
        "untouched": [1, 1, 1],
        "reference": [3, 3, 3],
        "hinted": [3, 3, 3],
        "answers": ["No, it may stay as it is"] * 3,
        "faults": [],
    }
    assert list(found[f"{folder}/b.toml"]) == ["id", "title", "faults"]


@pytest.mark.parametrize("name", ["gone.toml", "nothing", "a.toml/b.toml"])
def test_what_is_not_there_is_refused(folder, monkeypatch, name):
    monkeypatch.chdir(folder)
    assert main(["scenarios", "--check", name]) == 2


@pytest.mark.parametrize("option", ["--new", "--describe"])
def test_json_is_for_lists_and_checks(option):
    with pytest.raises(UsageError, match=f"--json: cannot be given together with {option}"):
        parse(["scenarios", option, "x", "--json"])
    with pytest.raises(UsageError, match="cannot be given together with"):
        parse(["scenarios", option, "x", "--check", "y"])
