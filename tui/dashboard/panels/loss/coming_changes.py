"""Knob changes that are still to come, of a line or of a solution: a row of words, and where they will stand."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from engine.plain_text import counted
from engine.training.knobs import KNOBS
from engine.training.schedules import Schedule
from tui.dashboard.panels.ruler import Ruler
from tui.painting.canvas import Canvas
from tui.painting.frame import Frame
from tui.painting.numbers import short
from tui.painting.palette import Ink

if TYPE_CHECKING:
    from engine.runs.plan import Change


def words(coming: Sequence[Change], width: int) -> str:
    """Words such as `to come: at 50 lr 0.01 · at 100 lr 0.002`, at most so many; with how many steps more where not all
    have room."""
    groups = [(step, list(changes)) for step, changes in groupby(coming, key=lambda change: change.step)]
    steps = [f"at {step:,} {', '.join(map(_set, changes))}" for step, changes in groups]
    ways = []
    for shown in range(len(steps), 0, -1):
        more = [f"{len(steps) - shown} more"] if shown < len(steps) else []
        ways.append(" · ".join([*steps[:shown], *more]))
    ways = [f"to come: {ways[0]}", *ways, f"at {groups[0][0]:,}: {counted(len(groups[0][1]), 'change')}"]
    return next((text for text in ways if len(text) <= width), ways[-1][:width])


def draw(canvas: Canvas, inside: Frame, coming: Sequence[Change], ruler: Ruler, row: int) -> None:
    """Write in a row what comes, and mark where, in the part of the axis that is shown."""
    canvas.text(1, row, words(coming, canvas.width - 1), Ink.FAINT)
    columns = [inside.column(float(ruler.place(change.step))) for change in coming]
    for column in filter(None, columns):  # right of the labels, never 0
        for line in range(inside.top, inside.top + inside.height):
            canvas.text(column, line, "┊", Ink.FAINT)


def _set(change: Change) -> str:
    value = change.value.kind if isinstance(change.value, Schedule) else change.value
    if isinstance(value, str):
        return value.replace("_", " ")
    return f"{KNOBS[change.knob].label} {short(value)}"
