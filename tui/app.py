"""The dashboard's wiring: keys to the session, the session's replies to the screen."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import replace

from rich.console import RenderableType
from textual._compositor import ChopsUpdate
from textual.app import App, SystemCommand
from textual.filter import LineFilter
from textual.screen import Screen

from engine.snapshot import EngineFailed, Refused, Reply, Snapshot
from scenarios import Scenario
from tui.cell_update import CellUpdate
from tui.commands import COMMANDS, bindings
from tui.look import Depth, Look
from tui.painting.palette import PALETTES
from tui.screens.training import TrainingScreen
from tui.session import Session
from tui.styles import LookFilter, palette, themes

_FRAMES_PER_SECOND = 30


class Dashboard(App[int]):
    """One session on one screen. What a command does is the `action_` of its name."""

    TITLE = "descend"
    CSS_PATH = "dashboard.tcss"
    BINDINGS = bindings()

    def __init__(self, session: Session, look: Look) -> None:
        # Textual's own filter for it fails on cells without a style; `look` has heeded it already.
        os.environ.pop("NO_COLOR", None)
        super().__init__()
        self.session = session
        self.animation_level = "none"
        self.training = TrainingScreen()
        for theme in themes():
            self.register_theme(theme)
        self.change_look(look)

    def change_look(self, look: Look) -> None:
        """Show everything in this theme, with these colours and characters."""
        self.look, self._look_filter = look, LookFilter(look)
        self.theme = palette(look).name
        self.training.change_look(look)
        if self.is_running:
            self.refresh_css(animate=False)

    def get_line_filters(self) -> Sequence[LineFilter]:
        return (
            [*super().get_line_filters(), self._look_filter]
            if self._look_filter.enabled
            else super().get_line_filters()
        )

    def get_default_screen(self) -> Screen[None]:
        return self.training

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        """The one way from the screen to the terminal; see `tui.cell_update`."""
        if isinstance(renderable, ChopsUpdate):
            renderable = CellUpdate(renderable.chops, renderable.spans, renderable.chop_ends)
        super()._display(screen, renderable)

    def on_ready(self) -> None:
        loop = asyncio.get_running_loop()

        def on_reply(reply: Reply) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has closed: the screen has gone
                loop.call_soon_threadsafe(self._take, reply)

        self.training.describe(self.session.scenario)
        self.session.listen(on_reply)
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

    # What the commands do. Those that change the run ask for a frame at once, so that it shows.

    def action_change_learning_rate(self, direction: int, fine: bool = False) -> None:
        self.session.change_learning_rate(direction, fine)
        self._request_frame()

    def action_change_batch_size(self, direction: int) -> None:
        self.session.change_batch_size(direction)
        self._request_frame()

    def action_change_momentum(self, direction: int) -> None:
        self.session.change_momentum(direction)
        self._request_frame()

    def action_change_optimizer(self) -> None:
        self.session.change_optimizer()
        self._request_frame()

    def action_change_speed(self, direction: int) -> None:
        self.session.change_speed(direction)
        self._request_frame()

    def action_toggle_running(self) -> None:
        self.session.toggle_running()
        self._request_frame()

    def action_step(self) -> None:
        self.session.advance(1)
        self._request_frame()

    def action_epoch(self) -> None:
        self.session.advance(None)
        self._request_frame()

    def action_train_again(self, new_seed: bool = False) -> None:
        self.session.train_again(new_seed=new_seed)
        self._request_frame()

    def action_toggle_log(self) -> None:
        self.training.toggle_log_axis()

    def action_toggle_ascii(self) -> None:
        self.change_look(replace(self.look, ascii=not self.look.ascii))

    def action_next_theme(self) -> None:
        if self.look.depth <= Depth.SIXTEEN:
            self.notify("With 16 colours or fewer the theme is the terminal's own.")
            return
        names = [palette.name for palette in PALETTES]
        self.change_look(replace(self.look, theme=names[(names.index(self.look.theme) + 1) % len(names)]))

    def action_show_help(self) -> None:
        from tui.screens.help import HelpScreen  # not needed for the first frame

        self.push_screen(HelpScreen(self.session.scenario))

    def action_pick_scenario(self) -> None:
        from tui.screens.picker import PickerScreen  # not needed for the first frame

        self.push_screen(PickerScreen(self.session.scenario), self._load)

    def _load(self, scenario: Scenario | None) -> None:
        if scenario is not None:
            self.session.load(scenario)
            self.training.describe(scenario)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The command palette offers the same table."""
        for command in COMMANDS:
            yield SystemCommand(
                f"{command.title} ({command.shown})",
                command.help,
                lambda action=command.action: self.call_later(self.run_action, action),
            )
