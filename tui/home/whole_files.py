"""Files that are whole or not there at all: each is written beside its place, under a hidden name, and renamed when
all of it is on the disk.

An existing file keeps its content until that moment, and its permissions after it. A symbolic link stays one: what it
points to is replaced. What is no regular file (/dev/null, a pipe, /dev/stdout) is written directly.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path

from tui.words.usage_error import UsageError

_OWN_STREAM = re.compile(r"/dev/std(out|err)|/(?:dev|proc/self)/fd/(\d+)")
_OWN_STREAMS = {"out": 1, "err": 2}


@contextlib.contextmanager
def whole_files(*paths: Path, replace: bool = False) -> Iterator[list[WholeFile]]:
    """Yield a file to write for each of the paths. They appear at the end of the block, all of them, or none where an
    exception leaves it.

    replace: whether files that are there already give way. Raises FileExistsError where they do not, and OSError
    (with the path in `filename`) for what cannot be written.
    """
    files: list[WholeFile] = []
    try:
        for path in paths:
            files += [WholeFile(path, replace=replace)]
        yield files
        for file in files:
            file.complete()
        for file in files:
            file.appear()
    finally:
        for file in files:
            file.discard()


@contextlib.contextmanager
def refused_in_words(option: str) -> Iterator[None]:
    """Raise UsageError, naming the option and the file, for what `whole_files` raises."""
    try:
        yield
    except FileExistsError as error:
        raise UsageError(
            f"{option}: {error.filename} exists already; name another file, or replace it with --force"
        ) from None
    except OSError as error:
        if error.filename is None:
            raise
        raise UsageError(f"{option} {error.filename}: cannot be written: {error.strerror}") from None


def try_place(path: Path, *, replace: bool) -> None:
    """Raise OSError already now where `whole_files` would not be able to begin this file."""
    with _naming(path):
        if is_regular(path):
            WholeFile(path, replace=replace).discard()


def is_regular(path: Path) -> bool:
    """Tell whether a regular file is there, or nothing yet. Raises OSError for a directory."""
    if _OWN_STREAM.fullmatch(str(path.absolute())):
        return False
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return True
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    return stat.S_ISREG(mode)


class WholeFile:
    """A file that is being written beside its place. Use `whole_files` to make one."""

    def __init__(self, path: Path, *, replace: bool) -> None:
        self.path, self._replace = path, replace
        self._size = 0
        self._beside: Path | None = None  # None: written directly
        with _naming(self.path):
            self._file = self._open()

    def write(self, data: bytes) -> None:
        """Write all of this. Where an exception ends it half-way, the file is without it. Raises OSError."""
        view = memoryview(data)
        with _naming(self.path):
            while view:
                view = view[os.write(self._file, view) :]
        self._size += len(data)

    def complete(self) -> None:
        """Wait until all is on the disk. Raises OSError."""
        with _naming(self.path):
            if self._beside is not None:
                os.ftruncate(self._file, self._size)
                os.fsync(self._file)
            self._close()

    def appear(self) -> None:
        """Take the place. Raises OSError."""
        if self._beside is None:
            return
        with _naming(self.path):
            if self._replace:
                self._beside.replace(self._target)
            else:
                _rename_to_new(self._beside, self._target)
        self._beside = None

    def discard(self) -> None:
        """Leave nothing of what has not taken its place."""
        with contextlib.suppress(OSError):
            self._close()
        if self._beside is not None:
            self._beside.unlink(missing_ok=True)
            self._beside = None

    def _open(self) -> int:
        """The descriptor of a file that can be written."""
        if stream := _OWN_STREAM.fullmatch(str(self.path.absolute())):
            return os.dup(_OWN_STREAMS.get(stream[1]) or int(stream[2]))
        self._target = Path(os.path.realpath(self.path))
        if not is_regular(self._target):
            return os.open(self._target, os.O_WRONLY | getattr(os, "O_NOCTTY", 0))
        before = self._target.stat() if self._target.exists() else None
        if before is not None and not self._replace:
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        if before is not None and not os.access(self._target, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        beside = self._target.with_name(f".descend-{os.urandom(6).hex()}.part")
        exclusive = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        file = os.open(beside, exclusive, 0o666)  # less the umask, as of any new file
        self._beside = beside
        if before is not None:
            with contextlib.suppress(OSError, AttributeError):  # not ours to give, or a system without owners
                os.chown(beside, before.st_uid, before.st_gid)
            with contextlib.suppress(OSError):
                beside.chmod(stat.S_IMODE(before.st_mode))
        return file

    def _close(self) -> None:
        if self._file >= 0:
            file, self._file = self._file, -1
            os.close(file)


@contextlib.contextmanager
def _naming(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None
    except ValueError as error:  # a name that no file can have
        raise OSError(errno.EINVAL, str(error), str(path)) from None


def _rename_to_new(beside: Path, target: Path) -> None:
    """Raise FileExistsError where somebody else has made such a file meanwhile."""
    try:
        os.link(beside, target)
    except FileExistsError:
        raise
    except OSError:  # a disk without hard links
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from None
        beside.rename(target)
    else:
        beside.unlink()
