"""The trainings that a verdict compares with and that answer the question, in a process of their own, for seconds."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from engine.serving.child import Child

if TYPE_CHECKING:
    from scenarios import Scenario
    from scenarios.trainings.predictions import Finding
    from scenarios.trainings.verdict import Comparison


@dataclass(frozen=True)
class Measured:
    """The trainings made for a verdict. comparison: None without a goal; finding: None without a question."""

    comparison: Comparison | None
    finding: Finding | None


async def measured(scenario: Scenario, seed: int) -> Measured | None:
    """Trained without holding up anything here; None where the process has come to grief."""
    child = Child(_measure, scenario, seed)
    try:
        with contextlib.suppress(EOFError, OSError):
            return await asyncio.to_thread(child.pipe.recv)
        return None
    finally:
        child.close()


def _measure(pipe: Connection, scenario: Scenario, seed: int) -> None:
    from scenarios.trainings.predictions import find
    from scenarios.trainings.verdict import compare

    pipe.send(Measured(compare(scenario, seed) if scenario.file.goal else None, find(scenario, seed)))
