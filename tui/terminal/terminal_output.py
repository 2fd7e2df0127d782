"""The terminal as a file to write to, without ever dying of it, or waiting for it.

What the terminal takes at once is written by whoever draws. Textual hands everything to a thread: that waits for its
turn while the next picture is painted, and on a busy machine for the processor as well, and a key with it. The thread
is for what the terminal does not take.
"""

from __future__ import annotations

import os
import select
import termios
import threading

from tui.terminal.link import Link

_CHUNK = 4096  # bytes
_LOOK_SECONDS = 0.1  # between two looks whether to stop, while the terminal takes nothing


def _opened_anew(terminal: int) -> tuple[int, bool]:
    """The terminal as a file that does not block, and whether it is one; that its other files block must not change for
    the shell."""
    try:
        return os.open(os.ttyname(terminal), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK), True
    except OSError:  # somebody else's, as under su: to block is the best that is left
        return os.dup(terminal), False


class Output:
    """A file to write bytes to. It tells the link what the system has taken. `written`: bytes that the thread has dealt
    with.

    Textual's own file would raise in the writing thread when the terminal has gone, or where its parent
    left it non-blocking; with that thread dead, the whole program would wait for it for ever.
    """

    def __init__(self, terminal: int, link: Link) -> None:
        self._fileno, self._never_blocks = _opened_anew(terminal)
        self.written = 0
        self._link = link
        self._pending = bytearray()
        self._stopped = False
        self._lock = threading.Lock()

    def fileno(self) -> int:
        """The file descriptor of the terminal."""
        return self._fileno

    def write_at_once(self, data: bytes) -> bytes:
        """Write what the terminal takes now; returns the rest."""
        if not self._never_blocks:
            return data
        try:
            with self._lock:
                count = len(data) if self._stopped else os.write(self._fileno, data)
        except OSError:  # it takes nothing, or has gone: the thread deals with both
            return data
        self._link.written(count)
        return data[count:]

    def write(self, data: bytes) -> None:
        """Keep this for the next `flush`."""
        self._pending += data

    def flush(self) -> None:
        """Write what was kept; waits while the terminal takes nothing."""
        data, self._pending = memoryview(bytes(self._pending)), bytearray()
        size = len(data)
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
        self.written += size

    def _write_some(self, data: memoryview) -> int:
        with self._lock:
            return 0 if self._stopped else os.write(self._fileno, data[:_CHUNK])

    def end(self, last: bytes) -> None:
        """Write this now in place of what nobody has read yet, and nothing more."""
        with self._lock:
            self._stopped = True
            termios.tcflush(self._fileno, termios.TCIOFLUSH)
            os.write(self._fileno, last)
