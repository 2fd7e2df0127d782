"""Ghosts: the curve and the trajectory of another run than the one in front."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from engine.runs.curves import Curve, curve, examples_seen
from engine.runs.past.trajectory import drawn_trajectory

if TYPE_CHECKING:
    from engine.model.objective import Array
    from engine.runs.comparison import RunRow
    from engine.runs.run import Run
    from engine.runs.standing.milestones import Descent


@dataclass(frozen=True)
class Ghost:
    """A ghost or another racer, as it is drawn. number: the run's, from 1 on, by which it is known on every panel.
    label: what sets it apart where that is one value, as in a race, else "". training_loss: over all training examples;
    examples: (m,), seen before these steps. trajectory: (m, P) for at most two, else (0, P). faint: drawn so, as nobody
    has asked for it."""

    number: int
    label: str
    training_loss: Curve
    examples: Array
    trajectory: Array
    faint: bool = False

    @property
    def moment(self) -> tuple[int, float]:
        """Two ghosts that are equal in this are the same run at the same step."""
        steps = self.training_loss.steps
        return self.number, float(steps[-1]) if len(steps) else -1.0


@dataclass(frozen=True)
class KeptGhost:
    """A run that is over: as it is drawn, its row of the comparison, and its evaluations, by which it is compared with
    a level of the loss that is set later. record: the id of the record that it is drawn from, "" for none."""

    drawn: Ghost
    row: RunRow
    descent: Descent
    record: str = ""

    def numbered(self, number: int, level: float | None) -> KeptGhost:
        """The same under this number, compared by that level."""
        row = replace(self.row, number=number, reached=self.descent.first(level))
        return replace(self, drawn=replace(self.drawn, number=number), row=row)


def ghost_of(run: Run, columns: int, *, number: int, label: str = "") -> Ghost:
    """Take a run as it is drawn so far, in about `columns` points."""
    trainer, evaluations = run.trainer, run.evaluations
    training_loss, _ = run.losses(fresh=False)
    losses = curve(evaluations.steps, evaluations.training_loss, trainer.steps, training_loss, columns)
    seen = examples_seen(trainer, 0, trainer.steps, columns)
    examples = np.interp(losses.steps, seen.steps, seen.values)
    return Ghost(number, label, losses, examples, drawn_trajectory(trainer, columns))
