"""The dashboard's wiring: keys to the session, the session's replies to the screen."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable

from textual.app import App, SystemCommand
from textual.screen import Screen

from engine.snapshot import EngineFailed, Refused, Reply, Snapshot
from scenarios import Scenario
from tui.commands import COMMANDS, bindings
from tui.screens.training import TrainingScreen
from tui.session import Session

_FRAMES_PER_SECOND = 30


class Dashboard(App[int]):
    """One session on one screen; what can be done is in the table of commands."""

    TITLE = "descend"
    CSS_PATH = "dashboard.tcss"
    BINDINGS = bindings()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.animation_level = "none"
        self.training = TrainingScreen()

    def get_default_screen(self) -> Screen[None]:
        return self.training

    def on_ready(self) -> None:
        loop = asyncio.get_running_loop()

        def on_reply(reply: Reply) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has closed: the screen has gone
                loop.call_soon_threadsafe(self._take, reply)

        self.training.describe(self.session.scenario)
        self.session.listen(on_reply)
        for note in self.session.scenario.notes:
            self.notify(note, title=self.session.scenario.file.title, markup=False, timeout=10)
        self.set_interval(1 / _FRAMES_PER_SECOND, self._request_frame)

    def _request_frame(self) -> None:
        if self.screen is self.training:
            self.session.request_frame(self.training.view(self.session.scene))

    def _take(self, reply: Reply) -> None:
        self.session.take(reply)
        match reply:
            case Snapshot() if self.session.scene is not None:
                self.training.show(self.session.scene, reply)
            case Refused(reason):
                self.notify(reason, severity="warning")
            case EngineFailed(reason):
                self.training.show_failure(reason)

    def action_command(self, command_id: str) -> None:
        """Carry out a command of the table, and ask for a frame at once, so that it shows."""
        COMMANDS[command_id].do(self)
        self._request_frame()

    def show_help(self) -> None:
        """All keys, and the briefing."""
        from tui.screens.help import HelpScreen  # not needed for the first frame

        self.push_screen(HelpScreen(self.session.scenario))

    def pick_scenario(self) -> None:
        """Offer the scenarios, and train the chosen one."""
        from tui.screens.picker import PickerScreen  # not needed for the first frame

        self.push_screen(PickerScreen(self.session.scenario), self._load)

    def _load(self, scenario: Scenario | None) -> None:
        if scenario is not None:
            self.session.load(scenario)
            self.training.describe(scenario)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The command palette offers the same table."""
        for command in COMMANDS.values():
            yield SystemCommand(
                f"{command.title} ({command.shown})",
                command.help,
                lambda command=command: self.call_later(self.action_command, command.id),
            )
