"""The two trainings that a verdict compares with, in a process of their own: they take a second or two."""

from __future__ import annotations

import asyncio
import contextlib
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from engine.serving.child import Child

if TYPE_CHECKING:
    from scenarios import Scenario
    from scenarios.trainings.verdict import Comparison


async def comparison(scenario: Scenario, seed: int) -> Comparison | None:
    """Trained without holding up anything here; None where the process has come to grief."""
    child = Child(_compare, scenario, seed)
    try:
        with contextlib.suppress(EOFError, OSError):
            return await asyncio.to_thread(child.pipe.recv)
        return None
    finally:
        child.close()


def _compare(pipe: Connection, scenario: Scenario, seed: int) -> None:
    from scenarios.trainings.verdict import compare

    pipe.send(compare(scenario, seed))
