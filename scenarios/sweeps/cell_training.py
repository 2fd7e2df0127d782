"""The training of a sweep's cells: the same as `descend train` with their seeds and knobs.

A cell's bits depend on its scenario, its knobs, its seed and its length alone. Its trainer is a run's own, so they are
those of `descend train`. Beside it stands only what decides status and goal (`cell_standing`), and all cells share
data, objective and theory. On a line fit, whose steps the trainer composes, that is quicker than replicas of which
every step is recorded, as the status needs it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from engine.runs.plan import Plan, play
from engine.runs.run import Run, spreads_losses
from engine.training.trainer import Trainer
from scenarios.building import Parts
from scenarios.sweeps.cell_standing import Judge, Standing, Steps, reached
from scenarios.sweeps.sweep_map import CellResult
from scenarios.sweeps.sweep_plan import Cell, SweepPlan


class CellTraining:
    """Trains cells of one scenario."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._judge = Judge(parts)

    @property
    def num_examples(self) -> int:
        """The number of training examples."""
        return len(self._parts.objective.examples)

    def train(self, plan: SweepPlan, cells: Sequence[Cell]) -> Iterator[CellResult]:
        """Train these cells of a plan, one after another. Raises RefusalError for knobs that the objective has no room
        for."""
        for cell in cells:
            yield self._train(cell, plan)

    def _train(self, cell: Cell, plan: SweepPlan) -> CellResult:
        parts, knobs = self._parts, plan.knobs_at(cell.place)
        weights = parts.weights(cell.seed)
        trainer = Trainer(parts.objective, weights, knobs=knobs, seed=cell.seed, validation=parts.validation)
        steps = plan.steps_at(cell.place, trainer.num_examples)
        if spreads_losses(trainer):
            status, effort = self._as_run(trainer, steps)
        else:
            standing = Standing(self._judge, trainer)
            while trainer.steps < steps and trainer.blew_up_at is None:
                chunk = trainer.advance(steps - trainer.steps)
                record = trainer.history.recent(chunk.steps)
                standing.follow(Steps(chunk.first_step, chunk.weights, record), trainer.blew_up_at)
            status, effort = standing.status, standing.effort
        losses = trainer.loss(), trainer.validation_loss()
        return CellResult(cell, trainer.steps, trainer.examples, status, *losses, *effort)

    def _as_run(self, trainer: Trainer, steps: int) -> tuple[str, tuple[float, float]]:
        """Train as a whole run: status, and the steps and examples until the goal."""
        goal = self._judge.goal
        run = Run(trainer, goal)
        run.theory = self._judge.theory
        play(run, Plan(trainer.seed, trainer.knobs, (), steps))
        if goal is None or not goal.is_effort or run.goal_state is None:
            return run.status.kind, (math.nan, math.nan)
        return run.status.kind, reached(run.goal_state, run_examples(run, run.goal_state.step))


def run_examples(run: Run, step: int) -> float:
    """Return the examples that a run whose knobs never changed had seen before a step."""
    num_examples, size = run.trainer.num_examples, run.trainer.batch_in_effect
    epochs, left = divmod(step, run.trainer.steps_per_epoch)
    return float(epochs * num_examples + left * size)
