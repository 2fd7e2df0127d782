"""`descend runs`: the records, for people and for programs."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from argparse import Namespace
from typing import TYPE_CHECKING

from engine.plain_text import counted, plain
from tui.cli.runs.run_rows import KEYS, called, duration, moment, row_of, standing
from tui.terminal.console import write, write_rows

if TYPE_CHECKING:
    from scenarios.records.kept_run import KeptRun
    from scenarios.records.run_store import RunStore

_HEADINGS = ("id", "scenario", "begun", "for", "steps", "status", "training loss", "validation", "stars", "name, note")
_MEGABYTE = 2**20


def list_runs(store: RunStore, runs: list[KeptRun], options: Namespace, most_bytes: int) -> None:
    """Print records, in their order: a table on a terminal, tab-separated lines into a
    pipe; as JSON an array of the keys of `tui.cli.runs.run_rows`, as CSV the same. Raises RecordsError."""
    if options.json:
        write(json.dumps([row_of(run) for run in runs], indent=2, allow_nan=False))
    elif options.csv:
        text = io.StringIO(newline="")
        table = csv.DictWriter(text, KEYS, lineterminator="\n")
        table.writeheader()
        table.writerows(row_of(run) for run in runs)
        write(text.getvalue().rstrip("\n"))
    elif sys.stdout.isatty():
        _print_table(runs)
        write(_size_in_words(store, most_bytes))
    else:
        write_rows([_HEADINGS, *map(_words, runs)])


def _words(run: KeptRun) -> tuple[str, ...]:
    outcome = run.outcome
    return (
        run.id,
        plain(os.path.basename(run.scenario)),  # noqa: PTH119
        moment(run.started),
        duration(outcome.seconds),
        f"{outcome.steps:,}",
        standing(run),
        loss(outcome.training_loss),
        loss(outcome.validation_loss),
        "★" * outcome.goal.stars + "☆" * (3 - outcome.goal.stars) if outcome.goal else "",
        called(run),
    )


def loss(value: float | None) -> str:
    """A loss in six digits, as every report has it; empty where it is not known."""
    return "" if value is None else f"{value:.6g}"


def _print_table(runs: list[KeptRun]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    rows = [_words(run) for run in runs]
    filled = [any(row[place] for row in rows) or place == 0 for place in range(len(_HEADINGS))]
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for heading, is_filled in zip(_HEADINGS, filled, strict=True):
        if is_filled:
            numbers = heading in ("for", "steps", "training loss", "validation")
            table.add_column(heading, justify="right" if numbers else "left", no_wrap=heading != _HEADINGS[-1])
    for row in rows:
        shown = [word for word, is_filled in zip(row, filled, strict=True) if is_filled]
        table.add_row(Text(shown[0], "bold"), *map(Text, shown[1:]))
    Console().print(table)


def _size_in_words(store: RunStore, most_bytes: int) -> str:
    size = store.size()
    if not size.runs:
        return "Nothing is recorded yet. What you train in the dashboard or with `descend train` is."
    words = f"{counted(size.runs, 'record')}, {size.bytes / _MEGABYTE:.1f} of {most_bytes / _MEGABYTE:,.0f} MB."
    if size.without_curves:
        words += (
            f" {counted(size.without_curves, 'record')} lost their curves to make room: of those without a name, a "
            "note or a star the oldest go first."
        )
    return f"\n{words}"
