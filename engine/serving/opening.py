"""The opening: how the first run on a screen begins, and the way back into an earlier one. Imported without NumPy."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from engine.runs.past.knob_change import KnobChange
    from engine.runs.past.run_checkpoints import RunCheckpoint
    from engine.runs.plan import Plan
    from engine.runs.records.agreement import Expected
    from engine.runs.records.record import Curves
    from engine.runs.run import Run


class Past(NamedTuple):
    """A moment of an earlier run of a plan, from which another one goes on. changes: of its knobs until the end of that
    run. curves: of that run, where they are known."""

    checkpoint: RunCheckpoint
    changes: tuple[KnobChange, ...]
    curves: Curves | None = None


class FindsPast(Protocol):
    """Finds the latest moment that is known of a run, None where none is. It can be pickled."""

    def __call__(self) -> Past | None: ...


class Opening(NamedTuple):
    """The first run on a screen as it begins: by the plan, at whose end it pauses; without one, as its scenario says.

    epochs: in place of the plan's steps. paused: before its first step. resumes: whether a run of the plan was at its
    end before; it goes there at full speed. past: finds a moment on that way from which it begins, in the process that
    trains. replays: whether it is watched again, and is nobody's training before a knob is changed. expected: at its
    end, by the run that it resumes or replays.
    """

    plan: Plan | None = None
    epochs: int | None = None
    paused: bool = False
    resumes: bool = False
    past: FindsPast | None = None
    replays: bool = False
    expected: Expected | None = None


def resume(run: Run, plan: Plan, past: Past | None) -> Plan:
    """Bring a new run of the plan's seed and first knobs to a moment on the plan's way, and return the plan with the
    changes that are still to be made; without such a moment it begins at its first step."""
    from engine.runs.records.record import recall

    if past is None:
        return plan
    run.resume(past.checkpoint, past.changes)
    if past.curves is not None:
        recall(run.trainer, past.curves)
    return plan._replace(changes=plan.changes[past.checkpoint.changes :])
