"""SQLite files of descend's own: what is wrong with one, and how it is set aside. Standard library only."""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
import stat
import tempfile
from pathlib import Path

_LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_NO_LOCKS = {  # in full, with what SQLite adds in the higher bits
    *(sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_IOERR_LOCK, sqlite3.SQLITE_IOERR_UNLOCK, sqlite3.SQLITE_IOERR_RDLOCK),
    *(sqlite3.SQLITE_IOERR_CHECKRESERVEDLOCK, sqlite3.SQLITE_IOERR_SHMLOCK, sqlite3.SQLITE_IOERR_SHMMAP),
    *(sqlite3.SQLITE_IOERR_SHMOPEN, sqlite3.SQLITE_IOERR_SHMSIZE),
}
_WORDS = {
    sqlite3.SQLITE_READONLY: "it may not be written",
    sqlite3.SQLITE_PERM: "it may not be written",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened in its folder",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_IOERR: "the disk cannot be read or written",
    sqlite3.SQLITE_NOMEM: "there is no memory left for it",
    sqlite3.SQLITE_CORRUPT: "it is damaged",
    sqlite3.SQLITE_FORMAT: "it is damaged",
    sqlite3.SQLITE_NOTADB: "it is no database",
}
# Nothing is wrong with the file: another time it may work.
_NOT_NOW = _LOCKED | {
    *(sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN),
    *(sqlite3.SQLITE_PERM, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_PROTOCOL),
}


_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT}


class NotOursError(Exception):
    """The file is no database of this program's, or one that has come to harm; the text says why."""


def trouble(error: sqlite3.Error | OSError, folder: Path) -> str:
    """Return in words why a database in that folder cannot be used now."""
    if isinstance(error, OSError):
        return error.strerror or str(error)
    busy = _code(error) in _LOCKED
    if (getattr(error, "sqlite_errorcode", None) or 0) in _NO_LOCKS or (busy and not _locks_work(folder)):
        return "files cannot be locked in its folder, which may be another machine's"
    return "another program has locked it" if busy else _WORDS.get(_code(error), str(error))


def _locks_work(folder: Path) -> bool:
    """Tell whether files can be locked there; SQLite says the same where they cannot as where another program has
    locked one."""
    try:
        import fcntl
    except ImportError:  # Windows
        return True
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
    return True


def may_work_later(error: sqlite3.Error) -> bool:
    """Tell whether nothing is wrong with the file itself."""
    return _code(error) in _NOT_NOW


def is_damage(error: sqlite3.Error) -> bool:
    """Tell whether the file is none of SQLite's, or has come to harm."""
    return _code(error) in _DAMAGE


def require_file(path: Path, *, most: int) -> None:
    """Raise NotOursError for a directory, a pipe and the like, which SQLite might wait for, and for a file of more
    than `most` bytes."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return
    if not stat.S_ISREG(status.st_mode):
        raise NotOursError("a directory" if stat.S_ISDIR(status.st_mode) else "no regular file")
    if status.st_size > most:
        raise NotOursError(f"larger than {most / 2**20:,.0f} MB")


def set_aside(path: Path) -> str:
    """Rename what is in the way, and return the name that it has now. Raises OSError where it cannot be renamed."""
    aside = _free(path.with_suffix(".damaged"))
    path.rename(aside)
    for suffix in ("-journal", "-wal", "-shm"):  # or they would be played into the new file
        with contextlib.suppress(OSError):
            path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
    return aside.name


def _code(error: sqlite3.Error) -> int:
    """SQLite's number for what went wrong, without what it adds in the higher bits; 0 where there is none."""
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF


def _free(path: Path) -> Path:
    """`path`, or with a number behind it, so that there is no such file yet."""
    candidates = (path, *(path.with_name(f"{path.name}-{number}") for number in range(2, 1000)))
    return next(candidate for candidate in candidates if not os.path.lexists(candidate))
