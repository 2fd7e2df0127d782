"""The file of the store: a connection to it, its tables, and how those of an older version become today's."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from scenarios.records.database.own_database import NotOursError, require_file

APPLICATION = 0x64736364  # in the file's header: it is descend's store of records
_MOST_BYTES = 2**36  # of a file that is opened at all
_NETWORK = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "lustre", "glusterfs", "fuse.sshfs")

# Each step leads from one version of the tables to the next; a new store goes through all of them. Never change one
# that was released: add another.
MIGRATIONS = (
    """
    CREATE TABLE scenario (content TEXT NOT NULL PRIMARY KEY, file BLOB NOT NULL);
    CREATE TABLE run (
        id TEXT NOT NULL PRIMARY KEY,
        turn INTEGER NOT NULL,    -- counts up whenever a run is begun or resumed: no clock, which may be set back
        writer TEXT NOT NULL,     -- who trains it, or did last
        scenario TEXT NOT NULL,
        content TEXT NOT NULL REFERENCES scenario (content),
        started REAL NOT NULL,
        stars INTEGER NOT NULL,
        parent TEXT NOT NULL,
        outcome BLOB NOT NULL
    );
    CREATE INDEX run_turn ON run (turn);
    CREATE TABLE curves (id TEXT NOT NULL PRIMARY KEY REFERENCES run (id) ON DELETE CASCADE, data BLOB NOT NULL);
    CREATE TABLE checkpoint (id TEXT NOT NULL PRIMARY KEY REFERENCES run (id) ON DELETE CASCADE, data BLOB NOT NULL);
    """,
    """
    ALTER TABLE run ADD COLUMN name TEXT NOT NULL DEFAULT '';
    ALTER TABLE run ADD COLUMN note TEXT NOT NULL DEFAULT '';
    """,
    """
    -- who trains it just now: a process and its machine
    ALTER TABLE run ADD COLUMN process TEXT NOT NULL DEFAULT '';
    """,
)


class NewerError(Exception):
    """The store is of a later version of descend; it is left as it is."""


def connect(path: Path, *, write: bool, wait: float) -> sqlite3.Connection:
    """Return a connection to the store, its tables as this version has them.

    write: whether to make the file where there is none. wait: seconds to wait for another program that is writing.
    Raises NotOursError for what is no store, NewerError, sqlite3.Error or OSError where it cannot be used now, and
    FileNotFoundError where there is none to read.
    """
    require_file(path, most=_MOST_BYTES)
    if write:
        path.parent.mkdir(parents=True, exist_ok=True)
    elif not path.exists():
        raise FileNotFoundError(path)
    try:
        return _opened(path, "", wait)
    except sqlite3.OperationalError:
        if write:
            raise
    if not path.stat().st_size:  # it was begun where nothing could be written into it
        raise FileNotFoundError(path)
    # A folder that may not be written: what another program is writing just now is not seen.
    return _opened(path, "?mode=ro&immutable=1", wait)


def _opened(path: Path, mode: str, wait: float) -> sqlite3.Connection:
    database = sqlite3.connect(f"{path.absolute().as_uri()}{mode}", uri=True, timeout=wait, isolation_level=None)
    try:
        database.execute("PRAGMA trusted_schema = OFF")
        database.execute("PRAGMA foreign_keys = ON")
        if not mode:
            _prepare(database, path)
        _require_ours(database)
    except BaseException:
        database.close()
        raise
    return database


def _prepare(database: sqlite3.Connection, path: Path) -> None:
    """Bring the journal and the tables up to date."""
    version = database.execute("PRAGMA user_version").fetchone()[0]
    if version:
        _require_ours(database)
    else:
        database.execute("PRAGMA auto_vacuum = INCREMENTAL")  # before the first table; room that is freed is given back
    # A log beside the file lets others read meanwhile, but shares memory, which no two machines do.
    database.execute(f"PRAGMA journal_mode = {'DELETE' if _on_network(path) else 'WAL'}")
    database.execute("PRAGMA synchronous = NORMAL")
    if version < len(MIGRATIONS):
        migrate(database, len(MIGRATIONS))


def known_names(path: Path) -> list[tuple[str, str, str]]:
    """Return the ids of all records, the latest first, with the name and the scenario of each; none where the store
    cannot be read. Quick: for a command line that is being typed."""
    try:
        with contextlib.closing(connect(path, write=False, wait=0.2)) as database:
            return database.execute("SELECT id, name, scenario FROM run ORDER BY turn DESC").fetchall()
    except (NotOursError, NewerError, sqlite3.Error, OSError):
        return []


def migrate(database: sqlite3.Connection, version: int) -> None:
    """Bring the tables to a version, all of the way or not at all. Raises NotOursError where others are there."""
    database.execute("BEGIN IMMEDIATE")
    try:
        there = database.execute("PRAGMA user_version").fetchone()[0]
        if not there and database.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
            raise NotOursError("with another table than descend's")
        for step in MIGRATIONS[there:version]:
            for statement in step.split(";"):
                database.execute(statement)
        if there < version:
            database.execute(f"PRAGMA user_version = {version}")
            database.execute(f"PRAGMA application_id = {APPLICATION}")
        database.execute("COMMIT")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            database.execute("ROLLBACK")
        raise


def _require_ours(database: sqlite3.Connection) -> None:
    version = database.execute("PRAGMA user_version").fetchone()[0]
    application = database.execute("PRAGMA application_id").fetchone()[0]
    if application != APPLICATION:
        raise NotOursError("another program's database")
    if version > len(MIGRATIONS):
        raise NewerError(f"of a later version of descend (its tables are version {version})")


def _on_network(path: Path) -> bool:
    """Tell whether the file lies on a file system that several machines share, as far as the system says."""
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    folder, found = path.absolute().parent, ("", "")
    for words in (line.split(" ") for line in mounts):
        if len(words) > 2 and folder.is_relative_to(words[1]) and len(words[1]) >= len(found[0]):
            found = words[1], words[2]
    return found[1] in _NETWORK
