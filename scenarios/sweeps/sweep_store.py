"""Store of finished trainings of sweeps: a SQLite file beside the records' store, so that a sweep goes on where it was.

A training is found again by its scenario's content, its knobs, its seed and its number of steps, and by the versions on
which its bits depend. What cannot be stored stays in memory, and is said once.
"""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import struct
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from engine.plain_text import shown_path
from scenarios.records.database.own_database import NotOursError, is_damage, require_file, set_aside, trouble
from scenarios.records.knob_values import set_otherwise
from scenarios.records.trained_by import versions
from scenarios.sweeps.sweep_map import CellResult
from scenarios.sweeps.sweep_plan import Cell, SweepPlan

if TYPE_CHECKING:
    from scenarios.scenario import Scenario

_APPLICATION = 0x64736373  # in the file's header: it is descend's store of sweeps
_VERSION = 1
_MOST_BYTES = 2**32  # of a file that is opened at all
MOST_TRAININGS = 500_000  # that are kept: about 70 MB
_WAIT_SECONDS = 5.0  # for another program that is writing
_AT_ONCE = 500  # keys of a question
_TABLE = """
    CREATE TABLE training (
        key BLOB NOT NULL PRIMARY KEY,
        turn INTEGER NOT NULL,  -- of the sweep that used it last
        steps INTEGER NOT NULL,
        examples INTEGER NOT NULL,
        status TEXT NOT NULL,
        numbers BLOB NOT NULL   -- training loss, validation loss, steps and examples to the goal
    ) WITHOUT ROWID
"""
_NUMBERS = struct.Struct("<4d")


class SweepStore:
    """Remembers results of trainings of one scenario. program: the version of descend. notices: what the user should be
    told, in words; others may take from it."""

    def __init__(self, path: Path, program: str, scenario: Scenario) -> None:
        self.notices: list[str] = []
        self._path = path
        self._sort = [scenario.content, versions(program)]
        self._memory: dict[bytes, tuple[Any, ...]] = {}  # what could not be stored
        self._database: sqlite3.Connection | None = None
        self._turn = 0
        self._try(self._open)

    def known(self, plan: SweepPlan, cells: Iterable[Cell], num_examples: int) -> list[CellResult]:
        """Return those of these cells that are known."""
        keys = self._keys(plan, cells, num_examples)
        found: dict[bytes, tuple[Any, ...]] = {}
        if self._database is not None:
            self._try(lambda database: self._look_up(database, list(keys), found))
        results = ((cell, found.get(key) or self._memory.get(key)) for key, cell in keys.items())
        return [result for cell, row in results if row and (result := _result(cell, row))]

    def keep(self, plan: SweepPlan, results: Sequence[CellResult], num_examples: int) -> None:
        """Remember these results."""
        by_cell = {result.cell: result for result in results}
        rows = {key: _row(by_cell[cell]) for key, cell in self._keys(plan, by_cell, num_examples).items()}
        values = [(key, self._turn, *row) for key, row in rows.items()]

        def write(database: sqlite3.Connection) -> None:
            with database:
                database.execute("BEGIN IMMEDIATE")
                database.executemany("INSERT OR REPLACE INTO training VALUES (?, ?, ?, ?, ?, ?)", values)

        for _ in range(2):  # again where a new file was begun
            if self._database is not None and self._try(write):
                return
        self._memory |= rows

    def close(self) -> None:
        """Let go of what was used longest ago where there is too much, and close the file."""
        if self._database is not None:
            self._try(self._make_room)
        self._let_go()

    def _keys(self, plan: SweepPlan, cells: Iterable[Cell], num_examples: int) -> dict[bytes, Cell]:
        places: dict[tuple[int, ...], Any] = {}
        keys = {}
        for cell in cells:
            if cell.place not in places:
                knobs = set_otherwise(plan.knobs_at(cell.place))
                said = [*self._sort, knobs, plan.steps_at(cell.place, num_examples)]
                places[cell.place] = hashlib.sha256(msgspec.json.encode(said, order="deterministic"))
            digest = places[cell.place].copy()
            digest.update(str(cell.seed).encode())
            keys[digest.digest()[:20]] = cell
        return keys

    def _try(self, what: Any) -> bool:
        """Do this with the database, and tell whether it could be done. Where it could not, say so: a damaged file is
        set aside, and a new one is begun."""
        try:
            what(self._database)
        except (NotOursError, sqlite3.Error, OSError) as error:
            damaged = isinstance(error, NotOursError) or (isinstance(error, sqlite3.Error) and is_damage(error))
            self._let_go()
            if damaged and self._begin_anew(str(error)):
                return False
            why = str(error) if isinstance(error, NotOursError) else trouble(error, self._path.parent)
            words = f"what is trained now is not kept for the next sweep: {why}"
            self.notices.append(f"{shown_path(self._path)}: {words}")
            return False
        return True

    def _let_go(self) -> None:
        if self._database is not None:
            with contextlib.suppress(sqlite3.Error):
                self._database.close()
            self._database = None

    def _begin_anew(self, reason: str) -> bool:
        """Set the file aside and begin a new one; tell whether that could be done."""
        try:
            aside = set_aside(self._path)
            self._open(None)
        except (NotOursError, sqlite3.Error, OSError):
            return False
        words = f"cannot be used ({reason}); it is now {aside}, and a new one is begun"
        self.notices.append(f"{shown_path(self._path)}: {words}")
        return True

    def _open(self, _: object) -> None:
        require_file(self._path, most=_MOST_BYTES)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(self._path, timeout=_WAIT_SECONDS, isolation_level=None)
        try:
            database.execute("PRAGMA trusted_schema = OFF")
            with database:
                database.execute("BEGIN IMMEDIATE")
                self._turn = _prepare(database)
        except BaseException:
            database.close()
            raise
        self._database = database

    def _look_up(self, database: sqlite3.Connection, keys: list[bytes], found: dict[bytes, tuple[Any, ...]]) -> None:
        for start in range(0, len(keys), _AT_ONCE):
            some = keys[start : start + _AT_ONCE]
            places = ",".join("?" * len(some))
            columns = "key, steps, examples, status, numbers"
            rows = database.execute(f"SELECT {columns} FROM training WHERE key IN ({places})", some).fetchall()
            found |= {row[0]: row[1:] for row in rows}
        used = [(self._turn, key) for key in found]
        with database:
            database.execute("BEGIN IMMEDIATE")
            database.executemany("UPDATE training SET turn = ? WHERE key = ?", used)

    def _make_room(self, database: sqlite3.Connection) -> None:
        with database:
            database.execute("BEGIN IMMEDIATE")
            (count,) = database.execute("SELECT count(*) FROM training").fetchone()
            if count > MOST_TRAININGS:
                oldest = "SELECT key FROM training ORDER BY turn LIMIT ?"
                database.execute(f"DELETE FROM training WHERE key IN ({oldest})", (count - MOST_TRAININGS,))


def _prepare(database: sqlite3.Connection) -> int:
    """Make the table where there is none yet; return the turn of this sweep. Raises NotOursError for another
    database."""
    (version,) = database.execute("PRAGMA user_version").fetchone()
    (application,) = database.execute("PRAGMA application_id").fetchone()
    (tables,) = database.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if not (version or application or tables):
        database.execute(_TABLE)
        database.execute(f"PRAGMA user_version = {_VERSION}")
        database.execute(f"PRAGMA application_id = {_APPLICATION}")
    elif application != _APPLICATION or version != _VERSION:
        raise NotOursError("another program's database, or of another version of descend")
    return int(database.execute("SELECT coalesce(max(turn), 0) + 1 FROM training").fetchone()[0])


def _row(result: CellResult) -> tuple[Any, ...]:
    numbers = (result.training_loss, result.validation_loss, result.steps_to_goal, result.examples_to_goal)
    return result.steps, result.examples, result.status, _NUMBERS.pack(*numbers)


def _result(cell: Cell, row: tuple[Any, ...]) -> CellResult | None:
    """A row as a result; None for a damaged one."""
    steps, examples, status, numbers = row
    try:
        return CellResult(cell, int(steps), int(examples), str(status), *_NUMBERS.unpack(numbers))
    except (struct.error, TypeError, ValueError):
        return None
