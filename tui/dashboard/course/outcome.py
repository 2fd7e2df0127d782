"""The outcome of a run's goal: told once, and kept where it is the best so far."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from tui.dashboard.panels.goal_line import standing
from tui.home.best_results import best_of, key_of
from tui.home.progress import Progress
from tui.home.progress_contents import Best

if TYPE_CHECKING:
    from engine.runs.standing.goals import GoalState
    from engine.serving.snapshot import Snapshot
    from scenarios import Scenario


class Outcome:
    """Follows the snapshots of one scenario after another."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._told: GoalState | None = None
        self._begun: Scenario | None = None

    def best(self, scenario: Scenario) -> Best | None:
        """The best so far."""
        return best_of(scenario, self._progress.all()) if scenario.file.goal else None

    def kept(self) -> dict[str, Best]:
        """All that is kept, as `tui.home.best_results` reads it."""
        return self._progress.all()

    def all(self, scenarios: Iterable[Scenario]) -> dict[str, Best]:
        """The best so far in each of these scenarios, by its id."""
        kept = self._progress.all()
        found = {scenario.id: best_of(scenario, kept) for scenario in scenarios}
        return {name: best for name, best in found.items() if best is not None}

    def begin(self, scenario: Scenario) -> None:
        """Keep that it was trained."""
        if scenario is not self._begun:  # it may be told so with every snapshot
            self._begun = scenario
            self._progress.keep_tried(scenario.content)

    def tried(self, scenarios: Iterable[Scenario]) -> frozenset[str]:
        """The ids of those of these scenarios that were trained, in this session or an earlier one."""
        contents = self._progress.tried()
        return frozenset(scenario.id for scenario in scenarios if scenario.content in contents)

    def place(self, course: str) -> str | None:
        """The entry of a course that was on the screen last; None where there was none."""
        return self._progress.place(course)

    def keep_place(self, course: str, entry: str) -> None:
        """Keep which entry of a course is on the screen."""
        self._progress.keep_place(course, entry)

    def news(self, scenario: Scenario, snapshot: Snapshot) -> str:
        """News of the goal that were not told yet, or ""."""
        table, state = scenario.file.goal, snapshot.goal
        if table is None or state is None or state.kind not in ("reached", "failed", "over"):
            self._told = None
            return ""
        if state == self._told:
            return ""
        self._told = state
        words = standing(table.goal(), state, 0.0, state.step)[0]
        if snapshot.solution:  # nobody's own
            return f"The {'replay' if snapshot.solution == 'replayed' else 'solution'}: goal {words}"
        better = state.stars and self._record(scenario, table.measure, Best(state.stars, state.score))
        return f"Goal {words}{', your best so far' if better else ''}"

    def _record(self, scenario: Scenario, measure: str, best: Best) -> bool:
        """Keep it; whether it is the best in a scenario that says the same."""
        before = self.best(scenario)
        kept = self._progress.record(key_of(scenario), measure, best)
        return kept and (before is None or before.outdated or best.beats(before))

    def notices(self) -> list[str]:
        """Notices about the file in which the best are kept; each once."""
        self._progress.try_again()
        notices, self._progress.notices = self._progress.notices, []
        return notices
