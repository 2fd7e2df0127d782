"""The status of a run in words; `watch` says how it is judged. The screen reads this without loading what judges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Detail = Literal[
    "", "plateau", "oscillating", "diverging", "noise floor", "minimum", "local minimum", "saddle", "saturated"
]


@dataclass(frozen=True)
class Status:
    """The status of a run: running, converged or diverged; since which step, and why in words.

    detail: of a run that is running `plateau`, `oscillating`, `diverging` or nothing; of one that has converged
    `noise floor` where minibatches keep it up, else `minimum`, or `local minimum` where a lower place is known or was
    seen, or `saddle` where the loss would fall to both sides; of one that has diverged `saturated` where its units
    died, else nothing.
    """

    kind: Literal["running", "converged", "diverged"] = "running"
    step: int = 0
    reason: str = ""
    detail: Detail = ""
