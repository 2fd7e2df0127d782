"""A run of the dashboard, taken away as scripts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from engine.serving.views.training_log import Log
from scenarios import Scenario
from scenarios.trainings.training_plan import Change
from tui.export.libraries import LIBRARIES
from tui.export.new_files import contents_by_suffix, write_new
from tui.export.recording import record
from tui.home.whole_files import WholeFile
from tui.words.errors import UsageError


def write_scripts(scenario: Scenario, name: str, log: Log, stopped: Callable[[], bool]) -> str:
    """Train a run again as its log says, and write a script for each library; returns the files in words.

    They are new files in the current directory, named name-library.py. stopped: whether to give up. Raises OSError,
    and UsageError for a run that is too long.
    """
    run = scenario.run(seed=log.seed, knobs=log.knobs)
    changes = [Change(change.step, change.knob, change.after) for change in log.changes]
    recording = record(run, log.steps, changes, stopped=stopped)
    if recording.steps < log.steps:
        raise UsageError("the scripts were not written: the program ended first")
    contents: dict[str, bytes] = {}
    for library, make in LIBRARIES.items():
        contents |= contents_by_suffix(make(scenario, recording), f"-{library}.py")
    paths = write_new(name, {end: partial(WholeFile.write, data=content) for end, content in contents.items()})
    return " and ".join(str(path) for path in paths if path.suffix == ".py")
