"""Starting the dashboard: the screen first, the engine process once its first frame is shown.

Both at once have the numbers sooner on an idle machine, but on a busy one they take the processor from each other, and
nothing is seen for longer.
"""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from scenarios import Scenario
from tui.home.earlier_runs import EarlierRuns
from tui.late_imports import imported_late, imported_without
from tui.painting.look import Look

if TYPE_CHECKING:
    from engine.runs.records.recorder import MakesRecorder
    from engine.serving.opening import Opening
    from engine.serving.process import EngineProcess
    from scenarios.courses.course import Course
    from scenarios.records.kept_run import KeptRun
    from scenarios.records.writing.recording_wish import Recording
    from tui.dashboard.course.course_way import First
    from tui.dashboard.keys.keymap import Keymap
    from tui.home.progress import Progress
    from tui.terminal.ending.guardian import Guardian

# NumPy is a third of what there is to import, and what passes between screen and engine a sixth of the rest. The first
# frame has no numbers yet, and nothing to ask. What draws the numbers is imported while the engine starts.
NOT_SHOWN_AT_FIRST = (
    "numpy",
    *(f"engine.serving.{name}" for name in ("commands", "loss_grids", "snapshot")),
    *(f"engine.serving.views.{name}_view" for name in ("averages", "curves", "data", "gauges", "range", "weights")),
    *(f"engine.serving.views.{name}" for name in ("run_log", "run_outcome", "step_rows")),
    *(f"tui.dashboard.panels.controls.{name}" for name in ("age", "measures", "noise", "stability_gauge")),
    *(f"tui.dashboard.panels.loss.{name}" for name in ("average_lines", "change_marks", "coming_changes")),
    *("tui.dashboard.panels.controls.status_words", "tui.dashboard.panels.data.score_line"),
    *("tui.dashboard.panels.loss.loss_reading", "tui.dashboard.panels.sweep.range_picture"),
    *("tui.painting.contour", "tui.painting.digits", "tui.words.floor_words", "tui.dashboard.keys.remedies"),
    "tui.dashboard.written_files",
)


def start_engine(
    scenario: Scenario, opening: Opening | None = None, make_recorder: MakesRecorder | None = None
) -> EngineProcess:
    """An engine process that trains the scenario at its own speed."""
    from engine.serving.process import EngineProcess

    speed = scenario.file.screen.steps_per_second
    return EngineProcess(scenario.with_numbers(), steps_per_second=speed, opening=opening, make_recorder=make_recorder)


class Records(NamedTuple):
    """The user's records. store: the file. wish: how what is trained is recorded, None where it is not. shows_best:
    whether the best earlier run of a scenario is a ghost without being asked for."""

    store: Path
    program: str
    wish: Recording | None
    shows_best: bool

    def earlier(self) -> EarlierRuns:
        """Return what is recorded, for the dashboard to show."""
        on_screen = (self.wish.resumes.id if self.wish.resumes else self.wish.parent) if self.wish else ""
        return EarlierRuns(self.store, self._start, shows_best=self.shows_best, on_screen=on_screen)

    def _start(self, scenario: Scenario, run: KeptRun, replays: bool) -> EngineProcess:
        from scenarios.records.openings import replayed, resumed
        from scenarios.records.run_store import RunStore

        run = RunStore(self.store).find(run.id)  # it may have trained on until a moment ago
        opening = replayed(run) if replays else resumed(run, self.store, self.program)
        wish = self.wish and self.wish.for_another()
        if wish is not None:
            wish = wish._replace(parent=run.id) if replays else wish._replace(resumes=run)
        return start_engine(scenario, opening, wish)


def _guardian() -> Guardian | None:
    """The guardian, who restores the terminal where the program no longer can."""
    if os.name != "posix":
        return None
    from tui.terminal.ending.ways_out import guardian_of

    return guardian_of(sys.stderr.fileno())


def start(
    scenario: Scenario,
    look: Look,
    keymap: Keymap | None = None,
    opening: Opening | None = None,
    progress: Progress | None = None,
    *,
    course: Course | None = None,
    first: First = "training",
    records: Records | None = None,
) -> int:
    """Run the dashboard until it is quit; returns the exit code. opening: of the first training. course: to pick from;
    None for the built-in one. first: what it begins with; all but training stands before the first step. records:
    where what is trained is recorded, and how; without it, nothing is, and nothing earlier is known."""
    guardian = _guardian()
    # How soon Textual draws what has changed; how often it does is the link's to say.
    os.environ["TEXTUAL_FPS"] = "1000"
    # asyncio would import ssl for connections that nobody opens here.
    with imported_late(*NOT_SHOWN_AT_FIRST), imported_without("ssl"):
        from tui.dashboard.app import Dashboard
        from tui.dashboard.session import Session

    def start_one(other: Scenario) -> EngineProcess:
        wish = records.wish if records is not None else None
        if other is scenario:
            return start_engine(other, opening, wish)
        return start_engine(other, None, wish and wish.for_another())

    earlier = records.earlier() if records is not None else None
    session = Session(scenario, None, start_one, running=not (opening and opening.paused))
    app = Dashboard(session, keymap, look, progress, guardian, course, first, earlier)
    gc.freeze()
    gc.enable()
    try:
        app.run()
    finally:
        session.close()
        if guardian is not None:
            guardian.close()
    return app.return_code or 0
