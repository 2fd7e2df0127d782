"""Trainings taken away: as a script for another library that comes to the same numbers, or as a CSV file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.run import Run
    from scenarios import Scenario
    from tui.export.script import Script
    from tui.plan import Change


def script(
    scenario: Scenario,
    run: Run,
    steps: int,
    changes: Iterable[Change],
    to: str,
    after: Callable[[int], object] = lambda taken: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Script:
    """The script that trains as `run` does, a new run of the scenario that this function trains on the way.

    to: pytorch or keras. changes: of the knobs, at their steps. after, stopped: as for `tui.train.take_steps`.
    Raises UsageError for a training that sees too many examples.
    """
    from tui.export.keras import keras_script
    from tui.export.pytorch import pytorch_script
    from tui.export.recording import record

    writers = {"pytorch": pytorch_script, "keras": keras_script}
    return writers[to](scenario, record(run, steps, changes, after, stopped))
