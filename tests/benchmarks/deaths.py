"""Sixty ways of dying: `python tests/benchmarks/deaths.py [--seed N] [--count N] [--only WORD]`.

The real program on a real terminal is sent every kind of signal at every kind of moment, to its screen, its engine or
both, and commands without a screen too; it runs out of memory as well. Afterwards the terminal must be as it was, no
process may be left, and no file may be half there. One line for each way, and the sums.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import resource
import signal
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.tui.real_terminal import Terminal, descend, state  # noqa: E402

FAULTS = ("SEGV", "BUS", "ILL", "FPE", "KILL")  # that no program can answer
ANSWERED = ("HUP", "INT", "QUIT", "TERM", "USR1", "USR2", "ALRM", "VTALRM", "PROF", "XCPU", "ABRT", "TRAP", "SYS", "IO")
ENDED = 4.0  # seconds within which all processes have
WORLD = ("screen", "engine", "both")
PLAIN = ("train", "export")
MEGABYTES = (60, 100, 150, 200, 250, 300, 400, 800)
RESTORED = (1000, 1003, 1006, 1049, 2004)  # mouse, alternate screen, paste: off again
MARK = "DESCEND_TRIAL"


@dataclass
class Way:
    """One way of dying: which signal (or limit of memory), when, and who."""

    what: str
    moment: str
    who: str
    code: int | None = None
    faults: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        found = ", ".join(self.faults) or "terminal restored, nothing left"
        return f"{self.what:8} {self.moment:14} {self.who:8} {self.code!s:>5}  {found}"


def ways(generator: random.Random) -> list[Way]:
    """All signals for each of the screen, the engine and both, and a moment for each; then the plain commands."""
    moments = [name for name in MOMENTS if name != "starting"]
    generator.shuffle(moments)
    turn = cycle(moments)
    found = [Way(name, next(turn), who) for who in WORLD for name in (*ANSWERED, *FAULTS)]
    found += [Way(name, "starting", "screen") for name in ("HUP", "INT", "TERM", "KILL")]
    found += [Way(name, "under way", who) for who in PLAIN for name in ("HUP", "INT", "QUIT", "TERM", "USR1", "KILL")]
    return found + [Way(f"{size} MB", "starting", who) for size in MEGABYTES for who in ("screen", "train")]


def starting(terminal: Terminal) -> None:
    terminal.read_for(random.uniform(0.0, 0.6))


def training(terminal: Terminal) -> None:
    terminal.begin()


def full_speed(terminal: Terminal) -> None:
    terminal.begin().press(b"+" * 12)
    terminal.until(lambda: re.search(r"\d,\d{3} steps/s", terminal.text))


def paused(terminal: Terminal) -> None:
    terminal.begin(pause=True)


def in_the_help(terminal: Terminal) -> None:
    terminal.begin().press(b"?")
    terminal.until_quiet()


def in_the_palette(terminal: Terminal) -> None:
    terminal.begin().press(b"\x10lo")
    terminal.until_quiet()


def resized(terminal: Terminal) -> None:
    terminal.begin()
    for columns in range(60, 140, 3):
        terminal.resize(columns, 30)
        time.sleep(0.005)


def unread(terminal: Terminal) -> None:
    resized(terminal)
    time.sleep(0.5)


def suspended(terminal: Terminal) -> None:
    terminal.begin().press(b"\x1a")
    terminal.wait_until_stopped()


def quitting(terminal: Terminal) -> None:
    terminal.begin().press(b"q")


def sweeping(terminal: Terminal) -> None:
    terminal.begin().press(b"X")
    terminal.until(lambda: "trainings" in terminal.text)


MOMENTS: dict[str, Callable[[Terminal], None]] = {
    "starting": starting,
    "training": training,
    "full speed": full_speed,
    "paused": paused,
    "in the help": in_the_help,
    "in the palette": in_the_palette,
    "resized": resized,
    "unread": unread,
    "sweeping": sweeping,
    "suspended": suspended,
    "quitting": quitting,
}


def die(way: Way) -> None:
    """Let it happen, and note what is not as it should be."""
    mark = uuid.uuid4().hex
    with tempfile.TemporaryDirectory() as folder:
        command = _command(way)
        with closing(Terminal(command, environment={MARK: mark}, folder=folder, columns=100, rows=30)) as terminal:
            try:
                _happen(way, terminal)
                way.code = terminal.wait()
            except (AssertionError, StopIteration) as error:
                way.faults.append(f"{type(error).__name__}: {str(error).strip()[-200:]!r}")
            left = _left(mark)
            if left:
                way.faults.append(f"{len(left)} processes left")
            _look_at_the_terminal(way, terminal)
            for pid in left:
                os.kill(pid, signal.SIGKILL)
        way.faults += _half(Path(folder))


def _command(way: Way) -> list[str]:
    long = ["--steps", "100000000"]
    command = {
        "train": descend("train", "one-weight", *long, "--csv", "steps.csv"),
        "export": descend("export", "one-weight", *long, "--to", "csv", "--output", "steps.csv"),
    }.get(way.who, descend("one-weight"))
    if way.what.endswith(" MB"):
        size = int(way.what.split()[0]) << 20
        short = [*command[:5], "--steps", "100"] if way.who == "train" else command
        limit = "import os, resource, sys; resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]),) * 2)"
        return [sys.executable, "-c", f"{limit}; os.execv(sys.argv[2], sys.argv[2:])", str(size), *short]
    return command


def _happen(way: Way, terminal: Terminal) -> None:
    if way.what.endswith(" MB"):
        terminal.until(lambda: terminal.process.poll() is not None or "q quits" in terminal.text or _runs(terminal))
        if terminal.process.poll() is None:
            terminal.press(b"q")
        return
    number = signal.Signals[f"SIG{way.what}"]
    if way.who in PLAIN:
        terminal.until(lambda: "steps/s" in terminal.text)
        terminal.signal(number)
        return
    MOMENTS[way.moment](terminal)
    engine = terminal.engine_pid() if way.who != "screen" else None
    if engine is not None:
        os.kill(engine, number)
    if way.who != "engine":
        terminal.signal(number)
    if way.moment == "suspended":
        terminal.signal(signal.SIGCONT)
    if way.who == "engine" and way.moment != "quitting":
        _live_on(terminal, dies=way.what != "INT")


def _runs(terminal: Terminal) -> bool:
    return "step " in terminal.text and "epoch" in terminal.text


def _live_on(terminal: Terminal, *, dies: bool) -> None:
    """The screen says what has happened, begins again on r, and is quit as ever."""
    for _ in range(3):
        terminal.press(b"\x1b")
        terminal.read_for(0.3)
    if dies:
        terminal.until(lambda: "The engine has stopped" in terminal.text)
        terminal.press(b"r")
    terminal.until(lambda: "The engine has stopped" not in terminal.text and _runs(terminal))
    terminal.press(b"q")


def _look_at_the_terminal(way: Way, terminal: Terminal) -> None:
    terminal.read_for(0.1)
    if b"Traceback" in terminal.written:
        way.faults.append("a traceback")
    if way.code not in _codes(way):
        way.faults.append(f"exit code {way.code}")
    private = terminal.private_modes()
    if terminal.modes != terminal.modes_before:
        way.faults.append("modes changed")
    if on := [number for number in RESTORED if private.get(number)]:
        way.faults.append(f"left on: {on}")
    if not private.get(25, True):
        way.faults.append("cursor hidden")


def _codes(way: Way) -> tuple[int, ...]:
    if way.what.endswith(" MB"):
        return (0, 1, -signal.SIGABRT, -signal.SIGSEGV)  # the libraries' own ends among them
    number = int(signal.Signals[f"SIG{way.what}"])
    if way.who == "engine" or way.moment == "quitting":
        return (0, 128 + number, -number)
    if way.what in FAULTS or way.moment == "starting":  # before there is anybody to answer
        return (-number, 128 + number)
    return (128 + number,)


def _left(mark: str) -> list[int]:
    """Processes of this trial that live on, some seconds later."""
    end = time.monotonic() + ENDED
    while (pids := _marked(mark)) and time.monotonic() < end:
        time.sleep(0.05)
    return pids


def _marked(mark: str) -> list[int]:
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and state(int(folder.name)) is not None:
            try:
                if mark.encode() in (folder / "environ").read_bytes():
                    found.append(int(folder.name))
            except OSError:
                continue
    return found


def _half(folder: Path) -> list[str]:
    """Files that are not whole."""
    found = []
    for path in folder.rglob("*.csv"):
        lines = path.read_text().split("\n")
        if lines[-1] or len({line.count(",") for line in lines[:-1]}) > 1:
            found.append(f"half a file: {path.name}")
    return found


def main() -> None:
    """Go through the ways, and print them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, help="so many of the ways, at random (all)")
    parser.add_argument("--only", help="only ways with this word in their line")
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    random.seed(options.seed)
    found = [way for way in ways(random.Random(options.seed)) if not options.only or options.only in str(way)]
    if options.count:
        found = random.sample(found, min(options.count, len(found)))
    print("what     moment         who       code  afterwards")
    for way in found:
        die(way)
        print(way, flush=True)
    bad = sum(bool(way.faults) for way in found)
    print(f"{len(found)} ways of dying, {bad} of them with something left over")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
