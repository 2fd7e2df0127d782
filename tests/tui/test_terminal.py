"""The real program in a real terminal (a pty): keys in, screen out, and the terminal left as it was."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pyte
import pytest

DEADLINE = 60.0  # seconds, only for the case that it never happens


class Terminal:
    """A program on a pty, and the screen that it draws."""

    def __init__(self, *arguments, columns=80, rows=24):
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self.written = b""
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.modes_before = termios.tcgetattr(slave)
        self._slave = slave
        environment = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "LINES", "NO_COLOR")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tui", *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**environment, "TERM": "xterm-256color"},
            start_new_session=True,
        )

    @property
    def text(self):
        return "\n".join(self.screen.display)

    @property
    def modes(self):
        return termios.tcgetattr(self._slave)

    def _read(self):
        ready, _, _ = select.select([self._master], [], [], 0.05)
        if ready:
            data = os.read(self._master, 65536)
            self.written += data
            # pyte takes private modes of later terminals (CSI < u) for text.
            self._stream.feed(data.replace(b"\x1b[<u", b"").replace(b"\x1b[>1u", b""))

    def until(self, condition):
        end = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < end, self.text
            self._read()

    def press(self, keys):
        os.write(self._master, keys)

    def engine_pid(self):
        """The child that runs `multiprocessing.spawn`'s main, once it is there."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        lines = {int(pid): Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children}
        return next(pid for pid, line in lines.items() if b"spawn_main" in line)

    def wait(self):
        self.until(lambda: self.process.poll() is not None)
        return self.process.returncode

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._master)
        os.close(self._slave)


@pytest.fixture
def terminal(request):
    opened = []

    def open_terminal(*arguments, **size):
        opened.append(Terminal(*arguments, **size))
        return opened[-1]

    yield open_terminal
    for one in opened:
        one.close()


def gone(pid):
    """Whether the process has ended; a zombie has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


UP, LEFT = b"\x1b[A", b"\x1b[D"


def test_keys_fly_and_quitting_leaves_the_terminal_as_it_was(terminal):
    flight = terminal()
    flight.until(lambda: "learning rate 0.05" in flight.text and "steps/s" in flight.text)
    assert "Line fit" in flight.text
    flight.press(UP + UP + LEFT)
    flight.until(lambda: "learning rate 0.2" in flight.text and "batch size    16" in flight.text)
    flight.press(b" ")
    flight.until(lambda: "paused" in flight.text)
    flight.press(b"?")
    flight.until(lambda: "Raise the learning rate" in flight.text)
    flight.press(b"?")
    flight.until(lambda: "paused" in flight.text and "Raise the learning rate" not in flight.text)
    flight.press(b"q")
    assert flight.wait() == 0
    flight.until(lambda: b"\x1b[?1049l" in flight.written)
    assert b"\x1b[?25h" in flight.written[flight.written.rindex(b"\x1b[?1049h") :]
    assert flight.modes == flight.modes_before


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the engine process through /proc")
def test_a_killed_engine_is_said_and_the_screen_lives_on(terminal):
    flight = terminal("one-weight", columns=120, rows=40)
    flight.until(lambda: "One weight" in flight.text and "slope" in flight.text)
    os.kill(flight.engine_pid(), signal.SIGKILL)
    flight.until(lambda: "The engine has stopped" in flight.text and "SIGKILL" in flight.text)
    flight.press(b"r")
    flight.until(lambda: "The engine has stopped" not in flight.text and "steps/s" in flight.text)
    flight.press(b"q")
    assert flight.wait() == 0


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the engine process through /proc")
def test_the_engine_ends_with_its_screen_however_that_died(terminal):
    flight = terminal()
    flight.until(lambda: "steps/s" in flight.text)
    engine = flight.engine_pid()
    flight.process.kill()
    flight.process.wait()
    flight.until(lambda: gone(engine))
