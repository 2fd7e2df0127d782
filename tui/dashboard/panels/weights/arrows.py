"""Gradients as arrows from where training stands: the steps that they would make, drawn to a stated scale."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from tui.painting.axes import Array, Axis
from tui.painting.canvas import Canvas
from tui.painting.frame import Frame
from tui.painting.numbers import short
from tui.painting.palette import Ink

TRUE, BATCH = Ink.MARK, Ink.LIT
_BARBS, _HEAD_DOTS = (math.radians(150), math.radians(-150)), 4
_WANTED, _SHORTEST, _LONGEST = 0.34, 0.16, 0.6  # shares of the picture's diagonal
_MEMORY = 0.9  # of the mean length: the scale is not to follow every minibatch
_EXTREME = 1e-6  # scale, and one over it


class Gradients:
    """The gradients that the user wants to see. arrows: the true one and the next minibatch's. cloud: those that a
    minibatch might have."""

    def __init__(self, *, arrows: bool = True, cloud: bool = False) -> None:
        self.arrows, self.cloud = arrows, cloud

    def go_on(self) -> None:
        """Go from arrows to arrows and the cloud, to neither, to arrows."""
        self.arrows, self.cloud = not self.cloud, self.arrows and not self.cloud


class Arrows:
    """The arrows −η·g of the true gradient and of the next minibatch's, and the scale that they are drawn to.

    The scale is 1, 2 or 5 times a power of ten; it changes only when the arrows have become very short or long.
    """

    def __init__(self) -> None:
        self.scale = 1.0
        self._length = math.nan

    def fit(self, inside: Frame, steps: Sequence[Array]) -> None:
        """Choose the scale for these steps, (P,) each, of which one axis may be missing."""
        lengths = [length for step in steps if np.isfinite(length := _dots(inside, step))]
        longest = max(lengths, default=0.0)
        if not longest:
            return
        known = not math.isnan(self._length)
        self._length = _MEMORY * self._length + (1 - _MEMORY) * longest if known else longest
        diagonal = math.hypot(2 * inside.width, 4 * inside.height)
        share = self._length * self.scale / diagonal
        if not known or not _SHORTEST < share < _LONGEST:
            self.scale = _round(min(1 / _EXTREME, max(_EXTREME, _WANTED * diagonal / self._length)))

    def draw(self, canvas: Canvas, inside: Frame, origin: tuple[float, float], step: Array, ink: int) -> None:
        """One arrow from the origin along a step, both in values of the axes. Where it would leave the picture, it ends
        at the edge with two heads."""
        across, up = _dots_of(inside, self.scale * step)
        if not 2 <= math.hypot(across, up) < math.inf:
            return
        share = _share_inside(inside, origin, self.scale * step)
        end = np.asarray(origin) + share * self.scale * step
        dot = np.array([_dot(inside.x_axis, 2 * inside.width), _dot(inside.y_axis, 4 * inside.height)])
        beside = dot * ([1, 0] if abs(up) > abs(across) else [0, 1])  # two dots thick, to stand out from the trajectory
        direction = math.atan2(up, across)
        barbs = [dot * _HEAD_DOTS * [math.cos(direction + turn), math.sin(direction + turn)] for turn in _BARBS]
        back = dot * _HEAD_DOTS * [math.cos(direction), math.sin(direction)]
        heads = [end] if share == 1 else [end, end - back]
        strokes = [(origin, end), (origin + beside, end + beside)]
        strokes += [(head, head + barb) for head in heads for barb in barbs]
        points = np.array([point for stroke in strokes for point in (*stroke, (np.nan, np.nan))])
        inside.line(canvas, points[:, 0], points[:, 1], ink)


def legend(canvas: Canvas, row: int, degrees: float, scale: float) -> None:
    """Say what the arrows are, in one row: `→ step of the true gradient  → of this batch, 23° off  drawn ×20`."""
    off = "" if math.isnan(degrees) else f", {degrees:.0f}° off"
    times = "" if scale == 1 else f"×{short(scale)}"
    texts = (
        ("→ step of the true gradient", f"→ of this batch{off}", times and f"drawn {times}"),
        ("→ true gradient", f"→ this batch{off}", times),
        ("→ true", f"→ batch{off}", times),
    )
    width = canvas.width - 2
    chosen = next((text for text in texts if len("  ".join(text)) + 6 <= width), texts[-1])
    column = canvas.text(1, row, chosen[0], TRUE) + 2
    column = canvas.text(column, row, f"{chosen[1]:<{len(chosen[1]) - len(off) + len(', 180° off')}}", BATCH) + 1
    canvas.text(column, row, chosen[2], Ink.FAINT)


def _share_inside(inside: Frame, origin: tuple[float, float], step: Array) -> float:
    """The share of a step after which it reaches the edge of the picture, at most 1; 1 where it begins outside."""
    share = 1.0
    for axis, start, along in zip((inside.x_axis, inside.y_axis), origin, step.tolist(), strict=True):
        room = (axis.high if along > 0 else axis.low) - start
        if along and room / along >= 0:
            share = min(share, room / along)
    return share


def _dots_of(inside: Frame, step: Array) -> tuple[float, float]:
    """The number of dots that a step goes across and up; for one weight, across alone."""
    x_span, y_span = (axis.high - axis.low for axis in (inside.x_axis, inside.y_axis))
    return float(step[0]) / x_span * 2 * inside.width, float(step[1]) / y_span * 4 * inside.height


def _dot(axis: Axis, dots: int) -> float:
    """The share of an axis that a dot is."""
    return (axis.high - axis.low) / dots


def _dots(inside: Frame, step: Array) -> float:
    return math.hypot(*_dots_of(inside, step))


def _round(value: float) -> float:
    """The nearest of 1, 2 and 5 times a power of ten below the value."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(factor * power for factor in (5, 2, 1) if factor * power <= value or factor == 1)
