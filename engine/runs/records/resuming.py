"""The way back into a run that was recorded: to a moment of it, and on by the rest of its plan."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.runs.opening import Past
    from engine.runs.plan import Plan
    from engine.runs.run import Run


def resume(run: Run, plan: Plan, past: Past | None) -> Plan:
    """Bring a new run of the plan's seed and first knobs to a moment on the plan's way, and return the plan with the
    changes that are still to be made; without such a moment it begins at its first step."""
    if past is None:
        return plan
    run.resume(past.checkpoint, past.changes)
    return replace(plan, changes=plan.changes[past.checkpoint.changes :])
