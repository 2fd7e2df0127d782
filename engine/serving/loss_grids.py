"""Losses on a grid of weights: what the maps of the weights panel ask for, and get."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PLANE_EXAMPLES = 256  # over which the loss of a plane is mapped where there are more: a map is to keep up with the run


@dataclass(frozen=True)
class LossGridRequest:
    """The loss on a grid: `first` and `second` are (lowest, highest, how many).

    Objectives of one weight have no `second`. plane: number of the plane whose coordinates these are; None for
    the weights themselves. The loss is that over all examples, in a plane over at most `PLANE_EXAMPLES` of them, always
    the same ones.
    """

    first: tuple[float, float, int]
    second: tuple[float, float, int] | None = None
    plane: int | None = None


@dataclass(frozen=True, eq=False)  # arrays have no truth value: the same only if it is the same object
class LossGrid:
    """The losses that were asked for: (len(second), len(first)) float32, or (len(first),) for one weight."""

    request: LossGridRequest
    losses: NDArray[np.float32]
