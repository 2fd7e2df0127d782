"""The thread that writes what trains into the store: nobody who trains waits for it, or for the disk."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

from engine.plain_text import shown_path
from scenarios.records.database.own_database import NotOursError, is_damage, set_aside, trouble
from scenarios.records.database.store_file import NewerError, connect
from scenarios.records.writing.store_rows import Row, Ticket, make_room, write

_AGAIN_SECONDS = 1.0  # until what could not be written is tried again
_BUSY_SECONDS = 0.5  # that another program may take to write
_ROOM_SECONDS = 60.0  # between two looks at the size
_LAST_TRIES = 2  # at the end of the program

Pack = Callable[[], Row]


class StoreWriter:
    """Writes the latest of every run, in a thread of its own. What cannot be written now stays in memory, is tried
    again, and said so once.

    most_bytes: of the store, more or less. notices: what the user should be told, in words; others may take from it.
    """

    def __init__(self, path: Path, most_bytes: int) -> None:
        self.notices: list[str] = []
        self._path, self._most_bytes = path, most_bytes
        self._waiting: dict[Ticket, Pack] = {}
        self._changed = threading.Condition()
        self._closing = False
        self._left = False  # at the end: something could not be written
        self._trouble = ""
        self._database: sqlite3.Connection | None = None
        self._opened_file: tuple[int, int] | None = None
        self._room_made = -_ROOM_SECONDS
        self._thread: threading.Thread | None = None

    def put(self, ticket: Ticket, pack: Pack) -> None:
        """Write this of a run, in place of what still waits to be written of it. pack: makes it, in the thread."""
        with self._changed:
            self._waiting[ticket] = pack
            self._changed.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="records", daemon=True)
                self._thread.start()

    def close(self, seconds: float) -> bool:
        """Write what waits, for so long at most; tell whether all is written."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(seconds)
        return not self._left

    def _work(self) -> None:
        rows: dict[Ticket, Row] = {}  # packed, but not written
        last_tries = _LAST_TRIES
        while last_tries:
            with self._changed:
                while not (self._waiting or rows or self._closing):
                    self._changed.wait()
                waiting, closing = self._waiting, self._closing
                self._waiting = {}
            rows |= self._packed(waiting)
            if self._try(list(rows.values())):
                rows = {}
                last_tries -= closing and not self._waiting
            else:
                last_tries -= closing
                with self._changed:
                    self._changed.wait_for(lambda: self._closing, timeout=_AGAIN_SECONDS)
        self._left = bool(rows)
        self._close_database()

    def _packed(self, waiting: dict[Ticket, Pack]) -> dict[Ticket, Row]:
        """All of these as rows. An error of ours, or memory that runs out, leaves the others and the training alone."""
        rows = {}
        for ticket, pack in waiting.items():
            try:
                rows[ticket] = pack()
            except Exception as error:
                self._tell(f"{type(error).__name__}: {error}")
        return rows

    def _try(self, rows: list[Row]) -> bool:
        """Write these, and tell whether it could be done. Where it could not, say so once."""
        try:
            self._write([row for row in rows if not row.ticket.deleted])
        except NewerError as error:
            self._tell(f"{error}; nothing is changed in it")
        except NotOursError as error:
            return self._begin_anew(str(error))
        except sqlite3.Error as error:
            if is_damage(error):
                return self._begin_anew(str(error))
            self._tell(trouble(error, self._path.parent))
        except OSError as error:
            self._tell(trouble(error, self._path.parent))
        else:
            if self._trouble:
                self._trouble = ""
                self.notices.append(f"{shown_path(self._path)}: trainings are recorded again")
            return True
        self._close_database()
        return False

    def _tell(self, why: str) -> None:
        if why != self._trouble:
            self._trouble = why
            self.notices.append(
                f"{shown_path(self._path)}: trainings are not recorded now: {why}; they are kept in memory, and it is "
                "tried again every second"
            )

    def _begin_anew(self, reason: str) -> bool:
        """Set aside what is no store, so that the next attempt makes a new one; unless another program did so just now:
        what is there is its new one."""
        self._close_database()
        if self._file() != self._opened_file:
            return False
        try:
            aside = set_aside(self._path)
        except OSError as error:
            self._tell(trouble(error, self._path.parent))
        else:
            self.notices.append(
                f"{shown_path(self._path)}: cannot be used ({reason}); it is now {aside}, and the records begin anew"
            )
        return False

    def _write(self, rows: list[Row]) -> None:
        if not rows:
            return
        database = self._connection()
        for row in rows:
            row.ticket.is_new = row.ticket.store != self._opened_file
        write(database, rows)
        if deleted := [row.ticket.id for row in rows if row.ticket.deleted]:
            self.notices.append(
                f"{', '.join(deleted)}: deleted meanwhile; this training goes on, but is not recorded any further"
            )
        for row in rows:
            row.ticket.store, row.ticket.resumed = self._opened_file, False
        if time.monotonic() >= self._room_made + _ROOM_SECONDS:
            self._room_made = time.monotonic()
            make_room(database, self._most_bytes)

    def _connection(self) -> sqlite3.Connection:
        """The connection to the file that is there now: it may have been moved away."""
        file = self._file()
        if self._database is not None and file is not None and file == self._opened_file:
            return self._database
        self._close_database()
        self._opened_file = file
        self._database = connect(self._path, write=True, wait=_BUSY_SECONDS)
        self._opened_file = self._file()
        return self._database

    def _file(self) -> tuple[int, int] | None:
        """The file that is there now: None where there is none, or that cannot be seen."""
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino

    def _close_database(self) -> None:
        if self._database is not None:
            with contextlib.suppress(sqlite3.Error):
                self._database.close()
            self._database = None
