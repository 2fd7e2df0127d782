"""The pages for those who change the program: every file and folder that they name is there."""

import re
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = ("CONTRIBUTING.md", "docs/architecture.md")
A_PATH = re.compile(r"[\w./-]+")


def named(text):
    """All in code spans and code blocks that begins like a file or folder of ours."""
    code = re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL)
    paths = {path.rstrip(".") for span in code for path in A_PATH.findall(span)}
    ours = {path.name for path in ROOT.iterdir()} - {".venv"}
    return {path for path in paths if path.split("/")[0] in ours}


@pytest.mark.parametrize("page", PAGES)
def test_every_path_that_is_named_exists(page):
    paths = named((ROOT / page).read_text(encoding="utf-8"))
    assert len(paths) > 20
    assert [path for path in sorted(paths) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", ["README.md", *PAGES])
def test_every_link_to_a_file_leads_somewhere(page):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", (ROOT / page).read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not (ROOT / page).parent.joinpath(link).exists()] == []


def test_a_path_that_is_not_there_is_noticed():
    assert named("`engine/nowhere.py` and `tui/dashboard`, not `1/2`") == {"engine/nowhere.py", "tui/dashboard"}


@pytest.mark.parametrize(
    ("row", "example", "most"),
    [
        ("a knob", "gradient_clip", 4),
        ("an optimizer", "adamw", 4),
        ("a loss of an example", "huber", 3),
        ("a landscape", "himmelblau", 3),
        ("a landscape", "hyperbola", 3),
        ("a schedule", "one_cycle", 3),
        ("a schedule", "warmup_cosine", 3),
        ("a preset", "noisy-batches", 2),
        ("a bundled data set", "auto_mpg", 4),
    ],
)
def test_to_add_one_more_touch_what_the_last_one_touches(row, example, most):
    """Every file that names one of them stands in the row of the table, and they are few."""
    (line,) = (line for line in (ROOT / PAGES[0]).read_text("utf-8").splitlines() if line.startswith(f"| {row} |"))
    files = [path for package in ("engine", "scenarios", "tui") for path in (ROOT / package).rglob("*.*")]
    code = [path for path in files if path.suffix in (".py", ".toml") and path.parent.name != "presets"]
    name = re.compile(rf"(?<![a-z_]){re.escape(example)}(?![a-z_])")
    names = {str(path.relative_to(ROOT)) for path in code if name.search(path.read_text("utf-8").lower())}
    assert names
    assert names <= named(line)
    assert len(names - {"tui/words/glossary.toml"}) <= most  # which explains words, and is no code


def test_no_two_files_have_the_same_name():
    """A name alone leads to one file: in an editor, in a traceback, in a question."""
    folders = ("engine", "scenarios", "tui", "tests", "docs")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.*") if path.is_file()]
    names = Counter(path.name for path in files if "__pycache__" not in path.parts)
    assert {name for name, count in names.items() if count > 1} <= {"__init__.py", "conftest.py"}


MOST_ENTRIES = 14  # of a folder, its __init__.py not counted: what is taken in at a glance
SHELVES = {"scenarios/presets", "tests/scenarios/data/csv/cases", "tests/benchmarks", "tests/tui"}  # many of one kind


def folders(*tops):
    for top in tops:
        inside = (ROOT / top, *(ROOT / top).rglob("*"))
        yield from (path for path in inside if path.is_dir() and path.name[0] not in "._")


def test_no_folder_holds_more_than_a_reader_takes_in():
    sizes = {
        str(folder.relative_to(ROOT)): sum(path.name[0] not in "._" for path in folder.iterdir())
        for folder in folders("engine", "scenarios", "tui", "tests", "docs")
    }
    assert {name: size for name, size in sizes.items() if size > MOST_ENTRIES and name not in SHELVES} == {}
    assert {name for name in SHELVES if sizes[name] <= MOST_ENTRIES} == set()


def test_tests_lie_where_their_subject_lies():
    for folder in folders("tests/engine", "tests/scenarios", "tests/tui"):
        if any(folder.glob("test_*.py")):
            room = folder.relative_to(ROOT / "tests")
            assert (ROOT / room).is_dir() or str(room) == "scenarios/claims", f"{folder}: there is no {room}"
