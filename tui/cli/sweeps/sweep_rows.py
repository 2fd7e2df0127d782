"""The results of a sweep as rows, for CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
import math
from typing import Any

from scenarios.records.knob_values import as_plain, set_otherwise
from scenarios.sweeps.sweep_map import CellResult, SweepMap

RESULTS = ("steps", "examples", "status", "training_loss", "validation_loss", "steps_to_goal", "examples_to_goal")


def header(sweep: SweepMap) -> list[str]:
    """Return the names of the columns."""
    return [*(axis.knob for axis in sweep.plan.axes), "seed", *RESULTS]


def rows(sweep: SweepMap) -> list[list[Any]]:
    """Return a row for each training that is done, in the order of the plan."""
    results = (sweep.results.get(cell) for cell in sweep.plan.cells)
    return [_row(sweep, result) for result in results if result is not None]


def _row(sweep: SweepMap, result: CellResult) -> list[Any]:
    values = map(as_plain, sweep.plan.values(result.cell.place).values())
    *others, steps, examples = result[1:]
    return [*values, result.cell.seed, *others, *map(_whole, (steps, examples))]


def _whole(number: float) -> float | int:
    """A count as a whole number, where it is finite."""
    return int(number) if math.isfinite(number) else number


def as_csv(sweep: SweepMap) -> str:
    """Return the rows as CSV, under a line of names."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([header(sweep), *rows(sweep)])
    return text.getvalue().removesuffix("\n")


def as_json(sweep: SweepMap, scenario: str, content: str) -> str:
    """Return one object: what was swept, and the rows as objects. Numbers that are not finite become null; which of
    them are infinite is in `infinite` of their row."""
    plan, names = sweep.plan, header(sweep)
    said = {
        "scenario": scenario,
        "content": content,
        "measure": sweep.measure,
        "axes": {axis.knob: [as_plain(value) for value in axis.values] for axis in plan.axes},
        "knobs": set_otherwise(plan.knobs),
        "seeds": list(plan.seeds),
        plan.unit: plan.length,
        "best": None if (best := sweep.best) is None else {k: as_plain(v) for k, v in plan.values(best).items()},
        "missing": len(sweep.missing),
        "rows": [_object(names, row) for row in rows(sweep)],
    }
    return json.dumps(said, allow_nan=False)


def _object(names: list[str], row: list[Any]) -> dict[str, Any]:
    values = dict(zip(names, row, strict=True))
    infinite = [name for name in RESULTS if values[name] == math.inf]
    finite = {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in values.items()}
    return finite | ({"infinite": infinite} if infinite else {})
