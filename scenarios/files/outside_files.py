"""Files from outside: only regular ones, only so large, and for a scenario only what lies in its own folder."""

from __future__ import annotations

import os
from io import FileIO
from pathlib import Path
from stat import S_ISBLK, S_ISCHR, S_ISDIR, S_ISFIFO, S_ISREG, S_ISSOCK

from engine.plain_text import shown_path
from scenarios.scenario_error import ScenarioError

_KINDS = {
    S_ISDIR: "a directory",
    S_ISFIFO: "no regular file, but a pipe",
    S_ISSOCK: "no regular file, but a socket",
    S_ISCHR: "no regular file, but a device",
    S_ISBLK: "no regular file, but a device",
}


def open_file(path: Path, *, most: int, what: str) -> FileIO:
    """A regular file of at most `most` bytes, open for reading; `what` says which kind of file is wanted.

    Anything else is refused at once: without opening it, for that alone may wait for ever. Raises ScenarioError.
    """
    try:
        _require(path, path.stat(), most, what)
        # It may have been replaced since: then opening it must not wait, and it is looked at again.
        number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        file = FileIO(number)
        try:
            _require(path, os.fstat(number), most, what)
        except ScenarioError:
            file.close()
            raise
    except ScenarioError:
        raise
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from None
    return file


def content(path: Path, *, most: int, what: str) -> bytes:
    """All of a regular file of at most `most` bytes. Raises ScenarioError."""
    try:
        with open_file(path, most=most, what=what) as file:
            found = file.read(most + 1) or b""
    except OSError as error:
        raise unreadable(path, error) from None
    if len(found) > most:  # it has grown
        raise _too_large(path, len(found), most)
    return found


def unreadable(path: Path, error: Exception) -> ScenarioError:
    """The refusal of a file that the system does not let be read."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return ScenarioError(f"{shown_path(path)}: cannot be read: {reason}")


def _require(path: Path, status: os.stat_result, most: int, what: str) -> None:
    if not S_ISREG(status.st_mode):
        kind = next((words for test, words in _KINDS.items() if test(status.st_mode)), "no regular file")
        raise ScenarioError(f"{shown_path(path)}: cannot be read: it is {kind}; name {what}")
    if status.st_size > most:
        raise _too_large(path, status.st_size, most)


def _too_large(path: Path, size: int, most: int) -> ScenarioError:
    return ScenarioError(f"{shown_path(path)}: has {size:,} bytes; at most {most:,} are read")


def beside(scenario: str, path: str, *, allow_outside: bool) -> Path:
    """The place of the file that a scenario's file calls `path`: from its own folder on.

    Raises ValueError for one that lies outside of that folder, also by way of a symbolic link, unless that is allowed.
    """
    first, *rest = Path(path).parts or ("",)
    if first.startswith("~") and (rest or first == "~"):  # the home of a user, as shells have it
        path = os.path.expanduser(path) if allow_outside else os.path.abspath(os.sep)  # noqa: PTH100, PTH111
    found = Path(scenario).parent / path
    require_inside(scenario, found, allow_outside=allow_outside)
    return found


def require_inside(scenario: str, path: Path, *, allow_outside: bool) -> None:
    """Raise ValueError unless `path` lies in the folder of that file, a scenario or a course; or that is not asked
    for."""
    folder = Path(scenario).parent
    if allow_outside:
        return
    try:  # not `Path.resolve`, which raises for links that lead in a circle
        inside = Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))
    except ValueError as error:  # a name that no file can have
        raise ValueError(f"cannot be read: {error}") from None
    if not inside:
        raise ValueError("must lie in the folder of this file, or below; with --allow-outside, anywhere")
