"""Textual's driver for Linux and macOS, with a measured link and every way out.

A signal, a lost terminal or a blocked one ends the program within two seconds, the terminal as it was.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from codecs import getincrementaldecoder
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

from textual import events
from textual.message import Message

from tui.terminal.ending.ways_out import WaysOut
from tui.terminal.input_parser import InputParser
from tui.terminal.terminal_output import Output
from tui.terminal.textual_internals import OpenDriver, OpenWriter, use_in_driver

if TYPE_CHECKING:
    from tui.terminal.linked_app import LinkedApp


class UnboundedWriter(OpenWriter):
    """Takes text at once however little the terminal takes; the link sees to it that there is little.

    Textual's own queue holds 30 pieces: resized often, with nobody reading, the loop would wait for room and no key
    would reach it.
    """

    def __init__(self, file: Output) -> None:
        self._pieces: SimpleQueue[bytes | None] = SimpleQueue()
        super().__init__(file, self._pieces)
        self._output = file
        self._handed = file.written  # bytes that were left to the thread

    def write(self, text: str) -> None:
        """Write to the terminal what it takes now; the thread writes the rest, and all that comes before that is
        done."""
        data = text.encode("utf-8", "replace")
        if self._handed == self._output.written:
            data = self._output.write_at_once(data)
        if data:
            self._handed += len(data)
            self._pieces.put(data)


use_in_driver(
    # Bytes that are no text come from a paste or a line that drops bits; Textual's decoder would raise.
    decoder=lambda encoding: partial(getincrementaldecoder(encoding), "replace"),
    parser=InputParser,
    writer=UnboundedWriter,
)

_ASK_CURSOR_POSITION = "\x1b[6n"
_CLEAR = "\x1b[0m\x1b[H\x1b[2J"  # tmux 3.3 keeps rows of an alternate screen that grew on the shell's own
_LAST_ANSWERS = 0.5  # seconds to wait for answers that the shell would otherwise read as typed


def _fileno() -> int:
    """The file of the terminal that is drawn on."""
    assert sys.__stderr__ is not None  # `tui.cli.environment` has seen to it
    return sys.__stderr__.fileno()


def _raise(error: Exception) -> None:
    raise error


class TerminalDriver(OpenDriver):
    """Writes through the dashboard's link: after each display it asks the terminal for its cursor position."""

    def __init__(self, app: LinkedApp, **options: Any) -> None:
        stops = signal.getsignal(signal.SIGTSTP) is not signal.SIG_IGN
        super().__init__(app, **options)
        self._link = app.link
        self._output = Output(_fileno(), app.link)
        self.write_to(self._output)
        self._asking = self._stopped = False
        self._ways_out = WaysOut(self.fileno, self._output, app.link, app.guardian, self._leave)
        # Textual would start further input threads on a SIGCONT that nobody asked for.
        signal.signal(signal.SIGCONT, signal.SIG_DFL)
        on_stop: Any = (lambda *_: self._on_loop(app.action_suspend_process)) if stops else signal.SIG_IGN
        signal.signal(signal.SIGTSTP, on_stop)

    def _on_loop(self, callback: Any, *arguments: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has closed: the program is ending
            self.loop.call_soon_threadsafe(callback, *arguments)

    def _leave(self, code: int) -> None:
        self._on_loop(lambda: self.app.exit(return_code=code))

    def write(self, data: str) -> None:
        """Write to the terminal, counted."""
        self._link.sent(len(data.encode("utf-8", "replace")))
        super().write(data)

    def flush(self) -> None:
        """Textual calls this after each display."""
        super().flush()
        if self._asking and self._link.asks(len(_ASK_CURSOR_POSITION)):
            super().write(_ASK_CURSOR_POSITION)

    def run_input_thread(self) -> None:
        """Read keys until the program ends. An error is told to the loop, and reading goes on: nobody could leave
        without keys."""
        while not self.exit_event.is_set():
            try:
                super().run_input_thread()
            except OSError:  # the terminal has gone
                self._ways_out.leave(128 + signal.SIGHUP)
                return
            except Exception as error:
                self.app.call_later(_raise, error)

    def process_message(self, message: Message) -> None:
        """Called by the thread that reads."""
        if isinstance(message, events.AppFocus | events.AppBlur):
            return  # which window has the keys changes nothing here, and Textual would style everything anew
        if isinstance(message, events.CursorPosition):
            self._link.answered()
            if not self._link.hurried:
                return  # nobody waits for it
        super().process_message(message)

    def start_application_mode(self) -> None:
        """Take the terminal."""
        self._link.restart()
        self._asking, self._stopped = True, False
        self._ways_out.entered()
        super().start_application_mode()  # type: ignore[no-untyped-call] # it has no types there

    def stop_application_mode(self) -> None:
        """Leave the terminal as it was; no answer to a question stays behind for the shell."""
        self._asking = False
        if not self._suspending:
            self._ways_out.watch(self.app.return_code or 0)
        self._await_answers()
        self.write(_CLEAR)
        super().stop_application_mode()
        self._stopped = True

    def _await_answers(self) -> None:
        end = time.monotonic() + (_LAST_ANSWERS if self._link.answering else 0.0)
        while self._link.unanswered and time.monotonic() < end:
            time.sleep(0.002)

    _suspending = False

    def suspend_application_mode(self) -> None:
        """Leave the terminal for a while."""
        self._suspending = True
        try:
            super().suspend_application_mode()
        finally:
            self._suspending = False

    def close(self) -> None:
        """Wait until all has been written."""
        super().close()
        if self._stopped:
            self._ways_out.left()

    @property
    def can_suspend(self) -> bool:
        """True if there is a shell that would notice, and could bring the program back.

        The system lets nothing stop that nobody could continue; so something of no account tries it first.
        """
        trial = subprocess.Popen(["/bin/sh", "-c", "kill -TSTP $$"], stdin=subprocess.DEVNULL)
        _, status = os.waitpid(trial.pid, os.WUNTRACED)
        trial.kill()
        trial.wait()
        return os.WIFSTOPPED(status)

    def stop_process(self) -> None:
        """Stop until we are continued in the foreground; after `bg` we stop again.

        Stopped is the whole group, as a terminal would do it: whoever waits for us in it, up to the shell's own child.
        """
        before = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(0, signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, before)
        while not (self._ways_out.leaving or self._in_foreground()):
            os.kill(os.getpid(), signal.SIGSTOP)

    def _in_foreground(self) -> bool:
        try:
            return os.tcgetpgrp(self.fileno) == os.getpgrp()
        except OSError:  # not this session's terminal, or gone
            return True
