"""`descend runs import`: plan files, trained again and recorded."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.plain_text import counted, plain, shown_path
from engine.runs.plan import ChangeError, play
from engine.runs.records.agreement import Awaited
from scenarios import Scenario, ScenarioError, load
from scenarios.records.plan_file import PlannedTraining, read_plan
from scenarios.records.run_store import RunStore
from tui.cli.runs.record_wish import recording_for
from tui.cli.training.train_command import progress, recorded, tell_of_end
from tui.home.paths import records_file
from tui.terminal.console import tell, write
from tui.terminal.ending.ending_signals import Stop, interruptible
from tui.words.usage_error import UsageError

if TYPE_CHECKING:
    from scenarios.records.writing.recording_wish import Recording

_LONGEST_NAME, _LONGEST_NOTE = 60, 2000


def import_plans(options: Namespace) -> int:
    """Train each plan, record it, and say whether it came to the same bits; returns 1 where one did not.

    Raises for a single file ScenarioError where it is no plan or of another scenario, ChangeError for a change that
    cannot be made and UsageError; of several the others are trained all the same, and 1 is returned.
    """
    wish = recording_for(options)
    asked = load(options.scenario, allow_outside=options.allow_outside) if options.scenario is not None else None
    failed = 0
    with interruptible() as stop:
        for name in options.ids:
            try:
                failed += not _import_one(Path(name), asked, wish, options, stop)
            except (ScenarioError, ChangeError, UsageError) as error:
                if len(options.ids) == 1:
                    raise
                tell(f"error: {error}")
                failed += 1
            if stop.is_set():
                break
    stop.end()
    if failed and len(options.ids) > 1:
        tell(f"{failed} of {counted(len(options.ids), 'plan file')} failed, or came to other bits")
    return 1 if failed else 0


def _import_one(path: Path, asked: Scenario | None, wish: Recording | None, options: Namespace, stop: Stop) -> bool:
    """Import one of them; whether it came to the same bits. asked: the scenario that it is to be of."""
    planned = read_plan(path, allow_outside=options.allow_outside, store=RunStore(records_file()))
    for note in planned.notes:
        tell(note)
    scenario = _agreed(planned, asked, path)
    plan = planned.plan
    try:
        run = scenario.run(seed=plan.seed, knobs=plan.knobs)
    except ValueError as error:
        raise UsageError(f"{shown_path(str(path))}: {error}") from None
    awaited = Awaited(planned.expected, run) if planned.expected else None
    name = planned.name or plain(path.stem)[:_LONGEST_NAME]
    named = wish and wish._replace(name=name, note=plain(str(path))[:_LONGEST_NOTE])
    with recorded(scenario, run, named) as keep, progress(scenario.file.title, plan.steps) as show:
        play(run, plan, after=lambda taken: (show(run), keep()), over=stop.is_set)
    tell_of_end(stop, run, plan.steps)
    if stop.is_set():
        return True
    state = run.goal_state
    stars = f", {'★' * state.stars}{'☆' * (3 - state.stars)}" if state is not None else ""
    trained = f"trained {counted(run.trainer.steps, 'step')}, loss {run.trainer.loss():.6g}{stars}"
    sentence = awaited.sentence() if awaited else "The file does not say what it came to before."
    write(f"{shown_path(str(path))}: {trained}. {sentence}")
    return awaited is None or awaited.agrees


def _agreed(planned: PlannedTraining, asked: Scenario | None, path: Path) -> Scenario:
    """The scenario to train: the one that is asked for, where the plan's says the same."""
    if asked is None:
        return planned.scenario
    if planned.scenario.content != asked.content:
        raise ScenarioError(
            f"{shown_path(str(path))}: was trained on another scenario than {shown_path(asked.id)}, or on an earlier "
            "version of it"
        )
    return asked
