"""The report of a sweep for people: a table, the best place in words, and the line that trains there."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.plain_text import counted, plain
from engine.runs.plan import Plan
from engine.training.knobs import KNOBS
from scenarios.sweeps.stability_limits import RATE
from scenarios.sweeps.sweep_map import Place, SweepMap
from tui.painting.numbers import short
from tui.words.command_lines import line_of
from tui.words.knob_steps import value_words
from tui.words.sweep_words import measure_words, value_labels

if TYPE_CHECKING:
    from rich.table import Table

    from engine.measurement import Measurement
    from scenarios import Scenario
    from scenarios.sweeps.sweep_plan import SweepPlan

_DIGITS = 5


class Row(NamedTuple):
    """A line of the table: what came of all values of the first axis at one place on the other ones.

    place: the best one, or the first one where all are lost or without a value. known: what is known of it, None where
    there is no best. lost: the values of the first axis at which the median training blew up.
    """

    place: tuple[int, ...]
    known: Place | None
    lost: tuple[Any, ...]


def rows(sweep: SweepMap) -> list[Row]:
    """Return a row for each place on all axes but the first, in the plan's order."""
    first, *others = sweep.plan.axes
    found = []
    for rest in product(*(range(len(axis.values)) for axis in others)):
        places = [(at, *rest) for at in range(len(first.values))]
        known = {place: sweep.at(place) for place in places}
        usable = [place for place in places if not known[place].lost and known[place].middle < math.inf]
        best = min(usable, key=lambda place: known[place].middle, default=None)
        lost = tuple(first.values[place[0]] for place in places if known[place].lost)
        found.append(Row(best or places[0], known[best] if best else None, lost))
    return found


def table(sweep: SweepMap, limits: Mapping[tuple[int, ...], Measurement]) -> Table:
    """Return the table of `rows`: the best value of the first axis, what came of it, where trainings blew up. limits:
    as of `scenarios.sweeps.stability_limits`, a column where there are any."""
    from rich.table import Table

    first, *others = sweep.plan.axes
    labels = [value_labels(axis.values) for axis in sweep.plan.axes]
    by_rate = first.knob == RATE
    stable_to = by_rate and any(math.isfinite(limit.value) for limit in limits.values())
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for axis in others:
        table.add_column(KNOBS[axis.knob].title, justify="right")
    table.add_column(f"best {KNOBS[first.knob].label}", justify="right")
    table.add_column(measure_words(sweep.measure), justify="right")
    if len(sweep.plan.seeds) > 1:
        table.add_column("over the seeds", justify="right")
    table.add_column("blew up from" if by_rate else "blew up at", justify="right")
    if stable_to:
        table.add_column("stable to", justify="right")
    for row in rows(sweep):
        cells = [label[at] for label, at in zip(labels[1:], row.place[1:], strict=True)]
        cells += [labels[0][row.place[0]], short(row.known.middle, _DIGITS)] if row.known else ["–", "–"]
        if len(sweep.plan.seeds) > 1:
            low, high = (row.known.low, row.known.high) if row.known else (math.nan, math.nan)
            cells.append(f"{short(low, _DIGITS)} … {short(high, _DIGITS)}" if row.known else "–")
        cells.append(_lost(row, by_rate=by_rate))
        if stable_to:
            cells.append(short(limits[(0, *row.place[1:])].value, 4))
        table.add_row(*map(plain, cells))
    return table


def _lost(row: Row, *, by_rate: bool) -> str:
    """The values at which trainings blew up: of rates the least, for those above it do so too."""
    if not row.lost:
        return "–"
    return short(min(row.lost), _DIGITS) if by_rate else ", ".join(value_words(value) for value in row.lost)


def best_in_words(sweep: SweepMap, scenario: Scenario) -> list[str]:
    """Return sentences on the best place, and where there is one, the line that trains there last."""
    plan, best = sweep.plan, sweep.best
    lines = []
    if missing := len(sweep.missing):
        lines.append(f"{counted(missing, 'training')} of {plan.num_cells:,} still to come; the same command goes on.")
    if best is None:
        return [*lines, _nothing(sweep)]
    known = sweep.at(best)
    settings = ", ".join(f"{KNOBS[knob].title} {value_words(value)}" for knob, value in plan.values(best).items())
    seeds = f", from {short(known.low, _DIGITS)} to {short(known.high, _DIGITS)} over {counted(known.done, 'seed')}"
    lines.append(
        f"Best: {settings}: {measure_words(sweep.measure)} {short(known.middle, _DIGITS)}"
        f"{seeds if known.done > 1 else ''}."
    )
    if equals := sum(_is_as_good(sweep.at(place), known) for place in plan.places if place != best):
        lines.append(f"As good, within the spread of its seeds: {counted(equals, 'other place')} on the map.")
    if edges := _at_edges(plan, best, scenario):
        lines.append(f"It lies at the edge of the map: a {' or '.join(edges)} beyond it may be better.")
    lines.append(f"To train there: {line_of(scenario, Plan(plan.seeds[0], plan.knobs_at(best), (), 0))}")
    return lines


def _is_as_good(other: Place, best: Place) -> bool:
    """Tell whether the median of a place lies within the seeds of the best one."""
    return not other.lost and other.middle <= best.high


def _nothing(sweep: SweepMap) -> str:
    if not sweep.results:
        return "Nothing was trained yet."
    if all(result.blew_up for result in sweep.results.values()):
        return "Every training blew up: try smaller learning rates."
    return f"No training has a value of {measure_words(sweep.measure)}."


def _at_edges(plan: SweepPlan, place: tuple[int, ...], scenario: Scenario) -> list[str]:
    """The knobs whose value at a place is the first or last of an axis of numbers, though there are others beyond."""
    return [
        KNOBS[axis.knob].title
        for axis, at in zip(plan.axes, place, strict=True)
        if at in (0, len(axis.values) - 1)
        and len(axis.values) > 2
        and isinstance(axis.values[at], (int, float))
        and not _is_the_last(axis.knob, axis.values[at], scenario)
    ]


def _is_the_last(knob: str, value: float, scenario: Scenario) -> bool:
    """Tell whether no value of the knob is beyond: its least one, or a batch of all examples."""
    least = getattr(KNOBS[knob].kind, "least", None)
    return value == least or (knob == "batch_size" and value >= scenario.run().trainer.num_examples)
