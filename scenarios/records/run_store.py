"""The user's store of records: a small SQLite database, which several programs may use at once."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from engine.plain_text import shortened, shown_path
from scenarios.files.data_sources import CsvData
from scenarios.records.database.own_database import NotOursError, trouble
from scenarios.records.database.store_file import NewerError, connect
from scenarios.records.kept_run import KeptRun, Outcome
from scenarios.records.records_error import RecordsError
from scenarios.records.trained_by import is_alive

if TYPE_CHECKING:
    from engine.runs.past.run_checkpoints import RunCheckpoint
    from engine.runs.records.record import Curves
    from scenarios.files.schema import ScenarioFile

LAST = "last"
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that looks like another
_LETTERS_OF_ID = 6
_WAIT_SECONDS = 5.0  # for another program that is writing
_COLUMNS = "id, scenario, content, started, parent, name, note, outcome"


def new_id() -> str:
    """Return a short name that hardly any other record has; whoever writes it makes sure."""
    return "".join(secrets.choice(_LETTERS) for _ in range(_LETTERS_OF_ID))


@dataclass(frozen=True)
class Size:
    """The size of a store. bytes: in use. without_curves, without_checkpoint: records that have lost them."""

    runs: int
    bytes: int
    without_curves: int


class RunStore:
    """Reads the store of records, and changes what the user says of them. What trains is written by
    `scenarios.records.writing.store_writer`.

    Raises RecordsError for a store that cannot be used, and for a record that there is not.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def runs(self) -> list[KeptRun]:
        """Return all records, those last begun or resumed first; none of a damaged row."""
        with self._database() as database:
            rows = database.execute(f"SELECT {_COLUMNS} FROM run ORDER BY turn DESC") if database else ()
            return [run for run in map(_kept, rows) if run is not None]

    def find(self, name: str) -> KeptRun:
        """Return the record whose id is or begins with `name`, or whose name it is; `last`: the one last begun or
        resumed."""
        with self._database() as database:
            rows = list(_rows_of(database, name)) if database else []
        if not rows:
            there = "nothing is recorded yet" if name == LAST else "`descend runs` lists them"
            raise RecordsError(f"there is no record {shortened(name)}; {there}")
        if len(rows) > 1:
            ids = ", ".join(row[0] for row in rows[:5])
            raise RecordsError(f"{shortened(name)} is the beginning of several records: {ids}; write one more letter")
        run = _kept(rows[0])
        if run is None:
            raise RecordsError(f"the record {rows[0][0]} is damaged; `descend runs delete {rows[0][0]}` removes it")
        return run

    def scenario_file(self, run: KeptRun) -> ScenarioFile:
        """Return what the scenario of a record said when it was trained."""
        from scenarios.files.schema import ScenarioFile

        row = self._one("SELECT file FROM scenario WHERE content = ?", run.content)
        try:
            return msgspec.json.decode(row or b"", type=ScenarioFile)
        except msgspec.DecodeError:
            raise RecordsError(f"the scenario of the record {run.id} is damaged") from None

    def tables(self, sha256: str) -> list[str]:
        """Return the full paths at which tables of that SHA-256 lay when they were trained on, the latest first."""
        files = [self.scenario_file(run) for run in self.runs() if run.outcome.data_sha256 == sha256]
        return list(dict.fromkeys(file.data.path for file in files if isinstance(file.data, CsvData)))

    def curves(self, run: KeptRun) -> Curves | None:
        """Return the curves of a record; None where they were dropped to make room, or are damaged."""
        from scenarios.records.blobs import curves_from_bytes

        data = self._one("SELECT data FROM curves WHERE id = ?", run.id)
        return curves_from_bytes(data) if data is not None else None

    def checkpoint(self, run: KeptRun) -> RunCheckpoint | None:
        """Return the latest checkpoint of a record; None where none is kept, or it is damaged."""
        from scenarios.records.blobs import checkpoint_from_bytes

        data = self._one("SELECT data FROM checkpoint WHERE id = ?", run.id)
        return checkpoint_from_bytes(data) if data is not None else None

    def name(self, run: KeptRun, name: str) -> None:
        """Give a record a name of the user's; an empty one takes it away."""
        self._change("UPDATE run SET name = ? WHERE id = ?", name, run.id)

    def annotate(self, run: KeptRun, note: str) -> None:
        """Give a record a note of the user's; an empty one takes it away."""
        self._change("UPDATE run SET note = ? WHERE id = ?", note, run.id)

    def trains(self, run: KeptRun) -> bool:
        """Tell whether a process trains the record just now, or has it paused on its screen."""
        return is_alive(self._one("SELECT process FROM run WHERE id = ?", run.id) or "")

    def delete(self, runs: Sequence[KeptRun]) -> None:
        """Delete records. One that trains just now is not recorded any further, which its program says."""
        with self._writing() as database:
            database.executemany("DELETE FROM run WHERE id = ?", [(run.id,) for run in runs])
            database.execute("DELETE FROM scenario WHERE content NOT IN (SELECT content FROM run)")
        with self._database() as database:
            if database:
                database.execute("PRAGMA incremental_vacuum")

    def size(self) -> Size:
        """Return how large the store is."""
        with self._database() as database:
            if database is None:
                return Size(0, 0, 0)
            (runs,) = database.execute("SELECT count(*) FROM run").fetchone()
            (curves,) = database.execute("SELECT count(*) FROM curves").fetchone()
            return Size(runs, used_bytes(database), runs - curves)

    def _one(self, query: str, *values: str) -> Any:
        with self._database() as database:
            row = database.execute(query, values).fetchone() if database else None
        return row[0] if row else None

    def _change(self, statement: str, *values: str) -> None:
        with self._writing() as database:
            if not database.execute(statement, values).rowcount:
                raise RecordsError("there is no such record any more")

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._database() as database:
            if database is None:
                raise RecordsError("nothing is recorded yet")
            with database:
                database.execute("BEGIN IMMEDIATE")
                yield database

    @contextmanager
    def _database(self) -> Iterator[sqlite3.Connection | None]:
        """A connection for the block; None where there is no store yet."""
        database = None
        try:
            try:
                database = connect(self.path, write=False, wait=_WAIT_SECONDS)
            except FileNotFoundError:
                yield None
            else:
                yield database
        except (NotOursError, NewerError) as error:
            raise RecordsError(f"{shown_path(self.path)}: cannot be used: it is {error}") from None
        except (sqlite3.Error, OSError) as error:
            raise RecordsError(f"{shown_path(self.path)}: cannot be used: {trouble(error, self.path.parent)}") from None
        finally:
            if database is not None:
                database.close()


def used_bytes(database: sqlite3.Connection) -> int:
    """Return how many bytes of the file are in use."""
    pages, free, size = (
        database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def _rows_of(database: sqlite3.Connection, name: str) -> Iterator[tuple[Any, ...]]:
    """The records that somebody may mean: one of that name or id before those that begin so."""
    if name == LAST:
        yield from database.execute(f"SELECT {_COLUMNS} FROM run ORDER BY turn DESC LIMIT 1")
        return
    exact = database.execute(f"SELECT {_COLUMNS} FROM run WHERE id = ?1 OR (name = ?1 AND name != '')", (name,))
    if found := exact.fetchall():
        yield from found
    elif name:
        beginning = f"SELECT {_COLUMNS} FROM run WHERE substr(id, 1, ?) = ? ORDER BY turn DESC"
        yield from database.execute(beginning, (len(name), name.lower()))


def _kept(row: tuple[Any, ...]) -> KeptRun | None:
    """A row as a record; None for a damaged one."""
    try:
        outcome = msgspec.json.decode(row[-1], type=Outcome)
        return msgspec.convert((dict(zip(_COLUMNS.split(", "), (*row[:-1], outcome), strict=True))), KeptRun)
    except (msgspec.DecodeError, TypeError):
        return None
