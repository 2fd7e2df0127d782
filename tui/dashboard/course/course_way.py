"""The way through a course: what comes next, and that the place in it is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tui.dashboard.course.outcome import Outcome
from tui.home.best_results import Earned
from tui.words.usage_error import UsageError

if TYPE_CHECKING:
    from scenarios import Scenario
    from scenarios.courses.course import Course
    from tui.dashboard.keys.keymap import Keymap

First = Literal["training", "briefing", "tour", "picker"]  # what the program begins with


class CourseWay:
    """Leads through one course, by the stars that were earned."""

    def __init__(self, course: Course, outcome: Outcome) -> None:
        self.course, self._outcome = course, outcome

    def after(self, scenario: Scenario) -> Scenario | None:
        """The scenario to go on to: in the course the next one, from elsewhere the one where the course was left; None
        where there is nothing left."""
        course, earned = self.course, Earned(self.course, self._outcome.kept())
        if self._has(scenario):
            found = course.after(scenario.id, earned)
        else:
            found = course.left_off(self._outcome.place(course.name), earned)
        return course.scenario(found) if found is not None else None

    def next(self, scenario: Scenario, keys: Keymap) -> Scenario:
        """The scenario to go on to. Raises UsageError where there is nothing left."""
        after = self.after(scenario)
        if after is None:
            raise UsageError(f"this is the last scenario; {keys.shown('scenarios')} shows them all")
        return after

    def words_after(self, scenario: Scenario) -> str:
        """Words on what the key for the next scenario does, to follow its name, or "" where there is none."""
        after = self.after(scenario)
        if after is None:
            return ""
        return f"{self.leads(scenario)} {after.file.title}"

    def leads(self, scenario: Scenario) -> str:
        """The verb for the way from here to what comes after it."""
        return "goes on to" if self._has(scenario) else "opens the course at"

    def _has(self, scenario: Scenario) -> bool:
        return self.course.place(scenario.id) is not None

    def arrive(self, scenario: Scenario) -> None:
        """Keep that this one is on the screen; nothing where it is not in the course."""
        if (place := self.course.place(scenario.id)) is not None:
            self._outcome.keep_place(self.course.name, place.entry.name)
