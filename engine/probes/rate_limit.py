"""The limit of the learning rate here and now: the smaller of the full-batch and the minibatch limit."""

from __future__ import annotations

from engine.measurement import Measurement, RateLimit
from engine.probes.noise.noise_floor import MinibatchTheory
from engine.probes.stability import largest_stable_learning_rate
from engine.training.trainer import Trainer


def rate_limit(trainer: Trainer, theory: MinibatchTheory, *, sharpness: Measurement | None = None) -> RateLimit:
    """Measure both limits of a trainer as it stands. theory: of its objective. `sharpness` is measured where it is not
    given."""
    full_batch = largest_stable_learning_rate(trainer, sharpness=sharpness)
    return RateLimit(full_batch, theory.limit(trainer.knobs), trainer.batch_in_effect)
