"""Courses: their order, what comes next, what is refused in their files."""

import re
from pathlib import Path

import pytest
from msgspec.structs import fields

import scenarios
from scenarios.courses.course import built_in, is_course_name, open_course
from scenarios.files import course_forms
from scenarios.scenario_error import ScenarioError

PAGE = (Path(__file__).parents[3] / "docs" / "courses.md").read_text(encoding="utf-8")

IDS = scenarios.preset_names()
MINE = """
title = "Exercises"

[[chapters]]
title = "First"
words = "Read page 3."
scenarios = ["line-fit", { scenario = "mine.toml", words = "Look at *this*." }]

[[chapters]]
title = "Second"
scenarios = ["ravine"]
"""


@pytest.fixture
def folder(tmp_path):
    preset = scenarios.scenario._PRESETS / "one-weight.toml"
    (tmp_path / "mine.toml").write_bytes(preset.read_bytes())
    return tmp_path


def course_of(folder, text=MINE, **options):
    path = folder / "lessons.toml"
    path.write_text(text)
    return open_course(str(path), **options)


def test_the_built_in_course_goes_as_the_lesson_does():
    titles = [chapter.title for chapter in built_in().chapters]
    assert titles == [
        "Gradient and descent",
        "Minibatches and noise",
        "Learning rate and batch size",
        "Local minima and slowing down",
        "Optimizers and schedules",
        "Networks and real data",
        "Your turn",
    ]
    assert list(built_in().scenarios) == [entry.id for entry in built_in().entries] == IDS
    assert built_in().faults == {}


@pytest.mark.parametrize(
    ("after", "earned", "expected"),
    [
        ("one-weight", [], "line-fit"),
        ("one-weight", ["line-fit", "noisy-batches"], "smooth-batches"),
        ("your-turn", IDS[1:], "one-weight"),  # what was skipped
        ("your-turn", IDS, None),
        ("digits", IDS, "tumours"),
        ("your-turn", IDS[:-1], None),  # it alone is open, and on the screen
        ("mine.toml", [], "one-weight"),
    ],
)
def test_next_is_what_has_no_star_yet(after, earned, expected):
    assert built_in().after(after, earned) == expected


@pytest.mark.parametrize(
    ("name", "earned", "expected"),
    [
        (None, [], "one-weight"),
        ("ravine", [], "ravine"),
        ("ravine", ["ravine"], "plateau"),
        ("your-turn", IDS, "your-turn"),
        ("gone", ["one-weight"], "line-fit"),
    ],
)
def test_one_goes_on_where_one_left_off(name, earned, expected):
    assert built_in().left_off(name, earned) == expected


def test_a_course_file_has_chapters_words_and_scenarios_by_id_or_file(folder):
    course = course_of(folder)
    assert course.title == "Exercises"
    mine = str(folder / "mine.toml")
    assert list(course.scenarios) == ["line-fit", mine, "ravine"]
    assert course.scenarios[mine].file.title == "One weight"
    place = course.place(mine)
    assert (place.chapter_number, place.number, place.begins) == (1, 2, False)
    assert (place.entry.name, place.entry.words) == ("mine.toml", "Look at *this*.")
    assert course.place("ravine").begins
    assert course.place("moons") is None
    assert course.left_off("mine.toml", []) == mine


def test_a_folder_of_scenarios_is_a_course_in_the_order_of_the_names(folder):
    for number in (10, 2):
        (folder / f"exercise-{number}.toml").write_bytes((folder / "mine.toml").read_bytes())
    (folder / ".hidden.toml").write_text("nothing")
    (folder / "notes.txt").write_text("nothing")
    (folder / "one-course.toml").write_text(MINE)
    (folder / "another-course.toml").write_text(MINE)
    course = open_course(str(folder))
    assert [entry.name for entry in course.entries] == ["exercise-2.toml", "exercise-10.toml", "mine.toml"]
    assert course.faults == {}
    (folder / "course.toml").write_text(MINE)
    assert open_course(str(folder)).title == "Exercises"


def test_the_only_course_file_of_a_folder_is_its_course(folder):
    (folder / "week-3.toml").write_text(MINE)
    course = open_course(str(folder))
    assert (course.title, course.name) == ("Exercises", str(folder / "week-3.toml"))


def test_a_broken_file_is_named_and_the_others_are_shown(folder):
    (folder / "broken.toml").write_text("title = ")
    course = open_course(str(folder))
    assert list(course.scenarios) == [str(folder / "mine.toml")]
    ((broken, why),) = course.faults.items()
    assert broken == str(folder / "broken.toml")
    assert why.startswith(f"{broken}: not valid TOML")
    assert course.after("", []) == course.left_off("broken.toml", []) == str(folder / "mine.toml")
    course = course_of(folder, MINE.replace('"ravine"', '"broken.toml"'))
    assert list(course.faults) == [broken]
    (folder / "lessons.toml").unlink()
    (folder / "mine.toml").unlink()
    with pytest.raises(ScenarioError, match="not valid TOML"):
        open_course(str(folder))


def test_a_folder_without_scenarios_is_refused(tmp_path):
    (tmp_path / "cars.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ScenarioError, match=re.escape(f"{tmp_path}: there is no scenario in this folder")):
        open_course(str(tmp_path))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('"ravine"', '"ravin"', "`chapters[1].scenarios[0]` = 'ravin': there is neither a preset nor a file"),
        ('"ravine"', '"ravin"', "did you mean ravine?"),
        ('"ravine"', '"line-fit"', "`chapters[1].scenarios[0]` = 'line-fit': is in this course already"),
        ('"ravine"', '"./mine.toml"', "`chapters[1].scenarios[0]` = './mine.toml': is in this course already"),
        ('"ravine"', '"../mine.toml"', "must lie in the folder of this file, or below; with --allow-outside"),
        ('"ravine"', "", "`chapters[1].scenarios` = []: must be a list of at least 1 entry"),
        ('"ravine"', "3", "`chapters[1].scenarios[0]` = 3: must be text"),
        ('"ravine"', '{ id = "ravine" }', "unknown key `id` in [chapters[1].scenarios[0]]; known are: scenario, words"),
        ('title = "Second"', "", "the key `title` is missing in [chapters[1]]"),
        ('title = "Second"', 'title = ""', '`chapters[1].title` = "": must be text of at least 1 character'),
        ('title = "Second"', 'titel = "Second"', "unknown key `titel` in [chapters[1]]; did you mean `title`?"),
        ('title = "Exercises"', "", "the key `title` is missing"),
        ("[[chapters]]", "[[chapter]]", "unknown key `chapter`; did you mean `chapters`?"),
        ('words = "Read page 3."', 'words = "\\u001b[31m"', "is the control character U+001B"),
        ('words = "Read page 3."', "words = 3", "`chapters[0].words` = 3: must be text"),
    ],
)
def test_what_is_wrong_in_a_course_is_said(folder, old, new, expected):
    with pytest.raises(ScenarioError) as refusal:
        course_of(folder, MINE.replace(old, new))
    assert str(refusal.value).startswith(str(folder / "lessons.toml"))
    assert expected in str(refusal.value)


@pytest.mark.parametrize("brackets", [("[", "]"), ("[", "]", "[[", "]]"), ("[[", "]]", "[", "]")])
def test_a_chapter_between_single_brackets_is_told_of_two(folder, brackets):
    left, right = brackets[::2], brackets[1::2]
    chapters = [f'{a}chapters{b}\ntitle = "C"\nscenarios = []\n' for a, b in zip(left, right, strict=True)]
    with pytest.raises(ScenarioError, match=re.escape("; write [[chapters]] above each")):
        course_of(folder, 'title = "T"\n' + "".join(chapters))


def test_files_outside_of_the_folder_may_be_allowed(folder):
    inner = folder / "inner"
    inner.mkdir()
    course = course_of(inner, MINE.replace("mine.toml", "../mine.toml"), allow_outside=True)
    assert course.faults == {}


@pytest.mark.parametrize("name", ["line-fit", "", "gone", "\0", "mine.toml"])
def test_what_is_no_course(folder, monkeypatch, name):
    monkeypatch.chdir(folder)
    assert not is_course_name(name)


def test_a_course_is_none_to_train(folder):
    course_of(folder)
    with pytest.raises(ScenarioError, match=r"is a course, not a scenario; `descend .*lessons\.toml` opens it"):
        scenarios.load(str(folder / "lessons.toml"))


def test_the_page_says_every_key_and_its_example_is_a_course(tmp_path):
    (text,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    path = tmp_path / "course.toml"
    path.write_text(text)
    assert list(open_course(str(path)).scenarios) == ["one-weight", "line-fit", "moons", "your-turn"]
    rows = re.findall(r"^\| `(\w+)` \| [\w ]+ \| (\S+) \|", PAGE, re.MULTILINE)
    forms = (course_forms.CourseFile, course_forms.ChapterTable, course_forms.EntryTable)
    wanted = [(field.name, '`""`' if field.default == "" else "required") for one in forms for field in fields(one)]
    assert sorted(rows) == sorted(wanted)
