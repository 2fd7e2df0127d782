"""Words for sweeps, and a sweep's maps as the plain grids that are painted."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.training.knobs import KNOBS
from scenarios.sweeps.stability_limits import RATE
from tui.painting.heat.heat_grid import HeatAxis, HeatGrid
from tui.words.knob_steps import value_words

if TYPE_CHECKING:
    from engine.measurement import Measurement
    from engine.training.knobs import Knobs
    from scenarios.sweeps.sweep_map import SweepMap
    from scenarios.sweeps.sweep_plan import Axis, SweepPlan

_MAP_AXES = 2
_DIGITS = 3
LIMIT_WORDS = "stable up to here in the mean square"


def measure_words(measure: str) -> str:
    """Words for what a map shows: training loss, examples to goal."""
    return measure.replace("_", " ")


def value_labels(values: Sequence[Any]) -> tuple[str, ...]:
    """Short labels for the values of an axis: with three digits, or as many as tell them apart."""
    if not all(isinstance(value, (int, float)) for value in values):
        return tuple(value_words(value) for value in values)
    for digits in range(_DIGITS, 17):
        labels = tuple(_number(value, digits) for value in values)
        if len(set(labels)) == len(set(values)):
            break
    return labels


def _number(value: float, digits: int) -> str:
    if isinstance(value, int):
        return str(value)
    return f"{value:.{digits}g}".replace("e-0", "e-").replace("e+0", "e")


def maps(sweep: SweepMap) -> dict[tuple[int, ...], HeatGrid]:
    """The maps of a sweep over its first two axes: one for each place on the further ones, in the plan's order, whose
    values are the map's title. Of one axis only, a map has one row."""
    further = sweep.plan.axes[_MAP_AXES:]
    return {rest: _map(sweep, rest) for rest in product(*(range(len(axis.values)) for axis in further))}


def _map(sweep: SweepMap, rest: tuple[int, ...]) -> HeatGrid:
    axes, further = sweep.plan.axes[:_MAP_AXES], sweep.plan.axes[_MAP_AXES:]
    across = _axis(axes[0])
    up = _axis(axes[1]) if len(axes) == _MAP_AXES else HeatAxis("", ("",))
    shape = len(up.labels), len(across.labels)
    values, done, lost = np.full(shape, np.nan), np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    for row, column in np.ndindex(shape):
        known = sweep.at((column, row, *rest)[: len(sweep.plan.axes)])
        values[row, column], done[row, column], lost[row, column] = known.middle, known.done > 0, known.lost
    title = ", ".join(
        f"{KNOBS[axis.knob].title} {value_words(axis.values[at])}" for axis, at in zip(further, rest, strict=True)
    )
    best = sweep.best
    mine = best is not None and best[_MAP_AXES:] == rest
    place = (best[0], best[1] if len(best) > 1 else 0) if best is not None and mine else None
    return HeatGrid(across, up, values, done, lost, place, measure_words(sweep.measure), title)


def _axis(axis: Axis) -> HeatAxis:
    return HeatAxis(KNOBS[axis.knob].title, value_labels(axis.values))


def position(values: Sequence[Any], value: Any) -> float:
    """The place of a value among those of an axis: 0 at the first, 1 at the second, between and beyond them by its
    logarithm, or straight where one is not above 0. NaN for what has no place there."""
    if value in values:
        return float(values.index(value))
    if len(values) < 2 or not all(isinstance(it, (int, float)) for it in (*values, value)) or not math.isfinite(value):
        return math.nan
    order = sorted(range(len(values)), key=lambda at: values[at])
    known = [float(values[at]) for at in order]
    if known[0] > 0 < value:
        known, value = [math.log(it) for it in known], math.log(value)
    above = min(max(sum(it <= value for it in known), 1), len(known) - 1)
    share = (value - known[above - 1]) / (known[above] - known[above - 1])
    return float(order[above - 1] + share * (order[above] - order[above - 1]))


def limit_line(
    plan: SweepPlan, limits: Mapping[tuple[int, ...], Measurement], rest: tuple[int, ...] = ()
) -> list[tuple[float, float]]:
    """The line of the largest stable learning rate on a map, as points of its grid from edge to edge; empty where the
    rate is not on the map. A point whose limit is unknown is NaN."""
    axes = plan.axes[:_MAP_AXES]
    names = [axis.knob for axis in axes]
    if RATE not in names or not limits:
        return []
    along = names.index(RATE)
    others = range(len(axes[1 - along].values)) if len(axes) == _MAP_AXES else (0,)
    line = []
    for other in others:
        place = (0, other, *rest) if along == 0 else (other, 0, *rest)
        line.append((position(axes[along].values, limits[place[: len(plan.axes)]].value), float(other)))
    if all(math.isnan(at) for at, _ in line):
        return []
    line = [(line[0][0], -0.5), *line, (line[-1][0], len(line) - 0.5)]
    return line if along == 0 else [(up, across) for across, up in line]


def present_point(plan: SweepPlan, knobs: Knobs) -> tuple[float, float] | None:
    """The point of these knobs on a map; None where one of them has no place there, or a further axis has another
    value."""
    if any(getattr(knobs, axis.knob) not in axis.values for axis in plan.axes[_MAP_AXES:]):
        return None
    at = [position(axis.values, getattr(knobs, axis.knob)) for axis in plan.axes[:_MAP_AXES]]
    return None if any(map(math.isnan, at)) else (at[0], at[1] if len(at) > 1 else 0.0)
