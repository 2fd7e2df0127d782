"""Holds sweeps of the line fit to known results: a line for each, on the issue's grid and on finer ones.

    .venv/bin/python tests/benchmarks/sweep_truth.py             all of them, some minutes
    .venv/bin/python tests/benchmarks/sweep_truth.py --only edge  one kind: edge, diagonal, rate, bend

tests/scenarios/sweeps/test_truth_of_sweeps.py holds the short versions.

What it found is in docs/sweeps.md where that says so. In short: medians over seeds blow up up to 1.8 times above the
limit in the mean square with batches of 1, within a step of 10^(1/4), and at the limit from 32 on: what is drawn is the
limit in the mean square, a typical training's is higher. The noise along the diagonal is equal within sampling up to a
third of the limit. The best rate of one step is the theory's for the mean over seeds; the median's is 1.6 times higher
with batches of 1. Steps to a target bend at the mean of the noise scale over the way to it, within a factor of 1.5.
"""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.scenarios.sweeps.truths import critical_batch_size, diagonal, edges, one_step_rates

BATCHES = tuple(2**power for power in range(9))
SAMPLINGS = ("reshuffled", "with_replacement")


def grid(low: float, high: float, per_decade: int) -> list[float]:
    """Rates from low to high, so many in a decade."""
    count = round(math.log10(high / low) * per_decade) + 1
    return [low * 10 ** (index / per_decade) for index in range(count)]


def edge() -> None:
    """First rate that blows up, less first rate above the limit, in steps of the grid."""
    for per_decade, steps in ((4, 2000), (8, 2000), (16, 2000)):
        found = edges(grid(0.1, 2.0, per_decade), BATCHES, seeds=5, steps=steps)
        words = "  ".join(f"{size}: {lost - above:+d}" for size, (lost, above) in found.items())
        print(f"edge, {per_decade} rates a decade, steps of the grid above the limit   {words}", flush=True)


def along_diagonal() -> None:
    """Median loss above the lowest, with the rate in proportion to the batch size."""
    for sampling in SAMPLINGS:
        found = diagonal(0.005, BATCHES[:-1], seeds=65, examples=1024, sampling=sampling)
        words = "  ".join(f"{size}: {noise:.2g}" for size, noise in found.items())
        print(f"diagonal, rate 0.005 x batch, {sampling:<17}{words}", flush=True)


def rate() -> None:
    """Best rate of one step over theory's."""
    for sampling in SAMPLINGS:
        found = one_step_rates(grid(0.05, 1.0, 8), BATCHES, seeds=45, sampling=sampling)
        words = "  ".join(f"{size}: {best / theory:.2f}" for size, (best, theory) in found.items())
        print(f"rate, best of one step over theory's, 8 a decade, {sampling:<17}{words}", flush=True)


def bend() -> None:
    """Critical batch size of the curve to a target, and the noise scale on the way."""
    for sampling in SAMPLINGS:
        for excess in (0.3, 0.1, 0.05, 0.02):
            critical, scale = critical_batch_size(
                excess, grid(0.05, 0.6, 8), BATCHES, seeds=25, steps=100, sampling=sampling
            )
            words = f"critical batch size {critical:.1f}, noise scale {scale:.1f}: ratio {critical / scale:.2f}"
            print(f"bend, to {excess} above the lowest loss, {sampling:<17}{words}", flush=True)


KINDS = {"edge": edge, "diagonal": along_diagonal, "rate": rate, "bend": bend}


def main() -> None:
    """Print the lines that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=KINDS, action="append")
    for kind in parser.parse_args().only or KINDS:
        KINDS[kind]()


if __name__ == "__main__":
    main()
