"""The outcome of a run: how it stands to its goal, and what each change of a knob did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.runs.effects import effects

if TYPE_CHECKING:
    from engine.runs.effects import Effect
    from engine.runs.obstacles import Obstacle
    from engine.runs.run_set import Runs, Solution
    from engine.runs.standing.goals import GoalState


@dataclass(frozen=True)
class RunOutcome:
    """A run at the moment that is shown.

    scene_number: of the scenario, as a snapshot has it. seed: of the run. goal: how it stands to that, None without
    one; obstacle: what keeps it from there. effects: of the knob changes, those that can be told already. changed:
    whether any knob was changed. solution: whether it is the solution that is shown, or goes on from one.
    """

    scene_number: int
    seed: int
    goal: GoalState | None
    obstacle: Obstacle | None
    effects: tuple[Effect, ...]
    changed: bool
    solution: Solution = ""


def capture(runs: Runs, scene_number: int, obstacle: Obstacle | None) -> RunOutcome:
    """Judge the run that is shown: the goal as of the shown step, the effects over all of the run."""
    with np.errstate(all="ignore"):
        found = effects(runs.latest)
    return RunOutcome(
        scene_number,
        runs.shown.trainer.seed,
        runs.shown.goal_state,
        obstacle,
        found,
        bool(runs.latest.changes),
        runs.solution,
    )
