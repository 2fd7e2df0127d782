"""The stability gauge: the learning rate against the largest stable one."""

from __future__ import annotations

import math

from engine.snapshot import Snapshot
from tui.painting.canvas import Canvas
from tui.painting.numbers import short
from tui.painting.palette import Ink


def _limit(snapshot: Snapshot) -> tuple[float, str]:
    """The lower one of the limits that are known: for steps on all the data, and for minibatches like these."""
    readings = snapshot.readings
    full_batch, minibatch = readings.largest_stable_learning_rate.value, readings.stochastic_limit.value
    if minibatch < full_batch * (1 - 1e-9):
        return minibatch, f"batch-{snapshot.knobs.batch_size} limit"
    return full_batch, "full-batch limit"


def limit_share(snapshot: Snapshot) -> float:
    """The learning rate as a share of the largest stable one; 0 where nothing limits it, NaN if unknown."""
    limit, _ = _limit(snapshot)
    return 0.0 if math.isinf(limit) else snapshot.learning_rate / limit if limit else math.inf


def ink(share: float) -> int:
    """Good, caution near the limit, danger above it."""
    return Ink.FAINT if math.isnan(share) else Ink.DANGER if share > 1 else Ink.CAUTION if share > 0.8 else Ink.GOOD


def text(snapshot: Snapshot) -> str:
    """45 % of the full-batch limit 0.22."""
    share, (limit, name) = limit_share(snapshot), _limit(snapshot)
    if math.isnan(share):
        return "stable limit unknown"
    if math.isinf(limit):
        return "no stable limit"
    percent = share * 100
    words = "under 1 %" if percent < 1 else f"{percent:.0f} %" if percent < 1000 else f"{short(share, 2)} times"
    return f"{words} of the {name} {short(limit)}"


def draw(canvas: Canvas, column: int, row: int, cells: int, share: float) -> int:
    """▕████░░░░▏ filled up to the share of the limit; returns the column after it."""
    filled = 0 if math.isnan(share) else round(min(share, 1.0) * cells)
    column = canvas.text(column, row, "▕", Ink.FAINT)
    column = canvas.text(column, row, "█" * filled, ink(share))
    column = canvas.text(column, row, "░" * (cells - filled), Ink.FAINT)
    return canvas.text(column, row, "▏", Ink.FAINT)
