"""Storms over all presets and dialogs: `python tests/benchmarks/storms.py --help` has the counts and seeds.

First within processes of our own, where every cell of the screen is held against what the program wants to show; then
the real program on a real terminal. What counts: ends (exit codes, faults kept in files) and stale cells.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import scenarios
from tests.tui import storm, storm_inside
from tests.tui.real_terminal import Terminal, descend

NOTICES = 12.0  # seconds, in which all of them go


def inside(preset: str, seed: int, deeds: int, sizes: int) -> tuple[int, int, int, int, str]:
    """Deeds, sizes, times that the palette's own command quit, checks of all cells; and what ended it, if anything."""
    with tempfile.TemporaryDirectory() as folder:
        storm_inside.alone(folder)
        one, words = storm_inside.Storm(preset, seed, folder), ""
        try:
            asyncio.run(one.rage(deeds, sizes))
        except storm_inside.EndError as error:
            words = str(error)
    return one.deeds, one.sizes, one.left, one.checks, words


def all_inside(seeds: range, deeds: int, sizes: int, processes: int) -> int:
    """One storm for each seed and preset; returns how many ended badly."""
    presets = scenarios.preset_names()
    jobs = [(preset, seed) for seed in seeds for preset in presets]
    each = -(-deeds // len(jobs)), -(-sizes // len(jobs))
    total, ended, begin = [0, 0, 0, 0], 0, time.perf_counter()
    with ProcessPoolExecutor(processes, get_context("spawn"), max_tasks_per_child=1) as pool:
        for done in as_completed([pool.submit(inside, *job, *each) for job in jobs]):
            *counts, words = done.result()
            total = [a + b for a, b in zip(total, counts, strict=True)]
            ended += bool(words)
            if words:
                print(f"ENDED: {words}", flush=True)
            seconds = time.perf_counter() - begin
            print(
                f"{total[0]:,} keys and mouse, {total[1]:,} sizes, {total[3]:,} checks of all cells, {total[2]:,} times"
                f" quit from the palette, {ended} ended or stale; {seconds:,.0f} s, {total[0] / seconds:,.0f} a second",
                flush=True,
            )
    return ended


def on_a_terminal(seed: int, keys: int, sizes: int, garbage: int) -> None:
    """The real program; it must quit as ever, and nothing may be stale."""
    generator = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        command, options = descend("one-weight"), {"columns": 120, "rows": 40, "folder": folder}
        with closing(Terminal(command, **options)) as terminal:
            terminal.begin()
            for columns, rows in storm.sizes(generator, sizes):
                terminal.resize(columns, rows)
                terminal.read(0.02)
            storm.settle(terminal)
            storm.assert_nothing_is_stale(terminal)
            print(f"{sizes:,} sizes on a terminal: nothing stale", flush=True)
            for key in storm.keys(generator, keys):
                terminal.press(key)
                terminal.read(0.001)
            storm.settle(terminal)
            terminal.read_for(NOTICES)
            storm.assert_nothing_is_stale(terminal)
            print(f"{keys:,} keys on a terminal: nothing stale", flush=True)
            terminal.press(b"\x1b[200~" + storm.garbage(generator, garbage) + b"\x1b[201~")
            storm.settle(terminal)
            print(f"{garbage:,} bytes of garbage on a terminal", flush=True)
            terminal.press(b"q")
            assert terminal.wait() == 0
            assert not list(Path(folder).rglob("faults/*.txt"))


def main() -> int:
    """Both, and the exit code says whether there were ends or stale cells."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keys", type=int, default=500_000, help="in all, mouse, pastes and garbage among them")
    parser.add_argument("--sizes", type=int, default=10_000, help="in all")
    parser.add_argument("--seed", type=int, default=0, help="the first one")
    parser.add_argument("--seeds", type=int, default=4, help="how many storms over each preset")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--terminal", type=int, default=5_000, help="keys on a real terminal; 0 for none")
    options = parser.parse_args()
    seeds = range(options.seed, options.seed + options.seeds)
    ended = all_inside(seeds, options.keys, options.sizes, options.processes)
    if options.terminal:
        on_a_terminal(options.seed, options.terminal, options.terminal // 5, 2 * options.terminal)
    return bool(ended)


if __name__ == "__main__":
    sys.exit(main())
