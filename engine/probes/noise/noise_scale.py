"""The noise scale over recent steps.

Near a minimum |g|² is small and goes up and down with every jump of the weights, and so tr Σ/|g|² at a single step says
nothing. Both are averaged over recent readings first, then divided: a mean of ratios is biased, and has no variance.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import numpy as np

from engine.measurement import Measurement, unknown

NOISE_SCALE = "noise scale"
_SHARE = 0.1  # of all steps until now, that are recent
_MOST = 32  # readings
_FEWEST = 4  # from which their differences tell a standard error
_ROUNDINGS = 64 * float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class NoiseReading:
    """A reading of tr Σ and |g|², unbiased, before one step; their standard errors, of the samples they are from.

    length: a gradient of rounding errors only is at most about this long. note: over which examples, if not over all.
    """

    step: int
    spread: float
    squared_norm: float
    spread_error: float = 0.0
    squared_norm_error: float = 0.0
    length: float = 0.0
    note: str = ""


def rounding_length(sharpness: float, weights_length: float) -> float:
    """Return how long a gradient may be of rounding errors alone, the weights being so long; 0 where it is unknown."""
    length = _ROUNDINGS * abs(sharpness) * (1 + weights_length)
    return float(length) if np.isfinite(length) else 0.0


class NoiseAverage:
    """Averages tr Σ and |g|² over the readings of the last tenth of the steps, at most 32 of them."""

    def __init__(self) -> None:
        self._readings: deque[NoiseReading] = deque(maxlen=_MOST)

    def add(self, reading: NoiseReading) -> None:
        """Take a reading; one of the same step as the last replaces it, one that is not finite begins anew."""
        if not np.isfinite(reading.spread + reading.squared_norm):
            self._readings.clear()
        while self._readings and self._readings[-1].step >= reading.step:
            self._readings.pop()
        self._readings.append(reading)
        while self._readings[0].step < reading.step * (1 - _SHARE):
            self._readings.popleft()

    def scale(self) -> Measurement:
        """The ratio tr Σ/|g|² of the averages, with its standard error; infinite where no gradient can be told from 0,
        unknown where there is no noise either.

        The error is that of a ratio: from the differences of the readings, of 4 or more, or from the samples that each
        is from; the larger one. Source: Cochran, Sampling Techniques, 3rd ed., section 6.4.
        """
        readings = list(self._readings)
        spread, squared_norm = (float(np.mean([getattr(r, name) for r in readings])) for name in _TWO)
        if not np.isfinite(spread + squared_norm):
            return unknown(NOISE_SCALE, "a gradient is not finite")
        nothing = float(np.mean([reading.length**2 for reading in readings]))
        if spread <= nothing and squared_norm <= nothing:
            return unknown(NOISE_SCALE, "neither gradient nor noise is left")
        averaged = f"mean of {len(readings)} readings since step {readings[0].step:,}" if len(readings) > 1 else ""
        note = ", ".join(part for part in (averaged, readings[-1].note) if part)
        if squared_norm <= nothing:
            return Measurement(float("inf"), NOISE_SCALE, "estimate", note or "no gradient is left")
        scale = spread / squared_norm
        residuals = np.array([r.spread - scale * r.squared_norm for r in readings])
        samples = [r.spread_error**2 + (scale * r.squared_norm_error) ** 2 for r in readings]
        variance = float(np.mean(samples))
        if len(readings) >= _FEWEST:
            variance = max(variance, float(residuals.var(ddof=1)))
        error = float(np.sqrt(variance / len(readings))) / squared_norm
        return Measurement(scale, NOISE_SCALE, "estimate" if error or note else "exact", note, error)


_TWO = ("spread", "squared_norm")
