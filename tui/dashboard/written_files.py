"""Files that are written from inside the dashboard: steps as CSV, scripts, the screen as SVG.

They go to the current directory, under a name that nothing had there.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from engine.plain_text import counted, plain
from engine.runs.plan import ChangeError, Plan
from scenarios import ScenarioError
from tui.export.new_files import steps_in_words, write_new, write_steps
from tui.words.usage_error import UsageError

if TYPE_CHECKING:
    from engine.serving.views.step_rows import StepRows
    from scenarios import Scenario
    from tui.dashboard.recovery.notices import NoticeApp

_SECONDS = 10  # that a path can be read


def save_steps(app: NoticeApp, name: str, steps: StepRows) -> None:
    """Write the steps of the run in front and its racers as CSV."""
    _save(app, "steps", steps_in_words(steps), lambda: write_steps(name, steps))


def save_scripts(app: NoticeApp, name: str, scenario: Scenario, plan: Plan) -> None:
    """Write a script for each library that trains as the plan says."""
    from tui.export.run_scripts import write_scripts  # not needed for the first frame

    words = f"{counted(plan.steps, 'step')} as scripts"
    _save(app, "scripts", words, lambda: write_scripts(scenario, name, plan, stopped=lambda: not app.is_running))


def save_picture(app: NoticeApp, name: str) -> None:
    """Write the screen as it is."""
    if _is_writing(app, "picture"):
        return
    svg = picture(app, f"descend {name}").encode()
    _save(app, "picture", "the screen", lambda: write_new(f"{name}-screen", {".svg": lambda file: file.write(svg)})[0])


def _is_writing(app: NoticeApp, kind: str) -> bool:
    """Tell whether a file of this kind is under way."""
    return any(worker.group == kind and not worker.is_finished for worker in app.workers)


def _save(app: NoticeApp, kind: str, what: str, write: Callable[[], Path | str]) -> None:
    """Write a file on another thread, and say where it is, or why it could not be written (OSError, UsageError) or
    made (ChangeError, ScenarioError). A key that is held down writes one file of a kind at a time."""
    if _is_writing(app, kind):
        return

    async def work() -> None:
        try:
            path = await asyncio.to_thread(write)
        except OSError as error:
            where = f" {error.filename}" if error.filename else ""
            message = f"The file{where} could not be written: {error.strerror}."
            app.notify(message, severity="warning", markup=False, timeout=_SECONDS)
        except (UsageError, ChangeError, ScenarioError) as error:
            app.notify(f"{error}.", severity="warning", markup=False, timeout=_SECONDS)
        else:
            app.notify(f"Wrote {what} to {path}", markup=False, timeout=_SECONDS)

    app.run_worker(work(), group=kind)


def picture(app: NoticeApp, title: str) -> str:
    """The screen as SVG, with what was typed and pasted. Rich names web fonts; a picture fetches nothing."""
    svg = app.picture_without_notices(plain(title))
    return plain(re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL), lines=True)
