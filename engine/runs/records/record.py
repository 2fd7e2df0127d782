"""The record of a run so far: its plan and what came of it, as plain data that nothing changes any more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.runs.past.trajectory import drawn_trajectory
from engine.runs.plan import Plan, plan_of
from engine.runs.standing.milestones import Descent, Milestones
from engine.training.history import History

if TYPE_CHECKING:
    from engine.model.objective import Array
    from engine.runs.past.knob_change import KnobChange
    from engine.runs.past.run_checkpoints import RunCheckpoint
    from engine.runs.records.marks import Mark
    from engine.runs.run import Run
    from engine.runs.standing.goals import GoalState
    from engine.runs.standing.status import Status
    from engine.training.trainer import Trainer

MOST_BUCKETS = 2000
CURVES = ("batch_loss", "batch_gradient_norm", "learning_rate", "batch_size")  # fields of the history
_DRAWN_POINTS = 200


@dataclass(frozen=True)
class Curves:
    """Curves of a whole run. stride: steps of a bucket, a power of two.

    buckets: (3, 4, m) float32: minimum, mean and maximum of each of `CURVES`, m ≤ 2,000; NaN where nothing is finite.
    evaluations: (4, k): steps, examples seen before, and the losses over all training and over all validation examples.
    trajectory: (j, P) the weights on the way, for at most two, else (0, P).
    """

    stride: int
    buckets: NDArray[np.float32]
    evaluations: Array
    trajectory: Array


@dataclass(frozen=True)
class Record:
    """A run after `plan.steps` steps. changes: of its knobs, the same as in the plan. epochs: passes over the data.

    weights: (P,). training_loss, validation_loss: over all examples; of the last evaluation where it would take long to
    know better. marks: on its way there. checkpoint: the latest that the run keeps.
    """

    plan: Plan
    changes: tuple[KnobChange, ...]
    examples: int
    epochs: float
    status: Status
    training_loss: float
    validation_loss: float
    goal: GoalState | None
    milestones: Milestones
    weights: Array
    marks: tuple[Mark, ...]
    curves: Curves
    checkpoint: RunCheckpoint


def record_of(run: Run, marks: tuple[Mark, ...], *, fresh: bool) -> Record:
    """Take down a run as it stands. Takes about a millisecond.

    fresh: whether the losses are worked out for its latest step, however long that takes.
    """
    trainer = run.trainer
    with np.errstate(all="ignore"):
        training_loss, validation_loss = run.losses(fresh=fresh)
        return Record(
            plan=plan_of(run),
            changes=tuple(run.changes),
            examples=trainer.examples,
            epochs=trainer.epoch,
            status=run.status,
            training_loss=training_loss,
            validation_loss=validation_loss,
            goal=run.goal_state,
            milestones=run.milestones,
            weights=trainer.weights,
            marks=marks,
            curves=_curves(run),
            checkpoint=run.checkpoints.before(trainer.steps),
        )


def _curves(run: Run) -> Curves:
    history, evaluations = run.trainer.history, run.evaluations
    stride = stride_of(history.steps)
    series = [history.window(field, 0, stride * MOST_BUCKETS, MOST_BUCKETS) for field in CURVES]
    buckets = np.stack([np.stack([getattr(one, part) for one in series]) for part in ("low", "mean", "high")])
    examples = Descent.of(run.trainer, evaluations).examples
    losses = np.stack([evaluations.steps, examples, evaluations.training_loss, evaluations.validation_loss])
    trajectory = drawn_trajectory(run.trainer, _DRAWN_POINTS)
    return Curves(stride, buckets.astype(np.float32), losses, trajectory)


def recall(trainer: Trainer, curves: Curves) -> None:
    """Give a trainer that goes on from a checkpoint what its history is known to have been before."""
    known = dict(zip(CURVES, curves.buckets.astype(np.float64).transpose(1, 0, 2), strict=True))
    sizes = known["batch_size"][1]
    after = np.cumsum(np.where(np.isfinite(sizes), sizes, 0.0)) * curves.stride
    before = after - sizes * curves.stride
    known["examples"] = np.stack([before, (before + after - sizes) / 2, after - sizes])
    history = History(trainer.history.fields)
    history.recall(trainer.steps, curves.stride, known)
    trainer.history = history


def stride_of(steps: int) -> int:
    """Return the smallest power of two of which so many steps make at most 2,000 buckets."""
    return 1 << (max(1, -(-steps // MOST_BUCKETS)) - 1).bit_length()
