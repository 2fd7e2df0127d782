"""A trained model as a file, which `descend predict` reads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from engine.runs.run import Run
from scenarios.models.model_file import as_bytes
from tui.home.whole_files import refused_in_words, whole_files
from tui.words.usage_error import UsageError

if TYPE_CHECKING:
    from scenarios import Scenario


@contextmanager
def model_to_write(path: str | None, scenario: Scenario, run: Run, *, replace: bool) -> Iterator[None]:
    """Write the run's model at the end of the block; without a path, nothing.

    Before the block is entered, raises UsageError for a path that cannot be written, ScenarioError for a landscape.
    """
    if path is None:
        yield
        return
    if path == "-":
        raise UsageError("--model -: needs a file's name; standard output is for the report")
    scenario.model(run.trainer)  # before minutes are spent on it
    with refused_in_words("--model"), whole_files(Path(path), replace=replace) as (file,):
        yield
        file.write(as_bytes(scenario.model(run.trainer)))
