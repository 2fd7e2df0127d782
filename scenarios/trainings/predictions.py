"""The answer to a scenario's question, measured on trainings without a screen."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.runs.plan import Change, Plan, play
from scenarios.files.goal_forms import script
from scenarios.trainings import attempts

if TYPE_CHECKING:
    from engine.runs.run import Run
    from scenarios.files.question_forms import Question
    from scenarios.scenario import Scenario


@dataclass(frozen=True)
class Finding:
    """The measurements that answer a question.

    figures: of each training, in the order of `Question.trainings`; infinite where a goal was not reached. value: the
    number that was asked for, the least where trainings are compared. answer: the place of the right answer; None for
    a guess, and where nothing could be told.
    """

    figures: tuple[float, ...]
    value: float
    answer: int | None

    def is_near(self, guess: float, tolerance: float) -> bool:
        """Tell whether a guess is off by that share of the value at most."""
        return guess == self.value or abs(guess - self.value) <= tolerance * abs(self.value) < math.inf


def find(scenario: Scenario, seed: int | None = None) -> Finding | None:
    """Train, measure and choose; None where the scenario asks nothing. Takes a second or two for the longest."""
    question = scenario.file.question
    if question is None:
        return None
    figures = tuple(_figure(scenario, question, script(changes), seed) for changes in question.trainings())
    if question.compares:
        least = min(figures, default=math.nan, key=lambda figure: math.inf if math.isnan(figure) else figure)
        told = math.isfinite(least) and figures.count(least) == 1
        return Finding(figures, least, figures.index(least) if told else None)
    value = figures[0] if question.over is None else _ratio(*figures)
    bounds = [answer.most for answer in question.answers if answer.most is not None]
    told = bool(bounds) and not math.isnan(value)
    return Finding(figures, value, bisect_left(bounds, value) if told else None)


def _ratio(one: float, other: float) -> float:
    return one / other if other else math.nan


def _figure(scenario: Scenario, question: Question, changes: Sequence[Change], seed: int | None) -> float:
    if question.measure == "goal":
        run = attempts.attempt(scenario, changes, seed=seed)
        state = run.goal_state
        assert state is not None  # or else there had been no attempt
        return state.score if state.kind in ("reached", "over") and not math.isnan(state.score) else math.inf
    run = scenario.run(seed=seed)
    steps = min(question.steps or 0, attempts.most_steps(run))
    if question.measure == "mean_training_loss":
        return _mean_loss(run, changes, steps)
    _train(run, changes, steps)
    return _MEASURES[question.measure](run)


def _train(run: Run, changes: Sequence[Change], steps: int) -> None:
    start = run.checkpoints.before(0).trainer
    play(run, Plan(start.seed, start.knobs, tuple(changes), steps), pace=lambda run, taken: _CHUNK_STEPS)


def _mean_loss(run: Run, changes: Sequence[Change], steps: int) -> float:
    """The mean training loss over the evaluations of the latter half of the steps."""
    _train(run, changes, steps)
    seen = run.evaluations
    losses = seen.training_loss[seen.steps >= steps // 2]
    return float(losses.mean()) if len(losses) and run.trainer.blew_up_at is None else math.inf


def _training_loss(run: Run) -> float:
    return _or_infinite(run.losses()[0])


def _validation_loss(run: Run) -> float:
    return _or_infinite(run.losses()[1])


def _or_infinite(loss: float) -> float:
    return loss if math.isfinite(loss) else math.inf


def _limit(run: Run) -> float:
    from engine.probes import rate_limit

    return rate_limit(run.trainer, run.theory).value


def _noise_floor(run: Run) -> float:
    from engine.probes.pieces import finish

    rate, knobs = run.trainer.learning_rate, run.trainer.knobs
    floor = run.theory.noise_floor(rate, knobs, order=run.trainer.fixed_order())
    if floor.kind == "unknown" and (pieces := run.theory.measured_noise_floor(rate, knobs)) is not None:
        floor = finish(pieces)
    return floor.value


_CHUNK_STEPS = 64
_MEASURES = {
    "training_loss": _training_loss,
    "validation_loss": _validation_loss,
    "limit": _limit,
    "noise_floor": _noise_floor,
}
