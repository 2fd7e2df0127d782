"""Earlier runs: the records of the scenario that is on the screen."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from engine.runs.ghosts import KeptGhost
    from scenarios import Scenario
    from scenarios.records.kept_run import KeptRun
    from scenarios.records.run_store import RunStore

_CURVE_COLUMNS = 12
_BARS = "▁▂▃▄▅▆▇█"


class Listed(NamedTuple):
    """A record with its training loss as a small curve."""

    run: KeptRun
    curve: str


class EarlierRuns:
    """Reads the store at `path`. Its methods take a moment: not to be called where keys wait.

    on_screen: the id of the record that is gone on with or shown again, "" for none. shows_best: whether the best one
    is a ghost without being asked for. start: starts an engine that goes on with a record, or shows it again.
    Raises RecordsError for a store that cannot be used.
    """

    def __init__(
        self, path: Path, start: Callable[[Scenario, KeptRun, bool], Any], *, shows_best: bool, on_screen: str = ""
    ) -> None:
        self.path, self.shows_best, self.on_screen = path, shows_best, on_screen
        self._start, self._opened = start, time.time()

    @cached_property
    def _store(self) -> RunStore:
        from scenarios.records.run_store import RunStore  # not needed for the first frame

        return RunStore(self.path)

    def listed(self, scenario: Scenario) -> list[Listed]:
        """Return the records of the scenario, the latest first."""
        return [Listed(run, self.sparkline(run, _CURVE_COLUMNS)) for run in self.of(scenario)]

    def starter(self, scenario: Scenario, run: KeptRun, *, replays: bool) -> Callable[[], Any]:
        """Return what starts an engine that goes on with the record, or shows it again."""
        self.on_screen = run.id
        return lambda: self._start(scenario, run, replays)

    def of(self, scenario: Scenario) -> list[KeptRun]:
        """Return the records of what says the same as the scenario, the latest first."""
        if not self.path.exists():
            return []
        return [run for run in self._store.runs() if run.content == scenario.content]

    def latest(self, scenario: Scenario) -> KeptRun | None:
        """Return the record that was begun last of what this program trained, or went on with; None without one."""
        runs = self.of(scenario)
        return next((run for run in runs if run.started >= self._opened or run.id == self.on_screen), None)

    def best(self, scenario: Scenario, before: float = math.inf) -> KeptRun | None:
        """Return the one with most stars, and of those the one with the best score; without a goal, the one that came
        to the lowest loss. None where there is none that came to anything. before: seconds since the epoch; what was
        begun later is no earlier run."""
        found = [run for run in self.of(scenario) if run.started < before and run.id != self.on_screen]
        runs = [run for run in found if run.outcome.lowest_training is not None]
        return min(runs, key=_rank, default=None)

    def ghost(self, run: KeptRun, *, faint: bool = False) -> KeptGhost:
        """Return the record as a ghost. Raises RecordsError where its curves were dropped."""
        from scenarios.records.earlier_ghost import earlier_ghost
        from scenarios.records.records_error import RecordsError

        curves = self._store.curves(run)
        if curves is None:
            raise RecordsError(f"the curves of {run.id} were dropped to make room; it can still be trained again")
        return earlier_ghost(run, curves, faint=faint)

    def best_ghost(self, scenario: Scenario, before: float) -> KeptGhost | None:
        """Return the best one that was begun before that time as a faint ghost; None where there is none."""
        best = self.best(scenario, before)
        return None if best is None else self.ghost(best, faint=True)

    def sparkline(self, run: KeptRun, columns: int) -> str:
        """Return its training loss as so many blocks, on a logarithmic scale; empty where there is nothing to draw."""
        import numpy as np

        curves = self._store.curves(run)
        if curves is None:
            return ""
        steps, _, losses, _ = curves.evaluations
        drawn = np.isfinite(losses) & (losses > 0)
        if drawn.sum() < 2:
            return ""
        places = np.linspace(steps[drawn][0], steps[drawn][-1], columns)
        heights = np.interp(places, steps[drawn], np.log(losses[drawn]))
        span = max(float(np.ptp(heights)), 1e-9)
        levels = ((heights - heights.min()) / span * (len(_BARS) - 1)).round().astype(int)
        return "".join(_BARS[level] for level in levels)


def _rank(run: KeptRun) -> tuple[int, float]:
    goal = run.outcome.goal
    if goal is not None and goal.score is not None and goal.stars:
        return -goal.stars, goal.score
    return 0, run.outcome.lowest_training or 0.0
