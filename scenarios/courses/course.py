"""A course: scenarios in chapters, and which one comes next."""

from __future__ import annotations

import difflib
import re
from collections.abc import Container
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

from engine.plain_text import plain, shortened, shown_path
from scenarios.files import outside_files
from scenarios.files.course_forms import CourseFile
from scenarios.reading import is_course, read_course
from scenarios.scenario import Scenario, built_in_course, is_table, load, preset_names
from scenarios.scenario_error import ScenarioError

BUILT_IN = "lesson"
_IN_FOLDER = "course.toml"  # the course of a folder that has several
_MOST_FILES = 1000  # of a folder


class Entry(NamedTuple):
    """A scenario's place in a chapter. name: as the course file has it. id: the scenario's. words: the course's own."""

    name: str
    id: str
    words: str = ""


class Chapter(NamedTuple):
    """A chapter. words: said before its first scenario."""

    title: str
    words: str
    entries: tuple[Entry, ...]


class Place(NamedTuple):
    """The place of a scenario. chapter_number, number: counted from 1, the latter through the whole course; begins:
    whether the chapter begins with it."""

    chapter: Chapter
    chapter_number: int
    entry: Entry
    number: int
    begins: bool


class Course:
    """A course. name: what the place in it is kept by. allow_outside: whether its files may lead out of its folder."""

    def __init__(self, name: str, title: str, chapters: tuple[Chapter, ...], *, allow_outside: bool = False) -> None:
        self.name, self.title, self.chapters, self.allow_outside = name, title, chapters, allow_outside
        self._read: dict[str, Scenario | str] = {}

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The entries of all chapters, in their order."""
        return tuple(entry for chapter in self.chapters for entry in chapter.entries)

    def scenario(self, scenario_id: str) -> Scenario | None:
        """A scenario of the course, read when it is first asked for; None where its file is broken."""
        if scenario_id not in self._read:
            try:
                self._read[scenario_id] = _load(scenario_id, allow_outside=self.allow_outside)
            except ScenarioError as error:
                self._read[scenario_id] = str(error)
        found = self._read[scenario_id]
        return found if isinstance(found, Scenario) else None

    @property
    def scenarios(self) -> dict[str, Scenario]:
        """The scenarios by id, in their order, but for those whose files are broken."""
        found = {entry.id: self.scenario(entry.id) for entry in self.entries}
        return {name: scenario for name, scenario in found.items() if scenario is not None}

    @property
    def faults(self) -> dict[str, str]:
        """The refusals of the files that are broken, in words, by the ids of their scenarios."""
        broken = [entry.id for entry in self.entries if self.scenario(entry.id) is None]
        return {name: str(self._read[name]) for name in broken}

    def place(self, scenario_id: str) -> Place | None:
        """The place of a scenario; None where it is not in the course."""
        number = 0
        for chapter_number, chapter in enumerate(self.chapters, 1):
            for entry in chapter.entries:
                number += 1
                if entry.id == scenario_id:
                    return Place(chapter, chapter_number, entry, number, entry is chapter.entries[0])
        return None

    def after(self, scenario_id: str, earned: Container[str]) -> str | None:
        """The id of the scenario to go on to: the first one behind this without a star, or else before it; where all
        have one, the one behind it, and None behind the last. From a scenario that is not in the course: the first one.

        earned: ids of scenarios with stars.
        """
        ids = [entry.id for entry in self.entries]
        behind = ids.index(scenario_id) + 1 if scenario_id in ids else 0
        others = [other for other in (*ids[behind:], *ids[:behind]) if other != scenario_id]
        found = next((other for other in others if other not in earned and self.scenario(other)), None)
        return found or next((other for other in ids[behind:] if self.scenario(other)), None)

    def left_off(self, name: str | None, earned: Container[str]) -> str:
        """The id of the scenario to go on with, where `name` is the entry that was on the screen last: that one, or
        what comes after it, if it has a star."""
        last = next((entry.id for entry in self.entries if entry.name == name), None)
        if last is not None and last not in earned and self.scenario(last):
            return last
        return self.after(last or "", earned) or last or self.entries[0].id


def _load(scenario_id: str, *, allow_outside: bool) -> Scenario:
    """The scenario; a table with the goal that it has when it is opened alone."""
    scenario = load(scenario_id, allow_outside=allow_outside)
    if not is_table(scenario_id):
        return scenario
    from scenarios.trainings.own_goal import with_goal  # it trains: not needed for the first frame

    return with_goal(scenario)


@cache
def built_in() -> Course:
    """The course that comes with descend; all presets are in it."""
    return _course(BUILT_IN, built_in_course(), {name: name for name in preset_names()}, allow_outside=False)


def is_course_name(name: str) -> bool:
    """Tell whether the name is that of a course file, or of a folder."""
    try:
        path = Path(name)
        return bool(name) and name not in preset_names() and (path.is_dir() or (path.is_file() and is_course(path)))
    except (OSError, ValueError):  # a name that no file can have
        return False


def open_course(name: str, *, allow_outside: bool = False) -> Course:
    """The course in a file, or the one that the scenario files of a folder make.

    Raises ScenarioError for a course file that is wrong, and where there is no scenario to show. A scenario whose own
    file is broken is among the course's `faults`; the others can be trained.
    """
    path = Path(name)
    try:
        course = _of_folder(path, allow_outside) if path.is_dir() else _of_file(path, allow_outside)
    except OSError as error:
        raise outside_files.unreadable(path, error) from None
    if not course.scenarios:
        raise ScenarioError(next(iter(course.faults.values())))
    return course


def _of_file(path: Path, allow_outside: bool) -> Course:
    form = read_course(path)
    found: dict[str, str] = {}
    for chapter_index, chapter in enumerate(form.chapters):
        for index, entry in enumerate(chapter.entries):
            where = f"{path}: `chapters[{chapter_index}].scenarios[{index}]` = {shortened(entry.scenario)}"
            try:
                scenario_id = _id(path, entry.scenario, allow_outside)
            except ValueError as error:
                raise ScenarioError(f"{where}: {error}") from None
            if scenario_id in found.values():
                raise ScenarioError(f"{where}: is in this course already; name each scenario once")
            found[entry.scenario] = scenario_id
    return _course(str(path.resolve()), form, found, allow_outside)


def _id(course: Path, name: str, allow_outside: bool) -> str:
    """The id of the scenario that a course file calls so. Raises ValueError, in words to follow the name."""
    if name in preset_names():
        return name
    path = outside_files.beside(str(course), name, allow_outside=allow_outside)
    if not path.is_file():
        beside = sorted(file.name for file in course.parent.glob("*.toml") if file != course)
        near = difflib.get_close_matches(name.lower(), [*preset_names(), *beside], n=1, cutoff=0.6)
        hint = f"; did you mean {near[0]}?" if near else "; `descend scenarios` lists the presets"
        raise ValueError(f"there is neither a preset nor a file of this name beside the course{hint}")
    return str(path)


def _of_folder(folder: Path, allow_outside: bool) -> Course:
    """The course file of a folder; where there is none, its scenario files in the order of their names, as one
    chapter. Raises OSError."""
    if (folder / _IN_FOLDER).is_file():
        return _of_file(folder / _IN_FOLDER, allow_outside)
    files = [path for path in folder.iterdir() if path.suffix == ".toml" and not path.name.startswith(".")]
    if len(files) > _MOST_FILES:
        raise ScenarioError(f"{shown_path(folder)}: has {len(files):,} files in TOML; at most {_MOST_FILES:,} are read")
    courses = [path for path in files if is_course(path)]
    if len(courses) == 1:
        return _of_file(courses[0], allow_outside)
    files = [path for path in sorted(files, key=_in_order) if path not in courses]
    if not files:
        raise ScenarioError(
            f"{shown_path(folder)}: there is no scenario in this folder; a scenario is a file that ends in .toml, "
            "and `descend scenarios --new NAME` writes one to begin with"
        )
    title = plain(folder.resolve().name or "Scenarios")
    entries = tuple(Entry(path.name, str(path)) for path in files)
    return Course(str(folder.resolve()), title, (Chapter(title, "", entries),), allow_outside=allow_outside)


def _in_order(path: Path) -> list[tuple[int, str]]:
    """A key to sort by, for which 2 comes before 10."""
    parts = re.findall(r"(\d+)|(\D+)", path.stem.lower())
    return [(int(digits or 0), text) for digits, text in parts]


def _course(name: str, form: CourseFile, ids: dict[str, str], allow_outside: bool) -> Course:
    chapters = tuple(
        Chapter(
            chapter.title,
            chapter.words,
            tuple(Entry(entry.scenario, ids[entry.scenario], entry.words) for entry in chapter.entries),
        )
        for chapter in form.chapters
    )
    return Course(name, form.title, chapters, allow_outside=allow_outside)
