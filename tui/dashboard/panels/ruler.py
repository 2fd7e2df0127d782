"""Units of the loss panel's x axis: updates, examples or epochs; and the lines that are drawn along it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

import numpy as np

from tui.painting.axes import Array

if TYPE_CHECKING:
    from engine.runs.curves import Curve

Unit = Literal["updates", "examples", "epochs"]
UNITS: tuple[Unit, ...] = get_args(Unit)
_AHEAD = 1e15  # steps that no run comes to


class Ruler:
    """A ruler that leads from the steps of one run to places on the axis, and back.

    examples: examples seen before a step, straight between the points given; beyond the last one, however far, a step
    sees `batch_size` of them: a window that was placed late in one run is kept for the next. An epoch is
    `num_examples`.
    """

    def __init__(self, unit: Unit, examples: Curve, *, num_examples: int, batch_size: int) -> None:
        self._unit, self._num_examples = unit, num_examples
        self._steps = np.append(examples.steps, examples.steps[-1] + _AHEAD)
        self._places = np.append(examples.values, examples.values[-1] + _AHEAD * batch_size)
        if unit == "epochs":
            self._places = self._places / num_examples

    def place(self, steps: Array | float) -> Array:
        """Places of steps on the axis."""
        steps = np.asarray(steps, dtype=np.float64)
        return steps if self._unit == "updates" else np.interp(steps, self._steps, self._places)

    def place_other(self, steps: Array, examples: Array) -> Array:
        """Places of the steps of another run, before which it had seen so many examples."""
        if self._unit == "updates":
            return steps
        return examples if self._unit == "examples" else examples / self._num_examples

    def step(self, place: float) -> int:
        """The step that begins nearest to a place on the axis."""
        return round(place if self._unit == "updates" else float(np.interp(place, self._places, self._steps)))


class Line(NamedTuple):
    """A curve on the axis: places along it and losses, both (m,). number: of another run than the one in front."""

    name: str
    ink: int
    places: Array
    losses: Array
    number: int = 0
