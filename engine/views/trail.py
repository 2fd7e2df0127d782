"""What an earlier run leaves on the curves and the map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.views import curves, weights

if TYPE_CHECKING:
    from engine.objective import Array
    from engine.run import Run


@dataclass(frozen=True)
class Trail:
    """training_loss: over all training examples. way: of the weights, (m, P) for at most two, else (0, P)."""

    training_loss: curves.Curve
    way: Array


def take(run: Run, columns: int) -> Trail:
    """The trail of a run so far, in about `columns` points."""
    trainer, evaluations = run.trainer, run.evaluations
    return Trail(
        curves.curve(evaluations.steps, evaluations.training_loss, trainer.steps, trainer.loss(), columns),
        weights.way(run, columns),
    )
