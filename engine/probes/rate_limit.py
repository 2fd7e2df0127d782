"""The limit of the learning rate here and now: the smaller of the full-batch and the minibatch limit."""

from __future__ import annotations

from dataclasses import dataclass

from engine.probes.measurement import Measurement
from engine.probes.noise.noise_floor import MinibatchTheory
from engine.probes.stability import largest_stable_learning_rate
from engine.training.trainer import Trainer

_ROUNDING = 1e-9  # relative; limits that differ by less are the same


@dataclass(frozen=True)
class RateLimit:
    """The largest stable learning rate, and which of its two limits binds.

    full_batch: for steps on all examples, on the local quadratic. minibatch: for minibatches of `batch_size` examples,
    as many as are in effect; unknown but for quadratics.
    """

    full_batch: Measurement
    minibatch: Measurement
    batch_size: int

    @property
    def minibatch_binds(self) -> bool:
        """True if the minibatch limit is known and the smaller one."""
        return self.minibatch.value < self.full_batch.value * (1 - _ROUNDING)

    @property
    def binding(self) -> Measurement:
        """The limit that binds; the full batch's where they are the same or the other one is unknown."""
        return self.minibatch if self.minibatch_binds else self.full_batch

    @property
    def value(self) -> float:
        """The limit; infinite where nothing limits the learning rate, NaN where it is unknown."""
        return self.binding.value


def rate_limit(trainer: Trainer, theory: MinibatchTheory, *, sharpness: Measurement | None = None) -> RateLimit:
    """Measure both limits of a trainer as it stands. theory: of its objective. `sharpness` is measured where it is not
    given."""
    full_batch = largest_stable_learning_rate(trainer, sharpness=sharpness)
    return RateLimit(full_batch, theory.limit(trainer.knobs), trainer.batch_in_effect)
