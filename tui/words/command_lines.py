"""A training as a line to type: what `tui.cli.arguments` reads back to the same plan."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.training.knobs import KNOBS
from scenarios.files.data_sources import CsvData
from scenarios.scenario import is_table

if TYPE_CHECKING:
    from engine.runs.plan import Change, Plan
    from scenarios import Scenario


def line_of(scenario: Scenario, plan: Plan, coming: Sequence[Change] = ()) -> str:
    """Return the line that trains the scenario as the plan says; what is as in the scenario's file is left out.

    coming: changes after the plan's end. Where there are any, the line says no length, so that they come.
    """
    training = scenario.file.training
    before, words = training.starting_knobs(), ["descend", scenario.id, *_data_options(scenario)]
    for name in KNOBS:
        if (value := getattr(plan.knobs, name)) != getattr(before, name):
            words += [f"--{name.replace('_', '-')}", _exact(value)]
    if plan.seed != training.seed:
        words += ["--seed", str(plan.seed)]
    for change in (*plan.changes, *coming):
        words += ["--at", str(change.step), f"{change.knob}={_exact(change.value)}"]
    if plan.steps and not coming:
        last = max((change.step for change in plan.changes), default=0)
        words += ["--steps", str(plan.steps)] if last < plan.steps else []
    return " ".join(map(shlex.quote, words))


def _exact(value: object) -> str:
    """The text that reads back to the very same value."""
    return f"{value!r}" if isinstance(value, float) else str(value)


def _data_options(scenario: Scenario) -> list[str]:
    """The options that say how a table is read, and that data may lie elsewhere."""
    data, options = scenario.file.data, ["--allow-outside"] * scenario.allow_outside
    if not isinstance(data, CsvData) or not is_table(scenario.id):
        return options
    if data.target is not None:
        options += ["--target", data.target]
    if data.classes is not None:
        options += ["--task", "classification" if data.classes else "regression"]
    for column in data.drop:
        options += ["--drop", column]
    return options + ["--scale-target"] * data.scale_target
