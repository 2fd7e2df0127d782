"""What a run costs beside its training: for `speed.py`.

It looks at its losses and at how it stands, keeps checkpoints and answers with snapshots. All of that is to leave the
training nine tenths of the time, and never to hold up a key.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import median

import numpy as np
from rivals import trainer_of
from workloads import Workload, classes, line

from engine.model.least_squares import LeastSquares
from engine.model.networks import Network
from engine.runs.branching import branch
from engine.runs.run import Run
from engine.serving.commands import Play, RequestFrame
from engine.serving.snapshot import Snapshot, View
from engine.serving.views.data_view import DataView
from engine.serving.views.weights_view import PlaneView, WeightsView
from engine.serving.worker import Worker
from engine.training.knobs import Knobs
from engine.training.replicas import Replicas
from engine.training.trainer import Trainer

SECONDS = 0.2  # that a trainer is trained at a time


@dataclass(frozen=True)
class Figure:
    """A measured figure, and the highest that it may be; with `least`, the lowest."""

    name: str
    value: float
    hold: float
    unit: str
    least: bool = False

    def __str__(self) -> str:
        fits = self.value >= self.hold if self.least else self.value <= self.hold
        bound = "≥" if self.least else "≤"
        return f"{self.name:56} {self.value:8.2f} {bound} {self.hold:<6.3g} {self.unit:3} {'' if fits else 'MISSED'}"


class _Source:
    """Makes the runs of a workload."""

    def __init__(self, work: Workload) -> None:
        self._work = work

    def run(self, *, seed: int | None = None, knobs: Knobs | None = None) -> Run:
        return Run(trainer_of(self._work))


def _timed(call: Callable[[], object]) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


def share_kept(work: Workload, rounds: int) -> Figure:
    """The speed of `Run.advance` as a share of that of `Trainer.run`, in turns."""
    alone, run = trainer_of(work), Run(trainer_of(work))
    steps = 64
    while (seconds := _timed(partial(alone.run, steps))) < SECONDS:
        steps = int(steps * min(8.0, 1.2 * SECONDS / seconds)) + 1
    run.advance(alone.steps)
    shares = [_timed(partial(alone.run, steps)) / _timed(partial(run.advance, steps)) for _ in range(rounds)]
    return Figure(f"a run keeps of its trainer's speed: {work.name}", median(shares), 0.9, "", least=True)


def longest_pieces(work: Workload, seconds: float = 3.0) -> list[Figure]:
    """How long the engine's loop is away from its commands at the most: at full speed, and paused until all that the
    screen shows is measured."""
    worker = Worker(_Source(work), steps_per_second=None)
    advances, running, paused = [], [], []
    worker.handle(Play(True))
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        advances.append(_timed(worker.advance))
        running.append(_answer(worker)[0])
    worker.handle(Play(False))
    measuring = True
    while measuring:
        taken, measuring = _answer(worker)
        paused.append(taken)
    return [
        Figure(f"longest advance: {work.name}", 1e3 * max(advances), 20, "ms"),
        Figure(f"longest snapshot: {work.name}", 1e3 * max(running), 15, "ms"),
        Figure(f"longest snapshot, paused: {work.name}", 1e3 * max(paused), 15, "ms"),
    ]


def _answer(worker: Worker) -> tuple[float, bool]:
    """The seconds that a snapshot takes with what a screen shows of classes, and whether a further one will know
    more."""
    data = DataView(predictions=False, confusion="training", scores=True)
    worker.handle(RequestFrame(View(scene=1, data=data, weights=WeightsView(plane=PlaneView()))))
    start = time.process_time()
    snapshot = worker.answer(at_once=True)
    assert isinstance(snapshot, Snapshot)
    return time.process_time() - start, snapshot.measuring


def rewinding() -> Figure:
    """The longest way back to one of the last thousand steps of 301,610 weights with Adam."""
    inputs, targets = classes(2000, 500, 10)
    network = Network(
        inputs, targets, hidden=(500, 100), num_outputs=10, activation="relu", loss="softmax_cross_entropy"
    )
    start = np.random.default_rng(0).standard_normal(len(network.weight_names)) / 20
    run = Run(Trainer(network, start, knobs=Knobs(1e-3, 32, optimizer="adam")))
    run.advance(2000)
    ways = [_timed(partial(branch, run, 2000 - back)) for back in (1, 100, 300, 700, 1000)]
    return Figure("rewinding 300,000 weights with Adam, the last 1,000 steps", max(ways), 1, "s")


def replicas(name: str, learning_rates: np.ndarray | None) -> Figure:
    """A step of one of 256 replicas of the line fit."""
    cloud = Replicas(LeastSquares(*line()), np.zeros(2), Knobs(0.01, 32), range(256), learning_rates=learning_rates)
    seconds = median(_timed(lambda: cloud.run(300)) for _ in range(7)) / 300 / 256
    return Figure(f"256 replicas of the line fit, {name}: a step of one", 1e6 * seconds, 0.5, "µs")


def report(works: list[Workload], rounds: int) -> None:
    print()
    for work in works:
        print(share_kept(work, rounds), flush=True)
    for work in works:
        if "784-256-128-10, batch" in work.name:
            print(*longest_pieces(work), sep="\n", flush=True)
    print(rewinding(), flush=True)
    print(replicas("all with one learning rate", None), flush=True)
    print(replicas("each with its own", np.linspace(0.01, 0.02, 256)), flush=True)
