"""How fast training is, beside whoever else is installed: `python tests/benchmarks/speed.py`.

All rivals train the same model on the same data with the same batch size from the same weights, in float64 on one
thread, and record the loss and the gradient's norm of every step. They take turns, so that whatever else keeps the
machine busy slows all of them down alike; it is the processor's time, not the clock's. A line shows the textbook
loop's time a step, and how many times faster than it everybody else is: the median of the rounds, each compared within
itself. What is below what is needed is marked. Then what a run costs beside its training (`run_costs.py`).

What the floor is made of, where a line stays below what is needed (microseconds a step on one core of an AMD EPYC, Zen
4, in a virtual machine, 51 GFLOP/s in float64, 102 in float32; each figure the least or the median of hundreds, on a
machine that is not always quiet).

    784-256-128-10      products 2,600 in float64, 1,320 in float32, with all in cache and at the full 51 and 102
                        GFLOP/s; 2,880 and 1,360 where they are taken, since the weights of the step before have left
                        the nearer caches: of the 3,150 to 3,600 of the textbook loop, whose products they are too. So
                        no NumPy loop is more than 1.1 to 1.25 times as fast, in float32 2.3 to 2.6. The rest, in
                        float64 and float32: fetching 128 rows of 63 MB 105 and 58, activations, loss and slopes 150 and
                        70, update 200 and 85, norm 34 and 17, beginning and record of a chunk 50 a step. In blocks the
                        update takes half as long again; chunks of 35 steps, 67 MB, would save 80.
    digits, batch 32    25.5 for gradient and loss with all in cache, of which products 15; norm 1, update 2.5; numbers,
                        shuffle, losses and record 1: 30. It takes 33 to 36, for a row of weights is kept for every
                        step; the textbook loop 68 to 72. In float32 18, with all 21.5, and it takes 23 to 26.
    2-8-8-1, batch 32   18 calls of 0.25 to 0.9 that are 7.6, with all in cache: two are tanh, 0.9 each, and eight are
                        products, 0.32 to 0.42, all of which take a textbook loop as long. Update and loop 0.7; shuffle
                        0.35, numbers of the examples 0.28, losses 0.26, record 0.25; 10.5 in all. The history's first
                        80,000 steps take 0.3 more each, for memory is new to a virtual machine. The textbook loop: 54.
    line fit            composed (engine/training/affine.py): at batch 1 a step of 0.25 is matrices 0.03, their products
                        0.05, links between blocks 0.03, losses and norms 0.04, history 0.04, forms 0.03; at batch 32
                        the forms take 0.15 more, and shuffling 0.1.
    million × 20        half of it is fetching rows at random from 176 MB, which the textbook loop has to do as well.

    --rounds N      rounds of a quarter of a second (default 15)
    --only WORD     only the workloads with this word in their name; repeatable
    --no-runs       leave out what a run costs beside its training
    --no-record     leave out what is measured on ten million steps: memory, series, the share of recording
"""

from __future__ import annotations

import os

# Before any of the libraries starts its threads.
os.environ |= {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "JAX_ENABLE_X64": "1",
    "JAX_PLATFORMS": "cpu",
}

import argparse
import resource
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from rivals import RIVALS, AbsentError, textbook
from run_costs import report
from workloads import Workload, line, workloads

from engine.model.least_squares import LeastSquares
from engine.training.history import History
from engine.training.knobs import Knobs
from engine.training.trainer import Trainer

SECONDS = 0.05  # that one rival trains at a time


def _seconds(run: Callable[[int], object], steps: int) -> float:
    """A step."""
    start = time.process_time()
    taken = run(steps)
    return (time.process_time() - start) / (taken if isinstance(taken, int) else steps)


def measure(work: Workload, rounds: int) -> tuple[dict[str, list[float]], dict[str, str]]:
    """Seconds a step of all who are there, in every round, and why the others are not."""
    runs, absent = {"textbook": textbook(work)}, {}
    for name, prepare in RIVALS.items():
        try:
            runs[name] = prepare(work)
        except AbsentError as why:
            absent[name] = str(why)
    steps = {}
    for name, run in runs.items():
        count = 5
        run(count)  # compiles, where it does
        while (seconds := _seconds(run, count) * count) < SECONDS:
            count = int(count * min(8.0, 1.2 * SECONDS / seconds))
        steps[name] = count
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            times[name].append(_seconds(run, steps[name]))
    return times, absent


def _ratio(textbook: list[float], rival: list[float]) -> float:
    return median(whole / part for whole, part in zip(textbook, rival, strict=True))


def compare(works: list[Workload], rounds: int) -> None:
    print(f"{'':26}{'textbook':>10}" + "".join(f"{name:>14}" for name in RIVALS) + f"{'needed':>9}")
    reasons = set()
    for work in works:
        times, absent = measure(work, rounds)
        book = times["textbook"]
        cells = [f"{_ratio(book, times[name]):13.2f}×" if name in times else f"{'–':>14}" for name in RIVALS]
        needed = f"{work.needed:8.1f}×" if work.needed else ""
        if work.needed and _ratio(book, times["descend"]) < work.needed:
            needed += "  MISSED"
        print(f"{work.name:26}{median(book) * 1e6:8.1f}µs" + "".join(cells) + needed, flush=True)
        reasons |= {f"{name}: {why}" for name, why in absent.items()}
    for reason in sorted(reasons):
        print(f"– {reason}")


def recording() -> None:
    """What the record of a run costs: time, memory, and the time to draw any part of it."""
    inside = {"_record": 0.0, "append": 0.0}

    def timed(name: str, method: Callable[..., object]) -> Callable[..., object]:
        def run(*arguments: object) -> object:
            start = time.process_time()
            try:
                return method(*arguments)
            finally:
                inside[name] += time.process_time() - start

        return run

    methods = [(Trainer, "_record"), (History, "append")]
    originals = [getattr(owner, name) for owner, name in methods]
    trainer = Trainer(LeastSquares(*line()), np.full(2, -1.0), knobs=Knobs(0.05, 32))
    trainer.run(10_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    trainer.run(1_000_000)
    for (owner, name), original in zip(methods, originals, strict=True):
        setattr(owner, name, timed(name, original))
    shares = []
    for _ in range(20):
        inside |= {"_record": 0.0, "append": 0.0}
        start = time.process_time()
        trainer.run(100_000)
        total = time.process_time() - start
        shares.append((inside["_record"] / total, inside["append"] / total))
    for (owner, name), original in zip(methods, originals, strict=True):
        setattr(owner, name, original)
    trainer.run(10_000_000 - trainer.steps)
    unit = 2**20 if sys.platform == "darwin" else 2**10
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / unit
    whole, history = (median(share) for share in zip(*shares, strict=True))
    mark = "  MISSED" if whole > 0.1 else ""
    print(
        f"\nrecording takes {whole:.1%} of the line fit's step (needed: 10 %){mark}, the history {history:.1%} of it;"
    )
    print("the rest is the losses and norms themselves")
    print(f"ten million steps grow memory by {grown:.1f} MB (needed: 30)")
    print(f"a 400-point series takes at most {_slowest_series(trainer.history) * 1e3:.2f} ms (needed: 1)")


def _slowest_series(history: History) -> float:
    """Seconds for the slowest window, the median of several attempts at it."""
    random = np.random.default_rng(0)
    ends = [(0, history.steps), *(np.sort(random.integers(history.steps, size=2)) for _ in range(100))]
    ends += [(history.steps - 10**digits, history.steps) for digits in range(1, 8)]
    ends += [(history.steps - count, history.steps) for count in range(100_000, 500_000, 10_000)]
    slowest = 0.0
    for start, stop in ends:
        attempts = []
        for _ in range(7):
            begin = time.process_time()
            history.window("batch_loss", int(start), int(stop), 400)
            attempts.append(time.process_time() - begin)
        slowest = max(slowest, median(attempts))
    return slowest


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only", metavar="WORD", action="append")
    parser.add_argument("--no-record", action="store_true")
    parser.add_argument("--no-runs", action="store_true")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    if not arguments.no_record:
        recording()
    works = [work for work in workloads() if not arguments.only or any(word in work.name for word in arguments.only)]
    compare(works, arguments.rounds)
    if not arguments.no_runs:
        report(works, arguments.rounds)


if __name__ == "__main__":
    main()
