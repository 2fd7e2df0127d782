"""Writing to standard output and standard error without a traceback, whatever is at their other ends, and without
letting text from outside steer the terminal."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TextIO, TypeVar

from engine.plain_text import plain
from tui.words.usage_error import UsageError

if TYPE_CHECKING:
    from rich.live import Live
    from rich.progress import Progress

_Shown = TypeVar("_Shown", bound="Progress | Live")
_SHOW_CURSOR = b"\x1b[?25h\n"  # on a line of its own: the bar's is not finished


def write(text: str) -> None:
    """Print these lines at once, as plain text. A reader that has gone away (`| head`, a closed window) is no error;
    a full disk raises UsageError."""
    write_styled(plain(text, lines=True))


def write_rows(rows: Iterable[Sequence[str]]) -> None:
    """Print a line for each row, with a tab between its fields, as `write` does."""
    write_styled("\n".join("\t".join(map(plain, row)) for row in rows))


def write_styled(text: str) -> None:
    """Print what is our own, colours and all, as `write` does."""
    try:
        print(text, flush=True)
    except UnicodeEncodeError:
        print(text.encode("ascii", "backslashreplace").decode(), flush=True)
    except OSError as error:
        gone = isinstance(error, BrokenPipeError) or (error.errno == errno.EIO and _is_terminal(sys.stdout.fileno()))
        _lead_nowhere(sys.stdout)
        if not gone:
            raise UsageError(f"standard output cannot be written: {error.strerror}") from None


def tell(text: str) -> None:
    """Print a sentence about what is being done on one line of standard error, whatever is at its other end."""
    try:
        print(f"descend: {plain(text)}", file=sys.stderr, flush=True)
    except OSError:
        _lead_nowhere(sys.stderr)


def _is_terminal(descriptor: int) -> bool:
    """Tell whether it is a terminal, also one that has gone, which is none for `isatty`."""
    return stat.S_ISCHR(os.fstat(descriptor).st_mode)


def _lead_nowhere(stream: TextIO) -> None:
    """Lead the stream nowhere: what is left over is written when the interpreter ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def open_missing_streams() -> None:
    """Open the standard streams that were closed when the program started, leading nowhere.

    The next file to be opened would else take the place of one, with all that libraries have to say written into it.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123 (stays open)


@contextmanager
def shown(bar: _Shown) -> Iterator[_Shown]:
    """Show a progress bar or a live picture on standard error, a terminal. The cursor, which it hides, comes back
    however the program ends; where the terminal goes, the bar goes with it, and nothing else."""
    with _cursor_guarded():
        bar.start()
        try:
            yield bar
        finally:
            with suppress(OSError):
                bar.stop()


@contextmanager
def _cursor_guarded() -> Iterator[None]:
    stderr = sys.__stderr__
    if os.name != "posix" or stderr is None or sys.stderr is not stderr:
        yield
        return
    from tui.terminal.ending.guardian import Guardian

    guardian = Guardian(stderr.fileno(), _SHOW_CURSOR)
    guardian.enter()
    try:
        yield
    finally:
        guardian.leave()
        guardian.close()
