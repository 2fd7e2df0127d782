"""Dialogs over the panels, and the prompt below them. None is needed for the first frame."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from textual.app import SystemCommand

from engine.refusals import RefusalError
from scenarios import Scenario
from tui.dashboard.course.course_way import CourseWay
from tui.dashboard.course.outcome import Outcome
from tui.dashboard.course.studies import Studies
from tui.dashboard.keys.keymap import Keymap
from tui.dashboard.recovery.notices import NoticeApp
from tui.dashboard.screens.training_screen import TrainingScreen
from tui.dashboard.session import Session
from tui.words.usage_error import UsageError

if TYPE_CHECKING:
    from engine.runs.plan import Change, Plan
    from engine.serving.views.run_outcome import RunOutcome
    from tui.dashboard.course.answering import Answering
    from tui.dashboard.screens.briefing import Then
    from tui.dashboard.screens.dialog import Dialog
    from tui.dashboard.screens.runs.records_dialog import Chosen
    from tui.home.earlier_runs import EarlierRuns
    from tui.words import glossary
    from tui.words.race_proposals import Entry


class Dialogs:
    """Opens dialogs, one at a time, however fast the keys come. Nothing is trained until they are closed: the app sees
    to that. open_scenario: opens the scenario that was picked."""

    def __init__(
        self,
        app: NoticeApp,
        session: Session,
        training: TrainingScreen,
        keys: Keymap,
        outcome: Outcome,
        way: CourseWay,
        studies: Studies,
        open_scenario: Callable[[Scenario], None],
        records: EarlierRuns | None = None,
    ) -> None:
        self._app, self._session, self._training = app, session, training
        self._keys, self._outcome, self._way, self._studies = keys, outcome, way, studies
        self._open_scenario, self._records = open_scenario, records

    async def open_prompt(self) -> None:
        """A line to type an exact value into."""
        from tui.dashboard.screens.prompt import Prompt

        prompt = Prompt(self._session)
        await self._training.mount(prompt, before=self._training.key_line)
        if prompt.input.is_attached:
            self._training.set_focus(prompt.input)

    def show_help(self) -> None:
        """The briefing, and all keys."""
        from tui.dashboard.screens.help_dialog import HelpScreen

        self._open(HelpScreen(self._session.scenario, self._keys), self._helped)

    def _helped(self, points: bool | None) -> None:
        if points:
            self.point_at_words()

    def point_at_words(self) -> None:
        """A cursor that goes from word to word on the screen. Raises UsageError where there is none yet."""
        from tui.dashboard.screens.guide.word_cursor import WordCursor

        if not self._training.spots():
            raise UsageError("there is no word on the screen yet")
        self._open(WordCursor(self._training.spots))

    def set_up_race(self) -> None:
        """Offer what to race, and begin it."""
        from tui.dashboard.screens.runs.race_dialog import RaceScreen

        session = self._session
        if session.scene is not None and session.snapshot is not None:
            screen = RaceScreen(session.snapshot.knobs, session.scene.num_examples, self._keys.shown("sweep"))
            self._open(screen, self._race)

    def _race(self, entry: Entry | None) -> None:
        if entry is not None:
            self._session.race(*entry)
            if entry.knob == "batch_size":  # in which they are level
                self._training.loss.count_in("examples")

    async def show_records(self) -> None:
        """Offer what is recorded of the scenario. Raises UsageError where that cannot be read."""
        from tui.dashboard.screens.runs.records_dialog import RecordsScreen

        if self._records is None:
            raise UsageError("nothing is recorded here")
        scenario = self._session.scenario
        listed = await asyncio.to_thread(self._records.listed, scenario)
        if self._session.scenario is scenario:
            self._open(RecordsScreen(scenario.file.title, listed, self._keys.keys("records")), self._use_record)

    def _use_record(self, chosen: Chosen | None) -> None:
        if chosen is None or self._records is None:
            return
        try:
            if chosen.wish == "ghost":
                self._session.show_earlier(self._records.ghost(chosen.run))
            else:
                start = self._records.starter(self._session.scenario, chosen.run, replays=chosen.wish == "replay")
                self._session.begin_with(start)
        except (RefusalError, UsageError) as error:
            self._app.remark(f"{error}.", warning=True)

    def pick_scenario(self) -> None:
        """Offer the scenarios, and open the chosen one."""
        from tui.dashboard.screens.picker import Done, PickerScreen

        present, way = self._session.scenario, self._way
        offered = [*way.course.scenarios.values(), present]
        done = Done(self._outcome.all(offered), self._outcome.tried(offered))
        self._open(PickerScreen(way.course, present, way.after(present), self._keys, done), self._picked)

    def _picked(self, scenario: Scenario | None) -> None:
        if scenario is not None:
            self._open_scenario(scenario)

    def show_briefing(self) -> None:
        """Show the briefing of a scenario that stands before its first step, and a key to begin."""
        from tui.dashboard.screens.briefing import BriefingScreen

        answering = self._answering()
        screen = BriefingScreen(self._session.scenario, self._way.course, self._keys, answering)
        self._open(screen, lambda then: self._briefed(then, answering))

    def _briefed(self, then: Then | None, answering: Answering | None) -> None:
        self._keep_answer(answering)
        match then:
            case "begin":
                self._session.begin()
            case "scenarios":
                self.pick_scenario()
            case "next":
                self._go_on()

    def close_briefing(self) -> None:
        """Close it: its scenario cannot be trained."""
        from tui.dashboard.screens.briefing import BriefingScreen

        if isinstance(self._app.screen, BriefingScreen):
            self._app.screen.dismiss()

    def show_tour(self, then: Callable[[], None] | None = None) -> None:
        """Explain each panel, one after another."""
        from tui.dashboard.screens.guide.tour import TourScreen

        self._open(TourScreen(self._training, self._keys), lambda _: then() if then else None)

    def show_verdict(self, outcome: RunOutcome) -> None:
        """Show how a run stands to its goal, and what its knob changes did; not if another scenario is trained now."""
        if self._session.is_of_scenario(outcome):
            from tui.dashboard.screens.verdict_dialog import VerdictScreen

            scenario = self._session.scenario
            after, study = self._way.words_after(scenario), self._studies.of(scenario)
            self._open(VerdictScreen(scenario, outcome, after, self._keys, study), self._judged)

    def _judged(self, goes_on: bool | None) -> None:
        if goes_on:
            self._go_on()

    def _go_on(self) -> None:
        """Open what comes next, or say that nothing does."""
        try:
            self._open_scenario(self._way.next(self._session.scenario, self._keys))
        except UsageError as error:
            self._app.remark(str(error), warning=True)

    def ask(self) -> None:
        """Ask what the scenario asks before training. Raises UsageError where it asks nothing."""
        from tui.dashboard.screens.briefing import QuestionScreen

        answering = self._answering()
        if answering is None:
            raise UsageError("this scenario asks no question")
        self._open(QuestionScreen(answering), lambda _: self._keep_answer(answering))

    def _answering(self) -> Answering | None:
        from tui.dashboard.course.answering import Answering

        scenario = self._session.scenario
        question = scenario.file.question
        return Answering(question, self._studies.of(scenario).answer) if question is not None else None

    def _keep_answer(self, answering: Answering | None) -> None:
        scenario = self._session.scenario
        said = answering.said if answering is not None else None
        if said not in (None, self._studies.of(scenario).answer):
            self._studies.answer(scenario, said)
            self._app.remark(
                f"Your answer is kept. {self._keys.shown('verdict')}, the verdict, says what was measured."
            )

    def explain(self, entry: glossary.Entry) -> None:
        """Explain a word of the screen."""
        from tui.dashboard.screens.guide.word_dialog import WordScreen

        self._open(WordScreen(entry, self._keys.shown("help")))

    def show_line(self, plan: Plan, coming: Sequence[Change]) -> str:
        """Show the line that trains as the plan says, and return it."""
        from tui.dashboard.screens.line_dialog import LineScreen
        from tui.words.command_lines import line_of

        line = line_of(self._session.scenario, plan, coming)
        self._open(LineScreen(line))
        return line

    def toggle_palette(self, commands: Iterable[SystemCommand]) -> None:
        """Open the palette, all commands, found by typing; again: close it."""
        from tui.dashboard.screens.command_palette import CommandPalette

        if isinstance(self._app.screen, CommandPalette):
            self._app.screen.dismiss(None)
        else:
            self._open(CommandPalette(commands), _carry_out)

    def _open(self, dialog: Dialog[Any], on_result: Callable[[Any], None] | None = None) -> None:
        if self._app.screen is self._training:
            self._session.hold(True)
            self._app.push_screen(dialog, on_result)


def _carry_out(chosen: Callable[[], object] | None) -> None:
    if chosen is not None:
        chosen()
