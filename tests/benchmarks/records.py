"""Records under every fault: `python tests/benchmarks/records.py [--count N] [--only WORD] [--seed N]`.

Sessions are killed while they are recorded, their store is copied at random moments, its disk becomes full or
read-only, ten programs write at once, plan files are garbled. What is there afterwards must open, and every record must
be trained again to the same bits. One line for each kind of fault: how often it was tried and survived; and how much
training the kills have cost. --count: how often at most; without it as often as is claimed, which takes an hour. Disks
are mounted, which only root may; without that these two are left out.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from engine.plain_text import counted  # noqa: E402
from engine.runs.run_set import Live  # noqa: E402
from scenarios import ScenarioError, load  # noqa: E402
from scenarios.records.database.store_file import APPLICATION, MIGRATIONS  # noqa: E402
from scenarios.records.plan_file import as_plan_file, read_plan  # noqa: E402
from scenarios.records.run_store import RunStore  # noqa: E402
from scenarios.records.writing.recording_wish import Recording  # noqa: E402
from tests.benchmarks.recorded_sessions import VERSION, Session, faults_of  # noqa: E402

LOST_SECONDS = 1.0  # at most, of a session that is killed
LATE_SECONDS = 0.6  # that a busy machine may take to write them
WORD_SECONDS = 1.0  # that a garbled plan file may take

Faults = list[str]
LOST: list[float] = []  # seconds of training that each kill has cost, as far as it was seen


def kills(folder: Path, generator: random.Random) -> Faults:
    """A kill -9 of screen, engine or both at a random moment: at most the last second is lost."""
    path = folder / "runs.sqlite"
    session = Session(path, generator.randrange(10**6))
    try:
        if not session.until_it_trains():
            return ["it did not begin to train"]
        lived = generator.uniform(0.0, 4.0)
        time.sleep(lived)
        who = generator.choice(("screen", "engine", "both"))
        killed = session.kill(who)
        time.sleep(1.5 if who == "screen" else 0.0)  # the engine ends by itself
    finally:
        session.close()
    store = RunStore(path)
    found = faults_of(store) + session.notices
    kept = {run.outcome.steps for run in store.runs()}
    before = [one for one in session.said if one[0] < killed - LOST_SECONDS - LATE_SECONDS]
    if before and before[-1][2] and max(kept, default=0) == 0:
        found.append(f"nothing of {before[-1][2]:,} steps, killed ({who}) after {lived:.1f} s")
    elif before:
        number = before[-1][1]
        if number == session.said[-1][1]:
            beyond = [at for at, run, steps, _ in session.said if run == number and steps > max(kept, default=0)]
            LOST.append(max(0.0, killed - min(beyond, default=killed)))
        if number == session.said[-1][1] and not any(steps >= before[-1][2] for steps in kept):
            found.append(f"{before[-1][2]:,} steps were taken, at most {max(kept):,} are kept ({who}, {lived:.1f} s)")
    return found


def copies(folder: Path, generator: random.Random) -> Faults:
    """A copy of the files as they are at a random moment, as after a loss of power: it opens."""
    path, found = folder / "runs.sqlite", Faults()
    session = Session(path, generator.randrange(10**6))
    try:
        session.until_it_trains()
        time.sleep(1.2)
        for number in range(10):
            time.sleep(generator.uniform(0.0, 0.4))
            os.kill(session.engine_pid, signal.SIGSTOP)
            copied = folder / f"copy-{number}"
            copied.mkdir()
            for file in folder.glob("runs.sqlite*"):
                shutil.copy(file, copied)
            os.kill(session.engine_pid, signal.SIGCONT)
    finally:
        session.close()
    for copied in sorted(folder.glob("copy-*")):
        store = RunStore(copied / "runs.sqlite")
        found += [f"{copied.name}: {fault}" for fault in faults_of(store, more=5)]
        with closing(sqlite3.connect(store.path)) as database:
            state = database.execute("PRAGMA integrity_check").fetchone()[0]
        if state != "ok":
            found.append(f"{copied.name}: {state}")
    return found


@contextmanager
def disk(folder: Path, kilobytes: int) -> Iterator[Path]:
    """A disk of that size."""
    place = folder / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def full_and_read_only(folder: Path, generator: random.Random) -> Faults:
    """A disk that is full for a while, or read-only to begin with: training goes on, it is said, and recorded again
    afterwards."""
    with disk(folder, 2000) as place:
        if not (full := generator.random() < 0.5):  # what is open for writing cannot be made read-only
            subprocess.run(["mount", "-o", "remount,ro", place], check=True)
        session = Session(place / "runs.sqlite", generator.randrange(10**6))
        try:
            session.until_it_trains()
            time.sleep(generator.uniform(0.0, 2.0))
            if full:
                with suppress(OSError), (place / "large").open("wb", buffering=0) as file:
                    while file.write(bytes(4096)):
                        continue
            before = session.said[-1]
            time.sleep(3)
            trained = session.said[-1] != before and session.process.poll() is None
            if full:
                (place / "large").unlink(missing_ok=True)
            else:
                subprocess.run(["mount", "-o", "remount,rw", place], check=True)
            time.sleep(3.5)
        finally:
            session.close()
        found = faults_of(RunStore(place / "runs.sqlite"))
        if not trained:
            found.append("training stood still")
        if len(session.notices) != 2 * bool(session.notices):
            found += session.notices
        if not RunStore(place / "runs.sqlite").runs():
            found.append("nothing is recorded")
        return found


def ten_at_once(folder: Path, generator: random.Random, seconds: float = 60.0) -> Faults:
    """Ten programs that train one run after another for a minute, into one store: every run is there."""
    path, end, written = folder / "data", time.monotonic() + seconds, 0
    environment = {**os.environ, "XDG_DATA_HOME": str(path), "DESCEND_RECORD": "1"}
    running: list[subprocess.Popen[str]] = []
    said = Faults()
    while time.monotonic() < end or running:
        while len(running) < 10 and time.monotonic() < end:
            line = [sys.executable, "-m", "tui", "train", "line-fit", "--steps", str(generator.randrange(10, 3000))]
            line += ["--seed", str(written), "--json"]
            pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
            running.append(subprocess.Popen(line, cwd=ROOT, env=environment, text=True, **pipes))  # type: ignore[call-overload]
            written += 1
        for program in [one for one in running if one.poll() is not None]:
            said += program.stderr.read().splitlines() if program.stderr else []
            running.remove(program)
        time.sleep(0.05)
    store = RunStore(path / "descend" / "runs.sqlite")
    seeds = {run.outcome.seed for run in store.runs()}
    lost = sorted(set(range(written)) - seeds)
    print(f"    {counted(written, 'run')} of ten programs in {seconds:.0f} s", flush=True)
    return said + ([f"lost: {lost}"] if lost else [])


def clock_set_back(folder: Path, generator: random.Random) -> Faults:
    """A clock that jumps while runs are recorded: `last` is the one begun last all the same."""
    path, clock = folder / "runs.sqlite", time.time
    try:
        for seed in range(5):
            shift = generator.uniform(-1e9, 1e9)
            time.time = lambda shift=shift: clock() + shift  # type: ignore[assignment, misc]
            _train(path, seed)
    finally:
        time.time = clock
    store = RunStore(path)
    seeds = [run.outcome.seed for run in store.runs()]
    return faults_of(store) + ([] if seeds == [4, 3, 2, 1, 0] else [f"in another order: {seeds}"])


def _train(path: Path, seed: int, steps: int = 100) -> None:
    scenario = load("line-fit")
    run = scenario.run(seed=seed)
    recorder, live = Recording(path, VERSION)(), [Live(run, 1)]
    recorder.follow(scenario, live)
    run.advance(steps)
    recorder.close(20)


def older_store(folder: Path, generator: random.Random) -> Faults:
    """A store of each older version: what is in it stays, and new runs come to it."""
    found = Faults()
    for version in range(1, len(MIGRATIONS)):
        path = folder / f"{version}" / "runs.sqlite"
        _train(path, 1)
        old = folder / f"{version}" / "old.sqlite"
        with closing(sqlite3.connect(path)) as new, closing(sqlite3.connect(old)) as database:
            for step in MIGRATIONS[:version]:
                database.executescript(step)
            database.executescript(f"PRAGMA user_version = {version}; PRAGMA application_id = {APPLICATION}")
            for table in ("scenario", "run", "curves"):
                columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
                rows = new.execute(f"SELECT {', '.join(columns)} FROM {table}").fetchall()
                marks = ", ".join("?" * len(columns))
                database.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
            database.commit()
        _train(old, 2)
        store = RunStore(old)
        found += faults_of(store)
        if [run.outcome.seed for run in store.runs()] != [2, 1]:
            found.append(f"version {version}: {store.runs()}")
    return found


def garbled_plans(folder: Path, generator: random.Random, count: int = 100) -> Faults:
    """A hundred garbled plan files: each is refused in a sentence, or read, within a second."""
    store = RunStore(folder / "runs.sqlite")
    _train(store.path, 1)
    run = store.find("last")
    text, path, found = as_plan_file(run, store.scenario_file(run)).encode(), folder / "plan.toml", Faults()
    own = as_plan_file(_renamed(run), store.scenario_file(run)).encode()
    for _ in range(count):
        garbled = garble(generator.choice((text, own)), generator)
        path.write_bytes(garbled)
        begun = time.perf_counter()
        try:
            read_plan(path)
        except ScenarioError as error:
            if "\n" in str(error) or not str(error).startswith(str(path)):
                found.append(f"{error!r}")
        except Exception as error:
            found.append(f"{type(error).__name__}: {error} for {garbled[:300]!r}")
        if time.perf_counter() - begun > WORD_SECONDS:
            found.append(f"{time.perf_counter() - begun:.1f} s for {garbled[:300]!r}")
    return found


def _renamed(run):  # type: ignore[no-untyped-def]  # a KeptRun
    """The same of a scenario that is no preset, so that the plan file holds all of it."""
    import msgspec

    return msgspec.structs.replace(run, scenario="/home/own.toml")


def garble(text: bytes, generator: random.Random) -> bytes:
    """The text with one to five of its parts changed, doubled, left out or replaced."""
    pieces = (b"9" * 400, b"-1", b"nan", b"inf", b"1e999", b'"\\u0000"', b"[", b"]]", b"\n[knobs]\n", b"\xff", b"{}",
              b"[[changes]]\n", b'"../../etc/passwd"', b"[" * 2000, b"a." * 200, b"''", b"true", b"1979-05-27", b"=",
              b'path = "/etc/passwd"\n', b'kind = "csv"\n', b"\x1b[2J")  # fmt: skip
    for _ in range(generator.randint(1, 5)):
        start = generator.randrange(len(text) + 1)
        stop = min(len(text), start + generator.choice((0, 1, 1, 5, 40)))
        middle = generator.choice((b"", text[start:stop] * 2, generator.choice(pieces), generator.randbytes(2)))
        if generator.random() < 0.4:  # a whole value or line
            lines = text.splitlines(keepends=True)
            place = generator.randrange(len(lines)) if lines else 0
            key, equals, _ = lines[place].partition(b"=") if lines else (b"", b"", b"")
            lines[place : place + 1] = [key + equals + b" " + generator.choice(pieces) + b"\n"] * bool(equals)
            text = b"".join(lines)
        else:
            text = text[:start] + middle + text[stop:]
    return text


# What is tried, how often, and how many cases each try has.
KINDS: dict[str, tuple[Callable[[Path, random.Random], Faults], int, int]] = {
    "kill -9": (kills, 500, 1),
    "copies of the files": (copies, 20, 10),
    "full and read-only disks": (full_and_read_only, 20, 1),
    "ten programs at once": (ten_at_once, 1, 1),
    "clock set back": (clock_set_back, 5, 1),
    "older store": (older_store, 1, 1),
    "garbled plan files": (garbled_plans, 100, 100),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10**9, help="tries of each kind at most")
    parser.add_argument("--only", default="", help="kinds with this word in their name")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    generator = random.Random(options.seed)
    bad = 0
    for name, (trial, times, cases) in KINDS.items():
        if options.only not in name:
            continue
        survived, tries, begun = 0, min(times, options.count), time.monotonic()
        for _ in range(tries):
            with tempfile.TemporaryDirectory() as folder:
                faults = trial(Path(folder), generator)
            survived += not faults
            for fault in faults[:5]:
                print(f"    {name}: {fault}", flush=True)
        bad += tries - survived
        if trial is kills and LOST:
            ordered = sorted(LOST)
            most = ", ".join(
                f"{ordered[min(len(LOST) * share // 100, len(LOST) - 1)]:.2f}" for share in (50, 90, 99, 100)
            )
            print(f"    lost at most: {most} s in 50, 90, 99 and 100 % of the kills", flush=True)
        seconds = time.monotonic() - begun
        print(f"{name:26} {tries * cases:6,} tried, {survived * cases:6,} survived, {seconds:6.0f} s", flush=True)
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
