"""The contour map of a loss over two weights, in half blocks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tui.painting.axes import Array
from tui.painting.palette import LEVELS, Ink


def levels(losses: Array) -> NDArray[np.uint8]:
    """Inks for (rows, columns) losses, lowest to highest of this map in sixteen steps.

    Levels are even in the square root of the height over the lowest point, so that the rings of a
    quadratic bowl are evenly spaced. Not finite: the highest.
    """
    finite = losses[np.isfinite(losses)]
    if not len(finite):
        return np.full(losses.shape, Ink.LEVEL_0 + LEVELS - 1, dtype=np.uint8)
    lowest, highest = float(finite.min()), float(finite.max())
    span = highest - lowest
    height = np.sqrt(np.clip(np.nan_to_num((losses - lowest) / (span or 1.0), nan=1.0, posinf=1.0), 0, 1))
    return (Ink.LEVEL_0 + np.minimum((height * LEVELS).astype(np.uint8), LEVELS - 1)).astype(np.uint8)
