"""Obstacles: what keeps a run from its goal, measured on its record and by its probes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from engine.probes import Measurement

if TYPE_CHECKING:
    from engine.model.objective import Array
    from engine.runs.run import Run
    from engine.runs.standing.goals import Goal

Kind = Literal["held", "limit", "floor", "restless", "rising", "rest", "far", "flat"]
LossName = Literal["training_loss", "validation_loss"]

_FEWEST = 12  # evaluations that a trend is told from
_MOST_STEPS = 10_000_000  # away; beyond that nothing is foretold
_SURE = 4.0  # standard errors; the loss of a step resembles that of the step before, so that these are too small
_RECENT = 100  # steps without a hold


@dataclass(frozen=True)
class Obstacle:
    """One reason why a goal is not reached yet.

    kind: `held`, at the target for so many `steps`, of the goal's that it is to be held. `limit`, the learning rate is
    `value` times the largest stable one, since step `since` where that is known. `floor`, the noise floor `value` is
    above the target's loss. `restless`, the loss is above the target at `value` of the last `steps` evaluations.
    `rising`, the loss has risen since its lowest one, `value`, at step `since`. `rest`, the run has come to rest with a
    loss of `value`. `far`, as the loss falls now the target is about so many `steps` away. `flat`, it does not fall.
    loss: that the target asks for and that is too high; level: the target's. calmed: whether a larger batch would lower
    the floor.
    """

    kind: Kind
    loss: LossName = "training_loss"
    level: float = math.nan
    value: float = math.nan
    steps: int = 0
    since: int | None = None
    calmed: bool = False


def obstacle(run: Run, limit: float, floor: Measurement) -> Obstacle | None:
    """The obstacle that matters most; None without a target, where the goal is settled, and where nothing can be told.

    limit: the largest stable learning rate here and now; floor: the noise floor of the present knobs; either may be
    NaN.
    """
    goal, state = run.goal, run.goal_state
    if goal is None or state is None or not goal.is_effort or state.kind not in ("open", "held"):
        return None
    if state.kind == "held":
        return Obstacle("held", steps=min(run.trainer.steps - state.step, goal.hold_steps))
    if run.trainer.learning_rate > limit:
        return Obstacle("limit", value=run.trainer.learning_rate / limit, since=_over_since(run))
    name = _too_high(run, goal)
    if name is None:
        return _at_rest(run, "training_loss", math.nan)
    level = goal.training_loss if name == "training_loss" else goal.validation_loss
    if name == "training_loss" and floor.value - 2 * floor.error > level:
        calmed = run.trainer.batch_in_effect < run.trainer.num_examples
        return Obstacle("floor", name, level, floor.value, calmed=calmed)
    base = floor.value if name == "training_loss" and floor.value < level else 0.0
    return _restless(run, goal, name, level) or _at_rest(run, name, level) or _trend(run, name, level, base)


def _over_since(run: Run) -> int | None:
    """The step from which on the learning rate is over its limit, where the limit depends on the knobs alone: that of
    the latest change of a knob, or of one before it if it was over already."""
    knobs = run.trainer.knobs
    if math.isnan(run.theory.limit(knobs).value) or knobs.schedule.kind != "constant":
        return None
    return run.changes[-1].step if run.changes else 0


def _too_high(run: Run, goal: Goal) -> LossName | None:
    """The loss of the latest evaluation that is above the target; None where neither is."""
    seen = run.evaluations
    if len(seen.steps) and not seen.training_loss[-1] <= goal.training_loss:
        return "training_loss"
    if len(seen.steps) and goal.validation_loss < math.inf and not seen.validation_loss[-1] <= goal.validation_loss:
        return "validation_loss"
    if goal.hold_steps and goal.training_loss < math.inf:  # below it at this moment, which is not held yet
        return "training_loss"
    return None


def _since_change(run: Run, name: LossName) -> tuple[Array, Array]:
    """The steps and losses of the evaluations since the latest change of a knob, the latter half of them, (m,) both."""
    seen, begin = run.evaluations, run.changes[-1].step if run.changes else 0
    begin += (run.trainer.steps - begin) // 2
    kept = seen.steps >= begin
    losses = seen.training_loss if name == "training_loss" else seen.validation_loss
    return seen.steps[kept], losses[kept]


def _restless(run: Run, goal: Goal, name: LossName, level: float) -> Obstacle | None:
    """The obstacle of a loss that jumps over a target at which it is for most of the time."""
    seen, window = run.evaluations, goal.hold_steps or _RECENT
    begin = max(run.changes[-1].step if run.changes else 0, run.trainer.steps - window)
    losses = (seen.training_loss if name == "training_loss" else seen.validation_loss)[seen.steps >= begin]
    above = int(np.count_nonzero(~(losses <= level)))
    if len(losses) < _FEWEST or not 0 < above < len(losses) or above == int(np.argmax(losses <= level)):
        return None  # the latter: it has just come below
    return Obstacle("restless", name, level, value=above, steps=len(losses))


def _at_rest(run: Run, name: LossName, level: float) -> Obstacle | None:
    status = run.status
    if status.kind != "converged" or status.detail == "noise floor":
        return None
    return Obstacle("rest", name, level, run.losses(fresh=False)[0], since=status.step)


def _trend(run: Run, name: LossName, level: float, base: float) -> Obstacle | None:
    """The obstacle of time: how far the target is, as log(loss − base) falls now."""
    steps, losses = _since_change(run, name)
    known = np.isfinite(losses) & (losses > base)
    steps, losses = steps[known], losses[known]
    if len(steps) < _FEWEST or steps[-1] == steps[0]:
        return None
    slope, error = _slope(steps, np.log(losses - base))
    if slope > _SURE * error and name == "validation_loss":
        seen = run.evaluations
        lowest = int(np.nanargmin(seen.validation_loss))
        return Obstacle("rising", name, level, float(seen.validation_loss[lowest]), since=int(seen.steps[lowest]))
    if not slope < -_SURE * error:
        return Obstacle("flat", name, level) if error * (steps[-1] - steps[0]) < 0.1 else None
    away = math.log((float(np.mean(losses[-_FEWEST // 2 :])) - base) / (level - base)) / -slope if level > base else 0.0
    return Obstacle("far", name, level, steps=round(away)) if 1 <= away < _MOST_STEPS else None


def _slope(steps: Array, values: Array) -> tuple[float, float]:
    """The slope of the straight line through these values, and its standard error."""
    apart = steps - steps.mean()
    square = float(apart.dot(apart))
    slope = float(apart.dot(values)) / square
    rest = values - values.mean() - slope * apart
    return slope, math.sqrt(float(rest.dot(rest)) / max(1, len(steps) - 2) / square)
