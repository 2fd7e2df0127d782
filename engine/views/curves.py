"""The loss panel: losses over the steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from engine.history import Series
    from engine.objective import Array
    from engine.run import Run


@dataclass(frozen=True)
class CurvesView:
    """columns: points that a curve is wide."""

    columns: int = 100


@dataclass(frozen=True)
class Curve:
    """Values at steps, both (m,) float64; NaN where not finite."""

    steps: Array
    values: Array


@dataclass(frozen=True)
class CurvesPicture:
    """batch: loss of the minibatches, as an envelope. training, validation: over all examples."""

    batch: Series
    training: Curve
    validation: Curve


def take(run: Run, view: CurvesView, training_loss: float, validation_loss: float) -> CurvesPicture:
    """The curves of the whole run; the losses given are the present ones."""
    evaluations, step = run.evaluations, run.trainer.steps
    return CurvesPicture(
        batch=run.trainer.history.window("batch_loss", 0, step, view.columns),
        training=curve(evaluations.steps, evaluations.training_loss, step, training_loss, view.columns),
        validation=curve(evaluations.steps, evaluations.validation_loss, step, validation_loss, view.columns),
    )


def curve(steps: Array, values: Array, latest_step: int, latest: float, columns: int) -> Curve:
    """At most about 2 × `columns` points, with the present value as the last one."""
    every = max(1, len(steps) // max(1, columns))
    values = np.append(values[::every], latest)
    return Curve(np.append(steps[::every], latest_step), np.where(np.isfinite(values), values, np.nan))
