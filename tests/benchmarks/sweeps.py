"""Sweeps, their speed and their faults: `python tests/benchmarks/sweeps.py [--only speed|faults] [--count N]`.

Speed: 13 learning rates × 9 batch sizes × 5 seeds of the line fit, 2,000 steps each, as one `descend sweep` in one
process, in two, and on a Dask cluster of two workers, beside the same trainings as separate calls of `descend train` in
one pool of two processes (each 9-th of them is done, and counted 9 times; none is recorded). Printed are seconds by the
clock and of the processors, of all processes together, and as parts of those of the separate calls; at most a quarter
is to be taken by the clock with two processes.

Faults: a line for each kind: how often it was tried, and how often the sweep came to the same bytes as one without it.

    --only WORD     speed or faults
    --count N       how often each fault is tried (default 3)
"""

from __future__ import annotations

import argparse
import contextlib
import io
import multiprocessing
import os
import random
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

BIN = Path(sys.executable).parent
GRID = ["--learning-rate", "0.001:1:13", "--batch-size", "1:256:9", "--seeds", "5", "--steps", "2000"]
SMALL = ["--learning-rate", "0.01:1:5", "--batch-size", "1,16", "--seeds", "3", "--steps", "1000"]
EVERY = 9
MOST = 0.25

_BOUND = """
import os, resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
os.execv(sys.argv[2], sys.argv[2:])
"""


class Home:
    """A folder of its own for the files of one user."""

    def __init__(self, folder: str) -> None:
        self.path = Path(folder)
        names = ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME")
        self.environment = {**os.environ, **dict.fromkeys(names, folder)}

    def command(self, *options: str) -> list[str]:
        return [str(BIN / "descend"), "sweep", "line-fit", *options, "--csv", str(self.path / "rows.csv"), "--force"]

    def start(self, *options: str, limit: int | None = None) -> subprocess.Popen[bytes]:
        """Start a sweep; limit: bytes that a file may have."""

        pipe, command = subprocess.PIPE, self.command(*options)
        if (
            limit is not None
        ):  # a signal that is ignored stays ignored in the program: writing too much is an error then
            command = [sys.executable, "-c", _BOUND, str(limit), *command]
        return subprocess.Popen(command, env=self.environment, stdout=pipe, stderr=pipe)

    def sweep(self, *options: str, limit: int | None = None) -> tuple[int, bytes, str]:
        """Sweep to the end: the exit code, the rows, and what was said."""
        process = self.start(*options, limit=limit)
        _, said = process.communicate()
        rows = self.path / "rows.csv"
        return process.returncode, rows.read_bytes() if rows.exists() else b"", said.decode()


@contextlib.contextmanager
def home() -> Iterator[Home]:
    with tempfile.TemporaryDirectory() as folder:
        yield Home(folder)


def seconds_of(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock and of the processors, children's that have ended included."""
    clock, busy = time.perf_counter(), _busy()
    work()
    return time.perf_counter() - clock, _busy() - busy


def _busy() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(used.ru_utime + used.ru_stime for used in both)


def one_training(values: tuple[float, int, int]) -> float:
    """Seconds of the processor that it takes."""
    from tui.cli.command_line import main

    rate, batch, seed = values
    line = f"train line-fit --learning-rate {rate} --batch-size {batch} --seed {seed} --steps 2000 --json --no-record"
    since = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        main(line.split())
    return time.process_time() - since


def separate() -> tuple[float, float]:
    """Seconds of the separate calls by the clock, and of the processors without starting the pool: each 9-th of them is
    done, and counted 9 times."""
    from tui.cli.options.axis_values import axis_values

    rates = axis_values("", "learning_rate", "0.001:1:13")
    sizes = axis_values("", "batch_size", "1:256:9")
    calls = [(rate, size, seed) for size in sizes for seed in range(5) for rate in rates]
    begun = time.perf_counter()
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pool.map(one_training, calls[:4], chunksize=1)  # imports
        started = time.perf_counter()
        busy = pool.map(one_training, calls[::EVERY], chunksize=1)
        ended = time.perf_counter()
    return started - begun + EVERY * (ended - started), EVERY * sum(busy)


@contextlib.contextmanager
def cluster(workers: int = 2) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A Dask scheduler with workers on this machine: its address, and the workers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address, quiet = f"tcp://127.0.0.1:{port}", {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    dask = str(BIN / "dask")
    processes = [
        subprocess.Popen([dask, "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"], **quiet)
    ]
    options = ["--nthreads", "1", "--no-nanny", "--no-dashboard"]
    try:
        processes += [subprocess.Popen([dask, "worker", address, *options], **quiet) for _ in range(workers)]
        from distributed import Client

        with Client(address, timeout=60) as client:
            client.wait_for_workers(workers, timeout=60)
        yield address, processes[1:]
    finally:
        for process in processes:
            process.kill()
            process.wait()


def speed() -> None:
    clock, busy = separate()
    print(f"{'separate `descend train` calls, two processes':48}{clock:8.1f} s{busy:8.1f} s of processor")

    def row(name: str, work: Callable[[], object], *, counted: bool = True) -> None:
        taken, used = seconds_of(work)
        share = taken / clock
        mark = "  ✗" if name.endswith("two processes") and share > MOST else ""
        busy_words = f"{used:8.1f} s of processor ({used / busy:.3f})" if counted else ""
        print(f"{name:48}{taken:8.1f} s ({share:.3f}){busy_words}{mark}", flush=True)

    for jobs, words in ((1, "one process"), (2, "two processes")):
        with home() as user:
            row(f"descend sweep, {words}", lambda user=user, jobs=jobs: user.sweep(*GRID, "--jobs", str(jobs)))
    with contextlib.suppress(ImportError), home() as user, cluster() as (address, _):
        dask = ["--backend", "dask", "--scheduler", address]
        row("descend sweep, Dask with two workers", lambda: user.sweep(*GRID, *dask), counted=False)
    with home() as user:
        user.sweep(*GRID, "--jobs", "2")
        row("the same again: all of it is known", lambda: user.sweep(*GRID, "--jobs", "2"))


def interrupted(jobs: int) -> bytes:
    """A sweep that ctrl+c ends at random moments, and that goes on until it is done."""
    with home() as user:
        for _ in range(20):
            process = user.start(*SMALL, "--jobs", str(jobs))
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(random.uniform(1, 6))
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            process.communicate()
            if process.returncode == 0:
                return (user.path / "rows.csv").read_bytes()
            if process.returncode not in (130, -signal.SIGINT):  # the latter before anything is begun
                return f"exit code {process.returncode}".encode()
        return user.sweep(*SMALL)[1]


def process_killed() -> bytes:
    """One of two processes is killed in the middle."""
    with home() as user:
        process = user.start(*SMALL, "--jobs", "2")
        for _ in range(600):
            time.sleep(0.1)
            children = _workers_of(process.pid)
            if len(children) >= 2 or process.poll() is not None:
                break
        time.sleep(random.uniform(0.5, 2))
        if children and process.poll() is None:
            os.kill(random.choice(children), signal.SIGKILL)
        _, said = process.communicate()
        return (user.path / "rows.csv").read_bytes() if process.returncode == 0 else said


def _workers_of(pid: int) -> list[int]:
    """The processes that loky has started for it, on Linux."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = int(path.read_text().rpartition(")")[2].split()[1])
            words = path.with_name("cmdline").read_bytes()
            if parent == pid and b"loky" in words and b"tracker" not in words:
                found.append(int(path.parent.name))
    return found


def dask_worker_killed() -> bytes:
    with home() as user, cluster() as (address, workers):
        process = user.start(*SMALL, "--backend", "dask", "--scheduler", address)
        time.sleep(random.uniform(2, 8))
        random.choice(workers).kill()
        _, said = process.communicate()
        return (user.path / "rows.csv").read_bytes() if process.returncode == 0 else said


def disk_full() -> bytes:
    """Files of at most 8 kB, in which the store has no room."""
    with home() as user:
        code, rows, said = user.sweep(*SMALL, "--jobs", "1", limit=8 * 1024)
        return rows if code == 0 and said.count("not kept") == 1 else f"{code} {said}".encode()


def store_damaged() -> bytes:
    with home() as user:
        store = user.path / "descend" / "sweeps.sqlite"
        store.parent.mkdir()
        store.write_bytes(b"SQLite format 3\0" + random.randbytes(20_000))
        code, rows, said = user.sweep(*SMALL, "--jobs", "1")
        return rows if code == 0 and said.count("a new one is begun") == 1 else f"{code} {said}".encode()


def shards() -> bytes:
    """Four processes of their own, as a batch system would start them, put together."""
    with home() as user:
        names = [str(user.path / f"{part}.json") for part in range(1, 5)]
        started = [
            subprocess.Popen(
                [*user.command(*SMALL, "--jobs", "1", "--shard", f"{part}/4")[:-3], "--json", name],
                env=user.environment,
            )
            for part, name in enumerate(names, 1)
        ]
        for process in started:
            process.wait()
        merged = subprocess.run([str(BIN / "descend"), "sweep", "--merge", *names, "--csv", "-"], capture_output=True)
        return merged.stdout if merged.returncode == 0 else merged.stderr


FAULTS: dict[str, Callable[[], bytes]] = {
    "ctrl+c at random, one process, until done": lambda: interrupted(1),
    "ctrl+c at random, two processes, until done": lambda: interrupted(2),
    "one of two processes killed": process_killed,
    "one of two Dask workers killed": dask_worker_killed,
    "disk full": disk_full,
    "store damaged": store_damaged,
    "four shards at once, then --merge": shards,
}


def faults(count: int) -> None:
    with home() as user:
        _, whole, _ = user.sweep(*SMALL, "--jobs", "1")
    for name, fault in FAULTS.items():
        found = [fault() for _ in range(count)]
        good = sum(rows == whole for rows in found)
        print(f"{name:48}{good:4} of {count} the same bytes{'' if good == count else '  ✗'}", flush=True)
        for rows in found:
            if rows != whole:
                print("    " + rows.decode(errors="replace")[-300:].replace("\n", "\n    "))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=("speed", "faults"))
    parser.add_argument("--count", type=int, default=3)
    options = parser.parse_args()
    if options.only != "faults":
        speed()
    if options.only != "speed":
        faults(options.count)


if __name__ == "__main__":
    main()
