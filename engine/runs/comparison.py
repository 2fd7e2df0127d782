"""The comparison of runs: a row for each, settings and what came of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.runs.run import Run
    from engine.runs.standing.milestones import Reached
    from engine.runs.standing.status import Status
    from engine.training.knobs import Knobs


@dataclass(frozen=True)
class Origin:
    """The run that one branched off, by number, and before which of its updates."""

    number: int
    step: int


@dataclass(frozen=True)
class RunRow:
    """One run at its latest step. Losses may be NaN or infinite, the lowest infinite before any evaluation.

    label: what sets it apart in a race, else "". training: it is no earlier run; in_front: and it is the one whose
    knobs the keys change. learning_rate: of the next step. changes: how many knob changes it has seen. reached: when
    the training loss came to the level, None so far; num_examples: an epoch.
    """

    number: int
    label: str
    training: bool
    in_front: bool
    knobs: Knobs
    learning_rate: float
    seed: int
    origin: Origin | None
    changes: int
    steps: int
    examples: int
    num_examples: int
    reached: Reached | None
    training_loss: float
    validation_loss: float
    lowest_training: float
    lowest_validation: float
    status: Status


@dataclass(frozen=True)
class Comparison:
    """The table of runs. rows: by number. level: a training loss, or None; derived: neither the scenario's goal nor a
    hand has set it.

    forgotten: earlier runs that are no longer among them.
    """

    level: float | None
    derived: bool
    rows: tuple[RunRow, ...]
    forgotten: int


def row_of(run: Run, number: int, *, label: str, origin: Origin | None, training: bool, in_front: bool) -> RunRow:
    """The row of a run so far."""
    trainer, milestones = run.trainer, run.milestones
    training_loss, validation_loss = run.losses(fresh=not training)
    return RunRow(
        number=number,
        label=label,
        training=training,
        in_front=in_front,
        knobs=trainer.knobs,
        learning_rate=trainer.learning_rate,
        seed=trainer.seed,
        origin=origin,
        changes=len(run.changes),
        steps=trainer.steps,
        examples=trainer.examples,
        num_examples=len(trainer.objective.examples),
        reached=milestones.reached,
        training_loss=training_loss,
        validation_loss=validation_loss,
        lowest_training=min(milestones.lowest_training, training_loss),
        lowest_validation=min(milestones.lowest_validation, validation_loss),
        status=run.status,
    )
