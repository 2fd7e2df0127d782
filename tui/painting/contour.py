"""The contour map of a loss over two weights: levels for half blocks, or lines where colours are few."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from tui.painting.axes import Array
from tui.painting.canvas import Canvas
from tui.painting.palette import LEVELS, Ink, area, spared

if TYPE_CHECKING:
    from numpy.typing import NDArray

_OUTSIDE = 255  # of all areas


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


def fewer_levels(canvas: Canvas, detail: int) -> Canvas:
    """The same picture with its map in fewer colours, for a link of that detail: less of it changes from frame to
    frame, and more cells in a row are alike. In its areas nothing else is of those colours."""
    if detail > 1 or not canvas.paper.any():
        return canvas
    picture, inks = canvas.copy(), _spared(detail)
    picture.ink, picture.paper = inks[canvas.ink], inks[canvas.paper]
    picture.chars[(picture.chars == "▀") & (picture.ink == picture.paper)] = " "
    return picture


@cache
def _spared(detail: int) -> NDArray[np.uint8]:
    """(256,) what every ink becomes."""
    return np.array([spared(ink, detail) for ink in range(256)], dtype=np.uint8)


def contour_lines(canvas: Canvas) -> Canvas:
    """The same picture with its map, where there is one, as contour lines in Braille dots instead of colours.

    For terminals whose colours cannot make a map: lines stand on the upper side of where a level is crossed.
    """
    if not canvas.paper.any():
        return canvas
    areas = _areas()
    mapped = areas[canvas.paper] < _OUTSIDE
    heights = areas[canvas.paper].repeat(2, axis=0)
    halves = mapped & (canvas.chars == "▀")
    heights[0::2][halves] = areas[canvas.ink[halves]]
    if (canvas.paper[mapped] < Ink.LEVEL_0 + LEVELS).all():  # levels of a loss: as many lines as there is room for
        rings = min(max(2 * int(mapped.any(axis=1).sum()) // 5, 3), LEVELS // 2)
        heights = np.where(heights < _OUTSIDE, heights * rings // LEVELS, _OUTSIDE)
    lines = _outlines(heights)
    picture = canvas.copy()
    picture.paper[:] = 0
    empty = mapped & np.isin(canvas.chars, [" ", "▀"])
    picture.chars[empty] = " "
    rows, columns = np.nonzero(lines & empty.repeat(4, axis=0).repeat(2, axis=1))
    picture.dots(columns.astype(float), rows.astype(float), Ink.CONTOUR)
    return picture


@cache
def _areas() -> NDArray[np.int_]:
    """(256,) the area of every ink."""
    return np.array([_OUTSIDE if (number := area(ink)) is None else number for ink in range(256)])


def _outlines(heights: NDArray[np.int_]) -> NDArray[np.bool_]:
    """(2h, 2w) dots around every region of (h, w) cells of two dots each way: on the higher side of each edge,
    without the corners, so that a diagonal is one."""
    around = np.pad(heights, 1, mode="edge")
    inside = heights < _OUTSIDE  # nothing is drawn around the map itself
    up, down, left, right = (
        inside & (heights > around[rows, columns])
        for rows, columns in (
            (slice(0, -2), slice(1, -1)),
            (slice(2, None), slice(1, -1)),
            (slice(1, -1), slice(0, -2)),
            (slice(1, -1), slice(2, None)),
        )
    )
    dots = np.zeros((2 * heights.shape[0], 2 * heights.shape[1]), dtype=bool)
    for row, here, there in ((0, up, down), (1, down, up)):
        for column, beside, opposite in ((0, left, right), (1, right, left)):
            corner = here & beside & ~there & ~opposite
            dots[row::2, column::2] = (here | beside) & ~corner
    return dots
