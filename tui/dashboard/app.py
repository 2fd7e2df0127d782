"""The dashboard's wiring: keys to the session, the session's replies to the screen."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App, SuspendNotSupported, SystemCommand
from textual.driver import Driver
from textual.filter import LineFilter
from textual.screen import Screen
from textual.widget import Widget

from engine.runs.plan import Plan
from engine.serving.snapshot import EngineFailed, Refused, Reply, Snapshot
from engine.serving.views.run_outcome import RunOutcome
from engine.serving.views.scene import Scene
from engine.serving.views.step_rows import Steps
from scenarios import Scenario, ScenarioError, read_again
from tui.dashboard import written_files
from tui.dashboard.commands import COMMANDS, bindings
from tui.dashboard.keys.keymap import DEFAULT, Keymap
from tui.dashboard.keys.remedies import refusal_words
from tui.dashboard.outcome import Outcome
from tui.dashboard.recovery.faults import Faults
from tui.dashboard.recovery.recovering_app import RecoveringApp
from tui.dashboard.screens.race_proposals import Entry
from tui.dashboard.screens.training_screen import TrainingScreen
from tui.dashboard.session import Session
from tui.home.progress import Progress
from tui.painting.look import PLAIN, Look
from tui.painting.styles import line_filters, palette, themes
from tui.terminal import compositor  # noqa: F401 (takes the place of Textual's)
from tui.terminal.cell_update import Shown
from tui.terminal.link import FRAMES_PER_SECOND
from tui.terminal.textual_internals import Update
from tui.words.usage_error import UsageError

if TYPE_CHECKING:
    from tui.dashboard.screens.dialog import Dialog
    from tui.terminal.guardian import Guardian

_READ = 10  # seconds, for a sentence or two
_ASKED_BEFORE = 0.5  # seconds after `fg` within which nobody asks to stop anew


def _carry_out(chosen: Callable[[], object] | None) -> None:
    if chosen is not None:
        chosen()


class Dashboard(RecoveringApp):
    """One session on one screen; what can be done is in the table of commands."""

    TITLE = "descend"
    CSS_PATH = "dashboard.tcss"
    BINDINGS: ClassVar = [*bindings()]

    def __init__(
        self,
        session: Session,
        keymap: Keymap | None = None,
        look: Look = PLAIN,
        progress: Progress | None = None,
        guardian: Guardian | None = None,
    ) -> None:
        # Textual's own filter for it fails on cells without a style; `look` has heeded it already.
        os.environ.pop("NO_COLOR", None)
        self._shown = Shown()
        super().__init__(guardian)
        self._introduced = False
        self._continued = -_ASKED_BEFORE
        self._gathered: list[str] = []  # commands of keys, to be carried out
        self.session = session
        self.faults = Faults(session.in_words)
        self.keys = keymap or DEFAULT
        self.set_keymap({command: ",".join(keys) for command, keys in self.keys.changed.items()})
        self.animation_level = "none"
        self.training = TrainingScreen(self.keys, session.pacing)
        self.outcome = Outcome(progress or Progress())
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

        def on_reply(reply: Reply) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has closed: the screen has gone
                # Not by the loop itself, which keeps exceptions to itself.
                loop.call_soon_threadsafe(self.call_later, self._receive, reply)

        self._describe(self.session.scenario)
        self.session.listen(on_reply)
        self.set_interval(1 / FRAMES_PER_SECOND, self._request_frame)

    def _request_frame(self) -> None:
        self.training.show_silence(self.session.silence)
        pacing = self.session.pacing
        if pacing.undrawn and not self.link.behind:
            pacing.undrawn = False
            self.screen.refresh()
        shown = self.screen_stack and self.screen is self.training  # none while the app ends
        if not shown or not self.link.ready():
            return
        self.training.controls.echo(self.session.knobs)
        if pacing.next_paints(self.link):
            pacing.paint(slowly=self.link.slow, detail=self.link.detail)
            self.link.requested()
        elif self.session.request_frame(self.training.view(self.session.scene)):
            self.link.requested()

    def _receive(self, reply: Reply) -> None:
        if not self.screen_stack:  # the program is ending
            return
        scenario, before = self.session.scenario, self.session.snapshot
        self.session.receive(reply)
        if self.session.scenario is not scenario:  # another one was refused
            self._describe(self.session.scenario)
        match reply:
            case Snapshot() if self.session.scene is not None:
                self._show(self.session.scene, reply, before)
            case Steps():
                number = self.session.snapshot.number if self.session.snapshot else 1
                written_files.save_steps(self, f"{self.session.scenario_name}-run-{number}", reply)
            case Plan():
                written_files.save_scripts(self, f"{self.session.scenario_name}-run", self.session.scenario, reply)
            case RunOutcome():
                self._judge(reply)
            case Refused():
                self.remark(refusal_words(reply, self.keys), warning=True)
            case EngineFailed(reason):
                self.training.show_failure(reason)

    def _show(self, scene: Scene, snapshot: Snapshot, before: Snapshot | None) -> None:
        """Show the next snapshot, and tell what has come with it."""
        key_waits = self.link.hurried  # to be seen: this snapshot may be from before it
        self._request_hurried_frame()  # before painting, which takes its time
        slowly, detail = self.link.slow, self.link.detail
        self.training.show(scene, snapshot, slowly=slowly, detail=detail, held=slowly and key_waits)
        self.training.controls.echo(self.session.knobs)
        if self.session.arrived:
            if before and before.scene_number == snapshot.scene_number and before.lock_step and not snapshot.lock_step:
                self.remark("The race has ended: this run goes on alone, the others stay as ghosts.")
            self._tell_outcome(snapshot)
            if not self._introduced and self.training.shows(scene):
                self._introduced = True
                self.call_after_refresh(self._introduce)  # the first picture does not wait for it

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
        for command_id in gathered:
            try:
                done = COMMANDS[command_id].do(self)
                if isawaitable(done):
                    await done
            except UsageError as error:
                self.remark(str(error), warning=True)
        self.link.hurry()
        self._request_frame()

    async def open_prompt(self) -> None:
        """A line to type an exact value into."""
        from tui.dashboard.screens.prompt import Prompt  # not needed for the first frame

        prompt = Prompt(self.session)
        await self.training.mount(prompt)
        if prompt.input.is_attached:
            self.training.set_focus(prompt.input)

    def on_cursor_position(self) -> None:
        """The terminal has drawn a frame: there is room for what a key has changed."""
        self._request_hurried_frame()

    def _request_hurried_frame(self) -> None:
        if self.link.hurried:
            self._request_frame()

    def draw(self, screen: Screen[Any], update: Update) -> None:
        """Write what has changed, in few bytes; later, where the terminal takes nothing now."""
        # Where the terminal takes nothing, Textual would queue, and then block.
        if self.link.behind:
            self.session.pacing.undrawn = True
        else:
            super().draw(screen, self._shown.briefly(update, self.size.width))

    def on_resize(self) -> None:
        self._shown.forget()

    def get_driver_class(self) -> type[Driver]:
        """A driver that measures the link and knows every way out, where there is one."""
        if os.name != "posix":
            return super().get_driver_class()
        from tui.terminal.driver import TerminalDriver

        return TerminalDriver

    def action_suspend_process(self) -> None:
        """Give the terminal back to the shell and stop, until `fg`; nothing is trained meanwhile.

        A key held down asks often. What still waits when the program is continued has been done by that.
        """
        if time.monotonic() < self._continued + _ASKED_BEFORE:
            return
        try:
            with self.session.held(), self.suspend():
                from tui.terminal.driver import TerminalDriver  # the one that can be suspended

                self._shown.forget()
                if isinstance(self.driver, TerminalDriver):
                    self.driver.stop_process()
            self._continued = time.monotonic()
        except SuspendNotSupported:
            self.remark("There is no shell here that could bring the program back: it does not stop.", warning=True)

    def save_picture(self) -> None:
        """Write the screen as it is into a new file."""
        written_files.save_picture(self, self.session.scenario_name)

    def show_help(self) -> None:
        """The briefing, and all keys."""
        from tui.dashboard.screens.help_dialog import HelpScreen  # not needed for the first frame

        self._open(HelpScreen(self.session.scenario, self.keys))

    def set_up_race(self) -> None:
        """Offer what to race, and begin it."""
        from tui.dashboard.screens.race_dialog import RaceScreen  # not needed for the first frame

        if self.session.scene is not None and self.session.snapshot is not None:
            self._open(RaceScreen(self.session.snapshot.knobs, self.session.scene.num_examples), self._race)

    def _race(self, entry: Entry | None) -> None:
        if entry is not None:
            self.session.race(*entry)
            if entry[0] == "batch_size":  # in which they are level
                self.training.loss.count_in("examples")

    def pick_scenario(self) -> None:
        """Offer the scenarios, and train the chosen one."""
        from tui.dashboard.screens.picker import PickerScreen  # not needed for the first frame

        self._open(PickerScreen(self.session.scenario, self.keys, self.outcome.all()), self._load)

    def _load(self, scenario: Scenario | None) -> None:
        if scenario is not None:
            self._introduced = False
            self._train(scenario)

    def _train(self, scenario: Scenario) -> None:
        self.session.load(scenario)
        self._describe(scenario)

    async def read_again(self) -> None:
        """Train what the scenario's file says now; where it cannot be read, say why, and leave the run alone."""
        try:
            scenario = await asyncio.to_thread(read_again, self.session.scenario)
        except ScenarioError as error:
            self.notify(str(error), severity="warning", markup=False, timeout=_READ)
        else:
            self._train(scenario)

    def _describe(self, scenario: Scenario) -> None:
        self.training.describe(scenario)
        self.training.goal_line.best = self.outcome.best(scenario)
        if scenario.notes:
            self.notify("\n".join(scenario.notes[:4]), title=scenario.file.title, markup=False, timeout=_READ)

    def _introduce(self) -> None:
        """Say what is trained, where the briefing does not, and where that is."""
        if not self.training.briefing.is_on_screen:
            file, key = self.session.scenario.file, self.keys.shown("help")
            self.remark(f"{file.summary} Press {key} for the briefing.", title=file.title, seconds=_READ)

    def _tell_outcome(self, snapshot: Snapshot) -> None:
        scenario = self.session.scenario
        if news := self.outcome.news(scenario, snapshot):
            self.training.goal_line.best = self.outcome.best(scenario)
            self.training.goal_line.repaint()
            self.notify(f"{news}. {self.keys.shown('verdict')} shows the verdict.", markup=False)
        for notice in self.outcome.notices():
            self.notify(notice, severity="warning", markup=False)

    def _judge(self, outcome: RunOutcome) -> None:
        if self.session.is_of_scenario(outcome):
            from tui.dashboard.screens.verdict_dialog import VerdictScreen  # not needed for the first frame

            self._open(VerdictScreen(self.session.scenario, outcome))

    def rebuild(self, broken: Widget | None) -> None:
        """A dialog is closed, what else broke begins anew with the latest snapshot; and all is drawn again."""
        if self.dialog_of(broken) is self.screen:
            self.pop_screen()
        self.capture_mouse(None)
        self.training.rebuild(broken)
        self._shown.forget()
        self.screen.refresh(layout=True)
        self.session.pacing.want_anew()

    def action_command_palette(self) -> None:
        """Open the palette, all commands, found by typing; again: close it."""
        from tui.dashboard.screens.command_palette import CommandPalette  # not needed for the first frame

        if isinstance(self.screen, CommandPalette):
            self.screen.dismiss(None)
        else:
            self._open(CommandPalette(self.get_system_commands(self.screen)), _carry_out)

    def _open(self, dialog: Dialog[Any], on_result: Callable[[Any], None] | None = None) -> None:
        """Open a dialog over the panels: one at a time, however fast the keys come."""
        if self.screen is self.training:
            self.push_screen(dialog, on_result)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The command palette offers the same table, and every preset."""
        from tui.dashboard.screens.presets import presets  # not needed for the first frame

        for command in COMMANDS.values():
            yield SystemCommand(
                f"{command.title} ({self.keys.shown(command.id)})",
                command.help,
                partial(self.call_later, self.action_command, command.id),
            )
        for scenario in presets().values():
            yield SystemCommand(f"Train {scenario.file.title}", scenario.file.summary, partial(self._load, scenario))
