"""The data with the next minibatch lit, and the present fit; for many features predicted against actual."""

from __future__ import annotations

import numpy as np

from engine.snapshot import Snapshot
from engine.views.scene import Scene
from tui.painting.axes import Array, Axis, StickyAxis, enclosing_axis
from tui.painting.canvas import Canvas
from tui.painting.frame import Frame, frame
from tui.painting.palette import Ink
from tui.panels.panel import Panel

_SHOWN_LIT = 64  # more than this many big dots hide the picture


class DataPanel(Panel):
    """One feature: the points and the model's curve. Several: predicted against actual. A landscape: nothing."""

    every = 2  # nobody tells thirty minibatches a second apart
    BORDER_TITLE = "Data"
    BORDER_SUBTITLE = "• in this minibatch"

    def __init__(self) -> None:
        super().__init__()
        self._predicted_axis = StickyAxis()

    def begin(self, scene: Scene) -> None:
        self._predicted_axis.forget()
        plain = len(scene.fit_inputs) or not len(scene.targets)
        self.border_title = "Data" if plain else "Data · predicted against actual"

    def paint(self, scene: Scene, snapshot: Snapshot, width: int, height: int) -> Canvas:
        canvas = Canvas(width, height)
        if not len(scene.targets):
            canvas.text(1, 0, "A landscape has no data.", Ink.AXIS)
        elif len(scene.fit_inputs):
            _paint_plane(canvas, scene, snapshot)
        else:
            self._paint_predictions(canvas, scene, snapshot)
        return canvas

    def _paint_predictions(self, canvas: Canvas, scene: Scene, snapshot: Snapshot) -> None:
        actual = _axis(scene.targets)
        predicted = snapshot.data.predictions[np.isfinite(snapshot.data.predictions)]
        low, high = actual.low, actual.high
        if len(predicted):  # the bulk of it: one wild prediction must not squeeze the rest
            low, high = min(low, *np.quantile(predicted, [0.02])), max(high, *np.quantile(predicted, [0.98]))
        inside = frame(
            canvas, actual, self._predicted_axis.around(low, high, log=False), x_name="actual", y_name="predicted"
        )
        ends = np.array([actual.low, actual.high])
        inside.path(canvas, ends, ends, Ink.AXIS)
        inside.points(canvas, scene.targets, snapshot.data.predictions, Ink.POINT)
        inside.points(canvas, scene.validation_targets, snapshot.data.validation_predictions, Ink.VALIDATION)
        _light(canvas, inside, scene.targets, snapshot.data.predictions, snapshot)
        if len(scene.validation_targets) and canvas.height > 6:
            text = "⠄ validation"
            canvas.text(canvas.width - len(text), 0, text, Ink.VALIDATION)


def _paint_plane(canvas: Canvas, scene: Scene, snapshot: Snapshot) -> None:
    inputs = scene.inputs[:, 0]
    inside = frame(canvas, _axis(inputs), _axis(scene.targets), x_name="x", y_name="y")
    inside.points(canvas, inputs, scene.targets, Ink.POINT)
    inside.path(canvas, scene.fit_inputs, snapshot.data.predictions, Ink.FIT)
    _light(canvas, inside, inputs, scene.targets, snapshot)


def _light(canvas: Canvas, inside: Frame, x: Array, y: Array, snapshot: Snapshot) -> None:
    """The examples of the next minibatch, as big dots while there are few."""
    batch = snapshot.data.batch
    if len(batch) > _SHOWN_LIT:
        inside.points(canvas, x[batch], y[batch], Ink.LIT)
        return
    for index in batch:
        inside.symbol(canvas, float(x[index]), float(y[index]), "•", Ink.LIT)


def _axis(values: Array) -> Axis:
    finite = values[np.isfinite(values)]
    return enclosing_axis(float(finite.min()), float(finite.max())) if len(finite) else Axis(0, 1)
