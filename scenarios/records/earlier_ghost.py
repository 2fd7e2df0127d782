"""A recorded run as a ghost beside one that trains."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from engine.runs.comparison import RunRow
from engine.runs.curves import Curve
from engine.runs.ghosts import Ghost, KeptGhost
from engine.runs.standing.milestones import Descent
from engine.runs.standing.status import Status
from scenarios.records.knob_values import from_plain

if TYPE_CHECKING:
    from engine.runs.records.record import Curves
    from engine.training.knobs import Knobs
    from scenarios.records.kept_run import KeptRun

_LEARNING_RATE = 2  # row of the curves


def earlier_ghost(run: KeptRun, curves: Curves, *, faint: bool = False) -> KeptGhost:
    """Return the ghost of a record; its number is still to be given. faint: nobody has asked for it.

    Raises RefusalError where this version knows none of its knobs.
    """
    outcome = run.outcome
    steps, examples, training, _ = curves.evaluations
    steps = np.append(steps, outcome.steps)
    losses = np.append(training, _number(outcome.training_loss))
    seen = np.append(examples, outcome.examples)
    drawn = Curve(steps, np.where(np.isfinite(losses), losses, np.nan))
    ghost = Ghost(0, _label(run), drawn, seen, curves.trajectory, faint)
    return KeptGhost(ghost, _row(run, curves), Descent(steps, seen, losses), run.id)


def _label(run: KeptRun) -> str:
    """The name that the user gave it; else when it began, by which it is found among the records."""
    return run.name or f"of {run.begun}"


def _row(run: KeptRun, curves: Curves) -> RunRow:
    outcome = run.outcome
    lowest = _number(outcome.lowest_training), _number(outcome.lowest_validation)
    return RunRow(
        number=0,
        label=_label(run),
        training=False,
        in_front=False,
        knobs=_knobs_at_end(run),
        learning_rate=float(curves.buckets[1, _LEARNING_RATE, -1]),
        seed=outcome.seed,
        origin=None,
        changes=len(outcome.changes),
        steps=outcome.steps,
        examples=outcome.examples,
        num_examples=max(1, round(outcome.examples / outcome.epochs)) if outcome.epochs else 1,
        reached=None,
        training_loss=_number(outcome.training_loss),
        validation_loss=_number(outcome.validation_loss),
        lowest_training=lowest[0],
        lowest_validation=lowest[1],
        status=Status(outcome.status, 0, "", outcome.detail),  # type: ignore[arg-type]  # its own words
    )


def _knobs_at_end(run: KeptRun) -> Knobs:
    knobs, rate = run.plan().knobs, run.plan().knobs.learning_rate
    for change in run.outcome.changes:
        value = from_plain(change.knob, change.after)
        knobs = knobs.set_by_hand(change.knob, value, learning_rate=rate)
    return knobs


def _number(value: float | None) -> float:
    return math.nan if value is None else value
