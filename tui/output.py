"""Writing to standard output and standard error without a traceback, whatever is at their other ends, and without
letting text from outside steer the terminal."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable, Sequence

from engine.plain_text import plain
from tui.errors import UsageError


def write(text: str) -> None:
    """Print these lines at once, as plain text. A reader that has gone away (`| head`) is no error; a full disk raises
    UsageError."""
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
        # The interpreter writes what is left over when it ends; let that go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise UsageError(f"standard output cannot be written: {error.strerror}") from None


def tell(text: str) -> None:
    """Print a sentence about what is being done, on one line of standard error. Nobody need be there to read it."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError, ValueError):
            print(f"descend: {plain(text)}", file=sys.stderr, flush=True)
