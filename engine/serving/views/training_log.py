"""The log of a training: with the scenario, enough to train to the same bits again elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.runs.run import KnobChange, Run
    from engine.training.knobs import Knobs


@dataclass(frozen=True)
class Log:
    """How a run was trained. seed: of the run. knobs: those that it began with. changes: all of them since. steps:
    taken."""

    seed: int
    knobs: Knobs
    changes: tuple[KnobChange, ...]
    steps: int


def take(run: Run) -> Log:
    """The log of the run so far."""
    start = run.checkpoints.before(0).trainer
    return Log(start.seed, start.knobs, tuple(run.changes), run.trainer.steps)
