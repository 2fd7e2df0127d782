"""Standing of the trainings of a sweep: status and goal by the rules of a run, of which nothing else is kept."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from engine.model.objective import Array, Objective
from engine.probes import MinibatchTheory
from engine.runs.run import evaluations_of, watched
from engine.runs.standing.goals import EFFORTS, Goal, GoalState, GoalWatch
from engine.runs.standing.watch import Watch
from engine.training.trainer import Trainer
from scenarios.building import Parts


class Steps(NamedTuple):
    """Some steps of a training, n of them. weights: (n + 1, P) before each and after the last. record: (≥ 5, n) of each
    its minibatch's loss and gradient norm, the learning rate, the batch size, and the examples seen before."""

    first: int
    weights: Array
    record: Array


@dataclass(frozen=True)
class Judge:
    """Judges the trainings of one scenario, and keeps what is the same for all of them."""

    parts: Parts

    @cached_property
    def goal(self) -> Goal | None:
        """The scenario's goal."""
        table = self.parts.file.goal
        return table.goal() if table else None

    @cached_property
    def theory(self) -> MinibatchTheory:
        """Knowledge of minibatch descent on the objective, worked out once."""
        return MinibatchTheory(self.parts.objective)

    @cached_property
    def watched(self) -> Objective:
        """The objective on which the status is judged."""
        return watched(self.parts.objective)


class Standing:
    """Follows one training that begins with this trainer's weights and knobs, and says how it stands: the same as a
    `Run` of the trainer would, where that does not spread its losses over the steps."""

    def __init__(self, judge: Judge, trainer: Trainer) -> None:
        self._judge, self._knobs, self._validation = judge, trainer.knobs, trainer.validation
        self._num_examples = trainer.num_examples
        with np.errstate(all="ignore"):
            self._watch = Watch(judge.watched, trainer.weights, trainer.knobs, judge.theory.limit)
        self._watch.restart(0, trainer.knobs)
        self._goal = GoalWatch(judge.goal) if judge.goal is not None and judge.goal.is_effort else None
        self._evaluations = evaluations_of(trainer)
        self._examples_at = {0: 0.0}  # of the step from which on the target is held

    @property
    def status(self) -> str:
        """The word for how it stands."""
        return self._watch.status.kind

    @cached_property
    def _only_target(self) -> bool:
        """True if nothing but the target, counts on the way to the goal."""
        goal = self._judge.goal
        return goal is not None and goal.budget is None and goal.never_above == math.inf and not goal.within_limit

    @property
    def effort(self) -> tuple[float, float]:
        """The steps and the examples until the goal: infinite where it is not reached, NaN where there is none, or none
        with a target."""
        if self._goal is None:
            return math.nan, math.nan
        return reached(self._goal.state, self._examples_at.get(self._goal.state.step, math.inf))

    def follow(self, steps: Steps, blew_up_at: int | None) -> None:
        """Take in further steps; blew_up_at: the step that had a number that was not finite."""
        with np.errstate(all="ignore"):
            if self._goal and not self._goal.settled:
                self._evaluate(self._goal, steps)
                if blew_up_at is not None:
                    self._goal.fail(blew_up_at, "a number was not finite any more")
            self._watch.follow(steps.first, steps.weights, steps.record[:3], blew_up_at)

    def _evaluate(self, goal: GoalWatch, steps: Steps) -> None:
        """Look for the goal, as `Run` does."""
        due = np.array(self._evaluations.due(steps.first, steps.record.shape[1]), dtype=np.intp)
        if not len(due):
            return
        rows = due - steps.first
        weights, (rates, examples) = steps.weights[rows], steps.record[[2, 4]][:, rows]
        training = self._judge.parts.objective.losses(weights)
        validation = self._validation.losses(weights) if self._validation else np.full(len(due), np.nan)
        taken = self._evaluations.append(due, training, validation)
        if len(taken) and self._only_target:  # off the target, one look after another changes nothing
            there = training[taken] <= goal.goal.training_loss
            there[1:] |= there[:-1]
            there[0] = True
            taken = taken[there]
        numbers, examples = due[taken].astype(np.float64), examples[taken]
        efforts = dict(zip(EFFORTS, (numbers, examples / self._num_examples, examples), strict=True))
        shares = rates[taken] / self._judge.theory.limit(self._knobs).value if goal.goal.within_limit else None
        goal.follow(numbers, efforts, training[taken], validation[taken], weights[taken], shares)
        self._examples_at.update(zip(due[taken].tolist(), examples.tolist(), strict=True))
        self._examples_at = {step: seen for step, seen in self._examples_at.items() if step == goal.state.step}


def reached(state: GoalState, examples: float) -> tuple[float, float]:
    """Return the steps and the examples until the target, infinite where it was not reached. examples: seen before the
    step of the state's score."""
    return (float(state.step), examples) if state.kind == "reached" else (math.inf, math.inf)
