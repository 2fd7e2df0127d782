"""A small process that gives the terminal back where the program cannot: killed, out of memory, or at fault.

It waits for a pipe to close of which the program alone holds the other end; no kind of death keeps that from closing.

It is this file, run by a Python of its own that finds only the standard library: a copy of the program would hold on
to the program's memory, three times as much.
"""

from __future__ import annotations

import os
import sys
import termios

TYPE_CHECKING = False  # `typing` is a third of what the guardian would have to load
if TYPE_CHECKING:
    import signal
    from typing import Any
else:
    import _signal as signal  # without the enumerations: they take a third of the guardian's time

_TAKEN, _LEFT, _LAST = b"1", b"0", b"."  # said to the guardian
_LONGEST_SECONDS = 2  # that giving back may take, should the terminal block
_WORDS = b"descend: ended without a word of its own: killed, or out of memory\n"


class Guardian:
    """Watches over a terminal from `enter` to `leave`. Ends with the program, or with `close`.

    last: what is written to the terminal if the program dies in between. modes: what the terminal's are set to then,
    as `termios` has them; None leaves them. Where the system has no room for a further process there is none, and
    nothing else changes.
    """

    def __init__(self, terminal: int, last: bytes, modes: list[Any] | None = None) -> None:
        import subprocess  # for the program alone

        self._ours: int | None = None
        theirs, ours = os.pipe()
        arguments = [str(theirs), str(terminal), last.hex(), *([] if modes is None else [_packed(modes)])]
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", __file__, *arguments],
                pass_fds=(theirs, terminal),
                start_new_session=True,  # so that neither keys nor signals to the program's group reach it
            )
        except OSError:
            os.close(ours)
        else:
            self._ours = ours
        os.close(theirs)

    def enter(self) -> None:
        """The terminal is the program's from now on."""
        self._tell(_TAKEN)

    def leave(self) -> None:
        """The terminal is as it was."""
        self._tell(_LEFT)

    def _tell(self, word: bytes) -> None:
        if self._ours is not None:
            import contextlib  # for the program alone

            with contextlib.suppress(OSError):  # somebody has ended the guardian
                os.write(self._ours, word)

    def close(self) -> None:
        """Let the guardian end; what was not left by then is given back first."""
        self._tell(_LAST)
        if self._ours is not None:
            os.close(self._ours)
            self._ours = None
            self._process.wait()


def _packed(modes: list[Any]) -> str:
    """The modes as a word: numbers as they are, bytes as hexadecimal digits. `ast` reads any list, and takes a fifth
    of the guardian's time and memory."""
    return ",".join(str(one) if isinstance(one, int) else f"x{one.hex()}" for one in (*modes[:-1], *modes[-1]))


def _unpacked(word: str) -> list[Any]:
    """The modes as `termios` has them: six numbers, and the list of the special characters."""
    found = [bytes.fromhex(one[1:]) if one.startswith("x") else int(one) for one in word.split(",")]
    return [*found[:6], found[6:]]


def _guard(program: int, terminal: int, last: bytes, modes: list[Any] | None) -> None:
    """Do what the guardian's process is for: wait for the program's end, and restore the terminal where it could
    not."""
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD}:
        signal.signal(number, signal.SIG_IGN)
    said = _LEFT
    while more := os.read(program, 64):
        said = (said + more)[-2:]
    if not said.removesuffix(_LAST).endswith(_TAKEN):
        return
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(_LONGEST_SECONDS)
    termios.tcflush(terminal, termios.TCIOFLUSH)
    if modes is not None:
        termios.tcsetattr(terminal, termios.TCSANOW, modes)
    os.write(terminal, last if said.endswith(_LAST) else last + _WORDS)


if __name__ == "__main__":
    _program, _terminal, _last, *_modes = sys.argv[1:]
    _guard(int(_program), int(_terminal), bytes.fromhex(_last), _unpacked(_modes[0]) if _modes else None)
