"""The two trainings that a verdict compares with, in a process of their own: they take a second or two."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import signal
import sys
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scenarios import Scenario
    from scenarios.verdict import Comparison


async def comparison(scenario: Scenario, seed: int) -> Comparison | None:
    """Trained without holding up anything here; None where the process has come to grief."""
    context = multiprocessing.get_context("spawn")
    pipe, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_compare, args=(theirs, scenario, seed), name="descend-verdict", daemon=True)
    with contextlib.redirect_stderr(sys.__stderr__):  # Textual's stand-in has no file number to hand on
        process.start()
    theirs.close()
    try:
        with contextlib.suppress(EOFError, OSError):
            return await asyncio.to_thread(pipe.recv)
        return None
    finally:
        process.kill()
        process.join()
        pipe.close()


def _compare(pipe: Connection, scenario: Scenario, seed: int) -> None:
    from scenarios.verdict import compare

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ctrl+c is the screen's to handle
    pipe.send(compare(scenario, seed))
