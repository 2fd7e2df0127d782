"""Holds sweeps of the line fit to known results: a line for each, on the issue's grid and on finer ones.

    .venv/bin/python tests/benchmarks/sweep_truth.py             all of them, some minutes
    .venv/bin/python tests/benchmarks/sweep_truth.py --only edge  one kind: edge, diagonal, rate, bend

tests/scenarios/sweeps/test_truth_of_sweeps.py holds the short versions.

What it found, of batches of 1, 2, 4 … 256:

    edge      medians blow up from the limit in the mean square on with batches of 128 and 256, a step of a grid of 16
              rates a decade above it with 32 and 64, and further above with smaller ones: 1.8 times with batches of 1
              (a typical training's own limit), which is a step of a grid of four rates a decade
    diagonal  0.0090 … 0.0095 above the lowest loss for batches of 1 … 16 drawn independently, 0.0082 for 32 (medians
              of 65 seeds), 0.012 for 64, at a third of the limit; reshuffled 0.0026 … 0.0033 for 1 … 16, as the noise
              of an epoch partly sums to 0
    rate      1.0 … 1.3 times theory's from batches of 4 on; with batches of 1 the loss is so flat about its best rate
              that 45 seeds are off by 1.9 and 2.5. Over all 256 examples the mean's best rate is theory's (0.151
              against 0.150), the median's is 0.193
    bend      1.4, 1.2, 1.5 and 1.7 times the noise scale, on the way to 0.3, 0.1, 0.05 and 0.02 above the lowest loss
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
