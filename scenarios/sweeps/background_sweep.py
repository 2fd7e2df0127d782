"""A sweep in a process of its own, that takes only the time of the machine that nobody else wants."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from engine.serving.child import Child
from scenarios.scenario_error import ScenarioError

if TYPE_CHECKING:
    from engine.training.knobs import Knobs
    from scenarios.building import Parts
    from scenarios.scenario import Scenario
    from scenarios.sweeps.sweep_map import CellResult
    from scenarios.sweeps.sweep_plan import SweepPlan

_MEEKEST = 19  # of the priorities
_BETWEEN = 0.1  # seconds at least between two messages


@dataclass(frozen=True)
class SweepBegun:
    """The plan. limits: at each value of the batch size, the largest stable learning rate; infinite or NaN where there
    is none, or none is known."""

    plan: SweepPlan
    limits: tuple[float, ...]


@dataclass(frozen=True)
class SweepResults:
    """Some more trainings."""

    results: tuple[CellResult, ...]


@dataclass(frozen=True)
class SweepEnded:
    """The end, with all trainings done, or with what came in between."""

    fault: str = ""


SweepNews = SweepBegun | SweepResults | SweepEnded


class BackgroundSweep:
    """Sweeps around a setting. `on_news` is called on a thread of its own: the plan, then results as they come, then
    the end, unless `close` was called. The process ends with this one, however that ends."""

    def __init__(self, scenario: Scenario, knobs: Knobs, seed: int, on_news: Callable[[SweepNews], None]) -> None:
        self._child = Child(_sweep, scenario, knobs, seed)
        self._closed = False
        threading.Thread(target=self._receive, args=(on_news,), name="sweep-news", daemon=True).start()

    @property
    def pid(self) -> int:
        """The process number."""
        return self._child.process.pid

    def _receive(self, on_news: Callable[[SweepNews], None]) -> None:
        news: SweepNews = SweepEnded("its process has ended")
        while True:
            try:
                news = self._child.pipe.recv()
            except Exception:  # the pipe is closed, or half a message is left of a process that was killed
                news = SweepEnded("its process has ended")
            if not self._closed:
                on_news(news)
            if isinstance(news, SweepEnded):
                return

    def hold(self, held: bool) -> None:
        """Train no further cells, or go on."""
        with contextlib.suppress(OSError):  # it has ended
            self._child.pipe.send(held)

    def close(self) -> None:
        """End the process."""
        self._closed = True
        self._child.close()


def _sweep(pipe: Connection, scenario: Scenario, knobs: Knobs, seed: int) -> None:
    if hasattr(os, "nice"):
        os.nice(_MEEKEST)
    try:
        for news in _news(pipe, scenario, knobs, seed):
            pipe.send(news)
            _be_meek()  # once the plan is told: on a busy machine all after it may take long
        pipe.send(SweepEnded())
    except (ScenarioError, ValueError, MemoryError) as error:
        pipe.send(SweepEnded(str(error) or "there is not enough memory"))


@cache
def _be_meek() -> None:
    """Take only the time that is left over, where the system has a class for that below all priorities."""
    if hasattr(os, "SCHED_IDLE"):
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def _news(pipe: Connection, scenario: Scenario, knobs: Knobs, seed: int) -> Iterator[SweepNews]:
    from scenarios.building import Parts
    from scenarios.sweeps.cell_training import CellTraining
    from scenarios.sweeps.sweep_around import nearest_first, sweep_around

    scenario.run(seed=seed, knobs=knobs)  # which checks that the data is as it was
    parts = Parts.of(scenario.file)
    plan = sweep_around(scenario.file, parts.objective, knobs, seed)
    yield SweepBegun(plan, _limits(parts, plan))
    training, told_at = CellTraining(parts), time.monotonic()
    results: list[CellResult] = []
    for cell in nearest_first(plan):
        _wait(pipe)
        results += training.train(plan, [cell])
        if time.monotonic() - told_at > _BETWEEN:
            yield SweepResults(tuple(results))
            results, told_at = [], time.monotonic()
    yield SweepResults(tuple(results))


def _wait(pipe: Connection) -> None:
    """Wait while it is held."""
    held = False
    while held or pipe.poll():
        held = pipe.recv()


def _limits(parts: Parts, plan: SweepPlan) -> tuple[float, ...]:
    from engine.probes import MinibatchTheory
    from scenarios.sweeps.stability_limits import stability_limits

    return tuple(limit.value for limit in stability_limits(plan, MinibatchTheory(parts.objective)).values())
