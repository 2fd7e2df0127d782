"""The sweep of what is on the screen: begun by a key, kept while it is not shown, ended with its scenario."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import copy_context
from typing import TYPE_CHECKING

from tui.terminal.textual_internals import take_turn
from tui.words.usage_error import UsageError

if TYPE_CHECKING:
    from scenarios.sweeps.background_sweep import BackgroundSweep, SweepNews
    from tui.dashboard.recovery.notices import NoticeApp
    from tui.dashboard.screens.training_screen import TrainingScreen
    from tui.dashboard.session import Session


class Sweeping:
    """Begins and ends sweeps and range tests, and shows them on their panel."""

    def __init__(self, app: NoticeApp, session: Session, training: TrainingScreen) -> None:
        self._app, self._session, self._training = app, session, training
        self._process: BackgroundSweep | None = None

    @property
    def pid(self) -> int | None:
        """The number of the process that sweeps; None without one."""
        return self._process.pid if self._process is not None else None

    def show(self) -> None:
        """Show the map, and begin a sweep where there is none yet; or hide it. Raises UsageError before training is
        seen."""
        panel = self._training.sweep
        if self._training.shows_sweep and panel.showing == "map":
            self._training.show_sweep(False)
            return
        if panel.state is None:
            self._begin()
        panel.showing = "map"
        self._training.show_sweep(True)

    def anew(self) -> None:
        """Sweep around what is the present setting by now. Raises UsageError as `show` does."""
        self._begin()
        self._training.sweep.showing = "map"
        self._training.show_sweep(True)

    def test_rates(self) -> None:
        """Show the range test from the present weights; where it is shown, another one. Raises UsageError as `show`
        does, and where the run has blown up."""
        panel, snapshot = self._training.sweep, self._session.snapshot
        if snapshot is None or not self._session.arrived:
            raise UsageError("nothing is trained yet")
        if snapshot.status.kind == "diverged":
            raise UsageError("the run has blown up: there are no weights to test rates from")
        if not panel.has_test or (self._training.shows_sweep and panel.showing == "range"):
            panel.test_rates()
        panel.showing = "range"
        self._training.show_sweep(True)
        self._session.pacing.want()

    def _begin(self) -> None:
        session = self._session
        if session.snapshot is None or session.knobs is None or not session.arrived:
            raise UsageError("nothing is trained yet")
        self._end_process()
        panel = self._training.sweep
        panel.begin_sweep()
        loop, context = asyncio.get_running_loop(), copy_context()  # in which Textual knows its app
        state = panel.state

        def on_news(news: SweepNews) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has closed: the screen has gone
                loop.call_soon_threadsafe(take_turn, self._app, self._take, state, news, context=context)

        from scenarios.sweeps.background_sweep import BackgroundSweep

        try:
            self._process = BackgroundSweep(session.scenario, session.knobs, session.snapshot.seed, on_news)
        except (OSError, RuntimeError, MemoryError) as error:  # no process, no thread, no memory
            panel.forget()
            raise UsageError(f"the sweep could not be started: {str(error) or 'no memory'}") from None

    def _take(self, state: object, news: SweepNews) -> None:
        panel = self._training.sweep
        if panel.state is None or panel.state is not state:  # of a sweep before
            return
        panel.state.take(news)
        if panel.state.ended:
            self._end_process()
        if self._training.shows_sweep:
            panel.repaint_soon()

    def end(self) -> None:
        """End the sweep, and forget it and the range test: another scenario is trained."""
        self._end_process()
        self._training.sweep.forget()
        if self._training.shows_sweep:
            self._training.show_sweep(False)

    def close(self) -> None:
        """End the process: the program ends."""
        self._end_process()

    def _end_process(self) -> None:
        if self._process is not None:
            self._process.close()
            self._process = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Train no cells within the block."""
        if self._process is not None:
            self._process.hold(True)
        try:
            yield
        finally:
            if self._process is not None:
                self._process.hold(False)
