"""A real terminal for the real program: a pty, somebody who reads from it, and the screen that results."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pyte

ROOT = Path(__file__).parents[2]
os.environ.setdefault("DESCEND_RECORD", "0")  # what is trained here is nobody's training
DEADLINE = 60.0  # seconds, only for the case that it never happens
QUESTION, ANSWER = b"\x1b[6n", b"\x1b[1;1R"
# Makes the pty the controlling terminal of the program: only then does hanging up send SIGHUP.
_CONTROL = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execvp(sys.argv[1], sys.argv[1:])"
# What a shell with job control is to the program: another process of its session, which hands the terminal over.
_SHELL = """
import fcntl, os, signal, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
told = int(sys.argv[1])
go, gone = os.pipe()
pid = os.fork()
if pid == 0:
    for number in (signal.SIGINT, signal.SIGQUIT):  # ignored, perhaps, by whoever started the tests
        signal.signal(number, signal.SIG_DFL)
    os.read(go, 1)
    os.closerange(3, told + 1)
    os.execvp(sys.argv[2], sys.argv[2:])
os.setpgid(pid, pid)
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
os.tcsetpgrp(0, pid)
signal.signal(signal.SIGHUP, lambda *_: os.killpg(pid, signal.SIGHUP))
os.write(told, b"%16d" % pid)
os.write(gone, b"!")
_, status = os.waitpid(pid, 0)
os.write(told, b"%16d" % os.waitstatus_to_exitcode(status))
"""
_OF_LATER_TERMINALS = re.compile(rb"\x1b\[[<>]1?u")  # that pyte takes for text
UNTIL_FIRST_PICTURE = "steps/s"
LOOKING_IN_PROC = "finds the engine process through /proc"


class Job:
    """The program as a job of a shell: what of `subprocess.Popen` is used here."""

    def __init__(self, command, **options):
        self._told, told = os.pipe()
        self._shell = subprocess.Popen(
            [sys.executable, "-I", "-c", _SHELL, str(told), *command],
            pass_fds=[told],
            start_new_session=True,
            **options,
        )
        os.close(told)
        self.pid, self.returncode = int(os.read(self._told, 16)), None

    def poll(self):
        if self.returncode is None and select.select([self._told], [], [], 0)[0]:
            self.returncode = int(os.read(self._told, 16))
            os.close(self._told)
            self._shell.wait()
        return self.returncode

    def wait(self, seconds=DEADLINE):
        if self.returncode is None and not select.select([self._told], [], [], seconds)[0]:
            raise subprocess.TimeoutExpired("the program", seconds)
        return self.poll()

    def send_signal(self, number):
        os.kill(self.pid, number)

    def kill(self):
        self.send_signal(signal.SIGKILL)


class Terminal:
    """A program on a pty.

    rate: bytes a second that are read of what it writes. answers: whether it is told where the cursor is.
    controls: whether it is the program's controlling terminal. shell: whether the program is the job of a shell; if
    not, it leads the session, as over ssh without one. screen: what draws; pyte's, unless given.
    folder: to run in, where it may write its files.
    """

    def __init__(
        self,
        command,
        *,
        columns=80,
        rows=24,
        rate=None,
        answers=True,
        controls=True,
        shell=True,
        environment=(),
        screen=None,
        folder=None,
    ):
        self.screen = screen or pyte.Screen(columns, rows)
        self._feed_screen = self.screen.feed if screen else pyte.ByteStream(self.screen).feed
        self._answers, self._rate = answers, rate
        self._allowance, self._allowed_at = 0.0, time.monotonic()
        self._undecided = b""
        self.written, self.questions = bytearray(), 0
        self._master, self._slave = pty.openpty()
        self.resize(columns, rows)
        self.modes_before = self.modes
        inherited = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "LINES", "NO_COLOR")}
        options = {
            "stdin": self._slave,
            "stdout": self._slave,
            "stderr": self._slave,
            "env": {**inherited, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **_homes(folder), **dict(environment)},
            "cwd": folder,
        }
        if controls and shell:
            self.process = Job(command, **options)
        else:
            line = [sys.executable, "-I", "-c", _CONTROL, *command] if controls else command
            self.process = subprocess.Popen(line, start_new_session=True, **options)

    def resize(self, columns, rows):
        """As a window does; the kernel tells the program."""
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.screen.resize(rows, columns)

    @property
    def text(self):
        return "\n".join(self.screen.display)

    @property
    def modes(self):
        return termios.tcgetattr(self._slave)

    def private_modes(self):
        """Of those that were ever switched, which ones are on: {1049: True, …}."""
        switched = re.findall(rb"\x1b\[\?(\d+)([hl])", bytes(self.written))
        return {int(number): letter == b"h" for number, letter in switched}

    def read(self, seconds=0.05):
        """Take what there is, or wait for it so long; the number of bytes."""
        size = 65536
        if self._rate is not None:
            now = time.monotonic()
            self._allowance = min(self._allowance + (now - self._allowed_at) * self._rate, self._rate * 0.05)
            self._allowed_at = now
            size = int(self._allowance)
            if size < 64:
                time.sleep(0.005)
                return 0
        if not select.select([self._master], [], [], seconds)[0]:
            return 0
        try:
            data = os.read(self._master, size)
        except OSError:  # everybody has let go of the pty
            return 0
        self._allowance -= len(data)
        self.written += data
        self._feed(self._undecided + data)
        return len(data)

    def _feed(self, data):
        whole = data.rfind(b"\x1b") if b"\x1b" in data[-16:] else len(data)
        data, self._undecided = data[:whole], data[whole:]
        if re.fullmatch(rb"\x1b\[[0-9?<>;]*[@-~]", self._undecided):
            data, self._undecided = data + self._undecided, b""
        asked = data.count(QUESTION)
        self.questions += asked
        if self._answers and asked:
            self.press(ANSWER * asked)
        self._feed_screen(_OF_LATER_TERMINALS.sub(b"", data))

    def until(self, condition):
        """Read until the condition holds."""
        end = time.monotonic() + DEADLINE
        while not condition():
            assert time.monotonic() < end, self.text
            self.read()

    def until_quiet(self, seconds=0.3):
        """Read until nothing has come for so long."""
        end = time.monotonic() + DEADLINE
        quiet_since = time.monotonic()
        while time.monotonic() - quiet_since < seconds:
            assert time.monotonic() < end, self.text
            if self.read():
                quiet_since = time.monotonic()

    def read_for(self, seconds):
        """Read for so long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.read(0.01)

    def begin(self, *, pause=False):
        """Read until the first picture is there."""
        self.until(lambda: UNTIL_FIRST_PICTURE in self.text)
        if pause:
            self.press(b" ")
            self.until(lambda: "paused" in self.text)
            self.until_quiet()
        return self

    def press(self, keys):
        os.write(self._master, keys)

    def signal(self, number):
        self.process.send_signal(number)

    def engine_pid(self):
        """The child that runs the engine, once it is there."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        lines = {int(pid): Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children}
        return next(pid for pid, line in lines.items() if b"spawn_main" in line)

    def wait(self):
        """Read until the program has ended, and what it left; its exit code."""
        self.until(lambda: self.process.poll() is not None)
        while self.read(0):
            pass
        return self.process.returncode

    def wait_without_reading(self):
        """Its exit code, with nobody reading until it has ended."""
        code = self.process.wait(DEADLINE)
        while self.read(0):
            pass
        return code

    def wait_until_stopped(self):
        """Read until the program has stopped itself."""
        self.until(lambda: state(self.process.pid) == "T")
        while self.read(0):
            pass

    def hang_up(self):
        """The window is closed, the link is lost."""
        os.close(self._slave)
        os.close(self._master)
        self._master = self._slave = -1

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait()
        if self._master >= 0:
            self.hang_up()


def _homes(folder):
    if folder is None:
        return {}
    return {"HOME": str(folder), "XDG_STATE_HOME": "", "XDG_CONFIG_HOME": "", "PYTHONPATH": str(ROOT)}


def descend(*arguments):
    """The command line of the program; without arguments, it trains a line at once."""
    return [sys.executable, "-m", "tui", *(arguments or ("line-fit",))]


def state(pid):
    """The process's state as /proc has it: "S" sleeps, "T" is stopped; a zombie has ended: None."""
    try:
        letter = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if letter in "ZX" else letter


def seconds_of_cpu(pid):
    """That the process has taken so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
