"""Every value that is held of single steps, of a run or of all that race: what is taken away as a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from engine.model.objective import Array
    from engine.runs.run import Run


@dataclass(frozen=True)
class Losses:
    """Losses over all examples, at some of the steps. steps, training: (m,). validation: (m,); None without validation
    examples."""

    steps: Array
    training: Array
    validation: Array | None


@dataclass(frozen=True)
class Steps:
    """Values of single steps of a run.

    number: of the run. numbers: (n,) of the steps. values: (F, n) float64, a row for each of the history's `fields`,
    before the step's update. losses: those that are known. phases: (step, optimizer, momentum), from which step on;
    the first at the first of the steps at the latest. taken: how many steps there were in all; of those that are not
    among `numbers` only buckets are left.
    """

    number: int
    numbers: Array
    fields: tuple[str, ...]
    values: Array
    losses: Losses
    phases: tuple[tuple[int, str, float], ...]
    num_examples: int
    taken: int


@dataclass(frozen=True)
class StepRows:
    """The steps of all runs that train, the run in front and its racers, one after another."""

    runs: tuple[Steps, ...]


def capture(run: Run, number: int = 1, *, start: int = 0, losses: Losses | None = None) -> Steps:
    """The steps from `start` on that are held exactly. losses: where more of them are known than the run still
    holds."""
    trainer = run.trainer
    history = trainer.history
    start = max(start, history.exact_from)
    values = history.tail(history.steps - start)
    numbers = np.arange(start, history.steps)
    known = ~np.isnan(values[history.fields.index("examples")])  # a branch may begin with a gap
    return Steps(
        number,
        numbers[known],
        history.fields,
        values[:, known],
        losses_of(run) if losses is None else losses,
        _phases(run, start),
        len(trainer.objective.examples),
        history.steps,
    )


def losses_of(run: Run) -> Losses:
    """The losses that the run holds."""
    held = run.evaluations
    return Losses(held.steps, held.training_loss, held.validation_loss if run.validation else None)


def _phases(run: Run, start: int) -> tuple[tuple[int, str, float], ...]:
    """Optimizer and momentum from `start` on, and where they change."""
    knobs = run.trainer.knobs
    optimizer, momentum, phases = knobs.optimizer, knobs.momentum, []
    for change in reversed(run.changes):
        if change.step <= start:
            break
        if change.knob == "optimizer":
            phases.append((change.step, optimizer, momentum))
            optimizer = change.before
        elif change.knob == "momentum":
            phases.append((change.step, optimizer, momentum))
            momentum = change.before
    return (start, optimizer, momentum), *reversed(phases)
