"""Steps and examples to a target against the batch size, each at the best of the other knobs: how larger batches pay.

Up to the critical batch size twice as large a batch needs half as many steps (perfect scaling); beyond it the steps
hardly get fewer, and examples are wasted. McCandlish et al., "An Empirical Model of Large-Batch Training", 2018,
equation 2.11, and Shallue et al., "Measuring the Effects of Data Parallelism", JMLR 2019:

    (S/S_min − 1)(E/E_min − 1) = 1,    S = S_min (1 + B_crit/B),    B_crit = E_min/S_min.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from engine.measurement import Measurement, unknown
from engine.probes import edge, noise_scale, sharpness
from engine.training.knobs import Knobs
from scenarios.sweeps.sweep_map import SweepMap

if TYPE_CHECKING:
    from engine.model.objective import Array, Objective

_FEWEST = 3  # batch sizes of a fit
_BEYOND = 30.0  # times the smallest and largest batch size: a bend further off cannot be told
_CANDIDATES = 20_000
_SLOW = 0.02  # of the largest stable rate: small enough steps that they follow the flow of the gradient
_MOST_STEPS, _MOST_WORK = 20_000, 5e9  # the latter in nanoseconds, about
_MOST_READINGS = 128
PATH_NOISE = "noise scale, mean over full-batch descent to the target"


class TargetPoint(NamedTuple):
    """The needs of one batch size. steps, examples: to the target, medians over seeds. place: of the map, with the
    fewest steps."""

    batch_size: int
    steps: float
    examples: float
    place: tuple[int, ...]


class BatchFit(NamedTuple):
    """The fit of the two-term law. least_steps: S_min, of the largest batches. critical: B_crit; 0 where steps do not
    depend on the batch size as far as it goes, infinite where scaling is perfect throughout. residual: the root mean
    square of the error in log S."""

    least_steps: float
    critical: float
    residual: float

    @property
    def least_examples(self) -> float:
        """E_min, of the smallest batches."""
        return self.least_steps * self.critical

    def steps(self, batch_size: float) -> float:
        """The steps that the law says for a batch size."""
        return self.least_steps * (1 + self.critical / batch_size)


def target_points(sweep: SweepMap) -> list[TargetPoint]:
    """Return a point for each batch size that reached the target at some place, in rising order; empty where the batch
    size is no axis, or there is no goal."""
    names = [axis.knob for axis in sweep.plan.axes]
    if "batch_size" not in names:
        return []
    along = names.index("batch_size")
    steps = SweepMap(sweep.plan, "steps_to_goal", sweep.results.values())
    examples = SweepMap(sweep.plan, "examples_to_goal", sweep.results.values())
    best: dict[int, TargetPoint] = {}
    for place in sweep.plan.places:
        known = steps.at(place)
        if known.lost or not known.middle < math.inf:
            continue
        size = sweep.plan.axes[along].values[place[along]]
        if size not in best or known.middle < best[size].steps:
            best[size] = TargetPoint(size, known.middle, examples.at(place).middle, place)
    return [best[size] for size in sorted(best)]


def batch_fit(points: list[TargetPoint]) -> BatchFit | None:
    """Fit the law to the points, by least squares in log S; None of fewer than three points."""
    if len(points) < _FEWEST:
        return None
    sizes = np.array([point.batch_size for point in points], dtype=float)
    logs = np.log([point.steps for point in points])
    candidates = np.geomspace(sizes[0] / _BEYOND, sizes[-1] * _BEYOND, _CANDIDATES)
    rest = logs - np.log1p(candidates[:, None] / sizes)  # log S_min, as each point has it
    variances = rest.var(axis=1)
    best = int(variances.argmin())
    critical, least = float(candidates[best]), float(np.exp(rest[best].mean()))
    if best == 0:
        critical, least = 0.0, float(np.exp(logs.mean()))
    elif best == _CANDIDATES - 1:
        critical, least = math.inf, 0.0
    return BatchFit(least, critical, float(np.sqrt(variances[best])))


def path_noise_scale(objective: Objective, weights: Array, target: float) -> Measurement:
    """Return the mean of the noise scale tr Σ/|g|² over full-batch descent from these weights to a loss of `target`.

    The steps are so small that they follow the flow of the gradient. It is what B_crit is by theory where every step
    has its best learning rate (McCandlish et al. 2018, appendix D); the noise scale itself grows on the way down, as
    the gradient gets smaller. Unknown where the loss does not get there.
    """
    with np.errstate(all="ignore"):
        curvature = sharpness(objective, weights).value
        if not 0 < curvature < math.inf:
            return unknown(PATH_NOISE, "the curvature at the start is not known")
        rate, here = _SLOW * edge(curvature, Knobs()), weights.copy()
        readings: list[float] = []
        every = 1
        steps = min(_MOST_STEPS, int(_MOST_WORK / objective.effort(len(objective.examples))))
        for step in range(steps):
            if step % every == 0:
                if not objective.loss(here) > target:
                    break
                readings.append(noise_scale(objective, here).value)
                if len(readings) == _MOST_READINGS:
                    readings, every = readings[::2], 2 * every
            here = here - rate * objective.gradient(here)
        else:
            return unknown(PATH_NOISE, f"full-batch descent does not get to a loss of {target:g} soon")
    if not readings or not np.isfinite(readings).all():
        return unknown(PATH_NOISE, "there is no way to the target")
    return Measurement(float(np.mean(readings)), PATH_NOISE, "measured", f"over {len(readings)} readings")
