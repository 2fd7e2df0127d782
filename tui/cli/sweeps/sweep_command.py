"""`descend sweep`: trainings over a grid of knob values and seeds, and what came of them."""

from __future__ import annotations

import os
import shutil
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING

from engine.plain_text import counted, plain
from engine.probes import MinibatchTheory
from engine.refusals import RefusalError
from scenarios.building import Parts
from scenarios.sweeps.backends import Backend, DaskCluster, Here, Processes
from scenarios.sweeps.stability_limits import stability_limits
from scenarios.sweeps.sweep_error import SweepError
from scenarios.sweeps.sweep_map import CellResult, SweepMap
from scenarios.sweeps.sweep_store import SweepStore
from scenarios.sweeps.sweeping import seconds_of, train_cells
from tui import __version__
from tui.cli.sweeps.sweep_outputs import outputs, write_out
from tui.cli.sweeps.sweep_request import check_room, check_validation, setting, sweep_plan, with_target
from tui.cli.sweeps.sweep_rows import as_csv, as_json
from tui.home.paths import sweeps_file
from tui.home.whole_files import WholeFile
from tui.painting.look import Depth, Look, look_for
from tui.terminal.console import tell, write, write_styled
from tui.terminal.ending.ending_signals import interruptible
from tui.words.usage_error import UsageError

if TYPE_CHECKING:
    from engine.measurement import Measurement
    from scenarios import Scenario
    from scenarios.sweeps.sweep_plan import SweepPlan

Limits = dict[tuple[int, ...], "Measurement"]

_ASK_FROM = 10_000  # trainings
_WIDEST = 100  # columns of a curve


def sweep(scenario: Scenario, options: Namespace) -> None:
    """Train what `tui.cli.options.sweep_options` says, and print or write what came of it.

    Raises Ended where a signal ended it early, with what there was by then written; UsageError for what cannot be
    done, ScenarioError for data that cannot be read any more.
    """
    if options.range_test:
        _test_range(scenario, options)
        return
    if options.target_loss is not None:
        scenario = with_target(scenario, options.target_loss)
    plan = sweep_plan(scenario, options)
    parts = Parts.of(scenario.file)
    check_room(plan, len(parts.objective.examples))
    check_validation(scenario, options, 0 if parts.validation is None else len(parts.validation.examples))
    which, parts_of_it = options.shard or (1, 1)
    if not options.yes and (count := -(-plan.num_cells // parts_of_it)) > _ASK_FROM:
        _ask(scenario, plan, count, options)
    cells = list(islice(plan.cells, which - 1, None, parts_of_it))
    known, limits = SweepMap(plan, options.measure), stability_limits(plan, MinibatchTheory(parts.objective))
    look = look_for(options, os.environ)
    store = None if options.fresh else SweepStore(sweeps_file(), __version__, scenario)
    with interruptible() as stop, outputs(options) as files:
        with _shown(known, limits, look, scenario.file.title, stop.is_set) as take:
            try:
                backend = _backend(options)
                train_cells(scenario, plan, cells, after=take, over=stop.is_set, store=store, backend=backend)
            except (SweepError, RefusalError) as error:
                raise UsageError(str(error)) from None
            finally:
                _close(store)
        _write(known, scenario, options, files, limits)
        if sys.stdout.isatty() and "-" not in (options.csv, options.json):
            _report(known, scenario, parts, limits, look)
    if stop.is_set():
        tell(f"interrupted after {len(known.results):,} of {counted(len(cells), 'training')}; the same line goes on")
    stop.end()


def _ask(scenario: Scenario, plan: SweepPlan, count: int, options: Namespace) -> None:
    """Refuse so many trainings, with the time that they would take."""
    jobs = _jobs(options)
    hours = seconds_of(scenario, plan, count) / jobs / 3600
    time = f"{hours:,.1f} hours" if hours >= 1.05 else f"{max(1, round(60 * hours))} min"
    where = f"{counted(jobs, 'process', 'processes')} of this machine"
    raise UsageError(f"{count:,} trainings would take about {time} in {where}; add --yes to train them all")


def _jobs(options: Namespace) -> int:
    if options.jobs is not None:
        return int(options.jobs)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _backend(options: Namespace) -> Backend:
    if options.backend == "dask":
        return DaskCluster(options.scheduler)
    return Here() if _jobs(options) == 1 else Processes(_jobs(options))


def _close(store: SweepStore | None) -> None:
    if store is not None:
        store.close()
        for notice in store.notices:
            tell(notice)


@contextmanager
def _shown(
    known: SweepMap, limits: Limits, look: Look, title: str, ending: Callable[[], bool]
) -> Iterator[Callable[[Sequence[CellResult]], object]]:
    """A function that takes results into the sweep; on a terminal they are seen on a map and a progress bar, on
    standard error."""
    if not sys.stderr.isatty():
        yield known.add
        return
    from tui.cli.sweeps.live_map import live_map

    with live_map(known, limits, look, plain(title), ending) as take:
        yield take


def _report(known: SweepMap, scenario: Scenario, parts: Parts, limits: Limits, look: Look) -> None:
    """Print a table, the best, and where the batch size was swept what it costs, for a person at a terminal."""
    from tui.cli.sweeps.printed_canvas import InLook, console_for
    from tui.cli.sweeps.sweep_curves import batch_report
    from tui.cli.sweeps.sweep_report import best_in_words, table

    console_for(look).print(InLook(table(known, limits), look))
    write("\n".join(["", *best_in_words(known, scenario)]))
    if curves := batch_report(known, parts, _columns(), colors=look.depth > Depth.NONE):
        write_styled(f"\n{curves}")


def _columns() -> int:
    return min(_WIDEST, shutil.get_terminal_size().columns)


def _test_range(scenario: Scenario, options: Namespace) -> None:
    """Print the learning-rate range test of the setting that the options say. Raises UsageError for what is no
    setting, or cannot be tested."""
    from tui.cli.sweeps.range_report import range_report

    knobs, seed = setting(scenario, options)
    try:
        run = scenario.run(seed=seed, knobs=knobs)
        look = look_for(options, os.environ)
        colors = look.depth > Depth.NONE and sys.stdout.isatty()
        write_styled(range_report(run, _columns(), colors=colors))
    except RefusalError as error:
        raise UsageError(str(error)) from None


def _write(
    known: SweepMap, scenario: Scenario, options: Namespace, files: dict[str, WholeFile], limits: Limits
) -> None:
    """Write what came of it to files, and to standard output where it is asked for, or nobody looks."""
    texts: dict[str, Callable[[], str]] = {
        "csv": lambda: as_csv(known),
        "json": lambda: as_json(known, scenario.id, scenario.content),
        "html": lambda: _page(known, scenario, limits),
    }
    write_out(options, files, texts)


def _page(known: SweepMap, scenario: Scenario, limits: Limits) -> str:
    from tui.cli.sweeps.html_page import html_page
    from tui.cli.sweeps.sweep_report import best_in_words

    return html_page(known, limits, scenario.file.title, best_in_words(known, scenario))
