"""The best that was achieved in each scenario, what help it took, and the place in each course, kept from one session
to the next.

A small SQLite database in the user's state folder: two programs may write at once, and a kill at any moment leaves it
whole. Nobody waits for it: where it is locked, or its disk is full, what is to be kept stays in memory and is tried
again. What is no such database is set aside, and said so, and a new one begun.
"""

from __future__ import annotations

import atexit
import math
import os
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from engine.plain_text import shown_path
from scenarios.records.database.own_database import NotOursError, may_work_later, require_file, set_aside, trouble
from tui.home.paths import is_there

_AGAIN_SECONDS = 1.0  # until what could not be kept is tried again
_LAST_SECONDS = 0.2  # that the end of the program waits for another one that is writing
_MOST_BYTES = 10_000_000  # of the file; all scenarios there are take 16,384
_VERSION = 4  # of the tables; 0 where nobody has said, 1 without the places, 2 the studies, 3 what was tried
_TABLE = """CREATE TABLE best (
    scenario TEXT NOT NULL, measure TEXT NOT NULL, stars INTEGER NOT NULL, score REAL NOT NULL,
    PRIMARY KEY (scenario, measure)
)"""
_PLACES = "CREATE TABLE place (course TEXT NOT NULL PRIMARY KEY, entry TEXT NOT NULL)"
_STUDIES = """CREATE TABLE study (
    scenario TEXT NOT NULL PRIMARY KEY, answer REAL, hints INTEGER NOT NULL, solution INTEGER NOT NULL
)"""
_TRIED = "CREATE TABLE tried (content TEXT NOT NULL PRIMARY KEY)"
_KEEP_THE_PLACE = "INSERT INTO place VALUES (?, ?) ON CONFLICT (course) DO UPDATE SET entry = excluded.entry"
# What is better counts, whichever program comes last: more stars, or as many and less of the measure.
_KEEP_THE_BETTER = """
INSERT INTO best VALUES (:scenario, :measure, :stars, :score)
ON CONFLICT (scenario, measure) DO UPDATE SET stars = excluded.stars, score = excluded.score
WHERE excluded.stars > stars OR (excluded.stars = stars AND excluded.score < score)
"""
_KEEP_THE_STUDY = """
INSERT INTO study VALUES (:scenario, :answer, :hints, :solution)
ON CONFLICT (scenario) DO UPDATE SET answer = coalesce(excluded.answer, answer),
    hints = max(excluded.hints, hints), solution = max(excluded.solution, solution)
"""
_TABLES = (_TABLE, _PLACES, _STUDIES, _TRIED)  # in the order in which they came


class Best(NamedTuple):
    """The best result in a scenario. stars: 0 … 3. score: so much of the goal's measure. outdated: achieved before the
    scenario was changed."""

    stars: int
    score: float
    outdated: bool = False

    def rank(self) -> tuple[int, float]:
        """Return what the better one has more of."""
        return self.stars, -self.score

    def beats(self, other: Best | None) -> bool:
        """Tell whether this is better: more stars, or as many and less of the measure."""
        return other is None or self.rank() > other.rank()


class Study(NamedTuple):
    """The work on a scenario beside its training. answer: to its question, the place of one from 0, or the number that
    was guessed; None without one. hints: how many were given. solution: whether it was shown."""

    answer: float | None = None
    hints: int = 0
    solution: bool = False

    def joined(self, later: Study) -> Study:
        """Return both together: the later answer, and all help."""
        answer = self.answer if later.answer is None else later.answer
        return Study(answer, max(self.hints, later.hints), self.solution or later.solution)


Kept = dict[tuple[str, str], Best]  # by scenario and measure
Places = dict[str, str]  # the entry that was on the screen last, by the course's name
Studies = dict[str, Study]  # by scenario


@dataclass
class _Contents:
    """All that the file holds, or that is to be written into it."""

    best: Kept = field(default_factory=dict)
    places: Places = field(default_factory=dict)
    studies: Studies = field(default_factory=dict)
    tried: set[str] = field(default_factory=set)  # contents of scenarios

    def __bool__(self) -> bool:
        return bool(self.best or self.places or self.studies or self.tried)

    def take_in(self, other: _Contents) -> None:
        """Take in what is later: of results what is better."""
        self.best |= {key: best for key, best in other.best.items() if best.beats(self.best.get(key))}
        self.places |= other.places
        self.tried |= other.tried
        for name, study in other.studies.items():
            self.studies[name] = self.studies.get(name, Study()).joined(study)


def default_path() -> Path:
    """The file that the progress is kept in: progress.sqlite in the user's state folder for descend."""
    from platformdirs import user_state_path  # not needed for the first frame

    return user_state_path("descend") / "progress.sqlite"


class Progress:
    """The progress in one file. `notices` has what the user should be told, in words, oldest first."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = default_path() if path is None else path
        self.notices: list[str] = []
        self._known = _Contents()
        self._unkept = _Contents()  # what is to be written, as soon as that can be
        self._was_read = False
        self._tried = -math.inf  # when, by the clock
        self._trouble = ""

    def all(self) -> dict[str, Best]:
        """The best of every scenario, by its id; what is known, where the file cannot be read now."""
        self._look()
        found: dict[str, Best] = {}
        for (scenario, _), best in self._known.best.items():
            if scenario not in found or best.stars >= found[scenario].stars:
                found[scenario] = best
        return found

    def place(self, course: str) -> str | None:
        """The entry of the course that was on the screen last; None where there was none, as far as is known."""
        self._look()
        return self._known.places.get(course)

    def keep_place(self, course: str, entry: str) -> None:
        """Keep which entry of the course is on the screen."""
        if self._known.places.get(course) != entry:
            self._unkept.places[course] = entry
            self._carry_out()

    def study(self, scenario: str) -> Study:
        """The work on a scenario beside its training, as far as is known."""
        self._look()
        return self._known.studies.get(scenario, Study())

    def keep_study(self, scenario: str, study: Study) -> None:
        """Keep this together with what was kept."""
        before = self._known.studies.get(scenario, Study())
        if before.joined(study) != before:
            self._unkept.take_in(_Contents(studies={scenario: study}))
            self._carry_out()

    def tried(self) -> frozenset[str]:
        """The contents of the scenarios that were trained, as far as is known."""
        self._look()
        return frozenset(self._known.tried)

    def keep_tried(self, content: str) -> None:
        """Keep that the scenario of that content was trained."""
        if content not in self._known.tried:
            self._unkept.tried.add(content)
            self._carry_out()

    @property
    def is_new(self) -> bool:
        """True where nothing was ever kept of the course, as far as is known."""
        self._look()
        known = self._known
        return not (known.best or known.places or known.studies) and (self._was_read or not os.path.lexists(self.path))

    def _look(self) -> None:
        """Read the file, where there is one, and write what could not be written."""
        if self._unkept or os.path.lexists(self.path):
            self._carry_out()

    def record(self, scenario: str, measure: str, best: Best) -> bool:
        """Keep this where it is better than what was kept; whether it was, as far as is known."""
        key = scenario, measure
        if not self._was_read:
            self._carry_out()
        if not math.isfinite(best.score) or not best.beats(self._unkept.best.get(key)):
            return False
        before, self._unkept.best[key] = self._known.best.get(key), best
        self._carry_out()
        # `_carry_out` has taken in what another program may have kept.
        return self._was_read and best.beats(before) and self._known.best.get(key) == best

    def try_again(self) -> None:
        """Write what could not be written, about once a second; does nothing where there is nothing to write."""
        if self._unkept and time.monotonic() >= self._tried + _AGAIN_SECONDS:
            self._carry_out()

    def close(self) -> None:
        """Write what could not be written, for the last time: another program may take a moment to end its own."""
        atexit.unregister(self.close)
        if self._unkept:
            self._carry_out(_LAST_SECONDS)

    def _carry_out(self, wait: float = 0.0) -> None:
        """Write what is to be written, and read what is there. Where that cannot be, say so once."""
        self._tried = time.monotonic()
        try:
            self._known = self._exchange(wait)
        except (sqlite3.Error, OSError) as error:
            self._tell(trouble(error, self.path.parent))
        else:
            self._was_read, self._unkept = True, _Contents()
            atexit.unregister(self.close)
            if self._trouble:
                self._trouble = ""
                self.notices.append(f"{shown_path(self.path)}: progress is kept again")
            return
        self._known.take_in(self._unkept)
        atexit.unregister(self.close)
        if self._unkept:
            atexit.register(self.close)

    def _tell(self, trouble: str) -> None:
        if trouble != self._trouble:
            self._trouble = trouble
            self.notices.append(f"{shown_path(self.path)}: progress is not kept now: {trouble}; it will be tried again")

    def _exchange(self, wait: float) -> _Contents:
        """All that the file holds, after what is to be written was. Raises sqlite3.Error or OSError where that cannot
        be now; a file that is none of ours is set aside first."""
        try:
            return self._once(wait)
        except NotOursError as error:
            reason = str(error)
        except sqlite3.Error as error:
            if may_work_later(error):
                raise
            reason = str(error)
        aside = set_aside(self.path)
        self.notices.append(
            f"{shown_path(self.path)}: cannot be used ({reason}); it is now {aside}, and progress begins anew"
        )
        self._known = _Contents()
        return self._once(wait)

    def _once(self, wait: float) -> _Contents:
        require_file(self.path, most=_MOST_BYTES)
        if self._unkept:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        elif not is_there(self.path):
            return _Contents()
        with closing(sqlite3.connect(self.path, timeout=wait)) as database, database:
            database.execute("PRAGMA trusted_schema = OFF")
            if self._unkept:
                database.execute("BEGIN IMMEDIATE")
            there = _tables(database)
            if there:
                _require_ours(database, there)
            elif not self._unkept:
                return _Contents()
            if self._unkept and there != len(_TABLES):
                for table in _TABLES[there:]:
                    database.execute(table)
                database.execute(f"PRAGMA user_version = {_VERSION}")
                there = len(_TABLES)
            _write(database, self._unkept)
            return _read(database, there)


def _tables(database: sqlite3.Connection) -> int:
    """The number of tables that the database has, and of what else has a definition."""
    number: int = database.execute("SELECT count(*) FROM sqlite_schema WHERE sql IS NOT NULL").fetchone()[0]
    return number


def _require_ours(database: sqlite3.Connection, there: int) -> None:
    """Raises NotOursError where the database is another program's, a later version's, or damaged."""
    version = database.execute("PRAGMA user_version").fetchone()[0]
    if not 0 <= version <= _VERSION:
        raise NotOursError(f"of a later version of descend, {version}")
    found = [sql for (sql,) in database.execute("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")]
    if [_words(sql) for sql in found] != [_words(table) for table in _TABLES[:there]]:
        raise NotOursError("with another table than descend's")
    state = database.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if state != "ok":
        raise NotOursError(" ".join(str(state).split())[:80])


def _write(database: sqlite3.Connection, unkept: _Contents) -> None:
    """Write it into tables that are all there, or nothing."""
    if not unkept:
        return
    rows = [
        {"scenario": scenario, "measure": measure, "stars": best.stars, "score": best.score}
        for (scenario, measure), best in unkept.best.items()
    ]
    database.executemany(_KEEP_THE_BETTER, rows)
    database.executemany(_KEEP_THE_PLACE, unkept.places.items())
    studies = [{"scenario": name, **study._asdict()} for name, study in unkept.studies.items()]
    database.executemany(_KEEP_THE_STUDY, studies)
    database.executemany("INSERT OR IGNORE INTO tried VALUES (?)", [(content,) for content in unkept.tried])


def _read(database: sqlite3.Connection, there: int) -> _Contents:
    """Read the tables that are there. Raises NotOursError for a row of other values."""
    best = database.execute("SELECT scenario, measure, stars, score FROM best ORDER BY 3")
    places = database.execute("SELECT course, entry FROM place") if there > 1 else []
    studies = database.execute("SELECT scenario, answer, hints, solution FROM study") if there > 2 else []
    tried = database.execute("SELECT content FROM tried") if there > 3 else []
    return _Contents(
        dict(map(_checked, best)),
        dict(map(_checked_place, places)),
        dict(map(_checked_study, studies)),
        set(map(_checked_content, tried)),
    )


def _words(sql: object) -> list[str]:
    return str(sql).split()


def _checked(row: tuple[Any, ...]) -> tuple[tuple[str, str], Best]:
    """Key and value of a row. Raises NotOursError where one of its values is of another kind."""
    scenario, measure, stars, score = row
    right = isinstance(scenario, str) and isinstance(measure, str) and isinstance(stars, int) and 0 <= stars <= 3
    if not right or not isinstance(score, int | float) or not math.isfinite(score):
        raise NotOursError("with a row of other values than descend's")
    return (scenario, measure), Best(stars, float(score))


def _checked_place(row: tuple[Any, ...]) -> tuple[str, str]:
    """Course and entry of a row. Raises NotOursError where one of them is no text."""
    course, entry = row
    if not (isinstance(course, str) and isinstance(entry, str)):
        raise NotOursError("with a row of other values than descend's")
    return course, entry


def _checked_content(row: tuple[Any, ...]) -> str:
    """The content of a row. Raises NotOursError where it is no text."""
    (content,) = row
    if not isinstance(content, str):
        raise NotOursError("with a row of other values than descend's")
    return content


def _checked_study(row: tuple[Any, ...]) -> tuple[str, Study]:
    """Scenario and study of a row. Raises NotOursError where one of its values is of another kind."""
    scenario, answer, hints, solution = row
    right = answer is None or (isinstance(answer, int | float) and math.isfinite(answer))
    if not right or not isinstance(scenario, str) or not isinstance(hints, int) or solution not in (0, 1):
        raise NotOursError("with a row of other values than descend's")
    return scenario, Study(None if answer is None else float(answer), hints, bool(solution))
