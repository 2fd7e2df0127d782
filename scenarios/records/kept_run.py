"""The record of a run as the store holds it, without its curves: what can be listed and trained again."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from msgspec import Struct

from engine.runs.plan import Change, Plan
from scenarios.records.knob_values import Plain, as_plain, from_plain, knobs_of, set_otherwise

if TYPE_CHECKING:
    from engine.runs.past.knob_change import KnobChange
    from engine.runs.records.record import Record


class KeptChange(Struct, frozen=True, array_like=True):
    """A change of a knob, as `engine.runs.run.KnobChange` has it."""

    step: int
    knob: str
    before: Plain
    after: Plain
    joined: bool = False


class KeptMark(Struct, frozen=True, array_like=True):
    """A mark, as `engine.runs.records.marks.Mark` has it. length: None where it is not finite."""

    steps: int
    digest: str
    length: float | None


class KeptGoal(Struct, frozen=True):
    """The standing to the goal, as `engine.runs.standing.goals.GoalState` has it. score: None without any."""

    state: str
    measure: str
    score: float | None
    stars: int
    step: int = 0
    reason: str = ""


class Outcome(Struct, frozen=True):
    """Plan and outcome of a run, so far. Losses are None where they are not finite, or not known.

    reached: steps until the training loss came to `level`. versions: of what trained it, by name.
    """

    seed: int
    knobs: dict[str, Plain]
    changes: tuple[KeptChange, ...]
    steps: int
    examples: int
    epochs: float
    seconds: float
    status: str
    detail: str
    training_loss: float | None
    validation_loss: float | None
    lowest_training: float | None
    lowest_validation: float | None
    level: float | None
    reached: int | None
    goal: KeptGoal | None
    weights_sha256: str
    marks: tuple[KeptMark, ...]
    versions: dict[str, str]
    parent_step: int | None = None
    label: str = ""
    data_sha256: str = ""
    outside: bool = False


class KeptRun(Struct, frozen=True):
    """A record. scenario: the preset's id or the full path of the file; content: the fingerprint of what it says.
    started: seconds since 1970, by the clock of then. parent: the record that it branched off, "" where there is none
    any more. name, note: the user's."""

    id: str
    scenario: str
    content: str
    started: float
    parent: str
    name: str
    note: str
    outcome: Outcome

    @property
    def begun(self) -> str:
        """The time at which it began, by the clock of here, as in `Nov 28 14:02`."""
        return time.strftime("%b %d %H:%M", time.localtime(self.started))

    @property
    def stars(self) -> int:
        """The stars that it earned, 0 without a goal."""
        return self.outcome.goal.stars if self.outcome.goal else 0

    def plan(self) -> Plan:
        """Return the plan of the run. Raises RefusalError where this version knows none of its knobs."""
        changes = tuple(
            Change(change.step, change.knob, from_plain(change.knob, change.after), change.joined)
            for change in self.outcome.changes
        )
        return Plan(self.outcome.seed, knobs_of(self.outcome.knobs), changes, self.outcome.steps)

    def knob_changes(self) -> tuple[KnobChange, ...]:
        """Return the log of the run. Raises RefusalError as `plan` does."""
        from engine.runs.past.knob_change import KnobChange

        return tuple(
            KnobChange(
                change.step,
                change.knob,
                from_plain(change.knob, change.before),
                from_plain(change.knob, change.after),
                change.joined,
            )
            for change in self.outcome.changes
        )


def outcome_of(record: Record, *, measure: str, seconds: float, **more: object) -> Outcome:
    """Return what is kept of a record. measure: of the run's goal. more: the keys that only the store knows."""
    from engine.runs.records.marks import weights_sha256

    plan, milestones, goal = record.plan, record.milestones, record.goal
    return Outcome(
        seed=plan.seed,
        knobs=set_otherwise(plan.knobs),
        changes=tuple(
            KeptChange(change.step, change.knob, as_plain(change.before), as_plain(change.after), change.joined)
            for change in record.changes
        ),
        steps=plan.steps,
        examples=record.examples,
        epochs=record.epochs,
        seconds=seconds,
        status=record.status.kind,
        detail=record.status.detail,
        training_loss=finite(record.training_loss),
        validation_loss=finite(record.validation_loss),
        lowest_training=finite(milestones.lowest_training),
        lowest_validation=finite(milestones.lowest_validation),
        level=None if milestones.level is None else finite(milestones.level),
        reached=milestones.reached.steps if milestones.reached else None,
        goal=KeptGoal(goal.kind, measure, finite(goal.score), goal.stars, goal.step, goal.reason) if goal else None,
        weights_sha256=weights_sha256(record.weights),
        marks=tuple(KeptMark(mark.steps, mark.digest, finite(mark.length)) for mark in record.marks),
        **more,  # type: ignore[arg-type]  # the fields of the class
    )


def finite(value: float) -> float | None:
    """Return the number, or None where it is not finite."""
    return float(value) if math.isfinite(value) else None
