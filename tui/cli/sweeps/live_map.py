"""The map of a sweep while it fills, on standard error: the picture, and under it a bar with the time left."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TimeRemainingColumn
from rich.table import Column
from rich.text import Text

from engine.plain_text import plain
from tui.cli.sweeps.printed_canvas import InLook, console_for, printed
from tui.painting.heat.heat_maps import HeatMaps, Part
from tui.terminal.console import shown
from tui.words.sweep_words import LIMIT_WORDS, limit_line, maps

if TYPE_CHECKING:
    from engine.measurement import Measurement
    from scenarios.sweeps.sweep_map import CellResult, SweepMap
    from tui.painting.look import Look

Limits = Mapping[tuple[int, ...], "Measurement"]
Take = Callable[[Iterable["CellResult"]], None]

_BAR = 2  # lines under the picture: the bar, and the cursor's
_PER_SECOND = 4  # pictures
_ENDING = "It ends with what is under way; ctrl+c again ends it now."


def pictures(sweep: SweepMap, limits: Limits, look: Look, width: int, height: int) -> HeatMaps:
    """The maps of a sweep as it stands, with the limit of `scenarios.sweeps.stability_limits` over each."""
    parts = [Part(grid, limit_line(sweep.plan, limits, rest), LIMIT_WORDS) for rest, grid in maps(sweep).items()]
    return HeatMaps(parts, look, width, height)


class _Picture:
    """A sweep as Rich draws it, as large as the terminal is at that moment."""

    def __init__(self, sweep: SweepMap, limits: Limits, look: Look) -> None:
        self._sweep, self._limits, self._look = sweep, limits, look

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        height = max(1, console.size.height - _BAR)
        yield printed(pictures(self._sweep, self._limits, self._look, options.max_width, height).canvas, self._look)


class _Title(ProgressColumn):
    """The title, or once it was asked to end, what it waits for."""

    def __init__(self, ending: Callable[[], bool]) -> None:
        super().__init__(Column(no_wrap=True))
        self._ending = ending

    def render(self, task: Task) -> Text:
        return Text(_ENDING if self._ending() else task.description)


@contextmanager
def live_map(
    sweep: SweepMap, limits: Limits, look: Look, title: str, ending: Callable[[], bool]
) -> Iterator[Callable[[Iterable[CellResult]], None]]:
    """Show the sweep while it is trained; standard error has to be a terminal. ending: whether it was asked to end.

    Yields a function that takes further results into the sweep. When it ends, the last picture stays.
    """
    console = console_for(look, stderr=True)
    columns = (
        _Title(ending),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TimeRemainingColumn(compact=True),
    )
    bar = Progress(*columns, console=console, expand=True)
    total = sweep.plan.num_cells
    task = bar.add_task(plain(title), total=total, completed=total - len(sweep.missing))
    picture = InLook(Group(_Picture(sweep, limits, look), bar), look)
    with shown(Live(picture, console=console, refresh_per_second=_PER_SECOND, vertical_overflow="crop")):

        def take(results: Iterable[CellResult]) -> None:
            sweep.add(results)
            bar.update(task, completed=len(sweep.results))

        yield take
