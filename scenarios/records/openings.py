"""Openings of a dashboard that goes on with a recorded run, or shows it again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from engine.serving.opening import Opening
from scenarios.records.plan_file import expected_of
from scenarios.records.stored_past import StoredPast

if TYPE_CHECKING:
    from scenarios.records.kept_run import KeptRun


def resumed(run: KeptRun, store: Path, program: str) -> Opening:
    """Return how to go on with a record of the store, from the step where it ended. program: the version of descend.

    Raises RefusalError where this version knows none of its knobs.
    """
    past = StoredPast(store, run, program)
    return Opening(run.plan(), resumes=True, past=past, expected=expected_of(run.outcome))


def replayed(run: KeptRun) -> Opening:
    """Return how to show a record again, from its first step. Raises RefusalError as `resumed` does."""
    return Opening(run.plan(), replays=True, expected=expected_of(run.outcome))
