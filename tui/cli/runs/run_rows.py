"""A record as the keys of `descend runs --json`, and in words."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from engine.plain_text import plain

if TYPE_CHECKING:
    from scenarios.records.kept_run import KeptRun

KEYS = (
    *("id", "scenario", "seed", "started", "seconds", "steps", "epochs", "examples", "status", "detail"),
    *("training_loss", "validation_loss", "stars", "weights_sha256", "parent", "parent_step", "name", "note", "label"),
)


def row_of(run: KeptRun) -> dict[str, Any]:
    """Return the keys: numbers are None where they are not finite or not known, texts empty where there are none.
    started: by the clock of then, in UTC."""
    outcome = run.outcome
    return {
        "id": run.id,
        "scenario": run.scenario,
        "seed": outcome.seed,
        "started": moment(run.started, utc=True),
        "seconds": round(outcome.seconds, 3),
        "steps": outcome.steps,
        "epochs": outcome.epochs,
        "examples": outcome.examples,
        "status": outcome.status,
        "detail": outcome.detail,
        "training_loss": outcome.training_loss,
        "validation_loss": outcome.validation_loss,
        "stars": outcome.goal.stars if outcome.goal else None,
        "weights_sha256": outcome.weights_sha256,
        "parent": run.parent or None,
        "parent_step": outcome.parent_step,
        "name": run.name or None,
        "note": run.note or None,
        "label": outcome.label,
    }


def moment(seconds: float, *, utc: bool = False) -> str:
    """Return the moment so many seconds after 1970 began: for programs in UTC, for people by their clock."""
    try:
        if utc:
            return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
    except (ValueError, OverflowError, OSError):  # a clock that was very wrong
        return "?"


def duration(seconds: float) -> str:
    """Return a time in a few characters, such as 4 s, 12 min or 3 h."""
    for most, unit, share in ((90, "s", 1), (5400, "min", 60), (129600, "h", 3600)):
        if seconds < most:
            return f"{seconds / share:.0f} {unit}"
    return f"{seconds / 86400:.0f} d"


def standing(run: KeptRun) -> str:
    """Return the finest word for how it stood; `stopped` where nothing had come of it yet."""
    outcome = run.outcome
    return outcome.detail or {"running": "stopped"}.get(outcome.status, outcome.status)


def called(run: KeptRun) -> str:
    """Return the name or the note by which the user knows it, and of a branch where it comes from."""
    parts = [run.name, run.note, run.outcome.label and f"race: {run.outcome.label}"]
    if run.parent:
        step = run.outcome.parent_step
        parts.append(f"from {run.parent}" + (f" at {step:,}" if step is not None else ""))
    return plain("; ".join(part for part in parts if part))
