"""Loading the scenario or the course that the command line names, with a progress bar while a large CSV file is
read."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from engine.plain_text import plain
from scenarios import Scenario, load
from scenarios.courses.course import Course, built_in, is_course_name, open_course
from scenarios.reading import is_plan
from tui.home.best_results import Earned
from tui.home.paths import is_there
from tui.home.progress import Progress
from tui.terminal.console import shown

if TYPE_CHECKING:
    from tui.dashboard.course.course_way import First


class Beginning(NamedTuple):
    """The beginning of a dashboard: what is trained, of which course, and what is shown of it first."""

    scenario: Scenario
    course: Course
    first: First
    progress: Progress


def load_beginning(options: Namespace) -> Beginning:
    """The scenario that is named; or the one where the user left the course that is named, or without a name the
    built-in one. Raises ScenarioError."""
    name, progress = options.scenario, Progress()
    if name is not None and not is_course_name(name):
        return Beginning(load_scenario(options), built_in(), "briefing" if options.paused else "training", progress)
    course = built_in() if name is None else open_course(name, allow_outside=options.allow_outside)
    options.scenario = course.left_off(progress.place(course.name), Earned(course, progress.all()))
    first: First = "tour" if progress.is_new else "picker" if name is not None else "briefing"
    return Beginning(load_scenario(options), course, first, progress)


def is_plan_name(name: str) -> bool:
    """Tell whether that is the path of a plan file."""
    path = Path(name)
    return is_there(path) and path.suffix == ".toml" and is_plan(path)


def load_scenario(options: Namespace) -> Scenario:
    """The scenario that `tui.cli.arguments` has read. Raises ScenarioError."""
    with reading_bar(options.scenario) as progress:
        return load(
            options.scenario,
            target=options.target,
            task=options.task,
            drop=options.drop,
            scale_target=options.scale_target,
            progress=progress,
            allow_outside=options.allow_outside,
        )


@contextmanager
def reading_bar(name: str) -> Iterator[Callable[[float], None]]:
    """A function that is told the share that has been read; its bar is on standard error, if that is a terminal, comes
    only where there is more than one chunk to read, and goes when all is read."""
    with ExitStack() as stack:
        yield _bar(name, stack) if sys.stderr.isatty() else lambda share: None


def _bar(name: str, stack: ExitStack) -> Callable[[float], None]:
    update: Callable[[float], None] | None = None

    def show(share: float) -> None:
        nonlocal update
        if update is None and share < 1:
            update = start()
        if update is not None:
            update(share)

    def start() -> Callable[[float], None]:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=None),
            TaskProgressColumn(),
            TimeRemainingColumn(compact=True),
        )
        made = Progress(*columns, console=Console(stderr=True), expand=True, transient=True)
        bar = stack.enter_context(shown(made))
        task = bar.add_task(f"Reading {plain(name)}", total=1.0)
        return lambda share: bar.update(task, completed=share)

    return show
