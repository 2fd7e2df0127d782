"""`descend runs show` and `compare`: records in full, with their curves."""

from __future__ import annotations

import json
import math
import os
import shutil
import sys
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from engine.plain_text import counted, plain
from engine.runs.standing.goals import GoalState
from scenarios import ScenarioError
from scenarios.records.kept_scenario import scenario_of
from scenarios.records.knob_values import as_plain
from tui.cli.runs.loss_plot import Curve, plot
from tui.cli.runs.run_list import loss
from tui.cli.runs.run_rows import called, duration, moment, row_of, standing
from tui.painting.axes import Axis
from tui.terminal.console import write, write_rows, write_styled

if TYPE_CHECKING:
    from engine.runs.records.record import Curves
    from scenarios.records.kept_run import KeptChange, KeptRun, Outcome
    from scenarios.records.run_store import RunStore

_MOST_CHANGES = 40  # that are listed
_WIDEST = 100


def show(store: RunStore, run: KeptRun, *, as_json: bool) -> None:
    """Print all that is kept of a record. Raises RecordsError."""
    if as_json:
        write(json.dumps(in_full(run), allow_nan=False))
        return
    lines = [f"{run.id}  {plain(run.scenario)}"]
    for name, text in _rows(run).items():
        if text:
            lines += textwrap.wrap(f"  {name:<17}{text}", 84, subsequent_indent=" " * 19)
    lines += _changes_in_words(run.outcome.changes)
    lines += _verdict_in_lines(store, run)
    write("\n".join(lines))
    curves = store.curves(run)
    if curves is None:
        write("\nIts curves were dropped to make room; `descend replay` trains it again.")
    elif sys.stdout.isatty():
        buckets = np.arange(curves.buckets.shape[2]) * curves.stride
        batch = buckets.astype(np.float64), curves.buckets[1, 0].astype(np.float64)
        _plot({"minibatch loss": batch, **_losses(run, curves)}, [run])


def compare(store: RunStore, runs: Sequence[KeptRun], *, as_json: bool) -> None:
    """Print records beside each other: where they differ, and their training losses in one picture."""
    if as_json:
        write(json.dumps([in_full(run) for run in runs], allow_nan=False))
        return
    columns = [{"record": run.id, "scenario": plain(os.path.basename(run.scenario)), **_rows(run)} for run in runs]  # noqa: PTH119
    for column, run in zip(columns, runs, strict=True):
        column["knob changes"] = "; ".join(map(_change, run.outcome.changes[:5]))
        if len(run.outcome.changes) > 5:
            column["knob changes"] += f"; {len(run.outcome.changes) - 5} more"
    names = [name for name in columns[0] if any(column[name] for column in columns)]
    if not sys.stdout.isatty():
        write_rows([(name, *(column[name] for column in columns)) for name in names])
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*names[:1], *(column[names[0]] for column in columns), box=None, padding=(0, 2, 0, 0))
    for name in names[1:]:
        values = [column[name] for column in columns]
        style = "" if len(set(values)) > 1 else "dim"  # what is the same is not what one looks for
        table.add_row(Text(name, "dim"), *(Text(value, style) for value in values))
    Console().print(table)
    curves: dict[str, Curve] = {}
    for run in runs:
        if (kept := store.curves(run)) is not None:
            steps, losses = _losses(run, kept)["training loss"]
            curves[f"{run.id} training loss"] = steps, losses
    _plot(curves, runs)


def _plot(curves: dict[str, Curve], runs: Sequence[KeptRun]) -> None:
    columns = min(_WIDEST, shutil.get_terminal_size().columns)
    last = max(run.outcome.steps for run in runs)
    if picture := plot(curves, Axis(0.0, float(last)), columns, colors="NO_COLOR" not in os.environ):
        write_styled(f"\n{picture}")


def _losses(run: KeptRun, curves: Curves) -> dict[str, Curve]:
    """The losses over all examples, up to the latest step."""
    steps, _, training, validation = curves.evaluations
    ends = run.outcome.training_loss, run.outcome.validation_loss
    steps = np.append(steps, run.outcome.steps)
    last = [np.nan if end is None else end for end in ends]
    return {
        "training loss": (steps, np.append(training, last[0])),
        "validation loss": (steps, np.append(validation, last[1])),
    }


def _rows(run: KeptRun) -> dict[str, str]:
    outcome, goal = run.outcome, run.outcome.goal
    stars = f" {'★' * goal.stars}{'☆' * (3 - goal.stars)}" if goal else ""
    score = "" if goal is None or goal.score is None else f", {goal.score:,.6g} {goal.measure.replace('_', ' ')}"
    return {
        "begun": f"{moment(run.started)}, trained for {duration(outcome.seconds)}",
        "called": called(run),
        "trained": f"{counted(outcome.steps, 'step')}, {outcome.epochs:,.4g} epoch{'s' * (outcome.epochs != 1)}, "
        f"{counted(outcome.examples, 'example')}",
        "status": standing(run),
        "knobs": ", ".join(f"{name.replace('_', ' ')} {_shown(value)}" for name, value in outcome.knobs.items()),
        "seed": str(outcome.seed),
        "training loss": _with_lowest(outcome.training_loss, outcome.lowest_training),
        "validation loss": _with_lowest(outcome.validation_loss, outcome.lowest_validation),
        "milestone": _milestone(outcome),
        "goal": f"{goal.state}{score}{stars}" if goal else "",
        "weights' sha256": outcome.weights_sha256,
        "trained by": ", ".join(f"{name} {version}" for name, version in outcome.versions.items()),
    }


def _milestone(outcome: Outcome) -> str:
    """Words on the level that runs are compared by, and when the training loss came to it; "" without one."""
    if outcome.level is None:
        return ""
    when = "not reached" if outcome.reached is None else f"after {counted(outcome.reached, 'step')}"
    return f"training loss {loss(outcome.level)} {when}"


def _verdict_in_lines(store: RunStore, run: KeptRun) -> list[str]:
    """The verdict on the run, for which two other trainings are done again; none where its scenario cannot be built."""
    from scenarios.trainings.verdict import Verdict, compare
    from tui.words.verdict_words import verdict_in_words

    kept = run.outcome.goal
    if kept is None:
        return []
    try:
        scenario = scenario_of(run, store.scenario_file(run))
        if scenario.file.goal is None:
            return []
        comparison = compare(scenario, run.outcome.seed)
    except ScenarioError as error:
        return ["", f"  There is no verdict: {error}."]
    score = math.nan if kept.score is None else kept.score
    state = GoalState(cast("Any", kept.state), score, kept.stars, kept.step, kept.reason)
    sentences = verdict_in_words(Verdict(scenario.file.goal.goal(), state, comparison))
    return ["", *(f"  {line}" for words in sentences for line in textwrap.wrap(words, 84, subsequent_indent="  "))]


def _with_lowest(last: float | None, lowest: float | None) -> str:
    """A loss at the end, and the lowest on the way where that is another."""
    return loss(last) + (f" (lowest {loss(lowest)})" if loss(lowest) not in ("", loss(last)) else "")


def _changes_in_words(changes: Sequence[KeptChange]) -> list[str]:
    lines = [f"  {'knob changes' if not place else '':<17}{_change(one)}" for place, one in enumerate(changes)]
    more = len(lines) - _MOST_CHANGES
    return [*lines[:_MOST_CHANGES], *([f"{'':<19}{counted(more, 'more change')}"] if more > 0 else [])]


def _change(change: KeptChange) -> str:
    return (
        f"before step {change.step:,}: {change.knob.replace('_', ' ')} {_shown(change.before)} → {_shown(change.after)}"
    )


def _shown(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else plain(str(as_plain(value)))


def in_full(run: KeptRun) -> dict[str, Any]:
    """The keys of the list, and the plan."""
    outcome = run.outcome
    return {
        **row_of(run),
        "lowest_training_loss": outcome.lowest_training,
        "lowest_validation_loss": outcome.lowest_validation,
        "milestones": {"level": outcome.level, "steps_to_level": outcome.reached},
        "knobs": outcome.knobs,
        "changes": [{"step": one.step, "knob": one.knob, "value": one.after} for one in outcome.changes],
        "goal": outcome.goal and {name: getattr(outcome.goal, name) for name in ("state", "measure", "score", "stars")},
        "versions": outcome.versions,
        "content": run.content,
        "data_sha256": outcome.data_sha256 or None,
    }
