"""Trainings that claims are measured on, each of them made once."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

import scenarios
from engine import probes
from engine.probes import Quadratic
from engine.runs.plan import Change
from scenarios.trainings import attempts
from tests.scenarios.claims.said import MOST, Measure, number
from tui.words.knob_steps import next_learning_rate


def at(step: int, **knobs: Any) -> tuple[Change, ...]:
    """Knobs that change before this step."""
    return tuple(Change(step, knob, value) for knob, value in knobs.items())


class Training:
    """A preset after so many steps, with all that happened on the way."""

    def __init__(self, name: str, steps: int, changes: tuple[Change, ...], seed: int) -> None:
        self.run = scenarios.load(name).run(seed=seed)
        for change in changes:
            self.run.advance(change.step - self.run.trainer.steps)
            self.run.set_knob(change.knob, change.value)
        self.run.advance(steps - self.run.trainer.steps)
        self.trainer, self.objective = self.run.trainer, self.run.trainer.objective

    @cached_property
    def weights(self):
        """(steps + 1, P) before each step and after the last one; of up to 16 weights."""
        return np.vstack([self.trainer.history.tail(self.trainer.steps)[5:].T, self.trainer.weights])

    @cached_property
    def losses(self):
        """(steps + 1,) over all training examples, at each of these."""
        with np.errstate(all="ignore"):
            return self.objective.losses(self.weights)

    @property
    def minimum(self):
        return self.objective.minimum()

    @property
    def lowest(self) -> float:
        return self.objective.loss(self.minimum)

    @property
    def distances(self):
        """(steps + 1,) from the minimum."""
        return np.linalg.norm(self.weights - self.minimum, axis=1)

    @property
    def strides(self):
        """(steps,) lengths of the steps."""
        return np.linalg.norm(np.diff(self.weights, axis=0), axis=1)

    @property
    def detour(self) -> float:
        """The length of the trajectory over the distance between its ends."""
        return float(self.strides.sum() / np.linalg.norm(self.weights[-1] - self.weights[0]))

    @property
    def jumps(self) -> float:
        """The share of the steps that end on the other side of the minimum."""
        sides = self.weights - self.minimum
        return float(np.mean(np.einsum("np,np->n", sides[1:], sides[:-1]) < 0))

    def excess(self, since: int = 0, until: int | None = None) -> float:
        """The mean loss above the lowest one over these steps, all of them: ends of epochs lie lower."""
        return float(self.losses[since:until].mean()) - self.lowest

    def first(self, level: float) -> float:
        """The first step with a loss of at most that; infinite without one."""
        below = np.flatnonzero(self.losses <= level)
        return float(below[0]) if len(below) else math.inf

    def evaluated(self, step: int) -> tuple[float, float]:
        """The training and the validation loss of the last evaluation up to a step."""
        seen = self.run.evaluations
        index = np.searchsorted(seen.steps, step, side="right") - 1
        return float(seen.training_loss[index]), float(seen.validation_loss[index])

    def first_evaluated(self, level: float) -> float:
        """The first evaluated step with a training loss of at most that."""
        below = np.flatnonzero(self.run.evaluations.training_loss <= level)
        return float(self.run.evaluations.steps[below[0]]) if len(below) else math.inf


@lru_cache(maxsize=64)
def trained(name: str, steps: int, *changes: Change, seed: int = 0) -> Training:
    """A training, kept for the next question about it."""
    return Training(name, steps, changes, seed)


def hovering(name: str, since: int, steps: int, *, of: dict[str, Any], over: dict[str, Any]) -> Callable[[int], float]:
    """The mean excess of the steps from `since` on with some knobs, over that with others; to be asked of a seed."""

    def ratio(seed: int) -> float:
        one, other = (trained(name, steps, *at(0, **knobs), seed=seed).excess(since) for knobs in (of, over))
        return one / other

    return ratio


def angles(name: str, steps: int = 0, seed: int = 0, **knobs: Any):
    """(n,) degrees between the true gradient and those of minibatches that the next step might take."""
    trainer = trained(name, steps, *at(0, **knobs), seed=seed).trainer
    true = trainer.objective.gradient(trainer.weights)
    return np.array([probes.angle(gradient, true) for gradient in probes.gradient_cloud(trainer)])


@lru_cache(maxsize=256)
def _goal(name: str, changes: tuple[Change, ...], seed: int):
    return attempts.attempt(scenarios.load(name), changes, seed=seed).goal_state


def score(name: str, *changes: Change, seed: int = 0) -> float:
    """What the goal measures at the end of a scripted training; infinite where it was not reached."""
    state = _goal(name, changes, seed)
    return state.score if state.kind in ("reached", "over") else math.inf


def stars(name: str, *changes: Change) -> Callable[[int], int]:
    """The stars that a scripted training earns; to be asked of a seed."""
    return lambda seed: _goal(name, changes, seed).stars


def earns(name: str, seeds: int = 20) -> Measure:
    """The three stars of the training that the file gives as a good one. (Those of three seeds: test_school.py.)"""

    def reached(seed: int) -> int:
        return attempts.reference(scenarios.load(name), seed=seed).goal_state.stars

    return number("stars of this training", reached, 3, 3, seeds=seeds, slow=True)


def stands(name: str, steps: int, *details: str) -> Measure:
    """The status after so many steps: its finer word is one of these."""

    def said(seed: int) -> bool:
        return trained(name, steps, seed=seed).run.status.detail in details

    return number(f"status after {steps:,} steps: {' or '.join(details)}", said, 1, 1, rate=MOST)


def limits(name: str, **knobs: Any) -> tuple[float, float]:
    """The full batch's limit where a preset begins, and the one that binds, with these knobs."""
    run = scenarios.load(name).run()
    for knob, value in knobs.items():
        run.set_knob(knob, value)
    limit = probes.rate_limit(run.trainer, run.theory)
    return limit.full_batch.value, limit.value


def predicted_excess(name: str, **knobs: Any) -> float:
    """The predicted noise floor above the lowest loss."""
    start = trained(name, 0)
    there = replace(start.trainer.knobs, **knobs)
    return Quadratic.of(start.objective).noise_floor(there.learning_rate, there).value - start.lowest


def pressed(rate: float, presses: int) -> float:
    """The learning rate after so many presses of ↑, or of ↓ where there are less than none."""
    for _ in range(abs(presses)):
        rate = next_learning_rate(rate, 1 if presses > 0 else -1)
    return rate


def file(name: str):
    """The checked file of a preset."""
    return scenarios.load(name).file


def same_data(one: str, other: str) -> bool:
    """Tell whether two presets have the same examples."""
    return np.array_equal(trained(one, 0).objective.examples, trained(other, 0).objective.examples)
