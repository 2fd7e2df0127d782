"""Writing to standard output without a traceback, whatever is at its other end."""

from __future__ import annotations

import os
import sys

from tui.errors import UsageError


def write(text: str) -> None:
    """Print `text` at once. A reader that has gone away (`| head`) is no error; a full disk raises UsageError."""
    try:
        print(text, flush=True)
    except UnicodeEncodeError:
        print(text.encode("ascii", "backslashreplace").decode(), flush=True)
    except OSError as error:
        # The interpreter writes what is left over when it ends; let that go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise UsageError(f"standard output cannot be written: {error.strerror}") from None


def printable(text: str) -> str:
    """`text` on one line, control characters written as escapes, so that no file's content steers the terminal."""
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)
