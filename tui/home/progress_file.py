"""The file of the progress: a small SQLite database in the user's state folder. Two programs may write at once, and a
kill at any moment leaves it whole."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from scenarios.records.database.own_database import NotOursError, may_work_later, require_file, set_aside, trouble
from tui.home.paths import is_there
from tui.home.progress_contents import Best, Contents, Study

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


class NotKeptError(Exception):
    """The file cannot be read or written now; the text says why."""


def exchange(path: Path, unkept: Contents, wait: float, begin_anew: Callable[[str, str], None]) -> Contents:
    """All that the file holds, after `unkept` was written into it. wait: seconds for another program that is writing.

    A file that is none of ours is set aside first; `begin_anew` is told why, and what it is called now. Raises
    NotKeptError.
    """
    try:
        return _after_setting_aside(path, unkept, wait, begin_anew)
    except (sqlite3.Error, OSError) as error:
        raise NotKeptError(trouble(error, path.parent)) from error


def _after_setting_aside(path: Path, unkept: Contents, wait: float, begin_anew: Callable[[str, str], None]) -> Contents:
    try:
        return _once(path, unkept, wait)
    except NotOursError as error:
        reason = str(error)
    except sqlite3.Error as error:
        if may_work_later(error):
            raise
        reason = str(error)
    begin_anew(reason, set_aside(path))
    return _once(path, unkept, wait)


def _once(path: Path, unkept: Contents, wait: float) -> Contents:
    """The same with a file that is ours. Raises NotOursError where it is not, sqlite3.Error and OSError."""
    require_file(path, most=_MOST_BYTES)
    if unkept:
        path.parent.mkdir(parents=True, exist_ok=True)
    elif not is_there(path):
        return Contents()
    with closing(sqlite3.connect(path, timeout=wait)) as database, database:
        database.execute("PRAGMA trusted_schema = OFF")
        if unkept:
            database.execute("BEGIN IMMEDIATE")
        there = _tables(database)
        if there:
            _require_ours(database, there)
        elif not unkept:
            return Contents()
        if unkept and there != len(_TABLES):
            for table in _TABLES[there:]:
                database.execute(table)
            database.execute(f"PRAGMA user_version = {_VERSION}")
            there = len(_TABLES)
        _write(database, unkept)
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


def _write(database: sqlite3.Connection, unkept: Contents) -> None:
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


def _read(database: sqlite3.Connection, there: int) -> Contents:
    """Read the tables that are there. Raises NotOursError for a row of other values."""
    best = database.execute("SELECT scenario, measure, stars, score FROM best ORDER BY 3")
    places = database.execute("SELECT course, entry FROM place") if there > 1 else []
    studies = database.execute("SELECT scenario, answer, hints, solution FROM study") if there > 2 else []
    tried = database.execute("SELECT content FROM tried") if there > 3 else []
    found = Contents()
    found.best, found.places = dict(map(_checked, best)), dict(map(_checked_place, places))
    found.studies, found.tried = dict(map(_checked_study, studies)), set(map(_checked_content, tried))
    return found


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
