"""Obstacles: what keeps a run from its goal, measured on its record and by its probes."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from engine.measurement import Measurement, unknown

if TYPE_CHECKING:
    from engine.model.objective import Array
    from engine.runs.run import Run
    from engine.runs.standing.goals import Goal

Kind = Literal["held", "limit", "floor", "rest", "rising", "restless", "far"]
LossName = Literal["training_loss", "validation_loss"]

_FEWEST = 12  # evaluations that a trend is told from
_MOST_STEPS = 10_000_000  # away; beyond that nothing is foretold
_HORIZON = 10  # times as far as a trend has been seen, where nothing but the trend is known
_ROUNDING = 1e-9
_CLEARLY = 1.2  # times a limit that is of this place alone: just above it training goes on
_SURE = 4.0  # standard errors; the loss of a step resembles that of the step before, so that these are too small
_RECENT = 100  # steps without a hold


@dataclass(frozen=True)
class Obstacle:
    """One reason why a goal is not reached yet.

    kind: `held`, at the target for so many `steps`, of the goal's that it is to be held. `limit`, the learning rate is
    `value` times the largest stable one, since step `since` where that is known. `floor`, the noise floor `value` is
    above the target's loss. `restless`, the loss is above the target at `value` of the last `steps` evaluations.
    `rising`, the validation loss has risen since its lowest one, `value`, at step `since`. `rest`, the run has come to
    rest with a training loss of `value`. `far`, as the loss falls now the target is about so many `steps` away.
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
    known = not math.isnan(run.theory.limit(run.trainer.knobs).value)  # from the knobs alone
    if run.trainer.learning_rate >= limit * (1 - _ROUNDING if known else _CLEARLY):
        return Obstacle("limit", value=run.trainer.learning_rate / limit, since=_over_since(run) if known else None)
    name = _too_high(run, goal)
    if name is None:
        return _at_rest(run, "training_loss", math.nan)
    level = goal.training_loss if name == "training_loss" else goal.validation_loss
    if name == "training_loss" and level < floor.value - 2 * floor.error < math.inf:
        calmed = run.trainer.batch_in_effect < run.trainer.num_examples
        return Obstacle("floor", name, level, floor.value, calmed=calmed)
    base = floor.value if name == "training_loss" and floor.value < level else 0.0
    return (
        _at_rest(run, name, level)
        or _rising(run, name, level)
        or _restless(run, goal, name, level)
        or _far(run, name, level, base, sure=known and name == "training_loss")
    )


def obstacle_now(run: Run) -> Obstacle | None:
    """The same, after measuring limit and floor where the run stands; for large models that takes a moment."""
    if run.goal is None or run.goal_state is None or run.goal_state.kind != "open":
        return obstacle(run, math.nan, unknown("noise floor", "of no matter"))
    from engine.probes import rate_limit  # the screen, which reads obstacles, has no need of it

    rate, knobs = run.trainer.learning_rate, run.trainer.knobs
    floor = run.theory.noise_floor(rate, knobs, order=run.trainer.fixed_order())
    return obstacle(run, rate_limit(run.trainer, run.theory).value, floor)


def _over_since(run: Run) -> int | None:
    """The step from which on the rate is over a limit that depends on the knobs alone; None with a schedule."""
    knobs = run.trainer.knobs
    if knobs.schedule.kind != "constant":
        return None
    for change in reversed(run.changes):  # back in time, from the present knobs to those before each change
        knobs = replace(knobs, **{change.knob: change.before})
        if knobs.schedule.kind != "constant" or knobs.learning_rate < run.theory.limit(knobs).value * (1 - _ROUNDING):
            return change.step
    return 0


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
    if len(losses) < _FEWEST or not 0 < above <= len(losses) / 2 or above == int(np.argmax(losses <= level)):
        return None  # the last: it has just come below
    return Obstacle("restless", name, level, value=above, steps=len(losses))


def _at_rest(run: Run, name: LossName, level: float) -> Obstacle | None:
    status = run.status
    if status.kind != "converged" or status.detail == "noise floor":
        return None
    return Obstacle("rest", name, level, run.losses(fresh=False)[0], since=status.step)


def _rising(run: Run, name: LossName, level: float) -> Obstacle | None:
    steps, losses = _since_change(run, name)
    if name != "validation_loss" or len(steps) < _FEWEST or not np.isfinite(losses).all():
        return None
    slope, error = _slope(steps, losses)
    seen = run.evaluations
    lowest = int(np.nanargmin(seen.validation_loss))
    if slope <= _SURE * error or seen.steps[lowest] >= steps[0]:
        return None
    return Obstacle("rising", name, level, float(seen.validation_loss[lowest]), since=int(seen.steps[lowest]))


def _far(run: Run, name: LossName, level: float, base: float, *, sure: bool) -> Obstacle | None:
    """The obstacle of time: how far the target is, as log(loss − base) falls now. sure: whether it falls so for good,
    as on a bowl."""
    steps, losses = _since_change(run, name)
    known = np.isfinite(losses) & (losses > base)
    steps, losses = steps[known], losses[known]
    if len(steps) < _FEWEST or level <= base:
        return None
    heights = np.log(losses - base)
    slope, error = _slope(steps, heights)
    if slope >= -_SURE * error:
        return None
    half = len(steps) // 2
    if not sure and _slope(steps[half:], heights[half:])[0] > slope / 2:  # it levels off
        return None
    now = float(np.mean(losses[-_FEWEST // 2 :]))
    away = math.log((now - base) / (level - base)) / -slope
    most = _MOST_STEPS if sure else _HORIZON * (steps[-1] - steps[0])
    return Obstacle("far", name, level, steps=round(away)) if 1 <= away <= most else None


def _slope(steps: Array, values: Array) -> tuple[float, float]:
    """The slope of the straight line through these values, and its standard error."""
    apart = steps - steps.mean()
    square = float(apart.dot(apart))
    slope = float(apart.dot(values)) / square
    rest = values - values.mean() - slope * apart
    return slope, math.sqrt(float(rest.dot(rest)) / max(1, len(steps) - 2) / square)
