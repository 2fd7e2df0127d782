"""The dashboard's wiring: keys to the session, the session's replies to the screen."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Iterable, Sequence
from contextvars import copy_context
from functools import partial
from inspect import isawaitable
from typing import TYPE_CHECKING, ClassVar

from textual.app import App, SuspendNotSupported, SystemCommand
from textual.filter import LineFilter
from textual.screen import Screen
from textual.widget import Widget

from engine.refusals import RefusalError
from engine.serving import snapshot as replies
from engine.serving.views import run_log, run_outcome, step_rows
from scenarios import Scenario, ScenarioError, read_again
from scenarios.courses.course import Course, built_in
from scenarios.scenario import is_table
from tui.dashboard import written_files
from tui.dashboard.announcements import Announcements
from tui.dashboard.commands import COMMANDS, bindings
from tui.dashboard.course.course_way import CourseWay, First
from tui.dashboard.course.outcome import Outcome
from tui.dashboard.course.studies import Studies
from tui.dashboard.dialogs import Dialogs
from tui.dashboard.frames.frame_clock import FrameClock
from tui.dashboard.keys.keymap import DEFAULT, Keymap
from tui.dashboard.keys.remedies import refusal_words
from tui.dashboard.panels.panel import WordClicked
from tui.dashboard.panels.sweep.sweep_panel import PlaceFlown
from tui.dashboard.recovery.faults import Faults
from tui.dashboard.recovery.recovering_app import RecoveringApp
from tui.dashboard.screens.runs.sweep_control import Sweeping
from tui.dashboard.screens.training_screen import TrainingScreen
from tui.dashboard.session import Session
from tui.home.progress import Progress
from tui.painting.look import PLAIN, Look
from tui.painting.styles import line_filters, palette, themes
from tui.terminal import compositor  # noqa: F401 (takes the place of Textual's)
from tui.terminal.textual_internals import take_turn
from tui.words.usage_error import UsageError

if TYPE_CHECKING:
    from engine.serving.views.scene import Scene
    from tui.home.earlier_runs import EarlierRuns
    from tui.terminal.ending.guardian import Guardian

_MOST_FAULTS = 3  # files of a course that are said to be broken at once; the picker has them all


class Dashboard(RecoveringApp):
    """One session on one screen; what can be done is in the table of commands."""

    TITLE = "descend"
    CSS_PATH = "styles/dashboard.tcss"
    BINDINGS: ClassVar = [*bindings()]

    def __init__(
        self,
        session: Session,
        keymap: Keymap | None = None,
        look: Look = PLAIN,
        progress: Progress | None = None,
        guardian: Guardian | None = None,
        course: Course | None = None,
        first: First = "training",
        earlier: EarlierRuns | None = None,
    ) -> None:
        # Textual's own filter for it fails on cells without a style; `look` has heeded it already.
        os.environ.pop("NO_COLOR", None)
        super().__init__(guardian)
        self._clock = FrameClock(partial(take_turn, self, self._request_frame))
        self._gathered: list[str] = []  # commands of keys, to be carried out
        self.session = session
        self.faults = Faults(session.in_words)
        self.keys = keymap or DEFAULT
        self.set_keymap({command: ",".join(keys) for command, keys in self.keys.changed.items()})
        self.animation_level = "none"
        self.training = TrainingScreen(self.keys, session.pacing)
        progress = progress or Progress()
        outcome, studies = Outcome(progress), Studies(progress)
        self._way, self._first = CourseWay(course or built_in(), outcome), first
        opens = self.open_scenario
        self._earlier, self._ghosted = earlier, ""  # the scenario whose best was looked for
        self._opened = time.time()  # when that on the screen was: its own record is none of an earlier run
        self.dialogs = Dialogs(self, session, self.training, self.keys, outcome, self._way, studies, opens, earlier)
        self.sweeping = Sweeping(self, session, self.training)
        self.announcements = Announcements(self, self.training, self.keys, outcome, self._way, studies)
        self.announcements.introduced = first != "training"
        self.announcements.record = earlier.on_screen if earlier is not None else ""
        for theme in themes():
            self.register_theme(theme)
        self.look, self._line_filters = look, line_filters(look)
        self.training.change_look(look)
        self.training.describe(session.scenario)
        # Not by assignment, which would have the style sheet parsed twice before the first frame.
        self.set_reactive(App.theme, palette(look).name)
        self.stylesheet.set_variables(self.get_css_variables())

    def change_look(self, look: Look) -> None:
        """Show everything in this theme, with these colours and characters, once the keys that wait are read."""
        self.look = look
        self.call_later(self._apply_look, look)

    def _apply_look(self, look: Look) -> None:
        if look != self.look:  # it was changed again meanwhile
            return
        self._line_filters = line_filters(look)
        self.theme = palette(look).name
        self.training.change_look(look)
        self.screen.refresh()

    def get_line_filters(self) -> Sequence[LineFilter]:
        return self._line_filters

    def get_default_screen(self) -> Screen[None]:
        return self.training

    def on_ready(self) -> None:
        loop = asyncio.get_running_loop()

        context = copy_context()  # in which Textual knows its app

        def on_reply(reply: replies.Reply) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has closed: the screen has gone
                loop.call_soon_threadsafe(take_turn, self, self._receive, reply, context=context)

        self.announcements.describe(self.session.scenario)
        self.session.listen(on_reply)
        self._open_first()
        self._clock.start()

    def on_unmount(self) -> None:
        self.sweeping.close()
        self._clock.stop()

    def _open_first(self) -> None:
        """Open what the program begins with."""
        own = self._way.course is not built_in()
        for why in list(self._way.course.faults.values() if own else ())[:_MOST_FAULTS]:
            self.announcements.warn(why)
        match self._first:
            case "tour":
                self.dialogs.show_tour(then=self.dialogs.pick_scenario if own else self.dialogs.show_briefing)
            case "briefing":
                self.dialogs.show_briefing()
            case "picker":
                self.dialogs.pick_scenario()
        if self._first in ("tour", "briefing") and not own:
            self._way.arrive(self.session.scenario)

    def _request_frame(self) -> None:
        self.training.show_silence(self.session.silence)
        pacing = self.session.pacing
        self.draw_what_waits()
        if not self.screen_stack:  # the app ends
            return
        alone = self.screen is self.training
        if alone:
            self.session.hold(False)
        self._clock.rest()  # until what is asked for has come
        if self.session.running and not alone:  # before its first step a scenario comes to be seen behind a dialog
            return
        if not self.link.ready():
            self._clock.wake()
            return
        self.training.controls.echo(self.session.knobs)
        if pacing.next_paints(self.link):
            pacing.paint(slowly=self._slowly, detail=self.link.detail)
        elif pacing.under_way and not self.link.hurried:
            return
        elif pacing.passes(painting=self.link.hurried or self.training.due):
            self.training.pass_frame()
        else:
            if self.session.request_frame(self.training.view(self.session.scene)):
                self.link.requested()
            return
        self.link.requested()
        self._clock.wake()

    @property
    def _slowly(self) -> bool:
        """True if the large panels are to be painted one at a time: the link has no room for all of them in a frame, or
        the machine no time, and a key would wait for them."""
        return self.link.slow or self._clock.hindered

    def _receive(self, reply: replies.Reply) -> None:
        if not self.screen_stack:  # the program is ending
            return
        self._clock.wake()
        scenario, before = self.session.scenario, self.session.snapshot
        self.session.receive(reply)
        if self.session.scenario is not scenario:  # another one was refused
            self.announcements.describe(self.session.scenario)
            self.dialogs.close_briefing()
            if self.session.scene is not None and self.session.snapshot is not None:
                self.training.show(self.session.scene, self.session.snapshot)
        self._answer(reply, before)

    def _answer(self, reply: replies.Reply, before: replies.Snapshot | None) -> None:
        """Show what a reply brings."""
        match reply:
            case replies.Snapshot() if self.session.scene is not None:
                self._show(self.session.scene, reply, before)
            case step_rows.StepRows():
                number = self.session.snapshot.number if self.session.snapshot else 1
                written_files.save_steps(self, f"{self.session.scenario_name}-run-{number}", reply)
            case run_log.RunLog("scripts", plan):
                written_files.save_scripts(self, f"{self.session.scenario_name}-run", self.session.scenario, plan)
            case run_log.RunLog(_, plan, coming):
                self.copy_to_clipboard(self.dialogs.show_line(plan, coming))
            case run_outcome.RunOutcome():
                self.dialogs.show_verdict(reply)
            case replies.Refused():
                self.remark(refusal_words(reply, self.keys), warning=True)
            case replies.EngineFailed(reason):
                self.training.show_failure(reason)
                self.run_worker(self._offer_record(reason), group="rescue")
            case replies.Notices(sentences):
                for sentence in sentences:
                    self.announcements.warn(sentence)

    async def _offer_record(self, reason: str) -> None:
        """Offer to go on with the record of what the engine trained when it died."""
        earlier, scenario = self._earlier, self.session.scenario
        if earlier is None:
            return
        with contextlib.suppress(RefusalError):  # without a store there is nothing to go on with
            run = await asyncio.to_thread(earlier.latest, scenario)
            if run is not None and self.session.failure is not None and self.session.scenario is scenario:
                self.session.rescue = earlier.starter(scenario, run, replays=False)
                self.training.show_failure(reason, run.outcome.steps)

    def _show(self, scene: Scene, snapshot: replies.Snapshot, before: replies.Snapshot | None) -> None:
        """Show the next snapshot, and tell what has come with it."""
        key_waits = self.link.hurried  # to be seen: this snapshot may be from before it
        self._request_hurried_frame()  # before painting, which takes its time
        slowly, detail = self._slowly, self.link.detail
        arrived, held = self.session.arrived, slowly and key_waits
        self.training.show(scene, snapshot, arrived=arrived, slowly=slowly, detail=detail, held=held)
        self.training.controls.echo(self.session.knobs)
        if arrived:
            shown = self.training.shows(scene)
            self.announcements.follow(self.session.scenario, snapshot, before, shown=shown)
            if shown and self._earlier is not None and self._earlier.shows_best:
                self._show_best(self._earlier)

    def _show_best(self, earlier: EarlierRuns) -> None:
        """Draw the best earlier run of the scenario as a faint ghost, once."""
        scenario = self.session.scenario
        if self._ghosted == scenario.id:
            return
        self._ghosted, opened = scenario.id, self._opened

        async def show() -> None:
            with contextlib.suppress(RefusalError):  # whoever opens the records is told
                ghost = await asyncio.to_thread(earlier.best_ghost, scenario, opened)
                if ghost is not None and self.session.scenario is scenario:
                    self.session.show_earlier(ghost)

        self.run_worker(show(), group="earlier")

    async def action_command(self, command_id: str) -> None:
        """Carry out a command of the table, together with those of the keys that wait behind it: a flood of keys is
        worked off in one frame."""
        self._gathered.append(command_id)
        if COMMANDS[command_id].at_once or not self.message_queue_size:
            await self._work_off()
        elif len(self._gathered) == 1:
            self.call_later(self._work_off)

    async def _work_off(self) -> None:
        """Carry out the commands that were gathered, and ask for a frame at once, so that they show. What takes a
        moment is waited for: the keys after it are meant for what it opens."""
        gathered, self._gathered = self._gathered, []
        if not gathered:
            return
        self.drop_remarks()
        with self.session.pacing.deaf():
            for command_id in gathered:
                try:
                    done = COMMANDS[command_id].do(self)
                    if isawaitable(done):
                        await done
                except UsageError as error:
                    self.remark(str(error), warning=True)
        self.link.hurry()
        self._request_frame()

    def on_cursor_position(self) -> None:
        """The terminal has drawn a frame: there is room for what a key has changed."""
        self._request_hurried_frame()

    def _request_hurried_frame(self) -> None:
        if self.link.hurried:
            self._request_frame()

    def action_suspend_process(self) -> None:
        """Give the terminal back to the shell and stop, until `fg`; nothing is trained meanwhile."""
        try:
            with self.sweeping.held():
                self.stop_until_continued(self.session.held())
        except SuspendNotSupported:
            self.remark("There is no shell here that could bring the program back: it does not stop.", warning=True)

    def on_word_clicked(self, event: WordClicked) -> None:
        """Explain the word."""
        self.dialogs.explain(event.entry)

    def on_place_flown(self, event: PlaceFlown) -> None:
        """Set the knobs of a place of the sweep, as one change, and show it at once."""
        self.drop_remarks()
        try:
            self.session.set_together(event.values)
        except UsageError as error:
            self.remark(str(error), warning=True)
        self.link.hurry()
        self._request_frame()

    def save_picture(self) -> None:
        """Write the screen as it is into a new file."""
        written_files.save_picture(self, self.session.scenario_name)

    def open_scenario(self, scenario: Scenario) -> None:
        """Let it stand before its first step, with its briefing."""
        self.announcements.introduced = True
        self.drop_news()
        self._train(scenario, paused=True)
        self._way.arrive(scenario)
        self.dialogs.show_briefing()

    def open_next(self) -> None:
        """Go on to the next scenario of the course."""
        self.open_scenario(self._way.next(self.session.scenario, self.keys))

    def _train(self, scenario: Scenario, *, paused: bool = False) -> None:
        self.sweeping.end()
        self._opened = time.time()
        self.session.load(scenario, paused=paused)
        self.announcements.describe(scenario)
        self.training.await_scenario()

    def hint(self) -> None:
        """Give the next hint."""
        self.announcements.hint(self.session.scenario)

    async def read_again(self) -> None:
        """Train what the scenario's file says now; where it cannot be read, say why, and leave the run alone."""
        try:
            scenario = await asyncio.to_thread(self._as_its_file_is_now)
        except ScenarioError as error:
            self.announcements.warn(error)
        else:
            self._train(scenario)

    def _as_its_file_is_now(self) -> Scenario:
        scenario = read_again(self.session.scenario)
        if not is_table(scenario.id):
            return scenario
        from scenarios.trainings.own_goal import with_goal

        return with_goal(scenario)

    def rebuild(self, broken: Widget | None) -> None:
        """A dialog is closed, what else broke begins anew with the latest snapshot; and all is drawn again."""
        if self.dialog_of(broken) is self.screen:
            self.pop_screen()
        self.capture_mouse(None)
        self.training.rebuild(broken)
        self.forget_what_is_drawn()
        self.screen.refresh(layout=True)
        self.session.pacing.want_anew()

    def action_command_palette(self) -> None:
        """Open the palette of all commands; again: close it."""
        self.dialogs.toggle_palette(self.get_system_commands(self.screen))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The command palette offers the same table, and every scenario of the course."""
        for command in COMMANDS.values():
            key = self.keys.shown(command.id)
            yield SystemCommand(
                f"{command.title} ({key})" if key else command.title,
                command.help,
                partial(self.call_later, self.action_command, command.id),
            )
        for scenario in self._way.course.scenarios.values():
            opens = partial(self.call_later, self.open_scenario, scenario)
            yield SystemCommand(f"Train {scenario.file.title}", scenario.file.summary, opens)
