"""Curves of more than two weights: each of them over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.serving.views import weights_view
from tui.painting import strokes
from tui.painting.axes import Axis, StickyAxis, growing_axis
from tui.painting.canvas import Canvas, cut
from tui.painting.frame import Frame, frame
from tui.painting.labels import write_labels
from tui.painting.palette import Ink

if TYPE_CHECKING:
    from engine.serving.snapshot import Snapshot
    from engine.serving.views.scene import Scene

_NAME_COLUMNS = 14


class WeightCurves:
    """The watched weights over updates, each with its name where it stands now."""

    every = 3
    subtitle = "updates"
    ground = None  # it cannot be zoomed

    def __init__(self, scene: Scene) -> None:
        shown, all_weights = len(scene.watched), len(scene.weight_names)
        self.title = "Weights · over time" + (f", {shown} of {all_weights}" if shown < all_weights else "")
        self._y_axis = StickyAxis()

    def view(self, width: int, height: int) -> weights_view.WeightsView:
        """The request for what the next picture needs."""
        return weights_view.WeightsView(trajectory=False, series=True)

    def complete(self, snapshot: Snapshot) -> bool:
        """Tell whether a snapshot has what was asked for."""
        return len(snapshot.weights.series) > 0

    def paint(self, scene: Scene, snapshot: Snapshot, width: int, height: int) -> Canvas:
        """The picture of this moment."""
        names = [scene.weight_names[j] for j in scene.watched]
        margin = min(_NAME_COLUMNS, max(len(name) for name in names) + 1) if width > 40 else 0
        canvas = Canvas(width - margin, height)
        inside = frame(canvas, growing_axis(snapshot.step, 20), self._axis(snapshot))
        inside.line(canvas, np.array([0.0, inside.x_axis.high]), np.zeros(2), Ink.AXIS)
        for index, series in enumerate(snapshot.weights.series):
            steps, means = (
                np.append(series.steps, snapshot.step),
                np.append(series.mean, snapshot.weights.present[index]),
            )
            inside.curve(canvas, steps, means, *strokes.series(index))
        picture = Canvas(width, height)
        picture.paste(canvas, 0, 0)
        if margin:
            _write_names(picture, inside, names, snapshot, width - margin + 1)
        return picture

    def _axis(self, snapshot: Snapshot) -> Axis:
        """The axis around all values and zero."""
        values = np.concatenate([*(np.r_[series.low, series.high] for series in snapshot.weights.series), [0.0]])
        finite = values[np.isfinite(values)]
        return self._y_axis.around(float(finite.min()), float(finite.max()), log=False)


def _write_names(canvas: Canvas, inside: Frame, names: list[str], snapshot: Snapshot, column: int) -> None:
    """Write the names at the right edge, at the height of the present values, moved apart where they would overlap."""
    order = sorted(range(len(names)), key=lambda index: -snapshot.weights.present[index])
    labels = [
        (
            inside.row(float(snapshot.weights.present[index])),
            cut(names[index], _NAME_COLUMNS - 1),
            strokes.series(index)[0],
        )
        for index in order
    ]
    write_labels(canvas, column, labels, inside.top, inside.height)
