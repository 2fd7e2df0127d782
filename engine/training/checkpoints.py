"""A trainer's checkpoint: all that its next steps depend on, as plain data.

It holds numbers, strings, arrays and frozen dataclasses, can be pickled, and is never changed: what it holds may be
shared. What was recorded on the way, the history, is not in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.model.objective import Array
from engine.training.affine import Block
from engine.training.knobs import Knobs


@dataclass(frozen=True)
class TrainerCheckpoint:
    """A trainer between two steps.

    rows: (1 + buffers, P + padding) the weights and what the optimizer remembers, in the objective's dtype.
    block, general_until: where the affine way stands, None where it begins anew, and when it may be tried again.
    minibatches: what `Minibatches.checkpoint` gave. optimizer_since, schedule_since: the steps at which they took
    over; their own counts of steps run from there. schedule_memory: of one that watches the loss.
    """

    seed: int
    steps: int
    examples: int
    blew_up_at: int | None
    initial_weights: Array
    rows: Array
    block: Block | None
    general_until: int
    knobs: Knobs
    minibatches: dict[str, Any]
    optimizer_since: int
    schedule_since: int
    schedule_memory: Any
