"""The learning-rate range test: what is asked for, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.model.objective import Array


@dataclass(frozen=True)
class RangeView:
    """The test that is asked for. number: another one for each test, 0 for none."""

    number: int = 0


@dataclass(frozen=True)
class RangePicture:
    """A learning-rate range test from the weights before update number `step`; its number is that of its view.

    rates, losses, smoothed: (m,) as `engine.probes.RateRange` has them, suggestion and blew_up too. limit: of the
    learning rate, measured at those weights; NaN where it is not known.
    """

    number: int
    step: int
    rates: Array
    losses: Array
    smoothed: Array
    blew_up: float
    suggestion: float
    limit: float
