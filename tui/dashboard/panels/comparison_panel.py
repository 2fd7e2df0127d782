"""The table of runs: a column a run, a line a setting or result, the best of each line marked."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from engine.plain_text import counted
from tui.dashboard.panels.panel import Panel
from tui.dashboard.panels.top_border import Toggle
from tui.painting import run_colours
from tui.painting.canvas import Canvas, cut
from tui.painting.labels import fitting
from tui.painting.numbers import fixed, short, tick
from tui.painting.palette import Ink
from tui.words.run_words import left_out_words, level_words

if TYPE_CHECKING:
    from engine.runs.comparison import Comparison, RunRow
    from engine.runs.standing.milestones import Reached
    from engine.runs.standing.status import Status
    from engine.serving.snapshot import Snapshot
    from engine.serving.views.scene import Scene

_NAME_COLUMNS = 13
_RUN_COLUMNS, _ROOMY_COLUMNS = 10, 12  # of a run, a blank before it included


class _Line(NamedTuple):
    """A line of the table. number: what is compared, the lowest the best; None where no value is better than
    another."""

    name: str
    text: Callable[[RunRow], str]
    number: Callable[[RunRow], float] | None = None


_SETTINGS = (
    _Line("optimizer", lambda row: row.knobs.optimizer),
    _Line("learning rate", lambda row: short(row.learning_rate)),
    _Line("batch size", lambda row: f"{row.knobs.batch_size:,}"),
    _Line("momentum", lambda row: short(row.knobs.momentum) if row.knobs.acts("momentum") else "–"),
    _Line("seed", lambda row: str(row.seed)),
    _Line("branched off", lambda row: f"{row.origin.number} @ {tick(row.origin.step)}" if row.origin else "–"),
    _Line("knob changes", lambda row: f"{row.changes:,}"),
)
_PROGRESS = (
    _Line("steps", lambda row: _count(row.steps)),
    _Line("examples", lambda row: _count(row.examples)),
    _Line("epochs", lambda row: _epochs(row, row.examples)),
    _Line("first at step", lambda row: _to_goal(row, lambda at: _count(at.steps)), lambda row: _cost(row, "steps")),
    _Line("  examples", lambda row: _to_goal(row, lambda at: _count(at.examples)), lambda row: _cost(row, "examples")),
    _Line("  epochs", lambda row: _to_goal(row, lambda at: _epochs(row, at.examples))),
)
_TRAINING = (
    _Line("training loss", lambda row: fixed(row.training_loss), lambda row: row.training_loss),
    _Line("  lowest", lambda row: fixed(row.lowest_training), lambda row: row.lowest_training),
)
_VALIDATION = (
    _Line("validation", lambda row: fixed(row.validation_loss), lambda row: row.validation_loss),
    _Line("  lowest", lambda row: fixed(row.lowest_validation), lambda row: row.lowest_validation),
)
_STATUS = _Line("status", lambda row: _standing(row.status, "training" if row.training else "stopped"))
_STATUS_PAUSED = _Line("status", lambda row: _standing(row.status, "paused" if row.training else "stopped"))


class ComparisonPanel(Panel):
    """Shows as many runs as fit, the latest ones; and settings that all have in common only where there is room."""

    BORDER_TITLE = "Runs"
    every = 6  # a table is read, not watched

    @property
    def toggles(self) -> tuple[Toggle, ...]:
        return Toggle("race", "race"), Toggle("forget-ghosts", "forget")

    @property
    def wanted(self) -> bool:
        """True if snapshots should bring the comparison."""
        return self.is_mounted and self.is_on_screen

    def paint(self, scene: Scene, snapshot: Snapshot, width: int, height: int) -> Canvas:
        if snapshot.comparison is None:  # of a frame that was asked for before the panel was shown
            return self.picture
        self.border_title = title(snapshot.comparison)
        race = f"race, {level_words(snapshot.lock_step)}" if snapshot.lock_step else ""
        paused = not snapshot.running or snapshot.step < snapshot.latest_step
        older = left_out_words(left_out(snapshot.comparison, width))
        lines = lines_left_out(snapshot.comparison, width, height, paused=paused)
        parts = filter(None, (older, f"{counted(lines, 'line')} not shown" * bool(lines), race))
        self.border_subtitle = fitting(list(parts), width - 2)  # the line at the top says of a race what it is as well
        return table(snapshot.comparison, width, height, paused=paused)


def title(comparison: Comparison) -> str:
    """The loss whose first step is told, and where it comes from: a goal may want more than to come there once."""
    if comparison.level is None:
        return "Runs"
    derived = ", 95 % of the drop from the first loss" if comparison.derived else ""
    return f"Runs · first at loss ≤ {short(comparison.level)}{derived}"


def table(comparison: Comparison, width: int, height: int, *, paused: bool) -> Canvas:
    """The table, in width × height cells. paused: no run is training just now."""
    canvas = Canvas(width, height)
    columns = _columns(comparison, width)
    shown = _latest(comparison.rows, _room(comparison, width))
    canvas.text(0, 0, "run", Ink.FAINT)
    for index, row in enumerate(shown):
        head = (
            (f"●{row.number}", Ink.TRAINING)
            if row.in_front
            else (run_colours.marker(row.number), run_colours.ink(row.number))
        )
        _right(canvas, index, columns, 0, *head)
    for line_number, line in enumerate(_fitting(shown, height - 1, paused=paused), 1):
        canvas.text(0, line_number, line.name, Ink.FAINT)
        best = _best(line, shown)
        for index, row in enumerate(shown):
            text, is_best = line.text(row), index in best
            plain = Ink.STRONG if row.in_front else Ink.PLAIN
            _right(canvas, index, columns, line_number, f"*{text}" if is_best else text, Ink.GOOD if is_best else plain)
    return canvas


def _columns(comparison: Comparison, width: int) -> int:
    """The columns of a run."""
    return min(max((width - _NAME_COLUMNS) // max(1, len(comparison.rows)), _RUN_COLUMNS), _ROOMY_COLUMNS)


def _room(comparison: Comparison, width: int) -> int:
    """The number of runs that there is room for."""
    return max(1, (width - _NAME_COLUMNS) // _columns(comparison, width))


def left_out(comparison: Comparison, width: int) -> int:
    """The number of runs that are not in the table: those without room, and those that were forgotten."""
    return max(0, len(comparison.rows) - _room(comparison, width)) + comparison.forgotten


def lines_left_out(comparison: Comparison, width: int, height: int, *, paused: bool) -> int:
    """The number of lines that are not in a table of so many cells."""
    shown = _latest(comparison.rows, _room(comparison, width))
    return len(_lines(shown, paused=paused)) - len(_fitting(shown, height - 1, paused=paused))


def _right(canvas: Canvas, index: int, columns: int, row: int, text: str, ink: int) -> None:
    """Write a text at the right of the run's columns, cut where it would touch the run before."""
    end = _NAME_COLUMNS + (index + 1) * columns
    text = cut(text, columns - 1)
    canvas.text(end - len(text), row, text, ink)


def _latest(rows: Sequence[RunRow], room: int) -> list[RunRow]:
    """The rows that there is room for: those that train and the latest of the others, by number."""
    by_weight = sorted(rows, key=lambda row: (row.in_front, row.training, row.number), reverse=True)
    return sorted(by_weight[:room], key=lambda row: row.number)


def _lines(rows: Sequence[RunRow], *, paused: bool) -> list[_Line]:
    """All lines: without validation losses where there are none."""
    validated = any(not math.isnan(row.validation_loss) for row in rows)
    lines = (*_SETTINGS, *_PROGRESS, *_TRAINING, *(_VALIDATION if validated else ()))
    return [*lines, _STATUS_PAUSED if paused else _STATUS]


def _fitting(rows: Sequence[RunRow], height: int, *, paused: bool) -> list[_Line]:
    """The lines to draw: where they do not all fit, without settings in which the runs do not differ, though never
    without optimizer and learning rate, then without what follows from other lines."""
    lines = _lines(rows, paused=paused)
    same = [line for line in reversed(_SETTINGS[2:]) if len({line.text(row) for row in rows}) == 1]
    for line in [*same, *reversed(_PROGRESS[1:3] + _PROGRESS[4:])][: max(0, len(lines) - height)]:
        lines.remove(line)
    return lines[: max(0, height)]


def _best(line: _Line, rows: Sequence[RunRow]) -> set[int]:
    """The rows that have the lowest number, where some have a higher one."""
    if line.number is None:
        return set()
    numbers = [line.number(row) for row in rows]
    finite = [number for number in numbers if math.isfinite(number)]
    if len(rows) < 2 or not finite or min(finite) == max(numbers):
        return set()
    return {index for index, number in enumerate(numbers) if number == min(finite)}


def _count(number: int) -> str:
    return f"{number:,}" if number < 10_000_000 else f"{number / 1e6:,.1f}M"


def _epochs(row: RunRow, examples: int) -> str:
    return f"{examples / row.num_examples:,.1f}"


def _to_goal(row: RunRow, text: Callable[[Reached], str]) -> str:
    return text(row.reached) if row.reached else "–"


def _cost(row: RunRow, unit: str) -> float:
    return getattr(row.reached, unit) if row.reached else math.inf


def _standing(status: Status, running: str) -> str:
    if status.kind == "running":
        return status.detail or running
    return {"local minimum": "stuck", "saddle": "saddle"}.get(status.detail, status.kind)
