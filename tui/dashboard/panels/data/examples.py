"""Pictures of the data, an example a point: the fit, predicted against actual, and the gradients of single examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.serving.views import data_view
from tui.dashboard.panels.pictures import frames_at
from tui.dashboard.panels.weights import arrows
from tui.painting.axes import Array, Axis, StickyAxis, enclosing_axis, quantile
from tui.painting.canvas import Canvas
from tui.painting.frame import Frame, frame
from tui.painting.palette import Ink

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.serving.snapshot import Snapshot
    from engine.serving.views.scene import Scene

_SHOWN_LIT = 64  # more than this many big dots hide the picture


class Fit:
    """One feature: the points, and the model's curve."""

    title = "Data"
    subtitle = "• in this minibatch"
    every = 2  # nobody tells thirty minibatches a second apart

    def view(self, width: int, height: int) -> data_view.DataView:
        """The request for what the next picture needs."""
        return data_view.DataView()

    def complete(self, snapshot: Snapshot) -> bool:
        """Tell whether a snapshot has what was asked for."""
        return len(snapshot.data.predictions) > 0

    def paint(self, scene: Scene, snapshot: Snapshot, width: int, height: int) -> Canvas:
        """The picture of this moment."""
        self.every = frames_at(snapshot)
        canvas, inputs = Canvas(width, height), scene.inputs[:, 0]
        inside = frame(canvas, axis_around(inputs), axis_around(scene.targets), x_name="x", y_name="y")
        inside.points(canvas, inputs, scene.targets, Ink.POINT)
        if len(scene.validation_targets):
            inside.points(canvas, scene.validation_inputs[:, 0], scene.validation_targets, Ink.VALIDATION)
        inside.line(canvas, scene.fit_inputs, snapshot.data.predictions, Ink.FIT)
        _light(canvas, inside, inputs, scene.targets, snapshot.data.batch)
        if len(scene.validation_targets):
            _name_validation(canvas, inside)
        return canvas


class Predictions:
    """Several features: the prediction for every example, against the number to predict."""

    title = "Data · predicted against actual"
    subtitle = "• in this minibatch"
    every = 2

    def __init__(self) -> None:
        self._predicted_axis = StickyAxis()

    def view(self, width: int, height: int) -> data_view.DataView:
        """The request for what the next picture needs."""
        return data_view.DataView()

    def complete(self, snapshot: Snapshot) -> bool:
        """Tell whether a snapshot has what was asked for."""
        return len(snapshot.data.predictions) > 0

    def paint(self, scene: Scene, snapshot: Snapshot, width: int, height: int) -> Canvas:
        """The picture of this moment."""
        canvas, actual = Canvas(width, height), axis_around(scene.targets)
        predictions = snapshot.data.predictions
        finite = predictions[np.isfinite(predictions)]
        low, high = actual.low, actual.high
        if len(finite):  # the bulk of it: one wild prediction must not squeeze the rest
            low, high = min(low, quantile(finite, 0.02)), max(high, quantile(finite, 0.98))
        inside = frame(
            canvas, actual, self._predicted_axis.around(low, high, log=False), x_name="actual", y_name="predicted"
        )
        ends = np.array([actual.low, actual.high])
        inside.line(canvas, ends, ends, Ink.AXIS)
        inside.points(canvas, scene.targets, predictions, Ink.POINT)
        inside.points(canvas, scene.validation_targets, snapshot.data.validation_predictions, Ink.VALIDATION)
        _light(canvas, inside, scene.targets, predictions, snapshot.data.batch)
        if len(scene.validation_targets):
            _name_validation(canvas, inside)
        return canvas


class ExampleGradients:
    """Draw, of at most two weights, the gradient of every example, those of the minibatch lit, and the means of both.

    The minibatch's gradient is the mean of what is lit; the true one the mean of all. For one weight the examples stand
    one above another.
    """

    title = "Gradients · each example's"
    subtitle = "• in this minibatch · ◆ its mean · ◇ of all"
    every = 3

    def __init__(self) -> None:
        self._axes = StickyAxis(), StickyAxis()

    def view(self, width: int, height: int) -> data_view.DataView:
        """The request for what the next picture needs."""
        return data_view.DataView(predictions=False, gradients=True)

    def complete(self, snapshot: Snapshot) -> bool:
        """Tell whether a snapshot has what was asked for."""
        return len(snapshot.data.gradients) > 0

    def paint(self, scene: Scene, snapshot: Snapshot, width: int, height: int) -> Canvas:
        """The picture of this moment."""
        canvas, gradients, batch = Canvas(width, height), snapshot.data.gradients, snapshot.data.batch
        alone = gradients.shape[1] == 1
        x = gradients[:, 0]
        y = np.arange(len(x), dtype=float) if alone else gradients[:, 1]
        y_axis = Axis(-0.5, len(x) - 0.5) if alone else _bulk(self._axes[1], y)
        names = [f"∂/∂{name}" for name in scene.weight_names]
        inside = frame(canvas, _bulk(self._axes[0], x), y_axis, x_name=names[0], y_name="#" if alone else names[1])
        _draw_zero(canvas, inside, alone)
        inside.points(canvas, x, y, Ink.POINT)
        _light(canvas, inside, x, y, batch)
        means = [("◇", snapshot.weights.gradient, arrows.TRUE), ("◆", gradients[batch].mean(axis=0), arrows.BATCH)]
        for mark, gradient, ink in means[: 1 + bool(len(batch))]:
            inside.symbol(canvas, float(gradient[0]), len(x) / 2 if alone else float(gradient[1]), mark, ink)
        return canvas


def _draw_zero(canvas: Canvas, inside: Frame, alone: bool) -> None:
    """The lines where a gradient is 0."""
    x_ends, y_ends = (np.array([axis.low, axis.high]) for axis in (inside.x_axis, inside.y_axis))
    inside.line(canvas, np.zeros(2), y_ends, Ink.AXIS)
    if not alone:
        inside.line(canvas, x_ends, np.zeros(2), Ink.AXIS)


def _bulk(axis: StickyAxis, values: Array) -> Axis:
    """The extent around zero and nearly all of the values."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return Axis(-1, 1)
    return axis.around(min(0.0, quantile(finite, 0.01)), max(0.0, quantile(finite, 0.99)), log=False)


def _light(canvas: Canvas, inside: Frame, x: Array, y: Array, batch: NDArray[np.intp]) -> None:
    """The examples of the next minibatch, as big dots while there are few."""
    if len(batch) > _SHOWN_LIT:
        inside.points(canvas, x[batch], y[batch], Ink.LIT)
    else:
        inside.symbols(canvas, x[batch], y[batch], "•", Ink.LIT)


def _name_validation(canvas: Canvas, inside: Frame) -> None:
    """Say what the points of the other colour are, in the first corner that is free; where none is, at the upper
    right."""
    text, low = "· validation", inside.top + inside.height - 1
    if canvas.height <= 6:
        return
    right, left = canvas.width - len(text), inside.left + 1
    corners = [(right, inside.top), (left, inside.top), (right, low), (left, low)]
    free = ((column, row) for column, row in corners if (canvas.chars[row, column : column + len(text)] == " ").all())
    column, row = next(free, corners[0])
    canvas.text(column, row, text, Ink.VALIDATION)


def axis_around(values: Array) -> Axis:
    """Limits around all finite values."""
    finite = values[np.isfinite(values)]
    return enclosing_axis(float(finite.min()), float(finite.max())) if len(finite) else Axis(0, 1)
