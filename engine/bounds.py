"""Bounds of what the engine takes on. What is beyond them is refused in words, before anything is computed or
allocated.

The bounds keep a run within about 4 GB of memory, and a pass over all examples within some seconds.
"""

from __future__ import annotations

from engine.refusals import RefusalError

LARGEST = 1e100  # of a number in a scenario: squares of it, summed up, are far from overflowing
MOST_STEPS = 10**12  # of a training, a schedule, or in epochs: days
MOST_BATCH = 10**12  # of a scenario or a command line; more than there are means all examples
MOST_SEED = 2**63 - 1
SLOWEST, FASTEST = 0.01, 1e6  # steps a second
MOST_NUMBERS = 50_000_000  # examples times what a model is given of each: 400 MB
MOST_UNITS = 50_000_000  # examples of a minibatch times hidden units and outputs: tables of 400 MB, some at a time
MOST_WEIGHTS = 5_000_000  # of which a run holds some dozens of copies
MOST_PRODUCTS = 20_000_000_000  # examples times weights
MOST_IN_RACE = 2  # times the numbers, and the weights, of the largest single run


def batch_in_effect(sampling: str, batch_size: int, num_examples: int) -> int:
    """Return how many examples a minibatch has that no end of an epoch cuts short."""
    return num_examples if sampling == "full_batch" else min(batch_size, num_examples)


def check_units(examples: int, units: int) -> None:
    """Raises RefusalError, beginning with `batch_size`, for minibatches of so many examples of a network with so many
    hidden units and outputs that are too large to be held."""
    if examples * units > MOST_UNITS:
        raise RefusalError(
            f"batch_size must be at most {MOST_UNITS // units:,} for a network of {units:,} hidden units and outputs, "
            f"not {examples:,}"
        )
