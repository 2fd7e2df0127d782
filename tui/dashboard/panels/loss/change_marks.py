"""Marks of the knob changes on the loss curves: where, and what was changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from tui.dashboard.panels.ruler import Ruler
from tui.painting.canvas import Canvas
from tui.painting.frame import Frame
from tui.painting.palette import Ink
from tui.words.knob_steps import change_label

if TYPE_CHECKING:
    from engine.runs.past.knob_change import KnobChange

_SPARSE = 4  # columns to a mark; where they are closer, whole lines would hide the curves


class Mark:
    """Changes that are written as one. Of each knob it holds one, from the first value to the last."""

    def __init__(self, columns: list[int], count: int = 0, knobs: dict[str, KnobChange] | None = None) -> None:
        self.columns, self.count = columns, count
        self.knobs = {} if knobs is None else knobs

    def add(self, other: Sequence[KnobChange]) -> None:
        """Take in later changes."""
        for change in other:
            before = self.knobs.pop(change.knob, change).before
            self.knobs[change.knob] = replace(change, before=before)

    @property
    def label(self) -> str:
        """Words such as `lr ↑0.1 batch ↓8`, with how many changes that were; "" where all was taken back."""
        words = " ".join(change_label(change) for change in self.knobs.values() if change.before != change.after)
        return f"{words} ({self.count})" if words and len(self.columns) > 1 else words


def marks(changes: Sequence[KnobChange], inside: Frame, ruler: Ruler) -> list[Mark]:
    """A mark a column, from left to right; without those whose changes were taken back at once."""
    found: dict[int, Mark] = {}
    for change in changes:
        column = inside.column(float(ruler.place(change.step)))
        if column is not None:
            mark = found.setdefault(column, Mark([column]))
            mark.count += 1
            mark.add([change])
    return [mark for _, mark in sorted(found.items()) if mark.label]


def placed(found: Sequence[Mark], rows: int, width: int) -> list[tuple[int, int, str]]:
    """(row, column, words) for all marks: those that find no room become one with the one before.

    Rows count from the curves upwards. Words begin at their mark, or end at the right edge.
    """
    groups: list[tuple[Mark, list[int]]] = []  # with how far each row was written before it
    for mark in found:
        ends = _ends(*groups[-1], width) if groups else [0] * rows
        if groups and min(ends) > _start(mark, width):
            group, _ = groups[-1]
            group.columns += mark.columns
            group.count += mark.count
            group.add(list(mark.knobs.values()))
        else:
            groups.append((Mark(list(mark.columns), mark.count, dict(mark.knobs)), ends))
    written = []
    for group, ends in groups:
        row, start = _place(group, ends, width)
        written.append((row, start, group.label))
    return written


def _start(mark: Mark, width: int) -> int:
    return max(0, min(mark.columns[0], width - len(mark.label)))


def _place(mark: Mark, ends: list[int], width: int) -> tuple[int, int]:
    """The lowest row with room and the column, or where there is room soonest."""
    start = _start(mark, width)
    row = next((row for row, end in enumerate(ends) if end <= start), ends.index(min(ends)))
    return row, max(start, ends[row])


def _ends(mark: Mark, ends: list[int], width: int) -> list[int]:
    """The column up to which each row is written after the mark."""
    row, start = _place(mark, ends, width)
    return [*ends[:row], start + len(mark.label) + 1, *ends[row + 1 :]]


def draw(canvas: Canvas, inside: Frame, found: Sequence[Mark], first_row: int) -> None:
    """A dashed line at every change, and what was changed above them in the rows from `first_row` to the frame."""
    bottom = inside.top + inside.height
    whole = len(found) * _SPARSE <= inside.width
    for mark in found:
        for row in range(inside.top, bottom) if whole else (inside.top, bottom - 1):
            canvas.text(mark.columns[0], row, "┊", Ink.MARK)
    for row, column, words in placed(found, inside.top - first_row, canvas.width):
        canvas.text(column, inside.top - 1 - row, words, Ink.MARK)
