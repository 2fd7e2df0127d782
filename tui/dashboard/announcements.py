"""Announcements in notices: what is trained, what its file says of itself, how a goal and a race ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenarios import Scenario
from tui.dashboard.course.captions import Captions
from tui.dashboard.course.course_way import CourseWay
from tui.dashboard.course.hints import Hints
from tui.dashboard.course.outcome import Outcome
from tui.dashboard.course.studies import Studies
from tui.dashboard.keys.keymap import Keymap
from tui.dashboard.recovery.notices import NoticeApp
from tui.dashboard.screens.side_column import Told
from tui.dashboard.screens.training_screen import TrainingScreen
from tui.words.usage_error import UsageError

if TYPE_CHECKING:
    from engine.serving.snapshot import Snapshot

_READ = 10  # seconds, for a sentence or two
_CAPTION = 5


class Announcements:
    """Announces what a scenario and its snapshots bring, each thing once."""

    def __init__(
        self,
        app: NoticeApp,
        training: TrainingScreen,
        keys: Keymap,
        outcome: Outcome,
        way: CourseWay,
        studies: Studies,
    ) -> None:
        self._app, self._training, self._keys, self._outcome, self._way = app, training, keys, outcome, way
        self.introduced = False  # by its briefing, say
        self.record = ""  # the id of the one that the first training goes on with, or shows again
        self._studies, self._hints = studies, Hints(studies)
        self._captions = Captions()
        self._column_of: Scenario | None = None  # what the column tells of

    def describe(self, scenario: Scenario) -> None:
        """Show what is trained, the best so far, and what was noted when its file was read."""
        self._training.describe(scenario)
        self._training.goal_line.best = self._outcome.best(scenario)
        if scenario.notes:
            notes = "\n".join(scenario.notes[:4])
            self._app.notify(notes, title=scenario.file.title, markup=False, timeout=_READ)

    def warn(self, error: Exception | str) -> None:
        """Say why a file could not be read."""
        self._app.notify(str(error), severity="warning", markup=False, timeout=_READ)

    def follow(self, scenario: Scenario, snapshot: Snapshot, before: Snapshot | None, *, shown: bool) -> None:
        """Announce what has come with a snapshot. shown: whether every panel has a picture of the scenario."""
        if before and before.scene_number == snapshot.scene_number and before.lock_step and not snapshot.lock_step:
            self._app.remark("The race has ended: this run goes on alone, the others stay as ghosts.")
        if caption := self._captions.next(snapshot, before):
            followed = {snapshot.solution, before.solution if before else ""}
            title = "The replay" if "replayed" in followed else "The solution"
            self._app.notify(caption, title=title, markup=False, timeout=_CAPTION)
        if snapshot.solution == "shown" and not (before and before.solution):
            self._studies.show_solution(scenario)
        if snapshot.step and not snapshot.solution:
            self._outcome.begin(scenario)
        self._tell_outcome(scenario, snapshot)
        if shown and self._column_of is not scenario:
            self._fill_column(scenario)
        self._offer_hint(scenario, snapshot)
        if shown and not self.introduced:
            self.introduced = True
            self._app.call_after_refresh(
                self._introduce, scenario, snapshot.solution == "replayed"
            )  # the first picture does not wait for it

    def _tell_outcome(self, scenario: Scenario, snapshot: Snapshot) -> None:
        if news := self._outcome.news(scenario, snapshot):
            self._training.goal_line.best = self._outcome.best(scenario)
            self._training.goal_line.repaint()
            self._column_of = None  # what is next may be another one
            words = f"{news}. {self._keys.shown('verdict')} shows the verdict"
            if snapshot.goal is not None and snapshot.goal.stars > 0 and not snapshot.solution:
                words += self._and_next(scenario)
            words += "."
            self._app.notify(words, markup=False, timeout=_READ)
        for notice in self._outcome.notices():
            self._app.notify(notice, severity="warning", markup=False)

    def _and_next(self, scenario: Scenario) -> str:
        """Words on what comes next, to follow others; at the end of the course, that it is."""
        if words := self._way.words_after(scenario):
            return f", {self._keys.shown('next')} {words}"
        return ". This is the last scenario of the course"

    def hint(self, scenario: Scenario) -> None:
        """Give the next hint, which stays when knobs are turned. Raises UsageError where there is none."""
        hint, place = self._hints.next(scenario)
        if not hint:
            raise UsageError("this scenario has no hints")
        most = len(scenario.file.hints)
        if place == most and scenario.file.reference is not None:
            hint += f" {self._keys.shown('solution')} shows it."
        self._app.notify(hint, title=f"Hint {place} of {most}", markup=False, timeout=_READ)
        self._fill_column(scenario)

    def _fill_column(self, scenario: Scenario) -> None:
        """Tell in the column, where it is shown, what the scenario is about, and what comes next."""
        if not self._training.column.display:
            return
        self._column_of = scenario
        way, hints = self._way, self._hints.given(scenario)
        told = Told(scenario, way.course, way.after(scenario), way.leads(scenario), hints)
        self._app.call_later(self._training.column.tell, told, self._training.lines())

    def _offer_hint(self, scenario: Scenario, snapshot: Snapshot) -> None:
        if self._hints.offers(scenario, snapshot):
            self._app.notify(f"{self._keys.shown('hint')} gives a hint.", markup=False)

    def _introduce(self, scenario: Scenario, replayed: bool) -> None:
        """Say what is trained, where the briefing does not, and where that is; of a record, that it is one."""
        pause, what = self._keys.shown("pause"), f"the record {self.record}" if self.record else "a plan file"
        if replayed:
            words = (
                f"This shows {what} again, with its knob changes. {pause} pauses; a knob that you change takes over."
            )
            self._app.remark(words, title=scenario.file.title, seconds=_READ)
        elif self.record:
            words = f"This goes on with {what}. It pauses where that ended; {pause} trains on."
            self._app.remark(words, title=scenario.file.title, seconds=_READ)
        elif not self._training.column.is_on_screen:
            file, words = scenario.file, f"Press {self._keys.shown('help')} for the briefing"
            if file.question is not None:
                words += f", {self._keys.shown('question')} to answer its question"
            self._app.remark(f"{file.summary} {words}.", title=file.title, seconds=_READ)
