"""The output that Textual's writing thread writes to: the terminal, without ever dying of it."""

from __future__ import annotations

import os
import select
import termios
import threading

from tui.terminal.link import Link

_CHUNK = 4096  # bytes
_LOOK_SECONDS = 0.1  # between two looks whether to stop, while the terminal takes nothing


def _opened_anew(terminal: int) -> int:
    """The terminal as a file that does not block; that its other files do must not change for the shell."""
    try:
        return os.open(os.ttyname(terminal), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:  # somebody else's, as under su: to block is the best that is left
        return os.dup(terminal)


class Output:
    """A file to write text to. It tells the link what the system has taken.

    Textual's own file would raise in the writing thread when the terminal has gone, or where its parent
    left it non-blocking; with that thread dead, the whole program would wait for it for ever.
    """

    def __init__(self, terminal: int, link: Link) -> None:
        self._fileno = _opened_anew(terminal)
        self._link = link
        self._pending = bytearray()
        self._stopped = False
        self._lock = threading.Lock()

    def fileno(self) -> int:
        """The file descriptor of the terminal."""
        return self._fileno

    def write(self, text: str) -> None:
        """Keep text for the next `flush`."""
        self._pending += text.encode("utf-8", "replace")

    def flush(self) -> None:
        """Write what was kept; waits while the terminal takes nothing."""
        data, self._pending = memoryview(bytes(self._pending)), bytearray()
        while data and not self._stopped:
            try:
                count = self._write_some(data)
            except BlockingIOError:
                select.select([], [self._fileno], [], _LOOK_SECONDS)
                continue
            except OSError:  # the terminal has gone
                self._stopped = True
                break
            data = data[count:]
            self._link.written(count)
        if self._stopped:
            self._link.written(len(data))  # nobody waits for it

    def _write_some(self, data: memoryview) -> int:
        with self._lock:
            return 0 if self._stopped else os.write(self._fileno, data[:_CHUNK])

    def end(self, last: bytes) -> None:
        """Write this now in place of what nobody has read yet, and nothing more."""
        with self._lock:
            self._stopped = True
            termios.tcflush(self._fileno, termios.TCIOFLUSH)
            os.write(self._fileno, last)
