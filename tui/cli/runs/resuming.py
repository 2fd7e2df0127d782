"""Recorded trainings and plan files, as the dashboard and `descend train` go on with them or do them again."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from engine.plain_text import counted
from engine.runs.plan import Plan
from engine.serving.opening import Opening
from scenarios import Scenario
from scenarios.records.kept_scenario import scenario_of
from scenarios.records.openings import replayed
from scenarios.records.plan_file import read_plan, versions_in_words
from scenarios.records.run_store import RunStore
from scenarios.records.stored_past import StoredPast
from tui import __version__
from tui.home.paths import records_file
from tui.terminal.console import tell
from tui.words.usage_error import UsageError

if TYPE_CHECKING:
    from engine.runs.run import Run
    from scenarios.records.kept_run import KeptRun


def find(name: str) -> tuple[Scenario, KeptRun]:
    """Return a record and its scenario. Raises RecordsError."""
    store = RunStore(records_file())
    run = store.find(name)
    return scenario_of(run, store.scenario_file(run)), run


class Replay(NamedTuple):
    """A training to be watched again. parent: the id of its record, "" without one."""

    scenario: Scenario
    opening: Opening
    parent: str = ""


def replay_of(name: str, *, allow_outside: bool) -> Replay:
    """Return the training of a plan file, or of a record. Raises ScenarioError."""
    if (path := Path(name)).suffix == ".toml":
        planned = read_plan(path, allow_outside=allow_outside, store=RunStore(records_file()))
        for note in planned.notes:
            tell(note)
        return Replay(planned.scenario, Opening(planned.plan, replays=True, expected=planned.expected))
    scenario, run = find(name)
    return Replay(scenario, replayed(run), run.id)


def prepared(scenario: Scenario, kept: KeptRun, options: Namespace) -> tuple[Run, Plan]:
    """A run that stands where the record ended, and the plan by which it goes on.

    Raises UsageError for changes before that step, and for weights that did not become those of the record.
    """
    from engine.runs.plan import play
    from engine.runs.records.marks import weights_sha256
    from engine.serving.opening import resume

    plan = kept.plan()
    run = scenario.run(seed=plan.seed, knobs=plan.knobs)
    past = StoredPast(records_file(), kept, __version__)()
    play(run, resume(run, plan, past))
    if weights_sha256(run.trainer.weights) != kept.outcome.weights_sha256:
        tell(
            f"{kept.id}: comes to other bits here than those that were recorded, by "
            f"{versions_in_words(kept.outcome.versions)}"
        )
    first = run.trainer.steps
    for change in options.at:
        if not first <= change.step < first + options.steps:
            raise UsageError(
                f"{change}: this training goes on from step {first:,} by {counted(options.steps, 'step')}; "
                "the step must be one of these"
            )
    return run, plan._replace(changes=tuple(options.at), steps=first + options.steps)
