"""Readings of the loss panel's cursor, in a few rows under the curves."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tui.painting.canvas import Canvas
from tui.painting.numbers import fixed, short
from tui.painting.palette import Ink

if TYPE_CHECKING:
    from engine.serving.snapshot import Snapshot
    from engine.serving.views.curves_view import Reading

_GAP = 2


class Field(NamedTuple):
    """A name and a value that is `width` columns wide at most, so that a changing number moves nothing."""

    name: str
    value: str
    width: int
    ink: int = Ink.PLAIN

    @property
    def columns(self) -> int:
        """The columns of both, with the space between them."""
        return len(self.name) + 1 + self.width


def fields(reading: Reading, snapshot: Snapshot, num_examples: int) -> list[Field]:
    """All that is known of the step. ≈: a mean of several steps, as the step itself is too long ago."""
    about = "≈" if reading.count > 1 else ""
    digits = len(f"{snapshot.latest_step:,}")
    step = f"{reading.first:,}"
    if reading.count > 1:
        step += f"–{reading.first + reading.count - 1:,}"
    evaluated = "" if reading.evaluated_at == reading.step else f" at {reading.evaluated_at:,}"
    found = [
        Field("step", step, digits if reading.count == 1 else 2 * digits + 1, Ink.STRONG),
        Field("epoch", f"{reading.examples / num_examples:,.2f}", digits + 2),
        Field("examples", f"{reading.examples:,.0f}", len(f"{snapshot.examples:,}")),
        Field("batch", about + fixed(reading.batch_loss), 9),
        Field("training", fixed(reading.training_loss) + evaluated, 10 + digits, Ink.TRAINING),
    ]
    if snapshot.validation_loss == snapshot.validation_loss:  # not NaN
        found.append(Field("validation", fixed(reading.validation_loss) + evaluated, 10 + digits, Ink.VALIDATION))
    found += [
        Field("lr", about + short(reading.learning_rate), 8),
        Field("batch size", about + short(reading.batch_size), 6),
        Field("batch gradient", about + fixed(reading.batch_gradient_norm), 9),
    ]
    return found


def other_run(name: str, loss: float, ink: int) -> Field:
    """The training loss of another run."""
    return Field(name, fixed(loss), 8, ink)


def arranged(found: list[Field], width: int, rows: int) -> list[list[Field]]:
    """The fields in rows, filled from left to right; what finds no room is left out."""
    lines: list[list[Field]] = [[]]
    room = width
    for field in found:
        if field.columns > room and lines[-1]:
            if len(lines) == rows:
                continue
            lines.append([])
            room = width
        lines[-1].append(field)
        room -= field.columns + _GAP
    return lines


def write(canvas: Canvas, lines: list[list[Field]], row: int) -> None:
    """Write the fields from `row` on."""
    for offset, line in enumerate(lines):
        column = 1
        for field in line:
            column = canvas.text(column, row + offset, field.name, Ink.FAINT) + 1
            canvas.text(column, row + offset, field.value, field.ink)
            column += field.width + _GAP
