"""Two features and classes: which class the model takes every point of the plane for, and how certainly."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from engine.serving.views import data_view
from tui.dashboard.panels.data.examples import axis_around
from tui.painting.canvas import Canvas
from tui.painting.frame import Frame, frame, point
from tui.painting.palette import CERTAINTIES, CHANCES, Ink

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.serving.snapshot import Snapshot
    from engine.serving.views.scene import Scene

MARKERS = "○●△▲□■◇◆+×"  # of the classes, so that they are told apart without colour
_WORK = 1e7  # weights times points that a picture may cost
_MOST_CELLS = 4000
_CROWDED = 0.4  # points to a cell: with more of them, those that are not lit are small


class DecisionRegions:
    """The classes as a heat map, the examples over it by class, those of the minibatch bright, and those held out as
    small dots."""

    title = "Data · decision regions"
    every = 6  # all of it moves, and a cell of two colours is forty bytes

    def __init__(self, scene: Scene) -> None:
        names = "  ".join(f"{MARKERS[k % 10]} {name}" for k, name in enumerate(scene.classes[:6]))
        self.subtitle = f"{names} · bright: this batch"
        everything = np.vstack([scene.inputs, scene.validation_inputs])
        self._axes = axis_around(everything[:, 0]), axis_around(everything[:, 1])
        self._cells = min(_MOST_CELLS, _WORK / len(scene.weight_names))

    def view(self, width: int, height: int) -> data_view.DataView:
        """The request for what the next picture needs."""
        first, second = self._axes
        inside = frame(Canvas(width, height), first, second)
        coarser = min(1.0, math.sqrt(self._cells / max(1, inside.width * 2 * inside.height)))
        across, up = (max(2, round(coarser * cells)) for cells in (inside.width, 2 * inside.height))
        request = data_view.RegionsRequest((first.low, first.high, across), (second.low, second.high, up))
        return data_view.DataView(predictions=False, regions=request)

    def complete(self, snapshot: Snapshot) -> bool:
        """Tell whether a snapshot has what was asked for."""
        return snapshot.data.regions is not None

    def paint(self, scene: Scene, snapshot: Snapshot, width: int, height: int) -> Canvas:
        """The picture of this moment."""
        canvas = Canvas(width, height)
        inside = frame(canvas, *self._axes, x_name="x", y_name="y")
        if snapshot.data.regions is not None:
            inks = region_inks(snapshot.data.regions, len(scene.classes))[::-1]
            rows = np.linspace(0, len(inks) - 1, 2 * inside.height).round().astype(int)
            columns = np.linspace(0, inks.shape[1] - 1, inside.width).round().astype(int)
            canvas.half_blocks(inks[np.ix_(rows, columns)], inside.left, inside.top)
        _draw_examples(canvas, inside, scene, snapshot)
        return canvas


def region_inks(regions: data_view.Regions, classes: int) -> NDArray[np.uint8]:
    """Inks of a heat map: for two classes of the chance of the second, for more of the likeliest, by certainty."""
    certainty = regions.certainty.astype(np.float64) / 255
    if classes == 2:
        chance = np.where(regions.classes == 1, certainty, 1 - certainty)
        return (Ink.CHANCE_0 + np.minimum((chance * CHANCES).astype(np.uint8), CHANCES - 1)).astype(np.uint8)
    share = np.clip((certainty - 1 / classes) / (1 - 1 / classes), 0, 1)
    level = np.minimum((share * CERTAINTIES).astype(np.uint8), CERTAINTIES - 1)
    return (Ink.REGION_0 + regions.classes * CERTAINTIES + level).astype(np.uint8)


def _draw_examples(canvas: Canvas, inside: Frame, scene: Scene, snapshot: Snapshot) -> None:
    """Held out ones first, those of the minibatch last."""
    for number in range(len(scene.classes)):
        held_out = scene.validation_inputs[scene.validation_targets == number]
        inside.points(canvas, held_out[:, 0], held_out[:, 1], Ink.CLASS_0 + number)
    lit = np.zeros(len(scene.targets), dtype=bool)
    lit[snapshot.data.batch] = True
    crowded = len(scene.targets) > _CROWDED * inside.width * inside.height
    for number in range(len(scene.classes)):
        x, y = scene.inputs[(scene.targets == number) & ~lit].T
        if crowded:
            inside.points(canvas, x, y, Ink.CLASS_0 + number)
            continue
        for across, up in zip(x.tolist(), y.tolist(), strict=True):
            inside.symbol(canvas, across, up, MARKERS[number % 10], Ink.CLASS_0 + number)
    for index in np.flatnonzero(lit):
        target = scene.targets[index]
        marker = MARKERS[int(target) % 10] if math.isfinite(target) else "?"
        inside.symbol(canvas, *point(scene.inputs[index]), marker, Ink.BALL)
