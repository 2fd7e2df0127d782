"""Files that are written from inside the dashboard: steps as CSV, the screen as SVG.

They go to the current directory, under a name that nothing had there.
"""

from __future__ import annotations

import asyncio
import csv
import itertools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from textual.app import App

from engine.views.steps import Steps
from tui import csv_log
from tui.errors import UsageError

_SECONDS = 10  # that a path can be read


def save(app: App[Any], what: str, write: Callable[[], Path | str]) -> None:
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


def picture(app: App[Any], title: str) -> str:
    """The screen as SVG. Rich names web fonts; a picture fetches nothing."""
    return re.sub(r"@font-face \{.*?\}\s*", "", app.export_screenshot(title=title), flags=re.DOTALL)


def write_picture(name: str, svg: str) -> Path:
    """Raises OSError."""

    def write(file: TextIO) -> None:
        file.write(svg)

    return write_new(name, ".svg", write)
