"""Training of a whole sweep: known results come from the store, the others from a backend."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

from scenarios.sweeps.backends import Backend, Here
from scenarios.sweeps.sweep_map import CellResult
from scenarios.sweeps.sweep_plan import Cell, SweepPlan
from scenarios.sweeps.sweep_work import Tasks, packed

if TYPE_CHECKING:
    from scenarios.scenario import Scenario


class Store(Protocol):
    """Remembers the results of trainings."""

    def known(self, scenario: Scenario, plan: SweepPlan, cells: Sequence[Cell], examples: int) -> list[CellResult]:
        """Return those of these cells that are known."""

    def keep(self, scenario: Scenario, plan: SweepPlan, results: Sequence[CellResult], examples: int) -> None:
        """Remember these."""


def train_cells(
    scenario: Scenario,
    plan: SweepPlan,
    cells: Iterable[Cell],
    *,
    after: Callable[[Sequence[CellResult]], object],
    over: Callable[[], bool] = lambda: False,
    store: Store | None = None,
    backend: Backend | None = None,
) -> None:
    """Train cells of a plan, and call `after(results)` whenever some are done: first with those that the store knows,
    then in the order in which they come, each once. Ends early, with what is under way done, as soon as `over()`.

    backend: where they are trained, by default in this process. Raises SweepError where it cannot be had, ScenarioError
    for data that is no longer as it was when the scenario was read, RefusalError for knobs that the scenario has no
    room for.
    """
    from scenarios.sweeps.sweep_work import training_of

    payload = packed(scenario)
    examples = training_of(payload).num_examples if store else 0
    missing = dict.fromkeys(cells)
    if store and (known := store.known(scenario, plan, list(missing), examples)):
        for result in known:
            missing.pop(result.cell, None)
        after(known)
    tasks = Tasks(plan, missing, over)
    for done in (backend or Here()).work(payload, tasks):
        tasks.learn(done)
        results = [result for result in done.results if result.cell in missing]  # nothing twice
        for result in results:
            del missing[result.cell]
        if store and results:
            store.keep(scenario, plan, results, examples)
        if results:
            after(results)
