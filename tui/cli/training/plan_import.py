"""`descend runs import`: a plan file, trained again and recorded."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from engine.plain_text import counted
from engine.runs.plan import play
from engine.runs.records.agreement import Awaited
from scenarios.records.plan_file import read_plan
from scenarios.records.run_store import RunStore
from tui.cli.runs.record_wish import recording_for
from tui.cli.training.train_command import progress, recorded, tell_of_end
from tui.home.paths import records_file
from tui.terminal.console import tell, write
from tui.terminal.ending.ending_signals import interruptible
from tui.words.usage_error import UsageError


def import_plan(options: Namespace) -> int:
    """Train the plan, record it, and say whether it came to the same bits; returns 1 where it did not.

    Raises ScenarioError for a file that is no plan, ChangeError for a change that cannot be made.
    """
    (name,) = options.ids
    planned = read_plan(Path(name), allow_outside=options.allow_outside, store=RunStore(records_file()))
    for note in planned.notes:
        tell(note)
    plan = planned.plan
    try:
        run = planned.scenario.run(seed=plan.seed, knobs=plan.knobs)
    except ValueError as error:
        raise UsageError(f"{name}: {error}") from None
    awaited = Awaited(planned.expected, run) if planned.expected else None
    wish = recording_for(options)
    with (
        interruptible() as stop,
        recorded(planned.scenario, run, wish) as keep,
        progress(planned.scenario.file.title, plan.steps) as show,
    ):
        play(run, plan, after=lambda taken: (show(run), keep()), over=stop.is_set)
    tell_of_end(stop, run, plan.steps)
    stop.end()
    state = run.goal_state
    stars = f", {'★' * state.stars}{'☆' * (3 - state.stars)}" if state is not None else ""
    trained = f"trained {counted(run.trainer.steps, 'step')}, loss {run.trainer.loss():.6g}{stars}"
    sentence = awaited.sentence() if awaited else "The file does not say what it came to before."
    write(f"{planned.scenario.id}: {trained}. {sentence}")
    return 0 if awaited is None or awaited.agrees else 1
