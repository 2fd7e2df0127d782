"""Every value that a history holds of single steps: what is taken away as a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from engine.model.objective import Array
    from engine.training.trainer import Trainer


@dataclass(frozen=True)
class Steps:
    """Values of single steps. numbers: (n,) of the steps. values: (F, n) float64, a row for each of the history's
    `fields`, before the step's update. taken: how many steps there were in all; of those that are not among `numbers`
    only buckets are left."""

    numbers: Array
    fields: tuple[str, ...]
    values: Array
    num_examples: int
    taken: int


def capture(trainer: Trainer, count: int | None = None) -> Steps:
    """The latest `count` steps, by default all that are held exactly."""
    history = trainer.history
    held = history.steps - history.exact_from
    values = history.tail(held if count is None else min(count, held))
    numbers = np.arange(history.steps - values.shape[1], history.steps)
    known = ~np.isnan(values[history.fields.index("examples")])  # a branch may begin with a gap
    return Steps(numbers[known], history.fields, values[:, known], len(trainer.objective.examples), history.steps)
