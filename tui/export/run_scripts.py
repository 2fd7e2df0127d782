"""A run of the dashboard, taken away as scripts and as a trained model."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from engine.model.landscape_objective import Landscape
from engine.runs.plan import Plan
from scenarios import Scenario
from scenarios.models.model_file import as_bytes
from tui.export.new_files import contents_by_suffix, write_new
from tui.export.recording import record
from tui.export.targets import LIBRARIES
from tui.home.whole_files import WholeFile
from tui.words.usage_error import UsageError


def write_scripts(scenario: Scenario, name: str, plan: Plan, stopped: Callable[[], bool]) -> str:
    """Train a run again as its plan says, and write a script for each library, and the trained model where it predicts
    anything; returns the files in words.

    They are new files in the current directory, named name-library.py and name-model.npz. stopped: whether to give up.
    Raises OSError, and UsageError for a run that is too long.
    """
    recording = record(scenario.run(seed=plan.seed, knobs=plan.knobs), plan, stopped=stopped)
    if recording.steps < plan.steps:
        raise UsageError("the scripts were not written: the program ended first")
    contents: dict[str, bytes] = {}
    for library, make in LIBRARIES.items():
        contents |= contents_by_suffix(make(scenario, recording), f"-{library}.py")
    trainer = recording.run.trainer
    if not isinstance(trainer.objective, Landscape):
        contents["-model.npz"] = as_bytes(scenario.model(trainer))
    paths = write_new(name, {end: partial(WholeFile.write, data=content) for end, content in contents.items()})
    return " and ".join(str(path) for path in paths if path.name.endswith((".py", "-model.npz")))
