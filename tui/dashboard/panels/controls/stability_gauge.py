"""The stability gauge: the learning rate against the largest stable one, with the redline at the limit."""

from __future__ import annotations

import math

from engine.serving.snapshot import Snapshot
from tui.painting.canvas import Canvas
from tui.painting.numbers import short
from tui.painting.palette import Ink

CAUTION = 0.8  # of the limit: from here on the weights oscillate for long before they settle
_SCALE = 1.25  # times the limit is where the scale ends


def limit(snapshot: Snapshot) -> tuple[float, str]:
    """The limit of the learning rate, and the name of the one of its two that binds."""
    found = snapshot.readings.limit
    return found.value, f"batch-{found.batch_size} limit" if found.minibatch_binds else "full-batch limit"


def limit_share(snapshot: Snapshot) -> float:
    """The learning rate as a share of the largest stable one; 0 where nothing limits it, NaN if unknown."""
    lowest, _ = limit(snapshot)
    return 0.0 if math.isinf(lowest) else snapshot.learning_rate / lowest if lowest else math.inf


def ink(share: float) -> int:
    """Good, caution near the limit, danger above it."""
    return Ink.FAINT if math.isnan(share) else Ink.DANGER if share > 1 else Ink.CAUTION if share > CAUTION else Ink.GOOD


def percent(share: float) -> str:
    """Words such as `45 %`, `0.5 %` and `12 times`."""
    if share >= 2:
        return f"{short(share, 2)} times"
    return f"{share * 100:.0f} %" if share >= 0.1 else f"{short(share * 100, 2)} %"


def of(share: float, what: str) -> str:
    """Words such as `45 % of the limit` and `12 times the limit`."""
    return f"{percent(share)} {'' if share >= 2 else 'of '}{what}"


def text(snapshot: Snapshot, room: int = 80) -> str:
    """Words such as `45 % of the full-batch limit 0.22`, as far as that fits; or why it is unknown."""
    share, (lowest, name) = limit_share(snapshot), limit(snapshot)
    if math.isnan(share):
        why = snapshot.readings.limit.full_batch.note
        long = f"limit unknown: {why}"
        return long if why and len(long) <= room else "stable limit unknown"
    if math.isinf(lowest):
        return "nothing limits it here"
    words = of(share, f"the {name} {short(lowest)}")
    if len(words) > room:
        return of(share, f"the {name}")
    full_batch = snapshot.readings.limit.full_batch.value
    more = f" · {short(full_batch)} on all data"
    return words + more if lowest < full_batch < math.inf and len(words + more) <= room else words


def draw(canvas: Canvas, column: int, row: int, cells: int, snapshot: Snapshot) -> int:
    """█████▌────────━━━┃━━━━▸ from 0 to a quarter beyond the limit: filled up to the learning rate, the redline at the
    limit, a second tick at the full batch's where that is further up; returns the column after it."""
    share, (lowest, _) = limit_share(snapshot), limit(snapshot)
    if math.isnan(share) or math.isinf(lowest):
        return canvas.text(column, row, "┄" * cells, Ink.FAINT)
    caution, redline = _cell(CAUTION, cells), _cell(1.0, cells)
    canvas.text(column, row, "─" * caution, Ink.FAINT)
    canvas.text(column + caution, row, "─" * (redline - caution), Ink.CAUTION)
    canvas.text(column + redline, row, "━" * (cells - redline), Ink.DANGER)
    full_batch = snapshot.readings.limit.full_batch.value / lowest
    if 1 < full_batch < _SCALE:
        canvas.text(column + _cell(full_batch, cells), row, "┊", Ink.DANGER)
    bar(canvas, column, row, cells, min(share / _SCALE, 1.0), ink(share))
    canvas.text(column + redline, row, "┃", Ink.DANGER)
    if share > _SCALE:
        canvas.text(column + cells - 1, row, "▸", Ink.DANGER)
    return column + cells


def _cell(share: float, cells: int) -> int:
    return min(int(share / _SCALE * cells), cells - 1)


def bar(canvas: Canvas, column: int, row: int, cells: int, share: float, ink: int) -> None:
    """█████▌ up to a share of the cells, to half a cell; something wherever the share is above 0."""
    halves = max(round(share * cells * 2), share > 0)
    canvas.text(column, row, "█" * (halves // 2) + "▌" * (halves % 2), ink)
