"""The judgement of one window of looks at a run's training loss: on its way, on a plateau, oscillating or arrived."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine import probes
from engine.model.objective import Array, Objective
from engine.runs.standing.evidence import Evidence, gather
from engine.runs.standing.explanations import Place, place_of
from engine.runs.standing.windows import Window
from engine.training.knobs import Knobs

_FAR_UP = 100.0  # times the loss at the beginning: no place to have arrived at
_FLAT = 1e-4  # of the level: nobody would see it
_GAIN = 1e-3  # of the level: a prospect that is none
_SHARE = 0.1  # of what the noise adds to the loss, likewise
_PRECISE = 0.4  # of what the noise adds: so well must the level be known
_WAIT = 4.0  # times the steps so far: how long a prospect is waited for
_PROMISE = 0.05  # of the level: a prospect worth waiting for
_ROUNDING = 1e-9  # of the limit
_ROUNDED = 8.0  # last places of the weights
_NEAR = 0.8  # of the limit: a loss that goes up and down, and no plateau
_SURE = 2.0  # standard errors of a fall
_HIGH = 0.05  # of the descent from the beginning to the lowest loss: no floor, if the loss goes up and down as well
_SWING = 0.5  # standard deviations in units of the level: up and down
_BACK = -0.9  # the cosine between two steps of which the second takes back the first

Verdict = Literal["running", "converged", "plateau", "oscillating"]


@dataclass(frozen=True)
class Judgement:
    """Judges a window of a run's looks.

    lowest: the lowest loss that was seen, and at which step. start: the loss at the beginning. stochastic_limit: tells
    the limit of minibatches.
    """

    objective: Objective
    knobs: Knobs
    window: Window
    lowest: tuple[float, int]
    start: float
    stochastic_limit: Callable[[Knobs], probes.Measurement]

    @property
    def flat(self) -> float:
        """The change of the loss that nobody would see."""
        return _FLAT * abs(self.window.level) + self._rounding

    @property
    def slack(self) -> float:
        """The distance that chance may take the level off, beside its error, in units of what the noise adds to it."""
        return 2 * _SHARE

    @property
    def is_moving(self) -> bool:
        """True if the loss fell or rose within the window by more than chance."""
        return not abs(self.window.fall) <= max(_SURE * self.window.fall_error, self.flat)

    @property
    def is_far_up(self) -> bool:
        """True if the loss is far above the beginning."""
        return self.window.level > _FAR_UP * abs(self.start) > 0

    @property
    def sees_all_data(self) -> bool:
        """Without minibatches there is no noise: what goes up and down is on its way, as at the edge of stability."""
        return self.knobs.sees_all(len(self.objective.examples))

    def is_over(self, rate: float, limit: float | None = None) -> bool:
        """Tell whether the rate is at the limit or above, by default at that of minibatches: nothing settles there."""
        limit = self.stochastic_limit(self.knobs).value if limit is None else limit
        return not self.sees_all_data and rate >= limit * (1 - _ROUNDING)

    def evidence(self, passed: int, weights: Array, record: Array) -> Evidence:
        """The evidence about the window. passed: steps since the knobs changed. weights: (2, P) before and after the
        latest step; record: (3,) of it."""
        about = weights[0] if self.sees_all_data else self.window.mean_weights
        pace = float(np.linalg.norm(weights[1] - weights[0]) / record[1]) if record[1] > 0 else 0.0
        limit = self.stochastic_limit(self.knobs).value
        rate, horizon = float(record[2]), _WAIT * passed
        return gather(self.objective, self.knobs, about, rate, pace, horizon, self.window.level, limit)

    def verdict(self, evidence: Evidence) -> Verdict:
        """The verdict, of a loss that neither falls nor rises."""
        gain, level = evidence.prospect.gain, abs(self.window.level)
        if self.is_swinging(evidence):
            return "oscillating"
        if gain <= _GAIN * level + _SHARE * evidence.excess + self._rounding + self._of_rounded(evidence):
            known = self.window.error <= max(_PRECISE * evidence.excess, self.flat)
            return "converged" if known and not self.is_far_up else "running"
        if np.count_nonzero(self.window.cosines < _BACK) > 0.75 * len(self.window.cosines):
            return "oscillating"
        flat = not evidence.rate > _NEAR * evidence.limit and evidence.excess < gain
        return "plateau" if flat and gain > _PROMISE * level else "running"

    def is_swinging(self, evidence: Evidence) -> bool:
        """Tell whether minibatches keep the loss from coming to rest, of a loss that is not at rest."""
        window = self.window
        if self.sees_all_data or max(evidence.prospect.gain, window.spread) <= 10 * self.flat:
            return False
        lowest, level = self.lowest[0], window.level
        is_high = level - lowest > _HIGH * (self.start - lowest)
        return (is_high and window.spread > _SWING * abs(level)) or self.is_over(evidence.rate, evidence.limit)

    def why_oscillating(self, evidence: Evidence) -> str:
        """The reason in words."""
        limit, window = evidence.limit, self.window
        if self.is_swinging(evidence):
            words = f"the training loss swings between {window.losses.min():.3g} and {window.losses.max():.3g}"
            if not self.is_over(evidence.rate, limit):
                return words
            size = self.knobs.batch_size
            return f"{words}: for batches of {size} the learning rate is stable only up to {limit:.3g}"
        words = "each step takes back the one before"
        if not 0 < limit < np.inf:
            return words
        sharpness = evidence.prospect.sharpness
        product, most = evidence.rate * sharpness, limit * sharpness
        return f"{words}: learning rate × sharpness = {product:.2f}, and {most:.2f} is the limit"

    def place(self, evidence: Evidence) -> Place:
        """The place where a run stays that does not move."""
        noisy = self.window.spread > self.flat and evidence.excess > self.flat
        return place_of(
            self.objective,
            evidence.weights,
            lowest=self.lowest,
            start=self.start,
            excess=evidence.excess if noisy else 0.0,
        )

    @property
    def _rounding(self) -> float:
        return 4 * float(np.finfo(self.objective.examples.dtype).eps) * abs(self.start)

    def _of_rounded(self, evidence: Evidence) -> float:
        """The loss that the rounding of the weights makes: at a minimum of 0 there is no other."""
        eps = float(np.finfo(self.objective.examples.dtype).eps)
        off = _ROUNDED * eps * float(np.linalg.norm(evidence.weights))
        return max(0.0, evidence.prospect.sharpness) * off * off
