"""The log of a run, as the engine answers it: for scripts that train like it, and for the line that does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from engine.runs.plan import plan_of

if TYPE_CHECKING:
    from engine.runs.plan import Change, Plan
    from engine.runs.run_set import Runs

Purpose = Literal["scripts", "line"]


@dataclass(frozen=True)
class RunLog:
    """The plan of a run until its latest step; for a line, until the moment that is shown. coming: the changes that the
    plan it began with still has for it, none in the past."""

    purpose: Purpose
    plan: Plan
    coming: tuple[Change, ...]


def capture(runs: Runs, purpose: Purpose) -> RunLog:
    """Write down the run in front."""
    run = runs.shown if purpose == "line" else runs.latest
    return RunLog(purpose, plan_of(run), runs.coming)
