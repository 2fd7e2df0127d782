"""What the dashboard takes and gives on a real terminal: `python tests/benchmarks/meter.py`.

The real program runs on a pty, at full speed, and every line of the agreed table is measured beside what it is
to hold. Whatever is compared takes turns in one run, as the machine drifts. The slow link is a proxy before a real
OpenSSH server on loopback, where one is installed.

    --rounds N       of the starts and of the engine's rates (default 5)
    --only WORD      only the lines with this word in their name; repeatable
    --soak MINUTES   only the memory, at full speed, for so long
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.benchmarks.cells import Cells  # noqa: E402
from tests.tui import ssh  # noqa: E402
from tests.tui.real_terminal import Terminal, descend, seconds_of_cpu  # noqa: E402
from tui.painting import digits  # noqa: E402
from tui.painting.canvas import Canvas  # noqa: E402
from tui.painting.palette import Ink  # noqa: E402

BARE = """
from textual.app import App
from textual.widgets import Static
class Bare(App):
    BINDINGS = [("q", "quit", "Quit")]
    def compose(self):
        yield Static("hello")
Bare().run()
"""
TEN_FRAMES = """
import tui.terminal.link as link
link.FRAMES_PER_SECOND = 10.0
from tui.cli.command_line import main
main()
"""
HEADLESS = """
import sys, threading, time, scenarios
from engine.serving.commands import RequestFrame
from engine.serving.process import EngineProcess
from engine.serving.snapshot import View
if __name__ == "__main__":
    engine, steps, news = EngineProcess(scenarios.load(sys.argv[1]), steps_per_second=None), [], threading.Event()
    engine.listen(lambda snapshot: (steps.append((time.monotonic(), snapshot.step)), news.set()))
    for wait in (1.0, 2.0, 0.0):
        engine.send(RequestFrame(View())), news.wait(), news.clear(), time.sleep(wait)
    print((steps[2][1] - steps[1][1]) / (steps[2][0] - steps[1][0]))
    engine.close()
"""
TRUECOLOR = {"COLORTERM": "truecolor"}
SIZE = {"columns": 120, "rows": 40}
RATES = ("0.05", "0.1")  # that the scenario begins with, and that a key up makes of it
KEYS = 120  # pressed for each figure of latency
TO_FULL_SPEED = b"+" * 12
NOTICE_SECONDS = 12.0  # longer than any notice stands, which is drawn over when it goes
RESTARTS = 12  # more than there are ghosts drawn


@dataclass
class Line:
    """A measured figure, and the highest that it may be; with `least`, the lowest."""

    name: str
    value: float
    hold: float
    unit: str = "ms"
    least: bool = False

    def __str__(self) -> str:
        fits = self.value >= self.hold if self.least else self.value <= self.hold
        bound = "≥" if self.least else "≤"
        return f"{self.name:56} {self.value:9,.2f}  {bound} {self.hold:<8,.4g} {self.unit:7} {'' if fits else 'MISSED'}"


@contextmanager
def running(
    command: list[str] | None = None, *, environment: dict[str, str] | None = None, **options: object
) -> Iterator[Terminal]:
    """The program at full speed, after its first pictures."""
    inherited = {**TRUECOLOR, "PYTHONPATH": str(ROOT)} if environment is None else environment
    options = {**SIZE, "screen": Cells(**SIZE), **options}
    with closing(Terminal(command or descend("line-fit"), environment=inherited, **options)) as terminal:
        terminal.begin()
        terminal.press(TO_FULL_SPEED)
        terminal.until(lambda: re.search(r"\d,\d{3} steps/s", terminal.text))
        read_for(terminal, 1.5)
        yield terminal


def read_for(terminal: Terminal, seconds: float) -> int:
    """Read for so long; the bytes."""
    end, size = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        size += terminal.read(0.005)
    return size


def first_frames(rounds: int) -> Iterator[Line]:
    programs = {
        "bare": ([sys.executable, "-c", BARE], b"hello"),
        "ours": (descend("line-fit"), b"Loss"),
    }
    first: dict[str, list[float]] = {name: [] for name in programs}
    quits: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(rounds):
        for name, (command, sign) in programs.items():
            begin = time.perf_counter()
            options = {**SIZE, "screen": Cells(**SIZE), "environment": TRUECOLOR, "controls": False}
            with closing(Terminal(command, **options)) as terminal:
                while sign not in terminal.written:
                    terminal.read(0.002)
                first[name].append((time.perf_counter() - begin) * 1e3)
                read_for(terminal, 1.0)
                terminal.press(b"q")
                begin = time.perf_counter()
                while terminal.process.poll() is None:
                    terminal.read(0.002)
                quits[name].append((time.perf_counter() - begin) * 1e3)
    bare, ours = median(first["bare"]), median(first["ours"])
    yield Line(f"first frame (bare Textual app: {bare:.0f} ms)", ours, 1.3 * bare)
    yield Line("first frame, times a bare Textual app", ours / bare, 1.3, "times")
    yield Line(f"quit (bare Textual app: {median(quits['bare']):.0f} ms)", median(quits["ours"]), 400)


@dataclass
class Stretch:
    """Some seconds of a running program. share: of a core, in percent, that its screen took."""

    bytes_a_second: float
    frames_a_second: float
    share: float

    @property
    def frame(self) -> float:
        """Milliseconds of processor time that a frame took."""
        return self.share * 10 / self.frames_a_second


def stretch(terminal: Terminal, seconds: float) -> Stretch:
    """Read for so long."""
    asked, cpu, begin = terminal.questions, seconds_of_cpu(terminal.process.pid), time.monotonic()
    size = read_for(terminal, seconds)
    seconds = time.monotonic() - begin
    share = (seconds_of_cpu(terminal.process.pid) - cpu) / seconds * 100
    return Stretch(size / seconds, (terminal.questions - asked) / seconds, share)


def bytes_and_share(_: int) -> Iterator[Line]:
    with running() as terminal:
        shown = stretch(terminal, 6)
        frames = shown.frames_a_second
        yield Line(f"bytes, 120x40, truecolor, {frames:.0f} fps, full speed", shown.bytes_a_second / 1e3, 60, "kB/s")
        yield Line("screen's share of a core, the same", shown.share, 10, "%")
        yield Line("processor time of a frame, the same", shown.frame, 5)
        terminal.press(b" ")
        terminal.until(lambda: "paused" in terminal.text)
        terminal.until_quiet(NOTICE_SECONDS)
        yield Line("bytes while paused", read_for(terminal, 4), 0, "bytes")
    command = [sys.executable, "-c", TEN_FRAMES, "line-fit"]
    with running(command, environment={"PYTHONPATH": str(ROOT), "COLORTERM": ""}) as terminal:
        asked = terminal.questions
        size = read_for(terminal, 6)
        frames = (terminal.questions - asked) / 6
        yield Line(f"bytes, 120x40, 256 colours, {frames:.0f} fps, full speed", size / 6e3, 24, "kB/s")
        yield Line("frames a second where ten are wanted", frames, 9.5, "fps", least=True)


def ghosts(rounds: int) -> Iterator[Line]:
    fresh, after = [], []
    for _ in range(rounds):
        with running() as terminal:
            fresh.append(stretch(terminal, 4).frame)
            for _ in range(RESTARTS):
                terminal.press(b"r")
                read_for(terminal, 0.4)
            read_for(terminal, 1.5)  # as long as the fresh one had
            after.append(stretch(terminal, 4).frame)
    name = f"a frame after {RESTARTS} restarts, times a fresh run's ({median(fresh):.1f} ms)"
    yield Line(name, median(after) / median(fresh), 1.2, "times")


def shown_rate(terminal: Terminal) -> str:
    """The learning rate that stands on the screen, in large digits of three rows beside its name; empty where that is
    not all there."""
    lines = ["".join(row) for row in terminal.screen.rows]
    for y, line in enumerate(lines):
        if (x := line.find("learning rate  ↑")) >= 0:
            return "".join(digits[x - 18 : x] for digits in lines[y : y + 3])
    return ""  # a frame is half drawn


def large(rate: str) -> str:
    """How `shown_rate` shows it once all of it is drawn."""
    canvas = Canvas(18, digits.HEIGHT)
    digits.draw(canvas, 1, 0, 16, rate, Ink.STRONG)
    return "".join(canvas.rows())


def latencies(terminal: Terminal, keys: int, pause: float) -> list[float]:
    """Milliseconds from a key that changes the learning rate to the screen that says so, in whole digits: on a slow
    link the rows of a number come one after the other."""
    found = []
    terminal.until(lambda: large(RATES[0]) == shown_rate(terminal))
    for index in range(keys):
        terminal.press(b"\x1b[A" if index % 2 == 0 else b"\x1b[B")
        begin = time.perf_counter()
        expected = large(RATES[(index + 1) % 2])
        while shown_rate(terminal) != expected:
            terminal.read(0.002)
            if time.perf_counter() - begin > 20:
                break
        found.append((time.perf_counter() - begin) * 1e3)
        read_for(terminal, pause + 0.003 * (index * 7 % 11))  # at no fixed place between two frames
    return found


def own_speed(_: int) -> Iterator[Line]:
    command = descend("line-fit")  # at 10 steps a second
    with closing(Terminal(command, environment=TRUECOLOR, screen=Cells(**SIZE), **SIZE)) as terminal:
        terminal.begin()
        read_for(terminal, 12)  # until the notice has gone
        pids = {"screen": terminal.process.pid, "engine": terminal.engine_pid()}
        asked, cpu, begin = (
            terminal.questions,
            {name: seconds_of_cpu(pid) for name, pid in pids.items()},
            time.monotonic(),
        )
        read_for(terminal, 10)
        seconds = time.monotonic() - begin
        frames = (terminal.questions - asked) / seconds
        for name, hold in (("screen", 12), ("engine", 5)):
            share = (seconds_of_cpu(pids[name]) - cpu[name]) / seconds * 100
            yield Line(f"share of a core at 10 steps/s, {frames:.0f} fps: the {name}", share, hold, "%")
        screen, engine = (proportional_megabytes(pid) for pid in pids.values())
        name = f"memory (PSS) of screen and engine ({screen:.0f} + {engine:.0f})"
        yield Line(name, screen + engine, 60, "MB")


def keys_at_full_speed(_: int) -> Iterator[Line]:
    with running() as terminal:
        found = latencies(terminal, KEYS, 0.07)
    yield Line("key to changed screen, full speed, median", median(found), 6)
    yield Line("key to changed screen, full speed, 99th percentile", quantiles(found, n=100)[98], 30)


def slow_ssh(_: int) -> Iterator[Line]:
    if ssh.MISSING:
        print(f"slow link: not measured, {ssh.MISSING}")
        return
    remote = f"cd {shlex.quote(str(ROOT))} && exec {shlex.join(descend('line-fit'))}"
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(ssh.Server(folder)) as server,
        closing(ssh.SlowLink(server.port, rate=64_000, delay=0.020)) as link,
        running(server.command(remote, port=link.port)) as terminal,
    ):
        read_for(terminal, 4)
        asked, begin = terminal.questions, time.monotonic()
        found = latencies(terminal, 60, 0.2)
        frames = (terminal.questions - asked) / (time.monotonic() - begin)
    yield Line("ssh, 64 kB/s, 40 ms round trip: key, median", median(found), 100)
    yield Line("ssh, 64 kB/s, 40 ms round trip: key, worst of 60", max(found), 300)
    yield Line("ssh, 64 kB/s, 40 ms round trip: frames a second", frames, 5, "fps", least=True)


def slow_reader(_: int) -> Iterator[Line]:
    for answers in (True, False):
        what = "16 kB/s reader that " + ("answers" if answers else "does not answer")
        with closing(
            Terminal(
                descend("line-fit"), rate=16_000, answers=answers, environment=TRUECOLOR, screen=Cells(**SIZE), **SIZE
            )
        ) as slow:
            slow.until(lambda slow=slow: "learning rate  ↑" in slow.text)
            asked = slow.questions
            slow.until(lambda slow=slow, asked=asked: slow.questions > asked)  # asked after the first picture
            asked, begin = slow.questions, time.monotonic()
            slow.press(TO_FULL_SPEED)
            found = latencies(slow, 30, 0.2)
            frames = (slow.questions - asked) / (time.monotonic() - begin)
            yield Line(f"{what}: key, median", median(found), 500)
            yield Line(f"{what}: key, worst of 30 ({frames:.1f} fps)", max(found), 500)


def engine_rate(rounds: int) -> Iterator[Line]:
    import subprocess

    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "headless.py"
        program.write_text(HEADLESS)
        alone, shown = [], []
        for _ in range(rounds):
            environment = {**os.environ, "PYTHONPATH": str(ROOT)}
            command = [sys.executable, program, "line-fit"]
            alone.append(float(subprocess.check_output(command, env=environment)))
            with running() as terminal:
                first, begin = steps(terminal), time.monotonic()
                read_for(terminal, 2)
                terminal.press(b" ")
                end = time.monotonic()
                terminal.resize(118, 40)
                terminal.until(lambda terminal=terminal: "paused" in terminal.text)
                terminal.until_quiet()
                shown.append((steps(terminal) - first) / (end - begin))
    name = f"engine's rate beside the screen, of {median(alone) / 1e3:,.0f},000/s alone"
    yield Line(name, median(shown) / median(alone) * 100, 97, "%", least=True)


def beside_a_sweep(rounds: int) -> Iterator[Line]:
    """The engine's rate and the time of keys while a sweep is trained in the background, and without one, in turn."""
    rates: dict[bool, list[float]] = {False: [], True: []}
    keys: dict[bool, list[float]] = {False: [], True: []}
    with running() as terminal:
        for number in range(2 * rounds):
            sweeps = number % 2 == 1
            if sweeps:
                terminal.press(b"G")
                terminal.until(lambda: "trainings" in terminal.text)
                terminal.press(b"0")
                terminal.until(lambda: "trainings" not in terminal.text)
            first, begin = steps(terminal), time.monotonic()
            read_for(terminal, 2)
            rates[sweeps].append((steps(terminal) - first) / (time.monotonic() - begin))
            keys[sweeps] += latencies(terminal, 20, 0.05)
            for pid in sweep_pids(terminal):
                os.kill(pid, signal.SIGKILL)
    share = median(rates[True]) / median(rates[False]) * 100
    yield Line(
        f"engine's rate beside a sweep, of {median(rates[False]) / 1e3:,.0f},000/s without", share, 90, "%", True
    )
    without = median(keys[False])
    yield Line(
        f"key beside a sweep, median, times that without ({without:.0f} ms)", median(keys[True]) / without, 1.3, "times"
    )


def sweep_pids(terminal: Terminal) -> list[int]:
    """The processes that sweep: children of the program that take what nobody else wants."""
    pid = terminal.process.pid
    children = [int(it) for it in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [child for child in children if os.getpriority(os.PRIO_PROCESS, child) == 19]


def steps(terminal: Terminal) -> int:
    found = re.search(r"step ([\d,]+)", terminal.text)
    assert found, terminal.text
    return int(found[1].replace(",", ""))


def megabytes(pid: int) -> float:
    """Of memory that is the process's own: resident, not shared."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(value) for value in re.findall(r"Private_\w+:\s+(\d+)", text)) / 1e3


def proportional_megabytes(pid: int) -> float:
    """Of memory, shared parts counted in proportion."""
    found = re.search(r"Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text())
    assert found
    return int(found[1]) / 1e3


def soak(minutes: float) -> Iterator[Line]:
    with running() as terminal:
        pids = {"screen": terminal.process.pid, "engine": terminal.engine_pid()}
        read_for(terminal, 20)
        terminal.written.clear()
        before = {name: megabytes(pid) for name, pid in pids.items()}
        most = dict(before)
        end = time.monotonic() + minutes * 60
        while time.monotonic() < end:
            read_for(terminal, min(10.0, max(0.1, end - time.monotonic())))
            terminal.written.clear()
            most = {name: max(most[name], megabytes(pid)) for name, pid in pids.items()}
        for name in pids:
            yield Line(
                f"memory of the {name}, growth in {minutes:g} min from {before[name]:.0f} MB",
                most[name] - before[name],
                20,
                "MB",
            )


LINES: dict[str, Callable[[int], Iterator[Line]]] = {
    "first frame and quit": first_frames,
    "bytes and share of a core": bytes_and_share,
    "ghosts": ghosts,
    "own speed": own_speed,
    "keys at full speed": keys_at_full_speed,
    "slow ssh": slow_ssh,
    "slow reader": slow_reader,
    "engine rate": engine_rate,
    "beside a sweep": beside_a_sweep,
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--soak", type=float)
    options = parser.parse_args()
    print(f"{'what':56} {'measured':>9}  hold")
    if options.soak:
        for line in soak(options.soak):
            print(line, flush=True)
        return
    for name, measure in LINES.items():
        if not options.only or any(word in name for word in options.only):
            for line in measure(options.rounds):
                print(line, flush=True)


if __name__ == "__main__":
    main()
