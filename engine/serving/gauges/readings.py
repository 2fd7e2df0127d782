"""Readings: what the instruments say of one moment of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.measurement import Measurement, RateLimit, unknown
from engine.training.knobs import Knobs

if TYPE_CHECKING:
    from engine.training.trainer import Trainer


@dataclass(frozen=True)
class Outlook:
    """The outlook that knobs have at certain weights. learning_rate: with its schedule. limit: of the learning rate.
    noise_floor: predicted final loss."""

    knobs: Knobs
    learning_rate: float
    limit: RateLimit
    noise_floor: Measurement


@dataclass(frozen=True)
class Readings:
    """The probes before update number `step`, each with what it is worth; where nothing was measured yet, unknown. All
    are of the weights before that step, but for the average. took: steps that were taken while they were measured.

    outlook: of the present knobs. before: of the knobs of the readings before, where those were others, at the weights
    of these readings: so the two differ by the knobs alone; None where no knob was changed in between.
    sharpness: λmax of the loss over all examples. limiting_curvature: what is held against the edge of stability: the
    sharpness, of an adaptive optimizer the preconditioned one.
    gradient_norm: |g|, g being the true gradient. gradient_angle: degrees between the next minibatch's gradient and g.
    noise_scale: tr Σ/|g|², in examples, both averaged over recent readings.
    """

    step: int
    outlook: Outlook
    before: Outlook | None
    sharpness: Measurement
    limiting_curvature: Measurement
    gradient_norm: Measurement
    gradient_angle: Measurement
    noise_scale: Measurement
    took: int = 0

    @property
    def knobs(self) -> Knobs:
        """The knobs of the outlook."""
        return self.outlook.knobs

    @property
    def limit(self) -> RateLimit:
        """The limit of the learning rate, for the optimizer as it stands."""
        return self.outlook.limit

    @property
    def noise_floor(self) -> Measurement:
        """The predicted final loss."""
        return self.outlook.noise_floor


def nothing_yet(trainer: Trainer) -> Readings:
    """The readings of a trainer of which nothing was measured."""

    def nothing(words: str) -> Measurement:
        return unknown(words, "not measured yet")

    limit = RateLimit(nothing("full-batch limit"), nothing("minibatch limit"), trainer.batch_in_effect)
    return Readings(
        step=trainer.steps,
        outlook=Outlook(trainer.knobs, trainer.learning_rate, limit, nothing("noise floor")),
        before=None,
        sharpness=nothing("sharpness"),
        limiting_curvature=nothing("limiting curvature"),
        gradient_norm=nothing("gradient norm"),
        gradient_angle=nothing("gradient angle"),
        noise_scale=nothing("noise scale"),
    )
