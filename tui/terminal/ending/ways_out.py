"""The ways out of the screen: signals, a terminal that has gone, and a watchdog where the way is blocked."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import termios
import threading
import time
from collections.abc import Callable
from typing import Any

from tui.terminal.ending.ending_signals import ending_signals
from tui.terminal.ending.guardian import Guardian
from tui.terminal.link import Link
from tui.terminal.terminal_output import Output

_ALWAYS = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)  # answered though they were ignored
_WATCHDOG_SECONDS = 1.5  # so that everything has ended within two
_LONGEST_SECONDS = 10.0  # that ending of its own accord may take where writing is not what it waits for
_LOOK_SECONDS = 0.02
_RESTORING_SECONDS = 0.2  # that even this may take, should the terminal block

# What Textual switches on: mouse, focus, paste, size reports, keyboard protocol, no line wrap, hidden cursor,
# the alternate screen. CAN first ends a sequence that was cut off.
_RESTORE = (
    b"\x18\x1b[?2026l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1016l\x1b[?1004l\x1b[?2004l\x1b[?2048l"
    b"\x1b[<u\x1b[?7h\x1b[0m\x1b[?1049l\x1b[?25h"
)


def guardian_of(terminal: int) -> Guardian:
    """The guardian of this terminal, who restores it where the program no longer can."""
    return Guardian(terminal, _RESTORE, _modes(terminal))


def _modes(terminal: int) -> list[Any] | None:
    with contextlib.suppress(termios.error):
        return termios.tcgetattr(terminal)
    return None


class WaysOut:
    """Ends the program with 128 + n on signal n, as on SIGHUP where the terminal has gone.

    `leave` is called on any thread and asks the program to end; when it has not after 1.5 seconds,
    because nobody reads what it writes, say, the terminal is restored by force and the process ended.
    The engine process ends by itself when its pipe closes.
    """

    def __init__(
        self, terminal: int, output: Output, link: Link, guardian: Guardian | None, leave: Callable[[int], None]
    ) -> None:
        self._terminal = terminal
        self._guardian = guardian
        self._output = output
        self._link = link
        self._leave = leave
        self._told = False
        self._modes = _modes(terminal)
        self._code: int | None = None
        for number in ending_signals():
            if number in _ALWAYS or signal.getsignal(number) not in (signal.SIG_IGN, None):
                signal.signal(number, lambda number, _: self.leave(128 + number))
        threading.Thread(target=self._watch_terminal, name="hang-up", daemon=True).start()

    @property
    def leaving(self) -> bool:
        """True if the end has been asked for."""
        return self._code is not None

    def entered(self) -> None:
        """The terminal is the program's from now on."""
        if self._guardian is not None:
            self._guardian.enter()

    def left(self) -> None:
        """The terminal is as it was."""
        if self._guardian is not None:
            self._guardian.leave()

    def leave(self, code: int) -> None:
        """Ask the program to end, and see to it that it does."""
        self._told = True
        self.watch(code)
        self._leave(code)

    def watch(self, code: int) -> None:
        """The program is ending: see to it that it does. The first exit code counts."""
        if self._code is None:
            self._code = code
            threading.Thread(target=self._guard, name="watchdog", daemon=True).start()

    def _guard(self) -> None:
        begin = time.monotonic()
        time.sleep(_WATCHDOG_SECONDS)
        # A traceback takes its time on a slow machine; nobody has asked for a quick end then.
        while not (self._told or self._link.behind) and time.monotonic() - begin < _LONGEST_SECONDS:
            time.sleep(_LOOK_SECONDS)
        self._force()

    def _watch_terminal(self) -> None:
        """Ask for the end when the terminal has gone. Where SIGHUP does not come (nohup, another session's terminal),
        end-of-file would spin for ever."""
        poll = select.poll()
        poll.register(self._terminal, 0)  # hanging up is always told
        if any(event & (select.POLLHUP | select.POLLERR) for _, event in poll.poll()):
            self.leave(128 + signal.SIGHUP)

    def _force(self) -> None:
        ending = threading.Thread(target=self._restore, daemon=True)
        ending.start()
        ending.join(_RESTORING_SECONDS)
        os._exit(self._code or 0)

    def _restore(self) -> None:
        with contextlib.suppress(OSError, termios.error):
            if self._modes is not None:
                termios.tcsetattr(self._terminal, termios.TCSANOW, self._modes)
            self._output.end(_RESTORE)
            self.left()
