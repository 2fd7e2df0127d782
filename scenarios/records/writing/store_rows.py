"""Writing what trains into the store, and making room in it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field

import msgspec

from scenarios.records.kept_run import Outcome
from scenarios.records.run_store import new_id, used_bytes
from scenarios.records.trained_by import is_alive, this_process

_FOUND_BY = "name = ?1 OR id = ?1"
_DROPPED_AT_ONCE = 20  # records, between two looks at the size


@dataclass(eq=False)
class Ticket:
    """A run on its way into the store. id: of its record; another one, should that be taken. writer: who trains it, a
    word that nobody else has. is_new: whether there is no record of it in
    this store yet; store: the file that it was written to. begun: whether there was
    anything to write. deleted: by the user, while it trains.

    parent: of the run that it branched off; parent_id: where that one was recorded by somebody else. name: that it gets
    when it is begun, with a number behind it where another record has that; note: that it gets then.
    """

    scenario: str
    started: float
    parent: Ticket | None = None
    parent_id: str = ""
    id: str = field(default_factory=new_id)
    writer: str = field(default_factory=new_id)
    is_new: bool = True
    store: tuple[int, int] | None = None
    resumed: bool = False
    begun: bool = False
    deleted: bool = False
    name: str = ""
    note: str = ""


@dataclass(frozen=True)
class Row:
    """A run as it is to be written. file: what its scenario says; content: the fingerprint of that. curves,
    checkpoint: packed; None leaves what is there. ended: whether it trains no further."""

    ticket: Ticket
    content: str
    file: bytes
    outcome: Outcome
    packed_outcome: bytes
    curves: bytes | None
    checkpoint: bytes | None
    ended: bool = False


def write(database: sqlite3.Connection, rows: list[Row]) -> None:
    """Write all of these or none. Raises sqlite3.Error."""
    database.execute("BEGIN IMMEDIATE")
    try:
        for row in rows:
            _write_one(database, row)
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


def _write_one(database: sqlite3.Connection, row: Row) -> None:
    ticket, stars = row.ticket, row.outcome.goal.stars if row.outcome.goal else 0
    there = database.execute("SELECT writer, outcome FROM run WHERE id = ?", (ticket.id,)).fetchone()
    if ticket.resumed and there and _steps(there[1]) <= row.outcome.steps:
        # From now on it is written here; whoever else trains it goes on under another id.
        turn = "(SELECT max(turn) + 1 FROM run)"
        database.execute(f"UPDATE run SET writer = ?, turn = {turn} WHERE id = ?", (ticket.writer, ticket.id))
        there = (ticket.writer,)
    if there is None and not ticket.is_new:
        ticket.deleted = True
        return
    if there is None or there[0] != ticket.writer:
        _begin(database, row, stars, taken=there is not None)
    else:
        changed = "UPDATE run SET stars = ?, outcome = ?, process = ? WHERE id = ?"
        database.execute(changed, (stars, row.packed_outcome, _process(row), ticket.id))
    for table, data in (("curves", row.curves), ("checkpoint", row.checkpoint)):
        if data is not None:
            database.execute(f"INSERT OR REPLACE INTO {table} VALUES (?, ?)", (ticket.id, data))


def _process(row: Row) -> str:
    """The process that trains it; "" where none does any more."""
    return "" if row.ended else this_process()


def _steps(outcome: bytes) -> int:
    """The steps of a record as it is in the store; none of a damaged one."""
    try:
        return msgspec.json.decode(outcome, type=Outcome).steps
    except msgspec.DecodeError:
        return 0


def _begin(database: sqlite3.Connection, row: Row, stars: int, *, taken: bool) -> None:
    """Begin a record; under another id, as a branch, where somebody else has taken over the one that there was."""
    ticket = row.ticket
    parent = ticket.parent.id if ticket.parent else ticket.parent_id
    if taken:
        parent = parent if ticket.is_new else ticket.id
        ticket.id = new_id()
        while database.execute("SELECT 1 FROM run WHERE id = ?", (ticket.id,)).fetchone():
            ticket.id = new_id()
    if not database.execute("SELECT 1 FROM run WHERE id = ?", (parent,)).fetchone():
        parent = ""  # deleted, or never begun
    database.execute("INSERT OR IGNORE INTO scenario VALUES (?, ?)", (row.content, row.file))
    database.execute(
        "INSERT INTO run (id, turn, writer, scenario, content, started, stars, parent, outcome, process, name, note) "
        "VALUES (?, (SELECT ifnull(max(turn), 0) + 1 FROM run), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(ticket.id, ticket.writer, ticket.scenario, row.content, ticket.started, stars, parent),
            *(row.packed_outcome, _process(row), _free_name(database, ticket.name), ticket.note),
        ),
    )
    ticket.name = ticket.note = ""  # a branch of it, or another store, does not take it


def _free_name(database: sqlite3.Connection, name: str) -> str:
    """The name, or with a number behind it, so that no other record is found by it."""
    candidate, number = name, 1
    while candidate and database.execute(f"SELECT 1 FROM run WHERE {_FOUND_BY}", (candidate,)).fetchone():
        number += 1
        candidate = f"{name}-{number}"
    return candidate


def make_room(database: sqlite3.Connection, most_bytes: int) -> None:
    """Drop what is oldest while more than so many bytes are in use: of records without a name, a star or a note first
    the checkpoints, then the curves, last themselves; then of the others what can be trained again. The newest record,
    and all that train just now, are left alone. Raises sqlite3.Error."""
    for (process,) in database.execute("SELECT DISTINCT process FROM run WHERE process != ''").fetchall():
        if not is_alive(process):  # it was killed
            database.execute("UPDATE run SET process = '' WHERE process = ?", (process,))
    plain = "name = '' AND note = '' AND stars = 0 AND"
    for table, which in (
        ("checkpoint", plain),
        ("curves", plain),
        ("run", plain),
        ("checkpoint", ""),
        ("curves", ""),
    ):
        oldest = (
            f"DELETE FROM {table} WHERE id IN (SELECT id FROM run JOIN {table} USING (id) WHERE {which} "
            f"process = '' AND turn < (SELECT max(turn) FROM run) ORDER BY turn LIMIT {_DROPPED_AT_ONCE})"
        ).replace("run JOIN run USING (id)", "run")
        while used_bytes(database) > most_bytes and database.execute(oldest).rowcount:
            pass
    database.execute("DELETE FROM scenario WHERE content NOT IN (SELECT content FROM run)")
    database.execute("PRAGMA incremental_vacuum")
