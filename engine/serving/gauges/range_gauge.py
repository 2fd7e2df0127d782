"""The learning-rate range test of a run, measured a little at every frame."""

from __future__ import annotations

import math

from engine.probes import RateRange
from engine.probes.pieces import Errand, Pieces
from engine.probes.rate_range import rate_range_pieces
from engine.runs.run import Run
from engine.serving.views.range_view import RangePicture

_WORK, _WORK_OF_STILL = 5e6, 1.2e7  # nanoseconds at a frame, about: while it trains, and while it stands still
_BELOW, _ABOVE = 1e-3, 30.0  # times the smaller and the larger of the present rate and the limit


class RangeGauge:
    """Tests the range of learning rates from a run's present weights, once for each number that is asked for."""

    def __init__(self) -> None:
        self._errand: Errand[RateRange] = Errand()
        self._number = 0
        self._begun: tuple[int, float] = (0, math.nan)  # the step, and the limit there

    @property
    def measuring(self) -> bool:
        """True if a test is under way."""
        return self._errand.under_way is not None

    def read(self, run: Run, number: int, limit: float, *, fresh: bool) -> RangePicture | None:
        """The test of this number, after a little more measuring; None where none is asked for, and before it is done.
        limit: of the learning rate, at the present weights; NaN where it is not known. fresh: the run stands still, so
        that there is time."""
        if not number:
            return None
        begins = number != self._number
        if begins:
            self._number, self._begun = number, (run.trainer.steps, limit)
            self._errand.begin(number, _pieces(run, limit))
        self._errand.go_on(_WORK_OF_STILL if fresh else _WORK, hurry=begins)  # at first, for it takes the weights
        result = self._errand.result
        if result is None or self._errand.subject != number:
            return None
        step, limit = self._begun
        return RangePicture(
            number=number,
            step=step,
            rates=result.rates,
            losses=result.losses,
            smoothed=result.smoothed,
            blew_up=result.blew_up,
            suggestion=result.suggestion,
            limit=limit,
        )


def _pieces(run: Run, limit: float) -> Pieces[RateRange]:
    """The test, over rates around the present one and the limit."""
    rate = run.trainer.learning_rate
    known = [value for value in (rate, limit) if 0 < value < math.inf] or [1.0]
    low, high = max(_BELOW * min(known), 1e-300), min(_ABOVE * max(known), 1e300)
    return rate_range_pieces(run.trainer, low=low, high=high)
