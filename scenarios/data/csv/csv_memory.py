"""Tables that have been read, kept for the runs that train on them; and handed to the engine process, which so need not
read them again. pandas is loaded only where a file is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from scenarios.data.csv import table_text
from scenarios.data.splitting import DataSet, split, standardise_in_place
from scenarios.files.data_sources import CsvData
from scenarios.files.outside_files import unreadable
from scenarios.scenario_error import ScenarioError

if TYPE_CHECKING:
    from scenarios.data.csv.csv_roles import OwnData

Progress = Callable[[float], None]  # told the share that is done


@dataclass
class _Memory:
    """The latest table. key: of its file and of what was read of it. made: its examples, ready to train on, and by
    which description; the examples of `own` are given up for them, so that the numbers are in memory once."""

    key: tuple[Any, ...]
    own: OwnData
    made: tuple[CsvData, DataSet] | None = None


class _Parcel:
    """A memory on its way: bytes, of which pickle makes no further copy. Opened, it is what the receiver remembers."""

    def __init__(self, memory: _Memory) -> None:
        assert memory.made is not None
        description, data = memory.made
        left = [data.inputs, data.targets, data.validation_inputs, data.validation_targets]
        nothing = np.empty(0)
        data = replace(data, inputs=nothing, targets=nothing, validation_inputs=nothing, validation_targets=nothing)
        memory.made = None
        self._content = memory.key, memory.own, description, data
        self._arrays: list[tuple[bytes, tuple[int, ...]]] = []
        while left:  # one by one, so that the numbers are never in memory twice
            array = left.pop(0)
            self._arrays.append((array.tobytes(), array.shape))
            del array

    def __reduce__(self) -> tuple[Any, ...]:
        return _adopt, (*self._content, self._arrays)


_latest: list[_Memory] = []


def read(description: CsvData, progress: Progress = lambda share: None) -> OwnData:
    """The table in a file; the same file gives the same bits. Raises ScenarioError, naming file and line."""
    return _remembered(description, progress).own


def made(description: CsvData) -> DataSet:
    """The examples ready to train on: parted and standardised."""
    memory = _remembered(description)
    if memory.made is None or memory.made[0] != description:
        if memory.own.data is None:  # they were parted in another manner before
            forget()
            memory = _remembered(description)
        assert memory.own.data is not None
        data, memory.own.data = memory.own.data, None
        random = np.random.default_rng(description.seed)
        stratify = bool(data.classes) and description.stratify is not False
        with np.errstate(over="ignore", invalid="ignore"):
            data = split(data, description.validation_share, random, stratify=stratify)
            data = replace(data, inputs=np.ascontiguousarray(data.inputs))
            if description.standardise:
                data = standardise_in_place(data)
        for part in (data.inputs, data.targets, data.validation_inputs, data.validation_targets):
            part.flags.writeable = False
        memory.made = description, data
    return memory.made[1]


def hand_over(description: CsvData) -> object:
    """Memory of the table for another process, which has it as soon as it receives this; this one forgets."""
    made(description)
    memory = _latest[0]
    forget()
    return _Parcel(memory)


def forget() -> None:
    """Let go of the memory of the last file."""
    _latest.clear()


def _adopt(key: Any, own: OwnData, description: CsvData, data: DataSet, arrays: list[tuple[bytes, Any]]) -> None:
    inputs, targets, *validation = [np.frombuffer(content).reshape(shape) for content, shape in arrays]
    data = replace(
        data, inputs=inputs, targets=targets, validation_inputs=validation[0], validation_targets=validation[1]
    )
    _latest[:] = [_Memory(key, own, (description, data))]


def _remembered(description: CsvData, progress: Progress = lambda share: None) -> _Memory:
    path = Path(description.path)
    try:
        key = path, table_text.stamp(path), description.choices
        if not _latest or _latest[0].key != key:
            forget()
            from scenarios.data.csv import csv_files  # pandas takes long to import

            _latest.append(_Memory(key, csv_files.read_table(path, description, progress)))
    except ScenarioError:
        raise
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from None
    return _latest[0]
