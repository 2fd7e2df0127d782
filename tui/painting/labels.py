"""Words that have to fit: on a line, or at the right edge of a picture, each at the height of what it names."""

from __future__ import annotations

from collections.abc import Sequence

from tui.painting.canvas import Canvas
from tui.painting.palette import Ink


def fitting(parts: Sequence[str], width: int) -> str:
    """The parts that fit, from the first on, joined."""
    while parts and len(" · ".join(parts)) > width:
        parts = parts[:-1]
    return " · ".join(parts)


def write_labels(canvas: Canvas, column: int, labels: list[tuple[int, str, int]], top: int, height: int) -> None:
    """(row, text, ink) each, from `column` on; moved apart where they would overlap. Of more than `height` of them
    the last ones are left out, and their number stands there."""
    labels = sorted(labels, key=lambda label: label[0])
    if len(labels) > height > 0:
        more = f"… {len(labels) - height + 1} more"
        labels = [*labels[: height - 1], (top + height - 1, more, Ink.FAINT)]
    rows = [row for row, _, _ in labels]
    for i in range(1, len(rows)):
        rows[i] = max(rows[i], rows[i - 1] + 1)
    last = top + height - 1
    for i in range(len(rows) - 1, -1, -1):
        rows[i] = min(rows[i], last)
        last = rows[i] - 1
    for row, (_, text, ink) in zip(rows, labels, strict=True):
        canvas.text(column, row, text, ink)
