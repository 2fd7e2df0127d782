"""Work of a sweep for another process or machine: the scenario as text with its data, a plan, and some of its cells."""

from __future__ import annotations

import hashlib
import os
import pickle
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from scenarios.files.data_sources import CsvData
from scenarios.files.schema import ScenarioFile
from scenarios.sweeps.sweep_map import CellResult
from scenarios.sweeps.sweep_plan import Cell, SweepPlan

if TYPE_CHECKING:
    from scenarios.scenario import Scenario
    from scenarios.sweeps.cell_training import CellTraining

_TASK_SECONDS = 0.4  # of a task, about: so that results come steadily
_MOST_CELLS = 256  # of a task
_PARENT_SECONDS = 0.5  # between two looks at whether the parent is still there


def installed() -> str:
    """Return the version of descend that is installed here; empty where none is."""
    with suppress(metadata.PackageNotFoundError):
        return metadata.version("descend")
    return ""


def machine_kind() -> str:
    """Return what multiplies matrices here, on which last bits depend."""
    from scenarios.records.trained_by import versions

    return versions("")["blas"]


class Cargo(NamedTuple):
    """All that a worker needs of a scenario. digest: of its content. content: bytes, or an array of them: the text,
    and the numbers of the user's own table."""

    digest: bytes
    content: Any


class Task(NamedTuple):
    """Some cells of a plan. version: of descend, by which they are to be trained."""

    plan: SweepPlan
    cells: tuple[Cell, ...]
    version: str


class Done(NamedTuple):
    """The results of the cells of a task. seconds: that it took. refusal: why it was not done, in words; empty where it
    was. kind: of the machine that has done it, on which the last bits depend."""

    cells: tuple[Cell, ...]
    results: tuple[CellResult, ...] = ()
    seconds: float = 0.0
    refusal: str = ""
    kind: str = ""


def packed(scenario: Scenario) -> Cargo:
    """Return the scenario as it is sent to workers. Raises ScenarioError for data that cannot be read any more."""
    from scenarios.data.datasets import make

    data = make(scenario.file.data) if isinstance(scenario.file.data, CsvData) else None
    content = pickle.dumps((msgspec.json.encode(scenario.file), data))
    return Cargo(hashlib.sha256(content).digest(), content)


class _Latest(threading.local):
    """The training of the latest cargo. A thread has its own, for what trains has memory to work in."""

    digest = b""
    training: CellTraining


_latest = _Latest()


def training_of(cargo: Cargo) -> CellTraining:
    """Return what trains the cells of a packed scenario; of the latest one it is kept."""
    from scenarios.building import Parts
    from scenarios.sweeps.cell_training import CellTraining

    if _latest.digest != cargo.digest:
        text, data = pickle.loads(cargo.content)
        _latest.training = CellTraining(Parts.of(msgspec.json.decode(text, type=ScenarioFile), data))
        _latest.digest = cargo.digest
    return _latest.training


def do_task(cargo: Cargo, task: Task) -> Done:
    """Train the cells of a task, in whatever process this is."""
    if task.version != installed():
        words = f"has {f'descend {installed()}' if installed() else 'no descend'}, and this is {task.version}"
        return Done(task.cells, refusal=words)
    return do_here(cargo, task)


def do_task_in_child(cargo: Cargo, task: Task) -> Done:
    """Train the cells of a task in a process of this machine that was started for it: it ends with whoever asked for
    the work, who alone hears ctrl+c."""
    _end_with_parent()
    return do_task(cargo, task)


@cache
def _end_with_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = os.getppid()

    def wait() -> None:
        while os.getppid() == parent:
            time.sleep(_PARENT_SECONDS)
        os._exit(1)

    threading.Thread(target=wait, name="hang-up", daemon=True).start()


def do_here(cargo: Cargo, task: Task) -> Done:
    """Train the cells of a task in this process."""
    since = time.perf_counter()
    results = tuple(training_of(cargo).train(task.plan, task.cells))
    return Done(task.cells, results, time.perf_counter() - since, kind=machine_kind())


class Tasks:
    """Parts the cells of a plan into tasks of about 0.4 seconds, by what those before took. All cells of a task agree
    in their knobs but for the learning rate. It ends early where `over()`."""

    def __init__(self, plan: SweepPlan, cells: Iterable[Cell], over: Callable[[], bool]) -> None:
        self._plan, self._over = plan, over
        self._others = [k for k, axis in enumerate(plan.axes) if axis.knob != "learning_rate"]
        self._groups: dict[tuple[int, ...], list[Cell]] = {}
        for cell in cells:
            self._groups.setdefault(self._setting(cell), []).append(cell)
        self._seconds: dict[tuple[int, ...], float] = {}  # of a cell
        self._version = installed()

    def _setting(self, cell: Cell) -> tuple[int, ...]:
        return tuple(cell.place[k] for k in self._others)

    def __iter__(self) -> Iterator[Task]:
        for setting, cells in self._groups.items():
            start = 0
            while start < len(cells) and not self._over():
                count = self._count(setting)
                yield Task(self._plan, tuple(cells[start : start + count]), self._version)
                start += count

    def _count(self, setting: tuple[int, ...]) -> int:
        known = list(self._seconds.values())[-1:]
        seconds = self._seconds.get(setting, known[0] if known else _TASK_SECONDS)
        return max(1, min(_MOST_CELLS, int(_TASK_SECONDS / max(seconds, 1e-6))))

    def learn(self, done: Done) -> None:
        """Take note of how long a task took."""
        if done.results:
            self._seconds[self._setting(done.results[0].cell)] = done.seconds / len(done.results)
