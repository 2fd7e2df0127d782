"""Compare readers of tables: on files of people's kinds, and on a million lines of 20 columns.

python tests/benchmarks/csv_readers.py             time and memory: pandas alone, and descend up to its first step
python tests/benchmarks/csv_readers.py --cases DIR  also which files each reader gets right, by descend's values

DuckDB, CleverCSV and Polars take part where they are installed. Each runs in a process of its own. A line: seconds
to import and to read (or up to the first step), seconds of the processor, peak memory. The last lines hold descend to 2
times pandas' processor time and to 3 times the numbers' memory.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

LINES, COLUMNS = 1_000_000, 20


def pandas_values(path: str) -> np.ndarray:
    import pandas as pd

    return pd.read_csv(
        path, sep=None if path in SNIFFED else ",", engine="python" if path in SNIFFED else "c"
    ).to_numpy()


def duckdb_values(path: str) -> np.ndarray:
    import duckdb

    columns = duckdb.sql(f"select * from read_csv('{path}')").fetchnumpy()
    return np.column_stack([np.ma.filled(np.ma.asarray(column).astype(object), np.nan) for column in columns.values()])


def polars_values(path: str) -> np.ndarray:
    import polars as pl

    return pl.read_csv(path, infer_schema_length=None).to_numpy()


def clevercsv_values(path: str) -> np.ndarray:
    import clevercsv

    return clevercsv.read_dataframe(path).to_numpy()


def descend_values(path: str) -> np.ndarray:
    import scenarios

    run = scenarios.load(path).run()
    run.advance(1)
    return run.trainer.objective.examples


SNIFFED: set[str] = set()
READERS = {
    "pandas": pandas_values,
    "duckdb": duckdb_values,
    "polars": polars_values,
    "clevercsv": clevercsv_values,
    "descend": descend_values,
}


def one(name: str, path: str) -> None:
    begin = time.perf_counter()
    if name != "descend":
        __import__(name)
    imported = time.perf_counter()
    READERS[name](path)
    read = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)
    print(f"{name} {imported - begin:.2f} {read - imported:.2f} {time.process_time():.2f} {peak:.0f}")


def right_values(path: str) -> np.ndarray | None:
    """(N, d + 1) numbers that descend reads, the target last; None for what it refuses."""
    from scenarios import ScenarioError
    from scenarios.data.csv.csv_memory import read
    from scenarios.files.data_sources import CsvData

    try:
        data = read(CsvData(path=path)).data
    except ScenarioError:
        return None
    assert data is not None
    return np.column_stack([data.inputs, data.targets]) if not data.classes else data.inputs


def gets(name: str, path: Path) -> str:
    """What a reader makes of a file: "right", "wrong", or why it refuses."""
    right = right_values(str(path))
    SNIFFED.add(str(path))
    try:
        found = READERS[name](str(path))
    except Exception as error:
        return "right" if right is None else type(error).__name__
    if right is None:
        return "wrong"
    columns = []
    for column in found.T:
        try:
            columns.append(np.array(column, dtype=float))
        except (TypeError, ValueError):
            continue
    left = [column[~np.isnan(column)] for column in columns]
    wanted = [column for column in right.T if set(np.unique(column)) - {0.0, 1.0}]
    for column in wanted:
        same = [place for place, it in enumerate(left) if np.array_equal(column, it)]
        if not same:
            return "wrong"
        del left[same[0]]
    return "right"


def write(path: Path) -> None:
    """A table of normal numbers, a piece at a time: the memory of this process counts in those that it starts."""
    random = np.random.default_rng(0)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([f"c{k}" for k in range(COLUMNS)])
        for _ in range(100):
            writer.writerows(random.normal(size=(LINES // 100, COLUMNS)).round(6).tolist())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=Path)
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        one(*options.one)
        return
    there = [name for name in READERS if name == "descend" or importlib.util.find_spec(name)]
    if options.cases:
        for path in sorted(options.cases.iterdir()):
            print(path.name, *(f"{name} {gets(name, path)}" for name in there if name != "descend"), sep="\t")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.csv"
        write(path)
        measured = {}
        for name in there:
            if name == "clevercsv":  # takes minutes
                continue
            command = [sys.executable, __file__, "--one", name, str(path)]
            one_thread = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}  # as descend has it
            words = subprocess.run(command, capture_output=True, text=True, check=True, env=one_thread).stdout.split()
            print(f"{name:10} import {words[1]} s, read {words[2]} s, processor {words[3]} s, peak {words[4]} MB")
            measured[name] = float(words[3]), float(words[4])
    ratio = measured["descend"][0] / measured["pandas"][0]
    memory = measured["descend"][1] / (LINES * COLUMNS * 8 / 1e6)
    print(f"up to the first step: {ratio:.2f} times pandas' processor time (at most 2){marked(ratio > 2)}")
    print(f"peak memory: {memory:.2f} times the numbers' (at most 3){marked(memory > 3)}")


def marked(missed: bool) -> str:
    return "  MISSED" if missed else ""


if __name__ == "__main__":
    main()
