"""Files that are written from inside the dashboard: steps as CSV, scripts, the screen as SVG.

They go to the current directory, under a name that nothing had there.
"""

from __future__ import annotations

import asyncio
import csv
import itertools
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from engine.views.log import Log
from engine.views.steps import Steps
from tui import csv_log
from tui.errors import UsageError

if TYPE_CHECKING:
    from tui.app import Dashboard

_SECONDS = 10  # that a path can be read


def save_steps(app: Dashboard, steps: Steps) -> None:
    """Write the steps of the run on the screen as CSV."""
    number = app.session.snapshot.number if app.session.snapshot else 1
    name = f"{app.session.scenario_name}-run-{number}"
    _save(app, steps_in_words(steps), lambda: write_steps(name, steps))


def save_scripts(app: Dashboard, log: Log) -> None:
    """Write a script for each library that trains as the log says."""
    from tui.export.inside import write_scripts  # not needed for the first frame

    scenario, name = app.session.scenario, f"{app.session.scenario_name}-run"
    words = f"{log.steps:,} steps as scripts"
    _save(app, words, lambda: write_scripts(scenario, name, log, stopped=lambda: not app.is_running))


def save_picture(app: Dashboard) -> None:
    """Write the screen as it is."""
    name, svg = f"{app.session.scenario_name}-screen", _picture(app, f"descend {app.session.scenario_name}")
    _save(app, "the screen", lambda: _write_picture(name, svg))


def _save(app: Dashboard, what: str, write: Callable[[], Path | str]) -> None:
    """Write a file on another thread, and say where it is, or why it could not be written (OSError, UsageError)."""

    async def work() -> None:
        try:
            path = await asyncio.to_thread(write)
        except OSError as error:
            where = f" {error.filename}" if error.filename else ""
            message = f"The file{where} could not be written: {error.strerror}."
            app.notify(message, severity="warning", markup=False, timeout=_SECONDS)
        except UsageError as error:
            app.notify(f"{error}.", severity="warning", markup=False, timeout=_SECONDS)
        else:
            app.notify(f"Wrote {what} to {path}", markup=False, timeout=_SECONDS)

    app.run_worker(work())


def write_new(name: str, suffix: str, write: Callable[[TextIO], None]) -> Path:
    """The path of a new file: `name` with the suffix, or with -2, -3, … before that where there is one already.

    Raises OSError where it cannot be written; then no part of it is left.
    """
    stem = re.sub(r"[^\w.-]+", "-", name)
    for number in itertools.count(1):
        path = Path.cwd() / (f"{stem}{suffix}" if number == 1 else f"{stem}-{number}{suffix}")
        try:
            file = path.open("x", newline="", encoding="utf-8")
        except FileExistsError:
            continue
        break
    try:
        with file:
            write(file)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path


def write_steps(name: str, steps: Steps) -> Path:
    """A row a step, as `descend train --csv` writes them. Raises OSError."""

    def write(file: TextIO) -> None:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(csv_log.header(steps.fields))
        writer.writerows(csv_log.rows(steps))

    return write_new(name, ".csv", write)


def steps_in_words(steps: Steps) -> str:
    """Which steps they are, and how every one can be had."""
    held = len(steps.numbers)
    if held == steps.taken:
        return f"all {held:,} steps"
    first, last = (f"{int(steps.numbers[end]):,}" for end in (0, -1))
    return f"{held:,} of {steps.taken:,} steps, {first} to {last} (descend train --csv writes every step)"


def _picture(app: Dashboard, title: str) -> str:
    """The screen as SVG. Rich names web fonts; a picture fetches nothing."""
    return re.sub(r"@font-face \{.*?\}\s*", "", app.picture_without_notices(title), flags=re.DOTALL)


def _write_picture(name: str, svg: str) -> Path:
    """Raises OSError."""

    def write(file: TextIO) -> None:
        file.write(svg)

    return write_new(name, ".svg", write)
