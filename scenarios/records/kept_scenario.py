"""A scenario as the store holds it, and back."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from engine.plain_text import shown_path
from scenarios.files.data_sources import CsvData
from scenarios.records.records_error import RecordsError
from scenarios.scenario import Scenario, load, preset_names

if TYPE_CHECKING:
    from scenarios.files.schema import ScenarioFile
    from scenarios.records.kept_run import KeptRun

STANDARD_INPUT = "-"


class KeptScenario:
    """A scenario as it is kept. Its data is read when it is first asked for, which may take a moment."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self.outside = scenario.allow_outside

    @property
    def name(self) -> str:
        """The preset's id, or the full path of the file."""
        return self._scenario.id if self._scenario.id in preset_names() else _full_path(self._scenario.id)

    @cached_property
    def content(self) -> str:
        """The fingerprint of what it says."""
        return self._scenario.content

    @cached_property
    def data_sha256(self) -> str:
        """The SHA-256 of its table; "" where it has none, or that cannot be read again."""
        data = self._scenario.file.data
        return sha256_of_file(data.path) if isinstance(data, CsvData) else ""

    @cached_property
    def file(self) -> bytes:
        """The same as JSON; its table by the full path."""
        file, data = self._scenario.file, self._scenario.file.data
        if isinstance(data, CsvData):
            file = msgspec.structs.replace(file, data=msgspec.structs.replace(data, path=_full_path(data.path)))
        return msgspec.json.encode(file)


def sha256_of_file(path: str) -> str:
    """Return the SHA-256 of a file's bytes; "" where it cannot be read."""
    try:
        if not Path(path).is_file():
            return ""
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError):
        return ""


def _full_path(path: str) -> str:
    return path if path == STANDARD_INPUT else os.path.abspath(path)  # noqa: PTH100  # raises nothing


def scenario_of(run: KeptRun, file: ScenarioFile) -> Scenario:
    """Return the scenario of a record as it was trained. file: what the store holds of it.

    Raises RecordsError where its table is not what it was.
    """
    if run.scenario in preset_names() and (preset := load(run.scenario)).content == run.content:
        return preset
    if isinstance(file.data, CsvData):
        _require_data(run, file.data.path)
    # What was read with the table at that time, such as what was left out of it, is not said again.
    return replace(Scenario(run.scenario, file), allow_outside=run.outcome.outside)


def _require_data(run: KeptRun, path: str) -> None:
    if path == STANDARD_INPUT:
        raise RecordsError(f"the data of the record {run.id} came by standard input, and is not kept")
    now = sha256_of_file(path)
    if not now:
        raise RecordsError(f"{shown_path(path)}: the data of the record {run.id} cannot be read there any more")
    if now != run.outcome.data_sha256:
        raise RecordsError(
            f"{shown_path(path)}: is not the data any more that the record {run.id} was trained on; its bytes have "
            "changed"
        )
