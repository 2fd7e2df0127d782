"""Storms of inputs that nobody means, with figures: `python tests/benchmarks/fuzz.py [--seed N] [--count N]`.

Scenario files, key files, command lines and prompts by the ten thousand in processes of bounded memory, and some of
the command lines as programs of their own. What is wanted: no traceback, no exit code but 0 and 2, nothing unprintable,
no value repeated at length, and nothing that takes a processor longer than two seconds.
"""

import argparse
import multiprocessing
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # or its threads would count as the program's time
sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.tui import fuzzing, odd_inputs

SHARES = {
    "scenarios in the engine": 0.05,
    "scenario files": 0.4,
    "key files": 0.15,
    "command lines": 0.2,
    "prompts": 0.2,
}
BATCH = 250
MEMORY = 3 * 2**30
REAL_SECONDS = 20  # that a program of its own may take, on a machine that does other things too


def bounded() -> None:
    """Let this process have no more memory than that."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def storm(task: tuple[str, int, int]) -> tuple[str, fuzzing.Outcome]:
    """Of one kind, in a folder of its own."""
    kind, seed, count = task
    with tempfile.TemporaryDirectory() as folder:
        return kind, fuzzing.storm(kind, seed, count, Path(folder))


def real(seed: int, number: int) -> str:
    """A command line as a program of its own; what is wrong with it, or nothing."""
    words = [word for word in odd_inputs.command_line(random.Random(f"real {seed} {number}")) if "\0" not in word]
    arguments = [word.encode("utf-8", "replace") for word in words]
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable.encode(), b"-P", b"-m", b"tui", *arguments]
        try:
            done = subprocess.run(
                command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=REAL_SECONDS,
                preexec_fn=bounded,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return f"over {REAL_SECONDS} s: {words!r}"
    wrong = done.returncode not in (0, 2) or b"Traceback" in done.stderr or b"\x1b" in done.stderr
    return f"exit code {done.returncode}: {words!r}: {done.stderr[-500:]!r}" if wrong else ""


def main() -> int:
    """All kinds, one after the other; 1 where there was a fault."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=50_000, help="inputs in all (%(default)s)")
    parser.add_argument("--real", type=int, default=300, help="command lines as programs of their own (%(default)s)")
    parser.add_argument("--processes", type=int, default=multiprocessing.cpu_count())
    options = parser.parse_args()
    counts = {kind: round(options.count * share) for kind, share in SHARES.items()}
    tasks = [
        (kind, options.seed * 1_000_000 + start, min(BATCH, count - start))
        for kind, count in counts.items()
        for start in range(0, count, BATCH)
    ]
    found = {kind: fuzzing.Outcome() for kind in counts}
    begin = time.perf_counter()
    context = multiprocessing.get_context("spawn")
    with context.Pool(options.processes, initializer=bounded) as pool:
        for kind, outcome in pool.imap_unordered(storm, tasks):
            found[kind].add(outcome)
            for fault in outcome.faults:
                print(f"FAULT {fault}\n", flush=True)
        wrong = [fault for fault in pool.imap(partial(real, options.seed), range(options.real)) if fault]
    for fault in wrong:
        print(f"FAULT {fault}\n")
    for kind, outcome in found.items():
        print(f"{outcome.inputs:8,} {kind}: {len(outcome.faults)} faults, the slowest {outcome.slowest:.2f} s")
    print(f"{options.real:8,} command lines as programs of their own: {len(wrong)} faults")
    total = sum(outcome.inputs for outcome in found.values()) + options.real
    print(f"{total:,} inputs, seed {options.seed}, {time.perf_counter() - begin:,.0f} s")
    return 1 if wrong or any(outcome.faults for outcome in found.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
