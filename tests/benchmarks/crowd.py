"""Many dashboards on one small host: `python tests/benchmarks/crowd.py`.

Each runs on a terminal of its own, at the speed that its scenario comes with, and somebody reads all of them. For each
number of them: the frames a second that one has, how long a key waits to be seen, and the longest time for which
nothing moved on one. Under load frames are to become rarer, and none late.

    --count N        how many at once (default 10 and 40); repeatable
    --seconds S      of each measurement (default 10)
    --scenario ID    (default line-fit)
"""

from __future__ import annotations

import argparse
import os
import select
import struct
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

import fcntl  # noqa: E402
import pty  # noqa: E402
import termios  # noqa: E402

from tests.benchmarks.meter import Line, proportional_megabytes  # noqa: E402
from tests.tui.real_terminal import ANSWER, QUESTION, descend, seconds_of_cpu  # noqa: E402

COLUMNS, ROWS = 120, 40
KEYS = b"\x1b[A", b"\x1b[B"  # the learning rate, up and down
PAUSE = 0.7  # seconds between two keys of one dashboard


@dataclass
class Dashboard:
    """One of the crowd, on a pty, without a picture of its screen: what it writes is counted, not drawn."""

    process: subprocess.Popen[bytes]
    fd: int
    frames: list[float] = field(default_factory=list)  # when its question came, which follows each frame
    waits: list[float] = field(default_factory=list)  # seconds from a key to the next bold digits
    pressed: float | None = None
    next_key: float = 0.0
    begun: bytes = b""

    def read(self, now: float) -> None:
        """Take what it has written, and answer its questions as a terminal would."""
        data = self.begun + os.read(self.fd, 65536)
        if self.pressed is not None and any(digit in data for digit in DIGITS):
            self.waits.append(now - self.pressed)
            self.pressed = None
        for _ in range(data.count(QUESTION)):
            os.write(self.fd, ANSWER)
            self.frames.append(now)
        self.begun = data[-len(QUESTION) + 1 :] if not data.endswith(QUESTION) else b""

    def press(self, now: float, index: int) -> None:
        """Press a key, where the one before was seen."""
        if self.pressed is None and now >= self.next_key:
            os.write(self.fd, KEYS[(len(self.waits)) % 2])
            self.pressed, self.next_key = now, now + PAUSE + 0.013 * (index % 17)


# Of the large numbers of the learning rate: 0.05 and 0.1 differ in these, and nothing else has them.
DIGITS = tuple(row.encode() for row in ("┏━╸", "┗━┓", "╺━┛", "╺┓", "╺┻╸"))


def opened(scenario: str) -> Dashboard:
    master, slave = pty.openpty()
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}
    process = subprocess.Popen(
        descend(scenario), stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True
    )
    os.close(slave)
    return Dashboard(process, master)


def attend(crowd: list[Dashboard], seconds: float, *, keys: bool = False) -> None:
    """Read whatever they write, for so long."""
    by_fd = {dashboard.fd: dashboard for dashboard in crowd}
    poll = select.poll()
    for fd in by_fd:
        poll.register(fd, select.POLLIN)
    end = time.monotonic() + seconds
    while (now := time.monotonic()) < end:
        for fd, _ in poll.poll(20):
            by_fd[fd].read(time.monotonic())
        if keys:
            for index, dashboard in enumerate(crowd):
                dashboard.press(now, index)


def measured(count: int, seconds: float, scenario: str) -> list[Line]:
    """The figures of so many at once."""
    with ExitStack() as closing:
        crowd: list[Dashboard] = []
        for _ in range(count):
            crowd.append(opened(scenario))
            closing.callback(crowd[-1].process.wait)
            closing.callback(crowd[-1].process.kill)
            attend(crowd, 0.15)
        end = time.monotonic() + 120
        while not all(len(dashboard.frames) > 20 for dashboard in crowd) and time.monotonic() < end:
            attend(crowd, 0.5)
        attend(crowd, 12)  # until the notices have gone
        for dashboard in crowd:
            dashboard.frames.clear()
        begin, cpu = time.monotonic(), {one.process.pid: seconds_of_cpu(one.process.pid) for one in crowd}
        attend(crowd, seconds)
        stop = time.monotonic()
        rates = [len(dashboard.frames) / (stop - begin) for dashboard in crowd]
        share = sum(seconds_of_cpu(pid) - before for pid, before in cpu.items()) / (stop - begin)
        attend(crowd, seconds, keys=True)
        end = time.monotonic()
        gaps = [
            max(b - a for a, b in zip([begin, *one.frames], [*one.frames, end], strict=True)) * 1e3 for one in crowd
        ]
        waits = [wait * 1e3 for one in crowd for wait in one.waits]
        memory = median(proportional_megabytes(one.process.pid) for one in crowd)
    name = f"{count} dashboards, {scenario}"
    return [
        Line(f"{name}: frames a second, median", median(rates), 5, "fps", least=True),
        Line(f"{name}: frames a second, fewest", min(rates), 5, "fps", least=True),
        Line(f"{name}: key to screen, median of {len(waits)}", median(waits), 200),
        Line(f"{name}: key to screen, 95th percentile", quantiles(waits, n=20)[18], 200),
        Line(f"{name}: longest gap", max(gaps), 1000),
        Line(f"{name}: all screens together", share, os.cpu_count() or 1, "cores"),
        Line(f"{name}: memory (PSS) of a screen", memory, 40, "MB"),
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, action="append", default=[])
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--scenario", default="line-fit")
    options = parser.parse_args()
    print(f"{'what':56} {'measured':>9}  hold")
    for count in options.count or [10, 40]:
        for line in measured(count, options.seconds, options.scenario):
            print(line, flush=True)


if __name__ == "__main__":
    main()
