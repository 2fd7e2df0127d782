"""The loss panel: losses over a window of the steps, and all that is known of one step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.runs.curves import Curve, curve, examples_seen
from engine.serving.views import averages_view
from engine.serving.views.averages_view import AveragesPicture

if TYPE_CHECKING:
    from engine.model.objective import Array
    from engine.runs.run import Run
    from engine.training.history import History, Series

_FEWEST_STEPS = 20  # that the whole run is wide
_BESIDE = 3  # buckets on either side that the running mean takes in: seven are about three columns


@dataclass(frozen=True)
class CurvesView:
    """The part of the loss curves that a snapshot should bring. columns: points that a curve is wide. span: steps
    shown, None for all. start: the first of them, None for the latest ones. cursor: the step to read."""

    columns: int = 100
    span: int | None = None
    start: int | None = None
    cursor: int | None = None


@dataclass(frozen=True)
class Reading:
    """The values that the history holds of the update number `step`, before that update; NaN where it holds none.

    first, count: the steps that the values are means of: `step` alone, or where that is long ago the bucket around it.
    evaluated_at: the last evaluation at or before `step`, whose training and validation loss these are.
    """

    step: int
    first: int
    count: int
    examples: float
    batch_loss: float
    batch_gradient_norm: float
    learning_rate: float
    batch_size: float
    evaluated_at: int
    training_loss: float
    validation_loss: float


@dataclass(frozen=True)
class CurvesPicture:
    """The loss curves that `view` asked for: the steps start ≤ step < stop; stop may lie beyond the latest one.

    batch: loss of the minibatches, as an envelope with a point for `every` so many steps. smoothed: (m,) the mean of
    the `mean_of` steps around each of its points; unlike an average of what came before it does not lag behind where
    the loss falls. training, validation: over all examples, with a point before and after the window. examples:
    examples seen before a step, exact at these steps and straight between them. averages: of the weights, None where
    none are taken.
    """

    view: CurvesView
    start: int
    stop: int
    batch: Series
    smoothed: Array
    every: int
    training: Curve
    validation: Curve
    examples: Curve
    blew_up_at: int | None
    reading: Reading | None
    averages: AveragesPicture | None = None

    @property
    def mean_of(self) -> int:
        """The number of steps that a smoothed value is the mean of."""
        return (2 * _BESIDE + 1) * self.every


def capture(run: Run, view: CurvesView, training_loss: float, validation_loss: float) -> CurvesPicture:
    """The curves of the window; the losses given are the present ones."""
    trainer, evaluations = run.trainer, run.evaluations
    start, stop = window(view, trainer.steps)
    batch, smoothed, every = _batch(trainer.history, start, stop, view.columns)
    columns = view.columns
    return CurvesPicture(
        view=view,
        start=start,
        stop=stop,
        batch=batch,
        smoothed=smoothed,
        every=every,
        training=curve(
            evaluations.steps, evaluations.training_loss, trainer.steps, training_loss, columns, start=start, stop=stop
        ),
        validation=curve(
            evaluations.steps,
            evaluations.validation_loss,
            trainer.steps,
            validation_loss,
            columns,
            start=start,
            stop=stop,
        ),
        examples=examples_seen(trainer, start, stop, columns),
        blew_up_at=trainer.blew_up_at,
        reading=None if view.cursor is None else read(run, view.cursor),
        averages=averages_view.capture(run, columns, start, stop),
    )


def window(view: CurvesView, steps: int) -> tuple[int, int]:
    """The first step shown and the one after the last. It steps by about a quarter of its length where it follows
    `steps`."""
    if view.span is None:
        unit = 1 << max(0, steps.bit_length() - 3)
        return 0, max(_FEWEST_STEPS, -(-steps // unit) * unit)
    span = max(1, view.span)
    if view.start is not None:
        return max(0, view.start), max(0, view.start) + span
    quarter = max(1, span // 4)
    stop = max(span, -(-steps // quarter) * quarter)
    return stop - span, stop


def _batch(history: History, start: int, stop: int, columns: int) -> tuple[Series, Array, int]:
    """The minibatch losses, their running mean, and how many steps a point stands for."""
    from engine.training.history import Series  # the screen, which reads this file as well, has no need of it

    exact = start >= history.exact_from
    stride, first_held = (1, history.exact_from) if exact else (history.stride, 0)
    group = stride * max(1, -(-(stop - start) // (stride * columns)))  # as History.window has it
    earlier = min(_BESIDE, (start - first_held) // group)
    beside = earlier + _BESIDE
    series = history.window("batch_loss", start - earlier * group, stop + _BESIDE * group, columns + beside)
    smoothed = running_mean(series.mean, _BESIDE)
    shown = slice(earlier, earlier + int(np.searchsorted(series.steps[earlier:], stop)))
    batch = Series(series.steps[shown], series.low[shown], series.mean[shown], series.high[shown])
    return batch, smoothed[shown], group


def running_mean(values: Array, beside: int) -> Array:
    """(m,) the mean of each of (m,) values and the `beside` on either side, of those that there are and are not NaN."""
    around = np.full((2 * beside + 1, len(values)), np.nan)
    for row, offset in enumerate(range(-beside, beside + 1)):
        there = slice(max(0, offset), max(0, len(values) + min(0, offset)))
        around[row, max(0, -offset) : max(0, -offset) + len(values[there])] = values[there]
    known = np.isfinite(around)
    mean = np.where(known, around, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return np.where(np.isfinite(values) & np.isfinite(mean), mean, np.nan)


def read(run: Run, step: int) -> Reading | None:
    """The values of `step`, or of the nearest one that was taken; None before the first."""
    trainer, evaluations = run.trainer, run.evaluations
    history = trainer.history
    if not history.steps:
        return None
    step = min(max(0, step), history.steps - 1)
    exact = step >= history.exact_from
    values = {field: history.window(field, step, step + 1, 1) for field in history.fields[:5]}
    first = int(values["batch_loss"].steps[0])
    evaluation = int(np.searchsorted(evaluations.steps, step, "right")) - 1
    known = evaluation >= 0
    return Reading(
        step=step,
        first=first,
        count=1 if exact else min(history.stride, history.steps - first),
        examples=float(values["examples"].low[0]),
        batch_loss=float(values["batch_loss"].mean[0]),
        batch_gradient_norm=float(values["batch_gradient_norm"].mean[0]),
        learning_rate=float(values["learning_rate"].mean[0]),
        batch_size=float(values["batch_size"].mean[0]),
        evaluated_at=int(evaluations.steps[evaluation]) if known else 0,
        training_loss=float(evaluations.training_loss[evaluation]) if known else np.nan,
        validation_loss=float(evaluations.validation_loss[evaluation]) if known else np.nan,
    )
