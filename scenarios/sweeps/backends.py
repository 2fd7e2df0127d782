"""Places in which the cells of a sweep are trained: this process, several of this machine, or a Dask cluster."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from scenarios.sweeps.sweep_error import SweepError
from scenarios.sweeps.sweep_work import Done, Task, do_task


class Backend(Protocol):
    """Does the tasks of a sweep."""

    def work(self, payload: bytes, tasks: Iterable[Task]) -> Iterator[Done]:
        """Do the tasks on a packed scenario, which are asked for as there is room; yield each as it is done. Raises
        SweepError where nothing can be done any more."""


class Here:
    """Works in this process, one task after another."""

    def work(self, payload: bytes, tasks: Iterable[Task]) -> Iterator[Done]:
        """Do the tasks."""
        from scenarios.sweeps.sweep_work import do_here

        for task in tasks:
            yield do_here(payload, task)


@dataclass(frozen=True)
class Processes:
    """Works in so many processes of this machine, one BLAS thread each."""

    jobs: int

    def work(self, payload: bytes, tasks: Iterable[Task]) -> Iterator[Done]:
        """Do the tasks."""
        from joblib import Parallel, delayed, parallel_config

        with parallel_config(backend="loky", n_jobs=self.jobs, inner_max_num_threads=1):
            pool = Parallel(return_as="generator_unordered", batch_size=1, pre_dispatch="2 * n_jobs")
            for done in pool(delayed(do_task)(payload, task) for task in tasks):
                if done.refusal:
                    raise SweepError(f"a process of this machine {done.refusal}")
                yield done
