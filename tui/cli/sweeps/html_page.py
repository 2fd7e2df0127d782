"""A sweep as one HTML page that needs nothing else: its maps as SVG, and all numbers as a table. It has no scripts, and
loads nothing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.plain_text import counted, plain
from engine.training.knobs import KNOBS
from tui import __version__
from tui.painting.heat.heat_grid import HeatGrid
from tui.painting.heat.heat_scale import HeatScale, scale_of
from tui.painting.numbers import short
from tui.painting.palette import DARK, HEATS, Ink
from tui.words.knob_steps import value_words
from tui.words.sweep_words import LIMIT_WORDS, limit_line, maps, measure_words

if TYPE_CHECKING:
    from engine.measurement import Measurement
    from scenarios.sweeps.sweep_map import SweepMap
    from scenarios.sweeps.sweep_plan import SweepPlan

_WIDE, _HIGH = 64, 34  # of a place, in pixels
_LEFT, _TOP, _BELOW = 84, 26, 46  # around a map
_DIGITS = 5
_BRIGHT = HEATS // 2

_STYLE = "page.css"


def html_page(
    sweep: SweepMap, limits: Mapping[tuple[int, ...], Measurement], title: str, sentences: Sequence[str]
) -> str:
    """Return the page. title: of the scenario; sentences: on what came of it, as of `best_in_words`. Every text is
    escaped."""
    grids = maps(sweep)
    scale = scale_of(np.concatenate([grid.shown for grid in grids.values()]))
    heading = f"Sweep of {title}: {measure_words(sweep.measure)}"
    seeds = counted(len(sweep.plan.seeds), "seed")
    sections = [
        f'<section class="map">{_heading(grid)}{_map(grid, scale, limit_line(sweep.plan, limits, rest))}</section>'
        for rest, grid in grids.items()
    ]
    body = [
        f"<h1>{_text(heading)}</h1>",
        f"<p>{_text(_lengths(sweep.plan))}</p>",
        *(f"<p>{_text(sentence)}</p>" for sentence in sentences),
        f"<p>Each place shows the median of {seeds}. ★ is the best one; × is where the median training blew up"
        f"{_of_limit(limits)}.</p>",
        _key(scale, measure_words(sweep.measure)),
        *sections,
        f"<section><h2>All numbers</h2>{_numbers(sweep, limits)}</section>",
        f"<footer>descend {__version__}</footer>",
    ]
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{_text(heading)}</title>'
    style = Path(__file__).with_name(_STYLE).read_text("utf-8")
    parts = ["<!DOCTYPE html>", '<html lang="en">', f"<head>{head}", f"<style>\n{style}</style></head>"]
    return "\n".join([*parts, "<body>", *body, "</body>", "</html>", ""])


def _lengths(plan: SweepPlan) -> str:
    """Words for the trainings: how many, how long, and the knobs that are the same in all of them."""
    swept = {axis.knob for axis in plan.axes}
    fixed = [
        f"{knob.title} {value_words(getattr(plan.knobs, name))}"
        for name, knob in KNOBS.items()
        if name not in swept and (not knob.quiet or getattr(plan.knobs, name) != knob.default)
    ]
    long = counted(plan.length, plan.unit.removesuffix("s"))
    return f"{counted(plan.num_cells, 'training')} of {long} each; {', '.join(fixed)}."


def _text(text: str) -> str:
    return escape(plain(text))


def _of_limit(limits: Mapping[tuple[int, ...], Measurement]) -> str:
    known = any(math.isfinite(limit.value) for limit in limits.values())
    return f"; the broken line is the stability limit by theory: {LIMIT_WORDS}" if known else ""


def _heading(grid: HeatGrid) -> str:
    return f"<h2>{_text(grid.title)}</h2>" if grid.title else ""


def _color(level: int) -> str:
    return DARK.ink(Ink.PLACE_0 + level)


def _key(scale: HeatScale, measure: str) -> str:
    """The colours with their numbers."""
    step, left = 26, 120
    parts = [
        f'<rect x="{left + step * level}" y="0" width="{step}" height="16" fill="{_color(level)}"/>'
        for level in range(HEATS)
    ]
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        word = short(scale.value(share), 4)
        word = f"≥ {word}" if scale.beyond and share == 1.0 else word
        parts.append(_svg_text(left + step * HEATS * share, 32, word, "faint"))
    parts.append(_svg_text(left - 12, 13, measure, anchor="end"))
    width = left + step * HEATS + 60
    size = f'viewBox="0 0 {width} 38" style="max-width:{width}px"'
    return f'<svg {size} role="img" aria-label="colours">{"".join(parts)}</svg>'


def _svg_text(x: float, y: float, text: str, kind: str = "", *, anchor: str = "middle") -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" class="{kind}">{_text(text)}</text>'


def _map(grid: HeatGrid, scale: HeatScale, limit: Sequence[tuple[float, float]]) -> str:
    """A map as SVG; hovering over a place says its values."""
    rows, places = grid.values.shape
    width, height = _LEFT + places * _WIDE + 12, _TOP + rows * _HIGH + _BELOW
    pairs = [_place(grid, scale, across, up) for up in range(rows) for across in range(places)]
    parts = [box for box, _ in pairs]
    frame = f'x="{_LEFT}" y="{_TOP}" width="{places * _WIDE}" height="{rows * _HIGH}"'
    parts.append(f'<rect {frame} class="frame"/>')
    parts += _limit(limit, rows, places)
    parts += [number for _, number in pairs]  # over the line
    parts += [
        _svg_text(_LEFT - 8, _y(up, rows) + 4, label, "faint", anchor="end") for up, label in enumerate(grid.up.labels)
    ]
    bottom = _TOP + rows * _HIGH
    parts += [_svg_text(_x(at), bottom + 17, label, "faint") for at, label in enumerate(grid.across.labels)]
    parts.append(_svg_text(_LEFT + places * _WIDE / 2, bottom + 38, grid.across.name))
    parts.append(_svg_text(_LEFT - 8, _TOP - 10, grid.up.name, anchor="end"))
    size = f'viewBox="0 0 {width} {height}" style="max-width:{width}px"'
    name = f"{grid.measure} over {grid.across.name} and {grid.up.name}"
    return f'<svg {size} role="img" aria-label="{_text(name)}">{"".join(parts)}</svg>'


def _x(across: float) -> float:
    return _LEFT + (across + 0.5) * _WIDE


def _y(up: float, rows: int) -> float:
    return _TOP + (rows - 0.5 - up) * _HIGH


def _place(grid: HeatGrid, scale: HeatScale, across: int, up: int) -> tuple[str, str]:
    """The box of a place, and what is written on it."""
    value, x, y = float(grid.values[up, across]), _x(across), _y(up, len(grid.values))
    where = f"{grid.across.name} {grid.across.labels[across]}, {grid.up.name} {grid.up.labels[up]}".strip(", ")
    if not grid.done[up, across]:
        return "", _svg_text(x, y + 4, "·", "faint")
    if grid.lost[up, across]:
        return "", f"<g><title>{_text(where)}: blew up</title>{_svg_text(x, y + 5, '×', 'lost')}</g>"
    if math.isnan(value):
        return "", _svg_text(x, y + 4, "–", "faint")
    level, best = scale.level(value), grid.best == (across, up)
    box = f'x="{x - _WIDE / 2:g}" y="{y - _HIGH / 2:g}" width="{_WIDE}" height="{_HIGH}"'
    inset = f'x="{x - _WIDE / 2 + 2:g}" y="{y - _HIGH / 2 + 2:g}" width="{_WIDE - 4}" height="{_HIGH - 4}"'
    ink = ("on-bright" if level < _BRIGHT else "on-dark") + (" best" if best else "")
    number = _svg_text(x, y + 4, f"{'★ ' if best else ''}{short(value, _DIGITS)}", ink)
    mark = f'<rect {inset} class="best-frame"/>' if best else ""
    title = f"<title>{_text(where)}: {_text(grid.measure)} {_text(short(value, _DIGITS))}</title>"
    return f'<g>{title}<rect {box} fill="{_color(level)}"/>{mark}</g>', number


def _limit(limit: Sequence[tuple[float, float]], rows: int, places: int) -> list[str]:
    """The line of the limit, in pieces where it is unknown; what is beyond the map is drawn on its edge."""
    pieces: list[list[str]] = [[]]
    for across, up in limit:
        if math.isnan(across) or math.isnan(up):
            pieces.append([])
            continue
        x, y = _x(min(max(across, -0.5), places - 0.5)), _y(min(max(up, -0.5), rows - 0.5), rows)
        pieces[-1].append(f"{x:.1f},{y:.1f}")
    lines = [" ".join(piece) for piece in pieces if len(piece) > 1]
    return [f'<polyline points="{line}" class="{kind}"/>' for kind in ("halo", "limit") for line in lines]


def _numbers(sweep: SweepMap, limits: Mapping[tuple[int, ...], Measurement]) -> str:
    """A table with a row for each place."""
    plan, measure = sweep.plan, measure_words(sweep.measure)
    heads = [*(KNOBS[axis.knob].title for axis in plan.axes), f"{measure}, median", "least", "greatest"]
    heads += ["trained", "blew up"] + ["limit"] * bool(limits)
    rows = [_row(heads, "th")]
    along = next((at for at, axis in enumerate(plan.axes) if axis.knob == "learning_rate"), 0)
    for place in plan.places:
        known = sweep.at(place)
        cells = [value_words(axis.values[at]) for axis, at in zip(plan.axes, place, strict=True)]
        cells += [short(value, _DIGITS) for value in (known.middle, known.low, known.high)]
        cells += [f"{known.done} of {len(plan.seeds)}", str(known.blew_up)]
        if limits:
            cells.append(short(limits[(*place[:along], 0, *place[along + 1 :])].value, 4))
        rows.append(_row(cells, "td"))
    return f"<table>{''.join(rows)}</table>"


def _row(cells: Iterable[str], kind: str) -> str:
    return f"<tr>{''.join(f'<{kind}>{_text(cell)}</{kind}>' for cell in cells)}</tr>\n"
