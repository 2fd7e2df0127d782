"""Places in which the cells of a sweep are trained: this process, several of this machine, or a Dask cluster."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from itertools import chain
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from engine.plain_text import counted, shortened
from scenarios.sweeps.sweep_error import SweepError
from scenarios.sweeps.sweep_work import Cargo, Done, Task, do_here, do_task, do_task_in_child, installed

if TYPE_CHECKING:
    from scenarios.sweeps.sweep_plan import Cell

_MOST_DEATHS = 3  # of processes of this machine, until it is no accident
_AHEAD = 2  # tasks for each thread of a cluster: one at work, one waiting


class Backend(Protocol):
    """Does the tasks of a sweep."""

    def work(self, cargo: Cargo, tasks: Iterable[Task]) -> Iterator[Done]:
        """Do the tasks on a packed scenario, which are asked for as there is room; yield each as it is done. Raises
        SweepError where nothing can be done any more."""


class Here:
    """Works in this process, one task after another."""

    def work(self, cargo: Cargo, tasks: Iterable[Task]) -> Iterator[Done]:
        """Do the tasks."""
        for task in tasks:
            yield do_here(cargo, task)


@dataclass(frozen=True)
class Processes:
    """Works in so many processes of this machine, one BLAS thread each. What is lost with one that is killed is done
    again."""

    jobs: int

    def work(self, cargo: Cargo, tasks: Iterable[Task]) -> Iterator[Done]:
        """Do the tasks."""
        from joblib.externals.loky.process_executor import BrokenProcessPool

        left, deaths = iter(tasks), 0
        under_way: dict[Cell, Task] = {}
        while True:
            try:
                again = list(under_way.values())
                for done in self._pool(cargo, chain(again, left), under_way):
                    del under_way[done.cells[0]]
                    yield _unless_refused(done, "a process of this machine")
                return
            except BrokenProcessPool:
                deaths += 1
                if deaths > _MOST_DEATHS:
                    words = "perhaps there is too little memory for so many (--jobs)"
                    raise SweepError(f"{counted(deaths, 'process', 'processes')} were killed; {words}") from None

    def _pool(self, cargo: Cargo, tasks: Iterable[Task], under_way: dict[Cell, Task]) -> Iterator[Done]:
        from joblib import Parallel, delayed, parallel_config
        from joblib.externals.loky.backend import resource_tracker as loky_tracker

        # An array, which joblib writes down once for all processes where it is large.
        shared = cargo._replace(content=np.frombuffer(cargo.content, np.uint8))

        def begun() -> Iterator[Any]:
            for task in tasks:
                under_way[task.cells[0]] = task
                yield delayed(do_task_in_child)(shared, task)

        with parallel_config(backend="loky", n_jobs=self.jobs, inner_max_num_threads=1):
            pool = Parallel(return_as="generator_unordered", batch_size=1, pre_dispatch="2 * n_jobs")
            for tracker in (resource_tracker, loky_tracker):  # whose start ends the holding back
                tracker.ensure_running()
            with _ctrl_c_held_back():
                results = pool(begun())
            yield from results


@contextlib.contextmanager
def _ctrl_c_held_back() -> Iterator[None]:
    """Let ctrl+c wait for the end of the block. Processes that are started in it never hear it: a terminal sends it to
    them as well, but they have to end what they are doing."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@dataclass(frozen=True)
class DaskCluster:
    """Works on the Dask cluster whose scheduler is at the address. What is lost with a worker Dask does again.
    answer_seconds: that the scheduler may take to answer."""

    address: str
    answer_seconds: float = 5.0

    def work(self, cargo: Cargo, tasks: Iterable[Task]) -> Iterator[Done]:
        """Do the tasks."""
        try:
            from distributed import as_completed
        except ImportError:
            words = "is not installed; `pip install 'descend[cluster]'` installs it"
            raise SweepError(f"--backend dask: Dask {words}") from None
        with self._client() as client:
            # Made by the cluster, so that it makes it again where it was lost with a worker.
            shared = client.submit(_same, cargo, pure=False)
            left, running = iter(tasks), as_completed(loop=client.loop)
            room = _AHEAD * max(1, sum(client.nthreads().values()))
            for task in _some(left, room):
                running.add(client.submit(do_task, shared, task, pure=False))
            for future in running:
                done = self._result(future)
                for task in _some(left, 1):
                    running.add(client.submit(do_task, shared, task, pure=False))
                yield done

    @contextlib.contextmanager
    def _client(self) -> Iterator[Any]:
        """A connection to the cluster, all of whose workers have this version of descend."""
        from distributed import Client

        with _quiet():
            try:
                asyncio.run(asyncio.wait_for(_greet(self.address, self.answer_seconds), self.answer_seconds))
                client = Client(self.address, timeout=self.answer_seconds, set_as_default=False)
            except (OSError, TimeoutError, ValueError, TypeError, MemoryError):  # the last: what is no answer of Dask
                where = shortened(self.address)
                raise SweepError(
                    f"no Dask scheduler answers at {where} within {self.answer_seconds:g} seconds"
                ) from None
            try:
                _check_workers(client, self.answer_seconds)
                yield client
            finally:
                client.close(timeout=self.answer_seconds)

    def _result(self, future: Any) -> Done:
        from distributed import CancelledError

        if future.status == "finished":
            # The scheduler may be lost while it hands the result over.
            with contextlib.suppress(OSError, TimeoutError, CancelledError):
                return _unless_refused(future.result(), "a worker of the cluster")
        if future.status == "error":
            error = future.exception()
            raise SweepError(f"the cluster could not do it: {type(error).__name__}: {shortened(error)}")
        raise SweepError(f"the Dask scheduler at {shortened(self.address)} is gone")


async def _greet(address: str, seconds: float) -> None:
    """Connect to a scheduler and part again. Raises where none answers. A client by itself waits without end for one
    that takes the call and says nothing, and takes whatever else answers (a web page) for the length of a message."""
    from distributed.comm import connect
    from distributed.security import Security

    comm = await connect(address, timeout=seconds, **Security().get_connection_args("client"))
    await comm.close()


def _same(cargo: Cargo) -> Cargo:
    return cargo


def _some(tasks: Iterator[Task], most: int) -> Iterator[Task]:
    return (task for _, task in zip(range(most), tasks, strict=False))


def _unless_refused(done: Done, who: str) -> Done:
    if done.refusal:
        raise SweepError(f"{who} {done.refusal}")
    return done


def _check_workers(client: Any, seconds: float) -> None:
    """Raise SweepError where there is no worker, or one that would come to other numbers."""
    try:
        client.wait_for_workers(1, timeout=seconds)
    except TimeoutError:
        raise SweepError("the Dask cluster has no worker; `dask worker ADDRESS` starts one") from None
    for package, here in (("descend", installed()), ("numpy", np.__version__)):
        for worker, there in client.run(metadata.version, package, on_error="return").items():
            if there != here:
                version = there if isinstance(there, str) else "is missing"
                words = f"its {package} is {version}" if isinstance(there, str) else f"it has no {package}"
                raise SweepError(f"the worker {worker} cannot help: {words}, and here it is {here}")


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep Dask's own log, which has a traceback for whatever is said in words here, off the terminal."""
    import logging

    before = logging.root.manager.disable  # of all: each of Dask's modules has a log and a level of its own
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
