"""The verdict on a run: its goal and how far it got, beside two other trainings of the same scenario."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scenarios.trainings import attempts

if TYPE_CHECKING:
    from engine.runs.standing.goals import Goal, GoalState
    from scenarios.scenario import Scenario


@dataclass(frozen=True)
class Comparison:
    """How two other trainings of the same scenario and seed stand to its goal: one without changing anything, and one
    as the scenario's file says that it can be done; None where it says nothing. source: who found that."""

    untouched: GoalState
    reference: GoalState | None
    source: str


@dataclass(frozen=True)
class Verdict:
    """The verdict on a run. state: of the run that is judged."""

    goal: Goal
    state: GoalState
    comparison: Comparison


def compare(scenario: Scenario, seed: int | None = None) -> Comparison:
    """Train the two. Takes a second or two for the longest presets. Raises ValueError where there is no goal."""
    untouched, reference = attempts.untouched(scenario, seed=seed), attempts.reference(scenario, seed=seed)
    assert untouched.goal_state is not None  # or else there had been no attempt
    source = scenario.file.reference.source if scenario.file.reference else ""
    return Comparison(untouched.goal_state, reference.goal_state if reference else None, source)
