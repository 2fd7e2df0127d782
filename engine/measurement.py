"""Figures that probes hand on: a number and what it is worth, the limit of the learning rate, scores. The screen reads
them without loading the probes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["exact", "estimate", "measured", "unknown"]
_ROUNDING = 1e-9  # relative; limits that differ by less are the same


@dataclass(frozen=True)
class Measurement:
    """`value` may be infinite, and is NaN where it is unknown.

    what: its name in words. kind: `exact` is to rounding; `measured` is by random trials. note: by which theory or
    sampling, on which assumption, or why it is unknown. error: one standard error of `value`, where it is measured or
    an estimate that has one: of the sample, or what the method may be off; else 0.
    """

    value: float
    what: str
    kind: Kind
    note: str = ""
    error: float = 0.0


def unknown(what: str, why: str) -> Measurement:
    """A measurement with nothing to show, and why."""
    return Measurement(float("nan"), what, "unknown", why)


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


@dataclass(frozen=True)
class Scores:
    """Scores over some examples; NaN where one does not apply or is not a number.

    rmse: √(1/M Σ (ŷᵢ − yᵢ)²), in the units of the targets before they were scaled, without any penalty. r_squared:
    1 − Σ (ŷᵢ − yᵢ)² / Σ (yᵢ − ȳ)²: 1 for perfect predictions, 0 for those that are all the mean ȳ. accuracy: the
    share of the examples that are taken for their own class, 0 to 1. examples: M were counted, of num_examples.
    """

    rmse: float = float("nan")
    r_squared: float = float("nan")
    accuracy: float = float("nan")
    examples: int = 0
    num_examples: int = 0
