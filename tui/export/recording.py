"""What a script needs to train as a run did: which examples were in every minibatch, and the knobs of every step."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.knobs import Knobs
from engine.run import Run
from tui.errors import UsageError
from tui.plan import Change
from tui.train import take_steps

MOST_EXAMPLES = 10_000_000  # seen in a training: a script holds the order of all of them


@dataclass(frozen=True)
class Recording:
    """A training of n steps, N examples seen.

    run: at its end. order: (N,) which examples were seen, one after another. batch_sizes: (n,), into which that order
    is cut. learning_rates: (n,). phases: the steps where knobs changed, with the knobs from there on; the first is 0.
    """

    run: Run
    order: NDArray[np.integer[Any]]
    batch_sizes: NDArray[np.integer[Any]]
    learning_rates: NDArray[np.float64]
    phases: tuple[tuple[int, Knobs], ...]

    @property
    def steps(self) -> int:
        return len(self.batch_sizes)


def record(
    run: Run,
    steps: int,
    changes: Iterable[Change],
    after: Callable[[int], object] = lambda taken: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Recording:
    """Train a new run for so many steps, as `tui.train.take_steps` does.

    Raises UsageError for a training that sees too many examples.
    """
    trainer = run.trainer
    phases = [(0, trainer.knobs)]
    batches: list[NDArray[np.intp]] = []
    rates: list[float] = []

    def note() -> None:
        if trainer.knobs != phases[-1][1]:
            phases[-1 if phases[-1][0] == trainer.steps else len(phases) :] = [(trainer.steps, trainer.knobs)]
        batches.append(trainer.upcoming_batch().astype(np.uint32))
        rates.append(trainer.learning_rate)
        if trainer.examples > MOST_EXAMPLES:
            raise UsageError(
                f"this training sees more than {MOST_EXAMPLES:,} examples in {trainer.steps:,} steps, and a script "
                "holds the order of all of them; say fewer steps"
            )

    take_steps(run, steps, list(changes), after, stopped, before=note)
    order = np.concatenate([np.empty(0, np.uint32), *batches])
    if len(trainer.objective.examples) <= 2**16:
        order = order.astype(np.uint16)
    sizes = np.array([len(batch) for batch in batches], dtype=np.uint32)
    return Recording(run, order, sizes, np.array(rates), tuple(phases))
