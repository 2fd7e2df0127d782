"""The parts of a sweep that several machines have trained: their files, read and put together."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import sys
from argparse import Namespace
from typing import Any, NamedTuple

from engine.plain_text import counted, shown_path
from engine.training.knobs import KNOBS, Knobs
from scenarios.records.knob_values import from_plain, knobs_of
from scenarios.sweeps.sweep_map import CellResult, SweepMap
from scenarios.sweeps.sweep_plan import Axis, Cell, SweepPlan, Unit
from tui.cli.sweeps.sweep_outputs import outputs, write_out
from tui.cli.sweeps.sweep_rows import RESULTS, as_csv, as_json
from tui.painting.look import look_for
from tui.terminal.console import tell
from tui.words.assignments import knob_value
from tui.words.usage_error import UsageError


class Part(NamedTuple):
    """The content of a file that a sweep has written. said: what was swept, where the file says it. names, rows: of the
    knobs on the axes, and of each training its values on these, the seed, and what came of it."""

    said: dict[str, Any]
    names: tuple[str, ...]
    rows: list[tuple[tuple[Any, ...], int, tuple[Any, ...]]]


def read_part(path: str) -> Part:
    """Read what `as_csv` or `as_json` has written. Raises UsageError for a file that cannot be read, or is another."""
    try:
        with open(path, encoding="utf-8", newline="") as file:  # noqa: PTH123  # raises nothing but these
            text = file.read()
        return _json_part(json.loads(text)) if text.lstrip()[:1] == "{" else _csv_part(text)
    except OSError as error:
        raise UsageError(f"--merge {shown_path(path)}: cannot be read: {error.strerror}") from None
    except (UsageError, ValueError, KeyError, TypeError, AttributeError):  # also UnicodeDecodeError, RefusalError
        words = "is no file that `descend sweep` has written with --json or --csv"
        raise UsageError(f"--merge {shown_path(path)}: {words}") from None


def _json_part(said: dict[str, Any]) -> Part:
    names = tuple(said["axes"])
    rows = []
    for row in said.pop("rows"):
        infinite = row.get("infinite", ())
        numbers = {
            name: math.inf if name in infinite else math.nan if row[name] is None else row[name] for name in RESULTS
        }
        values = tuple(from_plain(name, row[name]) for name in names)
        rows.append((values, int(row["seed"]), _outcome([str(numbers[name]) for name in RESULTS])))
    knobs_of(said["knobs"])
    return Part(said, names, rows)


def _csv_part(text: str) -> Part:
    head, *lines = csv.reader(io.StringIO(text))
    at = head.index("seed")
    names = tuple(head[:at])
    if tuple(head[at + 1 :]) != RESULTS or not names or any(name not in KNOBS for name in names):
        raise ValueError
    rows = []
    for line in lines:
        values = tuple(
            from_plain(name, knob_value("", name, word)) for name, word in zip(names, line[:at], strict=True)
        )
        rows.append((values, int(line[at]), _outcome(line[at + 1 :])))
    return Part({}, names, rows)


def _outcome(words: list[str]) -> tuple[Any, ...]:
    steps, examples, status, *numbers = words
    training, validation, to_goal, examples_to_goal = map(float, numbers)
    return int(steps), int(examples), status, training, validation, to_goal, examples_to_goal


def merged(parts: dict[str, Part], measure: Any) -> SweepMap:
    """Return the sweep whose parts these are, by the names of their files. Raises UsageError for parts of different
    sweeps, and for trainings of which two came to different results."""
    first_name, first = next(iter(parts.items()))
    for name, part in parts.items():
        own = [{k: v for k, v in it.said.items() if k not in ("best", "missing")} for it in (first, part)]
        if part.names != first.names or own[0] != own[1]:
            raise UsageError(f"--merge {shown_path(name)}: is of another sweep than {shown_path(first_name)}")
    plan = _plan(first, [row for part in parts.values() for row in part.rows])
    places = [{value: k for k, value in enumerate(axis.values)} for axis in plan.axes]
    sweep = SweepMap(plan, measure)
    for name, part in parts.items():
        for values, seed, outcome in part.rows:
            cell = Cell(tuple(place[value] for place, value in zip(places, values, strict=True)), seed)
            result = CellResult(cell, *outcome)
            if repr(sweep.results.get(cell, result)) != repr(result):
                raise UsageError(f"--merge {shown_path(name)}: seed {seed} of {values} came to another result before")
            sweep.add([result])
    return sweep


def _plan(part: Part, rows: list[tuple[tuple[Any, ...], int, tuple[Any, ...]]]) -> SweepPlan:
    """The plan of the parts of a sweep; where they do not say it, of what is there."""
    if part.said:
        said = part.said
        units: tuple[Unit, ...] = ("steps", "examples", "epochs")
        [(unit, length)] = [(unit, said[unit]) for unit in units if unit in said]
        axes = tuple(Axis(k, tuple(from_plain(k, value) for value in values)) for k, values in said["axes"].items())
        return SweepPlan(axes, knobs_of(said["knobs"]), tuple(said["seeds"]), length, unit)
    if not rows:
        raise UsageError("--merge: no training is in these files")
    found = [dict.fromkeys(values) for values in zip(*(row[0] for row in rows), strict=True)]
    ordered = (sorted(it) if all(isinstance(value, float | int) for value in it) else it for it in found)
    axes = tuple(Axis(name, tuple(values)) for name, values in zip(part.names, ordered, strict=True))
    seeds, steps = sorted({row[1] for row in rows}), max((row[2][0] for row in rows), default=0)
    return SweepPlan(axes, Knobs(), tuple(seeds), steps)


def merge(options: Namespace) -> None:
    """Print or write what the parts of a sweep have come to, which are in the files of --merge. Raises UsageError."""
    parts = {name: read_part(name) for name in options.merge}
    known = merged(parts, options.measure)
    said = next(iter(parts.values())).said
    with outputs(options) as files:
        texts = {
            "csv": lambda: as_csv(known),
            "json": lambda: as_json(known, said.get("scenario", ""), said.get("content", "")),
        }
        write_out(options, files, texts)
    if sys.stdout.isatty() and "-" not in (options.csv, options.json):
        _show(known, options)
    if missing := len(known.missing):
        tell(f"{counted(missing, 'training')} of {known.plan.num_cells:,} {'is' if missing == 1 else 'are'} missing")


def _show(known: SweepMap, options: Namespace) -> None:
    from tui.cli.sweeps.live_map import pictures
    from tui.cli.sweeps.printed_canvas import console_for, printed
    from tui.cli.sweeps.sweep_report import table

    look = look_for(options, os.environ)
    console = console_for(look)
    console.print(printed(pictures(known, {}, look, console.width, max(1, console.height - 2)).canvas, look))
    console.print(table(known, {}))
