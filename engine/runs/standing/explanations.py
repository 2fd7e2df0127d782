"""Explanations, in words: why a run blew up and along which direction, and where one rests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine import probes
from engine.model.objective import Array, Objective

_MOST_WEIGHTS = 64
_MOST_STEPS = 50
_MOST_HALVINGS = 30
_BETTER = 1e-2  # of the descent from the beginning: another minimum is really lower
_ROUNDING = 1e-9  # of the loss at the beginning
_FLAT = 1e-6  # of the largest eigenvalue: no curvature to speak of


def direction_in_words(objective: Objective, trajectory: Array) -> str:
    """` along w (88 %)`, for the last step of the trajectory, (3, P): a share is of its squared length.

    It names the weight, where one has at least half; else the direction of largest curvature, where that has.
    """
    step = trajectory[-1] - trajectory[-2]
    largest = float(np.abs(step).max(initial=0.0))
    if not 0 < largest < np.inf:
        return ""
    unit = step / largest
    unit /= np.linalg.norm(unit)
    name, share = _largest(objective.weight_names, unit)
    if share < 0.5 and len(unit) <= _MOST_WEIGHTS:
        sharpest = probes.top_eigenpair(
            lambda vector: objective.hessian_vector_product(trajectory[-1], vector), len(unit)
        )
        overlap = float(sharpest.vector.dot(unit)) ** 2
        if overlap >= 0.5:
            steep = f"along the direction of largest curvature ({overlap:.0%}"
            return f" {steep.replace('%', ' %')}), most of it {_largest(objective.weight_names, sharpest.vector)[0]}"
    return f" along {name} ({100 * share:.0f} %)"


def _largest(names: Sequence[str], unit: Array) -> tuple[str, float]:
    index = int(np.argmax(np.abs(unit)))
    return names[index], float(unit[index] ** 2)


def blow_up_in_words(objective: Objective, trajectory: Array, after: Array, *, grew: bool) -> str:
    """Say why the step from the end of the trajectory, (3, P), was not finite; `after`, (P,), are the weights it gave.

    grew: whether the loss had become enormous before it.
    """
    reason = "the loss or the gradient is not a finite number"
    if grew:
        return f"{reason}; the weights grew{direction_in_words(objective, trajectory)}"
    broken = np.flatnonzero(~np.isfinite(after))
    if 0 < len(broken) < len(after):
        names = ", ".join(objective.weight_names[j] for j in broken[:3])
        return f"{reason}, in {names}{' and others' if len(broken) > 3 else ''}"
    return reason


def local_minimum(objective: Objective, weights: Array) -> tuple[float, str] | None:
    """The loss at the bottom of the hollow that the weights are in, and `` or, on a saddle, ` fall along w (100 %)`.

    Full-batch descent from the weights: Newton's steps where the Hessian is positive, else steps of 1/|λ|max
    along the gradient, each halved until the loss falls. None above 64 weights, where it did not get to the
    bottom in 50 steps, or where a number is not finite.
    """
    if len(weights) > _MOST_WEIGHTS:
        return None
    loss = objective.loss(weights)
    for _ in range(_MOST_STEPS):
        gradient, matrix = objective.gradient(weights), probes.hessian(objective, weights)
        if not (np.isfinite(matrix).all() and np.isfinite(gradient).all() and np.isfinite(loss)):
            return None
        values, vectors = np.linalg.eigh(matrix)
        steepest = float(np.abs(values).max())
        if steepest == 0:
            return None
        positive = values[0] > _FLAT * steepest
        curvatures = values if positive else np.full(len(values), steepest)
        step = -vectors @ ((gradient @ vectors) / curvatures)
        gain = -float(gradient.dot(step))
        if gain <= 1e-9 * abs(loss) + 1e-15:
            downhill = direction_in_words(objective, np.stack([-vectors[:, 0], 0 * step, vectors[:, 0]]))
            return loss, f" fall{downhill}" if values[0] < -_FLAT * steepest else ""
        for _ in range(_MOST_HALVINGS):
            if (lower := objective.loss(weights + step)) < loss:
                break
            step = step / 2
        else:
            return loss, ""
        weights, loss = weights + step, lower
    return None


@dataclass(frozen=True)
class Place:
    """A place that a run stays at. words: what is to be said of it, after "no longer falls"; none of a plateau."""

    kind: Literal["noise floor", "minimum", "local minimum", "saddle", "plateau"]
    words: str


def place_of(objective: Objective, weights: Array, *, lowest: tuple[float, int], start: float, excess: float) -> Place:
    """The place about these weights, (P,), where the loss stays.

    lowest: the lowest loss that was seen, and at which step. start: the loss at the beginning. excess: by how much
    minibatches keep the loss above what it is there. A plateau it is where the bottom of the hollow is known and far
    below, whatever the descent there takes.
    """
    found = local_minimum(objective, weights)
    if found is not None:
        loss, downhill = found
        if downhill:
            return Place("saddle", f", but it would{downhill}: this is a saddle")
        least, where = lowest[0], f"was seen at step {lowest[1]:,}"
        minimum = objective.minimum()
        if minimum is not None and (known := objective.loss(minimum)) < least:
            least, where = known, "is known elsewhere"
        seen = _BETTER * abs(start - least) + _ROUNDING * abs(start)
        if objective.loss(weights) - loss > max(seen, excess):
            return Place("plateau", "")
        if least < loss - seen:
            return Place("local minimum", f": stuck in a local minimum of {loss:.4g}, while {least:.4g} {where}")
    if excess > 0:
        words = ": at the noise floor, where only a smaller learning rate or a larger batch gets lower"
        return Place("noise floor", words)
    return Place("minimum", ": at a minimum")
