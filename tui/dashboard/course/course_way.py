"""The way through a course: what comes next, and that the place in it is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tui.dashboard.course.outcome import Outcome
from tui.home.best_results import Earned

if TYPE_CHECKING:
    from scenarios import Scenario
    from scenarios.courses.course import Course

First = Literal["training", "briefing", "tour", "picker"]  # what the program begins with


class CourseWay:
    """Leads through one course, by the stars that were earned."""

    def __init__(self, course: Course, outcome: Outcome) -> None:
        self.course, self._outcome = course, outcome

    def after(self, scenario: Scenario) -> Scenario | None:
        """The scenario to go on to; None where there is nothing left."""
        found = self.course.after(scenario.id, Earned(self.course, self._outcome.kept()))
        return self.course.scenario(found) if found is not None else None

    def arrive(self, scenario: Scenario) -> None:
        """Keep that this one is on the screen; nothing where it is not in the course."""
        place = self.course.place(scenario.id)
        if place is not None:
            self._outcome.keep_place(self.course.name, place.entry.name)
