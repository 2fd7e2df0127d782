"""Ghosts: the curve and the trajectory of another run than the one in front."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.serving.views import curves_view, weights_view

if TYPE_CHECKING:
    from engine.model.objective import Array
    from engine.runs.run import Run


@dataclass(frozen=True)
class Trail:
    """A ghost or another racer, as it is drawn. number: the run's, from 1 on, by which it is known on every panel.
    label: what sets it apart where that is one value, as in a race, else "". training_loss: over all training examples;
    examples: (m,), seen before these steps. way: the trajectory, (m, P) for at most two, else (0, P)."""

    number: int
    label: str
    training_loss: curves_view.Curve
    examples: Array
    way: Array


def take(run: Run, columns: int, *, number: int, label: str = "") -> Trail:
    """The curve and trajectory of a run so far, in about `columns` points."""
    trainer, evaluations = run.trainer, run.evaluations
    training_loss, _ = run.losses(fresh=False)
    curve = curves_view.curve(evaluations.steps, evaluations.training_loss, trainer.steps, training_loss, columns)
    seen = curves_view.examples_seen(run, 0, trainer.steps, columns)
    examples = np.interp(curve.steps, seen.steps, seen.values)
    return Trail(number, label, curve, examples, weights_view.way(run, columns))
