"""Averages of the weights: their losses over a window of the steps, and what they buy."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.runs.curves import Curve, curve

if TYPE_CHECKING:
    from engine.model.objective import Array
    from engine.runs.past.run_averages import AverageCurve
    from engine.runs.run import Run

_SHORT_WORK = 1e6  # nanoseconds of a gradient: a loss that takes less is taken anew for every frame


@dataclass(frozen=True)
class AveragePicture:
    """The losses of one average over all training and all validation examples. training_loss, validation_loss: the
    latest ones; NaN before there are any."""

    training: Curve
    validation: Curve
    training_loss: float
    validation_loss: float


@dataclass(frozen=True)
class AveragesPicture:
    """The averages of the run in front. since: the updates taken before the first one that counts. remembers: steps,
    about, that the exponential average is of. run_loss, run_spread: mean and standard deviation of the run's own
    training loss over the latter half of the steps since; NaN before that is known."""

    since: int
    remembers: int
    polyak: AveragePicture
    exponential: AveragePicture
    run_loss: float
    run_spread: float


def capture(run: Run, columns: int, start: int, stop: int) -> AveragesPicture | None:
    """The averages over the window start ≤ step < stop, in about so many points; None where none are taken."""
    averages = run.averages
    if averages is None:
        return None
    from engine.runs.past.run_averages import DECAY  # the screen, which reads this file as well, has no need of it

    steps, losses = run.evaluations.steps, run.evaluations.training_loss
    recent = losses[steps >= (averages.since + run.trainer.steps) / 2]
    recent = recent[np.isfinite(recent)]
    enough = len(recent) > 1 and run.trainer.blew_up_at is None
    return AveragesPicture(
        since=averages.since,
        remembers=round(1 / (1 - DECAY)),
        polyak=_picture(run, averages.polyak, columns, start, stop),
        exponential=_picture(run, averages.exponential, columns, start, stop),
        run_loss=float(recent.mean()) if enough else math.nan,
        run_spread=float(recent.std()) if enough else math.nan,
    )


def _picture(run: Run, of: AverageCurve, columns: int, start: int, stop: int) -> AveragePicture:
    from engine.runs.past.run_averages import losses_of

    trainer, evaluations, weights = run.trainer, of.evaluations, of.average.weights
    known = evaluations.training_loss, evaluations.validation_loss
    latest = tuple(float(losses[-1]) if len(losses) else math.nan for losses in known)
    at = int(evaluations.steps[-1]) if len(evaluations.steps) else trainer.steps
    if weights is not None and trainer.objective.effort(trainer.objective.loss_examples) < _SHORT_WORK:
        at, latest = trainer.steps, losses_of(of.average, trainer.objective, trainer.validation)
    training, validation = (
        curve(evaluations.steps, losses, at, value, columns, start=start, stop=stop)
        for losses, value in zip(known, latest, strict=True)
    )
    return AveragePicture(training, validation, *latest)


def average_weights(run: Run) -> Array:
    """(2, P) the Polyak and the exponential average of a run's weights; (0, P) where none are taken, or none yet."""
    averages = run.averages
    found = [curve.average.weights for curve in averages.curves] if averages is not None else []
    known = [weights for weights in found if weights is not None]
    return np.array(known) if known else np.empty((0, len(run.trainer.weights)))
