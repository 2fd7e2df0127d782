"""The stability gauge: the learning rate against the largest stable one, with the redline at the limit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from tui.dashboard.panels.controls import age
from tui.painting.canvas import Canvas
from tui.painting.numbers import estimated, short
from tui.painting.palette import HUES, Ink

if TYPE_CHECKING:
    from engine.serving.snapshot import Snapshot

CAUTION = 0.8  # of the limit: from here on the weights oscillate for long before they settle
_SCALE = 1.25  # times the limit is where the scale ends


def limit(snapshot: Snapshot) -> tuple[float, str]:
    """The limit of the learning rate, and the name of the one of its two that binds."""
    found = snapshot.readings.limit
    return found.value, f"batch-{found.batch_size} limit" if found.minibatch_binds else "full-batch limit"


def limit_share(snapshot: Snapshot) -> float:
    """The learning rate as a share of the largest stable one; 0 where nothing limits it, NaN if unknown, or where the
    limit means nothing."""
    if no_meaning(snapshot):
        return math.nan
    return share_of(snapshot.learning_rate, limit(snapshot)[0])


def no_meaning(snapshot: Snapshot) -> str:
    """The reason why the limit means nothing, empty where it means something: units that died have no curvature, and a
    run that has diverged was not held by a limit that is above its learning rate."""
    if snapshot.status.detail == "saturated":
        return "most units are saturated"
    above = snapshot.status.kind == "diverged" and share_of(snapshot.learning_rate, limit(snapshot)[0]) < 1
    return "the run has diverged" if above else ""


def share_of(learning_rate: float, limit: float) -> float:
    """The share that a learning rate is of a limit; 0 where nothing limits it."""
    return 0.0 if math.isinf(limit) else learning_rate / limit if limit else math.inf


def ink(snapshot: Snapshot) -> int:
    """Faint where the limit was read long ago, else as the share says."""
    return age.ink(snapshot, _ink(limit_share(snapshot)))


def _ink(share: float) -> int:
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
    if why := no_meaning(snapshot):
        long = f"the limit means nothing here: {why}"
        return long if len(long) <= room else "no meaningful limit"
    if math.isnan(share):
        why = snapshot.readings.limit.full_batch.note
        long = f"limit unknown: {why}"
        return long if why and len(long) <= room else "stable limit unknown"
    if math.isinf(lowest):
        then = age.words(snapshot)
        return "nothing limits it here" + (f" · {then}" if then else "")
    binding, full_batch = snapshot.readings.limit.binding, snapshot.readings.limit.full_batch
    value = estimated(lowest, binding.error) if binding.error else short(lowest)
    words, without = of(share, f"the {name} {value}"), of(share, f"the {name}")
    error = f" ± {short(binding.error, 1)}" if value.startswith("≈") else ""
    on_all = f" · {short(full_batch.value)} on all data" if lowest < full_batch.value < math.inf else ""
    old = f" · {then}" if (then := age.words(snapshot)) else ""
    average = " on average" if snapshot.readings.limit.minibatch_binds else ""  # one unlucky order may go further
    ways = (
        words + error + average + on_all + old,
        words + error + on_all + old,
        words + error + old,
        words + old,
        without + old,
        of(share, "the limit") + old,
        without,
    )
    return next((way for way in ways if len(way) <= room), without)


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
    bar(
        canvas, column, row, min(share / _SCALE, 1.0), _hues(cells) if not age.is_old(snapshot) else [Ink.FAINT] * cells
    )
    canvas.text(column + redline, row, "┃", Ink.DANGER)
    if share > _SCALE:
        canvas.text(column + cells - 1, row, "▸", Ink.DANGER)
    return column + cells


def _cell(share: float, cells: int) -> int:
    return min(int(share / _SCALE * cells), cells - 1)


@lru_cache(4)
def _hues(cells: int) -> list[int]:
    """The inks of the gauge's cells."""
    return [_heat((cell + 0.5) / cells * _SCALE) for cell in range(cells)]


def _heat(share: float) -> int:
    """The ink of the gauge at a share of the limit: yellow at `CAUTION`, red from the limit on."""
    place = share / CAUTION / 2 if share < CAUTION else 0.5 + (share - CAUTION) / (1 - CAUTION) / 2
    return Ink.HEAT_0 + round(min(place, 1.0) * (HUES - 1))


def bar(canvas: Canvas, column: int, row: int, share: float, inks: Sequence[int]) -> None:
    """█████▌ up to a share of the cells, to half a cell, each in its ink; something wherever the share is above 0."""
    halves = max(round(share * len(inks) * 2), share > 0)
    for cell, ink in enumerate(inks[: (halves + 1) // 2]):
        canvas.text(column + cell, row, "█" if 2 * cell + 2 <= halves else "▌", ink)
