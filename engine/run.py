"""A run: a trainer with its history, its evaluations, its log of knob changes, and how it stands."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from engine import probes
from engine.history import Evaluations
from engine.objective import Array, Objective
from engine.status import Status, Watch
from engine.trainer import Chunk, Knobs, Trainer


@dataclass(frozen=True)
class KnobChange:
    """`knob` went from `before` to `after`, acting from the update number `step` (counted from 0) on."""

    step: int
    knob: str
    before: float
    after: float


class Run:
    """Advances a trainer and keeps what was seen on the way; the trainer's bits are the same without it."""

    def __init__(self, trainer: Trainer, validation: Objective | None = None) -> None:
        self.trainer = trainer
        self.validation = validation
        self.evaluations = Evaluations()
        self.changes: list[KnobChange] = []
        self._watch = Watch(trainer.loss(), self._potential)
        self._watch.restart(0, self._steps_per_epoch)

    @property
    def status(self) -> Status:
        """How the run stands: running, converged or diverged."""
        return self._watch.status

    @property
    def _steps_per_epoch(self) -> int:
        return -(-len(self.trainer.objective.examples) // self.trainer.batch_size)

    def set_knob(self, knob: str, value: float) -> None:
        """Change one knob from the next step on, and log it. Raises ValueError for a value out of range
        and for a knob that there is not."""
        if knob not in (known := [field.name for field in fields(Knobs)]):
            raise ValueError(f"there is no knob {knob!r}, only {', '.join(known)}")
        before = getattr(self.trainer.knobs, knob)
        change: dict[str, Any] = {knob: value}
        self.trainer.knobs = replace(self.trainer.knobs, **change)
        if value != before:
            self.changes.append(KnobChange(self.trainer.steps, knob, before, value))
            if self.trainer.blew_up_at is None:
                self._watch.restart(self.trainer.steps, self._steps_per_epoch)

    def advance(self, steps: int) -> int:
        """Take up to `steps` updates, fewer only if the run blows up; returns how many were taken."""
        taken = 0
        while taken < steps and self.trainer.blew_up_at is None:
            chunk = self.trainer.advance(steps - taken)
            with np.errstate(all="ignore"):
                self._evaluate(chunk)
                self._look(chunk)
            taken += chunk.steps
        return taken

    def validation_loss(self) -> float:
        """The loss over all validation examples at the present weights; NaN without any."""
        with np.errstate(all="ignore"):
            return self.validation.loss(self.trainer.weights) if self.validation else float("nan")

    def _evaluate(self, chunk: Chunk) -> None:
        steps = self.evaluations.due(chunk.first_step, chunk.steps)
        if steps:
            weights = _rows(chunk, steps)
            training = self.trainer.objective.losses(weights)
            validation = self.validation.losses(weights) if self.validation else np.full(len(steps), np.nan)
            self.evaluations.append(steps, training, validation)

    def _look(self, chunk: Chunk) -> None:
        steps = self._watch.due(chunk.first_step, chunk.steps)
        if steps:
            weights = _rows(chunk, steps)
            self._watch.look(steps, self.trainer.objective.losses(weights), weights)
        if self.trainer.blew_up_at is not None:
            self._watch.blew_up(self.trainer.blew_up_at)

    def _potential(self, weights: Array) -> float:
        """|g|²/(2λmax), what one step of full-batch descent of length 1/λmax gains on the local quadratic."""
        gradient = self.trainer.objective.gradient(weights)
        sharpness = probes.sharpness(self.trainer.objective, weights)
        return float(gradient.dot(gradient)) / (2 * sharpness) if sharpness > 0 else 0.0


def _rows(chunk: Chunk, steps: range) -> Array:
    return chunk.weights[steps.start - chunk.first_step : chunk.steps : steps.step]
