"""Where Textual's writing thread writes: the terminal, without ever dying of it."""

from __future__ import annotations

import os
import select

from tui.terminal.link import Link

_CHUNK = 4096  # bytes: what may still come out after `stop`


class Output:
    """A file to write text to. It tells the link what the system has taken.

    Textual's own file would raise in the writing thread when the terminal has gone, or where its parent
    left it non-blocking; with that thread dead, the whole program would wait for it for ever.
    """

    def __init__(self, fileno: int, link: Link) -> None:
        self._fileno = fileno
        self._link = link
        self._pending = bytearray()
        self._stopped = False

    def fileno(self) -> int:
        """Of the terminal."""
        return self._fileno

    def write(self, text: str) -> None:
        """Keep text for the next `flush`."""
        self._pending += text.encode("utf-8", "replace")

    def flush(self) -> None:
        """Write what was kept; blocks while the terminal takes nothing."""
        data, self._pending = memoryview(bytes(self._pending)), bytearray()
        while data and not self._stopped:
            try:
                count = os.write(self._fileno, data[:_CHUNK])
            except BlockingIOError:
                select.select([], [self._fileno], [], 1.0)
                continue
            except OSError:  # the terminal has gone
                self._stopped = True
                break
            data = data[count:]
            self._link.written(count)
        if self._stopped:
            self._link.written(len(data))  # nobody waits for it

    def stop(self) -> None:
        """Write nothing more."""
        self._stopped = True
