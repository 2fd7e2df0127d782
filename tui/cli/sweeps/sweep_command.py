"""`descend sweep`: trainings over a grid of knob values and seeds, and what came of them."""

from __future__ import annotations

import contextlib
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from engine.plain_text import counted, plain
from scenarios.building import Parts
from scenarios.sweeps.backends import Backend, Here, Processes
from scenarios.sweeps.sweep_error import SweepError
from scenarios.sweeps.sweep_map import CellResult, SweepMap
from scenarios.sweeps.sweeping import train_cells
from tui.cli.sweeps.sweep_request import check_room, check_validation, sweep_plan, with_target
from tui.cli.sweeps.sweep_rows import as_csv, as_json
from tui.home.whole_files import WholeFile, refused_in_words, whole_files
from tui.terminal.console import shown, tell, write
from tui.terminal.ending.ending_signals import interruptible
from tui.words.usage_error import UsageError

if TYPE_CHECKING:
    from scenarios import Scenario

After = Callable[[Sequence[CellResult]], object]


def sweep(scenario: Scenario, options: Namespace) -> None:
    """Train what `tui.cli.options.sweep_options` says, and print or write what came of it.

    Raises Ended where a signal ended it early, with what there was by then written; UsageError for what cannot be
    done, ScenarioError for data that cannot be read any more.
    """
    if options.target_loss is not None:
        scenario = with_target(scenario, options.target_loss)
    plan = sweep_plan(scenario, options)
    parts = Parts.of(scenario.file)
    check_room(plan, len(parts.objective.examples))
    check_validation(scenario, options, 0 if parts.validation is None else len(parts.validation.examples))
    known = SweepMap(plan, options.measure)
    with interruptible() as stop, _outputs(options) as files:
        with progress(scenario.file.title, plan.num_cells) as show:

            def after(results: Sequence[CellResult]) -> None:
                known.add(results)
                show(results)

            try:
                train_cells(scenario, plan, plan.cells, after=after, over=stop.is_set, backend=_backend(options))
            except SweepError as error:
                raise UsageError(str(error)) from None
        _write(known, scenario, options, files)
    if stop.is_set():
        tell(f"interrupted after {len(known.results):,} of {counted(plan.num_cells, 'training')}")
    stop.end()


def _backend(options: Namespace) -> Backend:
    jobs = options.jobs or len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Here() if jobs == 1 else Processes(jobs)


@contextmanager
def progress(title: str, cells: int) -> Iterator[After]:
    """A function that brings a progress bar up to date; the bar is on standard error, if that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda results: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TextColumn("{task.fields[blew_up]} blew up"),
        TimeRemainingColumn(compact=True),
    )
    with shown(Progress(*columns, console=Console(stderr=True), expand=True)) as bar:
        task, blew_up = bar.add_task(plain(title), total=cells, blew_up=0), 0

        def show(results: Sequence[CellResult]) -> None:
            nonlocal blew_up
            blew_up += sum(it.blew_up for it in results)
            bar.update(task, advance=len(results), blew_up=blew_up)

        yield show


@contextmanager
def _outputs(options: Namespace) -> Iterator[dict[str, WholeFile]]:
    """The files that the options name, to be written at the end, also of what a signal has left."""
    with contextlib.ExitStack() as stack:
        files = {}
        for option in ("csv", "json"):
            name = getattr(options, option)
            if name not in (None, "-"):
                stack.enter_context(refused_in_words(f"--{option}"))
                files[option] = stack.enter_context(whole_files(Path(name), replace=options.force))[0]
        yield files


def _write(known: SweepMap, scenario: Scenario, options: Namespace, files: dict[str, WholeFile]) -> None:
    """Write what came of it to files and standard output."""
    texts: dict[str, Callable[[], str]] = {
        "csv": lambda: as_csv(known),
        "json": lambda: as_json(known, scenario.id, scenario.content),
    }
    for option, file in files.items():
        file.write(texts[option]().encode() + b"\n")
    for option, text in texts.items():
        if getattr(options, option) == "-":
            write(text())
    if options.csv is None and options.json is None:
        write(as_csv(known))
