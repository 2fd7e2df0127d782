"""Further curves from a sweep's numbers: what the batch size costs on the way to a target."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING

import numpy as np

from engine.plain_text import counted
from scenarios.sweeps.batch_curves import BatchFit, TargetPoint, batch_fit, path_noise_scale, target_points
from tui.cli.runs.loss_plot import Curve, plot
from tui.painting.axes import Axis
from tui.painting.numbers import short

if TYPE_CHECKING:
    from engine.measurement import Measurement
    from scenarios.building import Parts
    from scenarios.sweeps.sweep_map import SweepMap

_DENSE = 60  # points of a fitted curve
_ROUGH = 0.3  # root mean square in log S: a third off


def batch_report(sweep: SweepMap, parts: Parts, columns: int, *, colors: bool) -> str:
    """Return two pictures, steps and examples to the goal's target against the batch size at the best of the other
    knobs, and sentences on the critical batch size; empty where fewer than two batch sizes got there. parts: of the
    scenario."""
    points = target_points(sweep)
    if len(points) < 2:
        return ""
    fit = batch_fit(points)
    noise = _noise(parts, sweep.plan.seeds[0]) if fit is not None else None
    pictures = [_picture(points, fit, columns, colors=colors), _examples_picture(points, fit, columns, colors=colors)]
    sentences = [*_target_in_words(parts), *fit_in_words(points, fit, noise)]
    words = [textwrap.fill(sentence, columns) for sentence in sentences]
    return "\n\n".join([*pictures, "\n".join(words)])


def _noise(parts: Parts, seed: int) -> Measurement | None:
    """The noise scale on the way to the goal's training loss; None where the goal has none."""
    goal = parts.file.goal.goal() if parts.file.goal else None
    if goal is None or goal.training_loss == math.inf:
        return None
    return path_noise_scale(parts.objective, parts.weights(seed), goal.training_loss)


def _target_in_words(parts: Parts) -> list[str]:
    goal = parts.file.goal.goal() if parts.file.goal else None
    if goal is None or goal.training_loss == math.inf:
        return []
    return [f"The target is a training loss of {short(goal.training_loss)} or less."]


def fit_in_words(points: list[TargetPoint], fit: BatchFit | None, noise: Measurement | None) -> list[str]:
    """Return sentences on what the fit says, beside the measured noise scale."""
    if fit is None:
        return [f"{counted(len(points), 'batch size')} got to the target: too few for a critical batch size."]
    if fit.critical == math.inf:
        words = ["No batch size of these is too large: twice as large a batch needs half as many steps throughout."]
    elif fit.critical == 0:
        words = ["No batch size of these is small enough: larger ones do not save any steps."]
    else:
        words = [
            f"Critical batch size {short(fit.critical)}: up to it twice as large a batch needs about half as many "
            "steps; beyond it the examples are wasted.",
            f"The fewest steps, with large batches: {short(fit.least_steps)}. The fewest examples, with small ones: "
            f"{short(fit.least_examples)}.",
        ]
    if fit.residual > _ROUGH:
        words.append(f"The fitted curve is rough: it misses the steps of a batch size by about {fit.residual:.0%}.")
    if noise is not None and not math.isnan(noise.value):
        words.append(
            f"Measured noise scale on the way to the target: {short(noise.value)}; "
            "by theory the critical batch size is about as large."
        )
    elif noise is not None:
        words.append(f"The noise scale is not known: {noise.note}.")
    return words


def _picture(points: list[TargetPoint], fit: BatchFit | None, columns: int, *, colors: bool) -> str:
    curves = {"steps to the target, by batch size": _curve([(point.batch_size, point.steps) for point in points])}
    if fit is not None and fit.critical < math.inf:
        curves["fit"] = _curve([(size, fit.steps(size)) for size in _sizes(points)])
    return plot(curves, _size_axis(points), columns, colors=colors)


def _examples_picture(points: list[TargetPoint], fit: BatchFit | None, columns: int, *, colors: bool) -> str:
    curves = {"examples to the target, by batch size": _curve([(point.batch_size, point.examples) for point in points])}
    if fit is not None and fit.critical < math.inf:
        curves["fit"] = _curve([(size, size * fit.steps(size)) for size in _sizes(points)])
    return plot(curves, _size_axis(points), columns, colors=colors, legend=("left", "top"))


def _curve(pairs: list[tuple[float, float]]) -> Curve:
    table = np.array(pairs, dtype=np.float64)
    return table[:, 0], table[:, 1]


def _sizes(points: list[TargetPoint]) -> list[float]:
    sizes = np.geomspace(points[0].batch_size, points[-1].batch_size, _DENSE)
    return [float(size) for size in sizes]


def _size_axis(points: list[TargetPoint]) -> Axis:
    return Axis(float(points[0].batch_size), float(points[-1].batch_size), log=True)
