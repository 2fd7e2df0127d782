"""Training of a whole sweep: known results come from the store, the others from a backend."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from scenarios.sweeps.backends import Backend, Here
from scenarios.sweeps.sweep_map import CellResult
from scenarios.sweeps.sweep_plan import Cell, SweepPlan
from scenarios.sweeps.sweep_work import Tasks, machine_kind, packed, training_of

if TYPE_CHECKING:
    from scenarios.scenario import Scenario
    from scenarios.sweeps.sweep_store import SweepStore

_PROBE_STEPS, _PROBES, _PROBE_SECONDS = 500, 25, 1.0  # of the estimate of a sweep's time


def train_cells(
    scenario: Scenario,
    plan: SweepPlan,
    cells: Iterable[Cell],
    *,
    after: Callable[[Sequence[CellResult]], object],
    over: Callable[[], bool] = lambda: False,
    store: SweepStore | None = None,
    backend: Backend | None = None,
) -> None:
    """Train cells of a plan, and call `after(results)` whenever some are done: first with those that the store knows,
    then in the order in which they come, each once. Ends early, with what is under way done, as soon as `over()`.

    backend: where they are trained, by default in this process. Raises SweepError where it cannot be had, ScenarioError
    for data that is no longer as it was when the scenario was read, RefusalError for knobs that the scenario has no
    room for.
    """
    cargo = packed(scenario)
    examples = training_of(cargo).num_examples if store else 0
    missing = dict.fromkeys(cells)
    if store and (known := store.known(plan, missing, examples)):
        for result in known:
            missing.pop(result.cell, None)
        after(known)
    tasks = Tasks(plan, missing, over)
    for done in (backend or Here()).work(cargo, tasks):
        tasks.learn(done)
        results = [result for result in done.results if result.cell in missing]  # nothing twice
        for result in results:
            del missing[result.cell]
        if store and results and done.kind == machine_kind():  # on another kind of machine the last bits are others
            store.keep(plan, results, examples)
        if results:
            after(results)


def seconds_of(scenario: Scenario, plan: SweepPlan, count: int) -> float:
    """Return about the seconds that so many of a plan's cells take in one process, by short trainings of some of them.
    Raises what `train_cells` does."""
    training = training_of(packed(scenario))
    some = [plan.cell(k * plan.num_cells // _PROBES) for k in range(_PROBES)]
    seconds, since = [], time.perf_counter()
    for cell in [some[0], *some]:
        steps = plan.steps_at(cell.place, training.num_examples)
        short = replace(plan, length=min(steps, _PROBE_STEPS), unit="steps")
        begin = time.perf_counter()
        list(training.train(short, [cell]))
        seconds.append((time.perf_counter() - begin) * max(1.0, steps / _PROBE_STEPS))
        if time.perf_counter() - since > _PROBE_SECONDS:
            break
    known = seconds[1:] or seconds  # the first one has worked out what is so only once
    return count * sum(known) / len(known)
