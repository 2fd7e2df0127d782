"""The hints of a scenario: given one at a time, and offered when a run has missed the goal for the first time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.serving.snapshot import Snapshot
    from scenarios import Scenario
    from tui.dashboard.course.studies import Studies


class Hints:
    """Keeps, by the scenario's id, which hint was given last in this session, and where one was offered."""

    def __init__(self, studies: Studies) -> None:
        self._studies = studies
        self._given: dict[str, int] = {}
        self._offered: set[str] = set()

    def next(self, scenario: Scenario) -> tuple[str, int]:
        """The next hint and its place, from 1; the last one again when there is no other. "" and 0 without any."""
        hints = scenario.file.hints
        place = min(self._given.get(scenario.id, 0) + 1, len(hints))
        self._given[scenario.id] = place
        self._studies.give_hint(scenario, place)
        return (hints[place - 1], place) if hints else ("", 0)

    def given(self, scenario: Scenario) -> tuple[str, ...]:
        """The hints that were given so far."""
        return tuple(scenario.file.hints[: self._given.get(scenario.id, 0)])

    def offers(self, scenario: Scenario, snapshot: Snapshot) -> bool:
        """Tell whether to offer hints now: at the first miss, unless one has been given."""
        if not scenario.file.hints or scenario.id in self._offered or not _has_missed(snapshot):
            return False
        if self._studies.of(scenario).hints:
            return False
        self._offered.add(scenario.id)
        return True


def _has_missed(snapshot: Snapshot) -> bool:
    """Tell whether the run has come to its end, or to rest, with fewer stars than there are."""
    state = snapshot.goal
    if state is None or snapshot.solution:
        return False
    if state.kind == "open":
        return snapshot.status.kind in ("converged", "diverged")
    return state.kind in ("failed", "over", "reached") and state.stars < 3
