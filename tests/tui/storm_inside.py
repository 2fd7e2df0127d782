"""A storm within one process: the whole screen with its engine, its bytes read by a terminal of ours.

Nothing is waited for but the program itself, so it is ten times as fast as one through a pty; and what stands on the
terminal can be held against what the program wants to show, cell by cell, whatever that is.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
from codecs import getincrementaldecoder
from copy import copy
from pathlib import Path

import pyte
from textual import events
from textual._context import visible_screen_stack
from textual.drivers.headless_driver import HeadlessDriver

import scenarios
from engine.serving.process import LocalEngine
from tests.tui import storm
from tests.tui.dashboards import is_busy
from tests.tui.real_terminal import ANSWER, QUESTION, ROOT
from tui.dashboard.app import Dashboard
from tui.dashboard.recovery.faults import default_folder
from tui.dashboard.session import Session
from tui.painting.look import DEPTHS, THEMES, Look
from tui.terminal.input_parser import InputParser
from tui.terminal.shown_cells import ShownCells

STEPS_PER_FRAME = 3
_TOGETHER = (1, 10, 50, 200, 600)  # deeds that are sent at once
_QUIET = 4  # looks in a row at which nothing waited
_LOOKS = 4  # at cells that seem stale
_LATEST = 400  # deeds that a report shows


class EndError(AssertionError):
    """The program ended, or something in it went wrong, or a cell is stale."""


class _Driver(HeadlessDriver):
    """A terminal's both ends: bytes go in, and what is written is drawn by pyte."""

    is_headless = False

    def __init__(self, app: Dashboard, **options: object) -> None:
        super().__init__(app, **options)
        self.screen = pyte.Screen(*self._size)
        self._terminal = pyte.Stream(self.screen)
        self._parser, self._decode = InputParser(), getincrementaldecoder("utf-8")("replace").decode

    def write(self, data: str) -> None:
        self._app.link.sent(len(data))
        self._terminal.feed(data)
        self._app.link.written(len(data))

    def flush(self) -> None:
        """As the driver of a terminal, which asks after each frame; the answer comes at once."""
        if self._app.link.asks(len(QUESTION)):
            self._app.link.written(len(QUESTION))
            self.type(ANSWER)

    def type(self, data: bytes) -> None:
        for message in self._parser.feed(self._decode(data)):
            if isinstance(message, events.CursorPosition):
                self._app.link.answered()
            self.process_message(message)

    def wait(self) -> None:
        """Nothing is typed for long."""
        self._parser._since -= 100.0
        for message in self._parser.tick():
            self.process_message(message)

    def resize(self, columns: int, rows: int) -> None:
        self._size = columns, rows
        self.screen.resize(rows, columns)
        self._app.post_message(events.Resize.from_dimensions((columns, rows), None))


class _App(Dashboard):
    CSS_PATH = ROOT / "tui" / "dashboard" / "styles" / "dashboard.tcss"

    def get_driver_class(self):
        return _Driver

    def action_suspend_process(self) -> None:
        """There is no shell to go back to."""


class Storm:
    """One storm over one scenario, in a folder whose files nobody needs; `deeds` and `sizes` are what it has done so
    far."""

    def __init__(self, scenario: str, seed: int, folder: str | Path) -> None:
        self._folder = folder
        self._generator = random.Random(f"{scenario} {seed}")
        self._scenario, self._seed = scenarios.load(scenario), seed
        self.deeds = self.sizes = self.left = self.checks = 0
        self._done: list[bytes | tuple[int, int]] = []

    async def rage(self, deeds: int, sizes: int) -> None:
        """So many deeds and sizes. Raises EndError."""
        with contextlib.chdir(self._folder):
            while self.deeds < deeds or self.sizes < sizes:
                await self._once(deeds, sizes)

    async def _once(self, deeds: int, sizes: int) -> None:
        """Until all is done, or the palette's own command has quit."""
        look = Look(self._generator.choice(THEMES), self._generator.choice(list(DEPTHS.values())))
        engine = LocalEngine(self._scenario, steps_per_frame=STEPS_PER_FRAME)
        app = _App(Session(self._scenario, engine, LocalEngine), look=look)
        running = asyncio.ensure_future(app.run_async(size=(120, 40)))
        try:
            while not app.session.snapshot and not running.done():
                await asyncio.sleep(0.01)
            while (self.deeds < deeds or self.sizes < sizes) and not running.done():
                await self._blow(app, deeds, sizes)
                self._check_ends(app)
                if self._generator.random() < 0.3:
                    await self._check_cells(app, running)
            if not running.done():
                await self._check_cells(app, running)
                app.exit()
            else:
                self.left += 1
            await asyncio.wait_for(running, 60)
            self._check_ends(app)
        except Exception as error:
            raise EndError(f"{self._scenario.id}, seed {self._seed}: {error!r}; {self._done[-_LATEST:]}") from error
        finally:
            running.cancel()
            with contextlib.suppress(BaseException):
                await running

    async def _blow(self, app: Dashboard, deeds: int, sizes: int) -> None:
        """Some deeds and, as often as they are to be, a few sizes."""
        driver = app._driver
        together = min(self._generator.choice(_TOGETHER), deeds - self.deeds)
        share = (sizes - self.sizes) / max(1, deeds - self.deeds)
        for deed in storm.deeds(self._generator, together, *driver._size):
            if deed in (b"W", b"E", b"P") and self._generator.random() < 0.98:  # files, which take their time
                continue
            self._done.append(deed)
            driver.type(deed)
            self.deeds += 1
            if app._exit:
                return
        await settled(app)
        count = (
            int(together * share) + (self._generator.random() < together * share % 1)
            if together
            else sizes - self.sizes
        )
        for _ in range(count):
            self._done.append(storm.size(self._generator))
            driver.resize(*self._done[-1])
            self.sizes += 1
            for _ in range(self._generator.randint(1, 6)):
                await asyncio.sleep(0)
        await settled(app)
        for written in Path(self._folder).glob("*.*"):
            written.unlink()

    def _check_ends(self, app: Dashboard) -> None:
        kept = sorted(default_folder().glob("*.txt")) if default_folder().exists() else []
        if kept:
            report = kept[0].read_text()
            kept[0].unlink()
            raise EndError(report)
        if app.return_code or app._exception:
            raise EndError(f"ended with {app.return_code}: {app._exception!r}")

    async def _check_cells(self, app: Dashboard, running: asyncio.Future[object]) -> None:
        """The terminal shows what the program would draw, were all of it drawn anew."""
        driver = app._driver
        driver.type(b"\x1b[201~")
        driver.wait()
        self.checks += 1
        for attempt in range(_LOOKS):  # what is being removed is on its way; what is stale stays
            await asyncio.sleep(attempt * 0.1)
            await settled(app)
            if running.done() or app._exit:
                return
            stale = _stale(app)
            if not stale:
                return
        raise EndError(f"stale cells on {app.size} with {app.screen}, row, column, shown and wanted: {stale[:9]}")


def _stale(app: Dashboard) -> list[tuple[int, int, object, object]]:
    """Cells of the terminal that are not what would be drawn, were all of it drawn anew."""
    compositor, wanted = copy(app.screen._compositor), pyte.Screen(*app.size)  # to look must change nothing
    compositor._dirty_regions, compositor._cells = set(), {}
    with app._context():
        visible_screen_stack.set(app._background_screens)
        update = ShownCells().briefly(compositor.render_full_update(), *app.size)
        pyte.Stream(wanted).feed(update.render_segments(app.console))
    rows = zip(storm.cells_of(app._driver.screen), storm.cells_of(wanted), strict=True)
    return [
        (y, x, *cells)
        for y, row in enumerate(rows)
        for x, cells in enumerate(zip(*row, strict=True))
        if cells[0] != cells[1]
    ]


async def settled(app: Dashboard) -> None:
    """All messages that there are have been worked off, and what they changed is drawn."""
    quiet = 0
    for _ in range(2000):
        await asyncio.sleep(0.002)
        if app._exit or not app.screen_stack:
            return
        quiet = 0 if is_busy(app) or any(screen._dirty_widgets for screen in app.screen_stack) else quiet + 1
        if quiet == _QUIET:
            return


def alone(folder: str) -> None:
    """Nothing of the user's is read or written by this process from here on."""
    os.environ.update({"HOME": folder, "XDG_STATE_HOME": f"{folder}/state", "XDG_CONFIG_HOME": f"{folder}/config"})
    os.environ.setdefault("TEXTUAL_FPS", "1000")
