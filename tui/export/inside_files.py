"""Files that are written from inside the dashboard: steps as CSV, scripts, the screen as SVG.

They go to the current directory, under a name that nothing had there.
"""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from engine.plain_text import plain
from engine.serving.views.step_rows import Steps
from engine.serving.views.training_log import Log
from scenarios import ScenarioError
from tui.export import csv_log
from tui.home.whole_files import WholeFile, whole_files
from tui.words.errors import UsageError

if TYPE_CHECKING:
    from tui.dashboard.app import Dashboard
    from tui.export.script import Script

_SECONDS = 10  # that a path can be read


def save_steps(app: Dashboard, steps: Steps) -> None:
    """Write the steps of the run on the screen as CSV."""
    number = app.session.snapshot.number if app.session.snapshot else 1
    name = f"{app.session.scenario_name}-run-{number}"
    _save(app, "steps", steps_in_words(steps), lambda: write_steps(name, steps))


def save_scripts(app: Dashboard, log: Log) -> None:
    """Write a script for each library that trains as the log says."""
    from tui.export.inside_scripts import write_scripts  # not needed for the first frame

    scenario, name = app.session.scenario, f"{app.session.scenario_name}-run"
    words = f"{log.steps:,} steps as scripts"
    _save(app, "scripts", words, lambda: write_scripts(scenario, name, log, stopped=lambda: not app.is_running))


def save_picture(app: Dashboard) -> None:
    """Write the screen as it is."""
    if _is_writing(app, "picture"):
        return
    name = app.session.scenario_name
    svg = picture(app, f"descend {name}").encode()
    _save(app, "picture", "the screen", lambda: write_new(f"{name}-screen", {".svg": lambda file: file.write(svg)})[0])


def _is_writing(app: Dashboard, kind: str) -> bool:
    """Tell whether a file of this kind is under way."""
    return any(worker.group == kind and not worker.is_finished for worker in app.workers)


def _save(app: Dashboard, kind: str, what: str, write: Callable[[], Path | str]) -> None:
    """Write a file on another thread, and say where it is, or why it could not be written (OSError, UsageError) or
    made (ScenarioError). A key that is held down writes one file of a kind at a time."""
    if _is_writing(app, kind):
        return

    async def work() -> None:
        try:
            path = await asyncio.to_thread(write)
        except OSError as error:
            where = f" {error.filename}" if error.filename else ""
            message = f"The file{where} could not be written: {error.strerror}."
            app.notify(message, severity="warning", markup=False, timeout=_SECONDS)
        except (ScenarioError, UsageError) as error:
            app.notify(f"{error}.", severity="warning", markup=False, timeout=_SECONDS)
        else:
            app.notify(f"Wrote {what} to {path}", markup=False, timeout=_SECONDS)

    app.run_worker(work(), group=kind)


def file_stem(name: str) -> str:
    """Return a name for files that needs no quoting anywhere, and hides none of them."""
    return re.sub(r"[^\w.-]+", "-", name).lstrip("-.") or "training"


def write_new(name: str, writes: Mapping[str, Callable[[WholeFile], None]]) -> list[Path]:
    """Return the paths of new files, one for each suffix: all called `name`, or that and -2, -3, … where anything has
    one of the names already.

    writes: what writes the content, by suffix. Raises OSError where one cannot be written; then none is left.
    """
    stem = file_stem(name)
    for number in itertools.count(1):
        numbered = stem if number == 1 else f"{stem}-{number}"
        paths = [Path.cwd() / f"{numbered}{suffix}" for suffix in writes]
        try:
            with whole_files(*paths) as files:
                for file, write in zip(files, writes.values(), strict=True):
                    write(file)
        except FileExistsError:
            continue
        return paths
    raise AssertionError("there is always a higher number")


def write_steps(name: str, steps: Steps) -> Path:
    """A row a step, as `descend train --csv` writes them. Raises OSError."""

    def write(file: WholeFile) -> None:
        file.write(csv_log.as_csv([csv_log.header(steps.fields)]))
        rows = csv_log.rows(steps)
        while some := list(itertools.islice(rows, csv_log.MOST_STEPS)):
            file.write(csv_log.as_csv(some))

    return write_new(name, {".csv": write})[0]


def write_script(made: Script, path: Path, *, replace: bool) -> None:
    """Write a script, and its arrays beside it where it needs them. Raises OSError."""
    contents = contents_by_suffix(made, "")
    with whole_files(*(Path(f"{path}{suffix}") for suffix in contents), replace=replace) as files:
        for file, content in zip(files, contents.values(), strict=True):
            file.write(content)


def contents_by_suffix(made: Script, suffix: str) -> dict[str, bytes]:
    """Return what the files of a script hold, by the end of their names; the script itself comes last."""
    arrays = {} if made.arrays is None else {f"{suffix}.npz": made.arrays}
    return arrays | {suffix: made.text.encode()}


def steps_in_words(steps: Steps) -> str:
    """Which steps they are, and how every one can be had."""
    held = len(steps.numbers)
    if held == steps.taken:
        return f"all {held:,} steps"
    first, last = (f"{int(steps.numbers[end]):,}" for end in (0, -1))
    return f"{held:,} of {steps.taken:,} steps, {first} to {last} (descend train --csv writes every step)"


def picture(app: Dashboard, title: str) -> str:
    """The screen as SVG, with what was typed and pasted. Rich names web fonts; a picture fetches nothing."""
    svg = app.picture_without_notices(plain(title))
    return plain(re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL), lines=True)
