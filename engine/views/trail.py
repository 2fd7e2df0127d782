"""What another run than the one in front leaves on the curves and the map."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.views import curves, weights

if TYPE_CHECKING:
    from engine.objective import Array
    from engine.run import Run


@dataclass(frozen=True)
class Trail:
    """number: the run's, from 1 on, by which it is known on every panel. label: what sets it apart where that is one
    value, as in a race, else "". training_loss: over all training examples. way: of the weights, (m, P) for at
    most two, else (0, P)."""

    number: int
    label: str
    training_loss: curves.Curve
    way: Array


def take(run: Run, columns: int, *, number: int, label: str = "") -> Trail:
    """The trail of a run so far, in about `columns` points."""
    trainer, evaluations = run.trainer, run.evaluations
    return Trail(
        number,
        label,
        curves.curve(evaluations.steps, evaluations.training_loss, trainer.steps, trainer.loss(), columns),
        weights.way(run, columns),
    )
