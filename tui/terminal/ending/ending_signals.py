"""The signals that ask a program to end, and the order in which it then does."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

# A fault of the program's own, which an answer in Python would only come back to; and what ends no program.
_FAULTS = ("SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE")
_OTHERS = ("SIGKILL", "SIGSTOP", "SIGCHLD", "SIGCONT", "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGWINCH", "SIGINFO")


class Ended(KeyboardInterrupt):
    """A signal has asked the program to end; `number` says which one."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


def ending_signals() -> list[int]:
    """Return all that end a program which does not answer them, but for those that nobody can answer."""
    names = {*_FAULTS, *_OTHERS}
    return sorted(number for number in signal.valid_signals() if getattr(number, "name", "") not in names)


def _raise(number: int, frame: FrameType | None) -> None:
    raise Ended(number)


@contextmanager
def raised() -> Iterator[None]:
    """Let a signal that asks the program to end raise Ended within the block, so that whatever is open is closed."""
    with _answered_by(_raise):
        yield


class Stop:
    """The signal that has asked the program to end, if one has."""

    def __init__(self) -> None:
        self.number: int | None = None

    def is_set(self) -> bool:
        """Tell whether one has."""
        return self.number is not None

    def end(self) -> None:
        """Raise Ended where one has."""
        if self.number is not None:
            raise Ended(self.number)


@contextmanager
def interruptible() -> Iterator[Stop]:
    """Only note the first signal that asks the program to end, within the block, so that nothing is left half done; the
    second raises Ended."""
    stop = Stop()

    def note(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise Ended(number)
        stop.number = number

    with _answered_by(note):
        yield stop


@contextmanager
def _answered_by(answer: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Answer these signals within the block. Those that whoever started the program has it ignore, as nohup does, stay
    ignored."""
    before = {number: signal.getsignal(number) for number in ending_signals()}
    before = {number: handler for number, handler in before.items() if handler not in (signal.SIG_IGN, None)}
    for number in before:
        signal.signal(number, answer)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
