"""Obstacles in words: why a goal is not reached yet, in brief for a line, and in a sentence with what helps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.plain_text import counted
from tui.painting.numbers import fixed, short

if TYPE_CHECKING:
    from engine.runs.obstacles import Obstacle
    from engine.runs.standing.goals import Goal

_JUST = 1.000001  # times the limit, which is the limit but for rounding
_LOSSES = {"training_loss": "training loss", "validation_loss": "validation loss"}


def in_brief(obstacle: Obstacle, goal: Goal) -> str:
    """A few words."""
    match obstacle.kind:
        case "held":
            return f"{obstacle.steps:,} of {counted(goal.hold_steps, 'step')} held"
        case "limit":
            return f"{'over' if obstacle.value > _JUST else 'at'} the limit{_since(obstacle)}"
        case "floor":
            return f"floor {_floor(obstacle)} > {obstacle.level:.6g}"
        case "restless":
            return f"{obstacle.value:,.0f} of the last {obstacle.steps:,} above it"
        case "rising":
            return f"{_LOSSES[obstacle.loss]} rising since step {obstacle.since or 0:,}"
        case "rest":
            return f"at rest at {short(obstacle.value)}"
    return f"about {_about(obstacle.steps)} away"


def in_a_sentence(obstacle: Obstacle, goal: Goal) -> str:
    """A sentence for the verdict."""
    loss = _LOSSES[obstacle.loss]
    match obstacle.kind:
        case "held":
            verb = "is" if goal.hold_steps == 1 else "are"
            return f"{obstacle.steps:,} of {counted(goal.hold_steps, 'step')} {verb} held."
        case "limit":
            return f"The learning rate {_over(obstacle)} Lower it."
        case "floor":
            helps = "lower the learning rate or raise the batch size" if obstacle.calmed else "lower the learning rate"
            return f"The floor at these knobs is {_floor(obstacle)}, above the goal's {obstacle.level:.6g}: {helps}."
        case "restless":
            return (
                f"The {loss} jumps over the target: it was above {obstacle.level:.6g} at {obstacle.value:,.0f} of the "
                f"last {obstacle.steps:,} evaluations. A lower learning rate or a larger batch calms it."
            )
        case "rising":
            return (
                f"The validation loss has risen since step {obstacle.since or 0:,}, where it was lowest, "
                f"{short(obstacle.value, 4)}: the model learns its examples by heart."
            )
        case "rest":
            return (
                f"The run has come to rest at a training loss of {short(obstacle.value, 4)}: something has to change."
            )
    return f"As the {loss} falls now, the goal is about {_about(obstacle.steps)} away."


def _floor(obstacle: Obstacle) -> str:
    """The floor with as many digits as it takes to tell it from the target; at least four, at most twelve."""
    if fixed(obstacle.value) != fixed(obstacle.level):
        return fixed(obstacle.value)
    texts = ((short(obstacle.value, digits), short(obstacle.level, digits)) for digits in range(5, 13))
    return next((floor for floor, level in texts if floor != level), fixed(obstacle.value))


def _over(obstacle: Obstacle) -> str:
    has = "has been" if obstacle.since is not None else "is"
    if obstacle.value <= _JUST:
        return f"{has} at its limit{_since(obstacle)}: steps end as high as they begin."
    return f"{has} over its limit{_since(obstacle)}: it is {short(obstacle.value)} times the largest stable one."


def _since(obstacle: Obstacle) -> str:
    return f" since step {obstacle.since:,}" if obstacle.since is not None else ""


def _about(steps: int) -> str:
    """The number in two digits, for it is foretold."""
    rounded = round(steps, 2 - len(str(steps))) if steps >= 100 else steps
    return f"{rounded:,} step{'s' * (rounded != 1)}"
