"""The outcome of a run's goal: told once, and kept where it is the best so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.dashboard.panels.goal_line import standing
from tui.home.progress import Best, Progress

if TYPE_CHECKING:
    from engine.runs.standing.goals import GoalState
    from engine.serving.snapshot import Snapshot
    from scenarios import Scenario


class Outcome:
    """Follows the snapshots of one scenario after another."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._told: GoalState | None = None

    def best(self, scenario: Scenario) -> Best | None:
        """The best so far."""
        return self._progress.all().get(scenario.id) if scenario.file.goal else None

    def all(self) -> dict[str, Best]:
        """The best so far in every scenario, by its id."""
        return self._progress.all()

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
        better = state.stars and self._progress.record(scenario.id, table.measure, Best(state.stars, state.score))
        return f"Goal {words}{', your best so far' if better else ''}"

    def notices(self) -> list[str]:
        """Notices about the file in which the best are kept; each once."""
        self._progress.try_again()
        notices, self._progress.notices = self._progress.notices, []
        return notices
