"""Trainings without a screen: a scripted one against its goal, and the two that everybody is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.runs.plan import Change, Plan, play

if TYPE_CHECKING:
    from engine.runs.run import Run
    from engine.runs.standing.goals import Goal
    from scenarios.scenario import Scenario

_CHUNK_STEPS = 64
_MOST_STEPS, _MOST_WORK = 25_000, 7e8  # of one attempt: the steps, and about the nanoseconds of all their gradients
_EPOCH_WORK = 6e4  # of the end of an epoch, where a schedule looks at the loss and no chunk goes beyond it


def attempt(scenario: Scenario, changes: Sequence[Change] = (), *, seed: int | None = None) -> Run:
    """Train `scenario`, changing knobs at their steps, until its goal is settled or no star can be earned any more; or
    for as many steps as take some seconds.

    Raises ValueError where the scenario has no goal.
    """
    run = scenario.run(seed=seed)
    goal, most = run.goal, most_steps(run)
    if goal is None:
        raise ValueError(f"{scenario.id} has no goal")
    plan = Plan(run.trainer.seed, run.trainer.knobs, tuple(changes), most)
    # The goal is looked at after each of these chunks: where an attempt ends does not depend on the machine's speed.
    play(run, plan, pace=lambda run, taken: _CHUNK_STEPS, over=lambda: _is_over(run, goal))
    return run


def untouched(scenario: Scenario, *, seed: int | None = None) -> Run:
    """The scenario as it stands, nothing changed."""
    return attempt(scenario, seed=seed)


def reference(scenario: Scenario, *, seed: int | None = None) -> Run | None:
    """The training that the scenario's file gives as a good one; None where it gives none."""
    if scenario.file.reference is None:
        return None
    return attempt(scenario, scenario.file.reference.script(), seed=seed)


def most_steps(run: Run) -> int:
    """The steps of one attempt at most: as many as take some seconds."""
    trainer = run.trainer
    work = trainer.objective.effort(trainer.batch_in_effect)
    if trainer.knobs.schedule.watches_loss:
        work += _EPOCH_WORK / trainer.steps_per_epoch
    return int(max(1, min(_MOST_STEPS, _MOST_WORK / work)))


def _is_over(run: Run, goal: Goal) -> bool:
    state, trainer = run.goal_state, run.trainer
    assert state is not None  # a run with a goal
    if state.kind in ("reached", "failed", "over"):
        return True
    if not goal.is_effort or state.kind == "held":
        return False  # the budget, or the end of the stretch, settles it
    spent = {"steps": trainer.steps, "epochs": trainer.epoch, "examples": trainer.examples}
    return spent[goal.measure] > goal.stars[0]
