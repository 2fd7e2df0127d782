"""The work on a scenario beside its training: the answer to its question, hints, the solution. Kept for the next
session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.home.best_results import study_key_of
from tui.home.progress import Progress
from tui.home.progress_contents import Study

if TYPE_CHECKING:
    from scenarios import Scenario


class Studies:
    """Keeps them by what a scenario says."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def of(self, scenario: Scenario) -> Study:
        """The work on this scenario so far."""
        return self._progress.study(study_key_of(scenario))

    def answer(self, scenario: Scenario, said: float) -> None:
        """Keep the answer to its question."""
        self._progress.keep_study(study_key_of(scenario), Study(answer=said))

    def give_hint(self, scenario: Scenario, place: int) -> None:
        """Keep that hints were given, up to this one, counted from 1."""
        self._progress.keep_study(study_key_of(scenario), Study(hints=place))

    def show_solution(self, scenario: Scenario) -> None:
        """Keep that its solution was shown."""
        self._progress.keep_study(study_key_of(scenario), Study(solution=True))
