"""Noise floor by measurement: many replicas start at the minimum and train on until their mean loss rises no more.

The training is taken in phases, each as long as all before it together. The mean excess of a phase is compared with
that of the phase before: where the two agree, what begins at the minimum has arrived. Replicas are independent, so
that they give the standard error.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass, replace
from itertools import count

import numpy as np

from engine.measurement import Measurement, unknown
from engine.model.objective import Array, Objective
from engine.probes.curvature import hessian
from engine.probes.pieces import Pieces
from engine.probes.stability import is_quadratic
from engine.training.knobs import Knobs
from engine.training.replicas import Replicas
from engine.training.schedules import CONSTANT

NOISE_FLOOR = "noise floor"
MOST_WEIGHTS = 64
_MOST_REPLICAS, _FEWEST_REPLICAS = 64, 8
_MOST_EXAMPLES = 2**19  # of all replicas, each in an order of its own: drawn within some milliseconds
_FIRST_STEPS = 32  # of the first phase, at least
_FIRST_TO_TRUST = 2  # phase
_USABLE = 0.1  # standard error, of the height
_CALLS, _GATHERING = 5e4, 5.0  # nanoseconds of one step of all replicas, about, and of each number of an example


@dataclass(frozen=True)
class Effort:
    """The precision that a measured floor is to have, and what it may cost. tolerance: standard error, of the height
    above the minimum. work: nanoseconds, about."""

    tolerance: float = 0.03
    work: float = 4e9


PRECISE = Effort()


def can_be_measured(objective: Objective) -> bool:
    """Tell whether the objective is a quadratic of at most 64 weights with a known minimum, and not of too many
    examples."""
    too_many = len(objective.examples) * _FEWEST_REPLICAS > _MOST_EXAMPLES
    if len(objective.weight_names) > MOST_WEIGHTS or too_many:
        return False
    with np.errstate(all="ignore"):
        minimum = objective.minimum()
        return minimum is not None and is_quadratic(objective, minimum)


def floor_pieces(
    objective: Objective, learning_rate: float, knobs: Knobs, effort: Effort = PRECISE
) -> Pieces[Measurement]:
    """Measure the mean loss over whole epochs at this learning rate, for an objective that can be measured.

    What still rises when the work is spent is said so, in the note. Infinite where a replica blows up.
    """
    knobs = replace(knobs, learning_rate=learning_rate, schedule=CONSTANT)
    begin, spent = _beginning(objective, knobs), 0.0
    lowest = objective.loss(begin)
    examples = len(objective.examples)
    number = min(_MOST_REPLICAS, _MOST_EXAMPLES // examples)
    replicas = Replicas(objective, begin, knobs, range(number))
    epoch = knobs.steps_per_epoch(examples)
    steps, before = epoch * -(-_FIRST_STEPS // epoch), (math.nan, math.nan)
    yield _CALLS * len(begin)
    if 2**_FIRST_TO_TRUST * steps * _step_work(replicas) > effort.work:
        return unknown(NOISE_FLOOR, "takes too long to measure")
    for phase in count():
        excess, work = yield from _phase(replicas, steps, lowest)
        spent += work
        mean, error = float(excess.mean()), float(excess.std(ddof=1) / math.sqrt(number))
        if not math.isfinite(mean):
            break
        precise = error <= effort.tolerance * abs(mean)
        steady = abs(mean - before[0]) <= max(math.hypot(error, before[1]), effort.tolerance * abs(mean))
        if precise and steady and phase >= _FIRST_TO_TRUST:
            return Measurement(lowest + mean, NOISE_FLOOR, "measured", f"on {number} runs", error)
        if spent + 2 * work > effort.work:
            return _unfinished(replicas, lowest, mean, error, steady=steady)
        steps, before = replicas.steps, (mean, error)
    return Measurement(math.inf, NOISE_FLOOR, "measured", "the weights do not settle")


def _unfinished(replicas: Replicas, lowest: float, mean: float, error: float, *, steady: bool) -> Measurement:
    """The floor as far as it is known when the work is spent."""
    if error > _USABLE * abs(mean):
        return unknown(NOISE_FLOOR, "the loss bursts too unevenly to have a mean")
    if not steady:
        return unknown(NOISE_FLOOR, f"still rising {replicas.steps:,} steps after the minimum")
    return Measurement(lowest + mean, NOISE_FLOOR, "measured", f"on {len(replicas.seeds)} runs", error)


def _beginning(objective: Objective, knobs: Knobs) -> Array:
    """(P,) the minimum, with the weight decay where that is a part of the gradient."""
    minimum = objective.minimum()
    assert minimum is not None  # or else there is nothing to measure
    if not knobs.weight_decay:
        return minimum
    matrix = hessian(objective, minimum)
    decayed = matrix + knobs.weight_decay * np.eye(len(minimum))
    return np.asarray(np.linalg.lstsq(decayed, matrix @ minimum, rcond=None)[0])


def _phase(replicas: Replicas, steps: int, lowest: float) -> Generator[float, None, tuple[Array, float]]:
    """(R,) the mean loss above `lowest` over so many steps, and the work."""
    objective, work, total = replicas.objective, _step_work(replicas), np.zeros(len(replicas.seeds))
    for _ in range(steps):
        replicas.run(1)
        total += objective.losses(replicas.weights) - lowest
        yield work
    return total / steps, steps * work


def _step_work(replicas: Replicas) -> float:
    """Nanoseconds of a step of all replicas and of their losses, about."""
    examples = replicas.objective.examples
    gathered = replicas.knobs.batch_in_effect(len(examples)) * examples.shape[1]
    return float(_CALLS + len(replicas.seeds) * (_GATHERING * gathered + len(replicas.objective.weight_names) ** 2))
