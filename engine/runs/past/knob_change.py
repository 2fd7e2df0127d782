"""A change of a knob, as a run's log has it. The screen reads this without loading what trains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class KnobChange:
    """`knob` went from `before` to `after`, acting from the update number `step` (counted from 0) on; joined: to the
    change before it, and not to be undone without that."""

    step: int
    knob: str
    before: Any
    after: Any
    joined: bool = False
