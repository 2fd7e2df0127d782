"""Whose the stars are: a scenario's that says the same, wherever its file lies."""

import msgspec
import pytest

from scenarios import load, preset_names
from tui.home.best_results import best_of, key_of, study_key_of
from tui.home.progress import Progress
from tui.home.progress_contents import Best

TEXT = """
title = "Mine"
summary = "A line."
briefing = "Try it."

[data]
kind = "line"

[objective]
kind = "least_squares"

[training]
learning_rate = 0.05
batch_size = 8

[goal]
measure = "steps"
stars = [300, 200, 100]
target = { training_loss = 1.05 }
"""


@pytest.fixture
def write(tmp_path):
    def write(name, text=TEXT):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return load(str(path))

    return write


@pytest.fixture
def progress(tmp_path):
    return Progress(tmp_path / "progress.sqlite")


def earn(progress, scenario, best):
    progress.record(key_of(scenario), scenario.file.goal.measure, best)


def test_the_same_file_elsewhere_has_the_same_record(write, progress, tmp_path, monkeypatch):
    earn(progress, write("mine.toml"), Best(2, 150))
    assert best_of(write("copy/other.toml"), progress.all()) == Best(2, 150)
    monkeypatch.chdir(tmp_path)
    assert best_of(load("./mine.toml"), progress.all()) == Best(2, 150)


@pytest.mark.parametrize(
    ("old", "new"),
    [('title = "Mine"', 'title = "Hers"  # better'), ("Try it.", "Do try it."), ("[data]", "[data]\nexamples = 256")],
)
def test_other_words_are_the_same_scenario(write, progress, old, new):
    earn(progress, write("mine.toml"), Best(2, 150))
    assert best_of(write("mine.toml", TEXT.replace(old, new)), progress.all()) == Best(2, 150)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("1.05 }", "1.06 }"),
        ("[300, 200, 100]", "[300, 200, 101]"),
        ("learning_rate = 0.05", "learning_rate = 0.06"),
        ("[data]", "[data]\nexamples = 99"),
    ],
)
def test_another_goal_is_another_record_and_the_old_one_is_shown_as_such(write, progress, old, new):
    earn(progress, write("mine.toml"), Best(2, 150))
    changed = write("mine.toml", TEXT.replace(old, new))
    assert best_of(changed, progress.all()) == Best(2, 150, outdated=True)
    earn(progress, changed, Best(1, 250))
    assert best_of(changed, progress.all()) == Best(1, 250)
    assert best_of(write("mine.toml"), progress.all()) == Best(2, 150)  # changed back


def test_a_record_of_before_this_rule_is_outdated(progress):
    progress.record("line-fit", "steps", Best(3, 40))
    assert best_of(load("line-fit"), progress.all()) == Best(3, 40, outdated=True)


def test_the_data_counts_and_not_its_path(write, progress, tmp_path):
    rows = "x,y\n" + "".join(f"{k},{3 * k + k % 2}\n" for k in range(40))
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "table.csv").write_text(rows)
    text = TEXT.replace('kind = "line"', 'kind = "csv"\npath = "table.csv"')
    one, two = write("a/s.toml", text), write("b/s.toml", text)
    assert one.content == two.content
    (tmp_path / "b" / "table.csv").write_text(rows + "41,120\n")
    assert load(two.id).content != one.content


def test_no_two_presets_say_the_same():
    assert len({load(name).content for name in preset_names()}) == len(preset_names())


def test_how_it_is_watched_does_not_count():
    scenario = load("moons")
    assert scenario.at_speed(3.0).content == scenario.content
    file = msgspec.structs.replace(scenario.file, goal=None, reference=None)
    assert best_of(type(scenario)("moons", file), {"moons": Best(1, 1)}) is None


def test_an_answer_belongs_to_what_is_asked_and_trained(write):
    asks = '[question]\ntext = "Q"\nwhy = "W"\nmeasure = "limit"\ntolerance = 0.1\n'
    first = study_key_of(write("one.toml", TEXT + asks))
    assert study_key_of(write("two.toml", (TEXT + asks).replace("Try it.", "Do."))) == first
    for changed in (asks.replace('"Q"', '"R"'), asks.replace("0.1", "0.2"), ""):
        assert study_key_of(write("three.toml", TEXT + changed)) != first
    assert study_key_of(write("four.toml", (TEXT + asks).replace("batch_size = 8", "batch_size = 4"))) != first
