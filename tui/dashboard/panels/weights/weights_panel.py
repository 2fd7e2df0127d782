"""The weights: the loss graph of one, the map of two, the plane of more, and all of them over time."""

from __future__ import annotations

from textual import events

from engine.serving.views.scene import Scene
from engine.serving.views.weights_view import WeightsView
from tui.dashboard.panels.pictures import PicturesPanel
from tui.dashboard.panels.weights.extent import values_at
from tui.dashboard.panels.weights.loss_graph import LossGraph
from tui.dashboard.panels.weights.loss_map import LossMap
from tui.dashboard.panels.weights.plane_map import PlaneMap
from tui.dashboard.panels.weights.weight_curves import WeightCurves

_Picture = LossGraph | LossMap | PlaneMap | WeightCurves
_GRADIENTS = ((True, False), (True, True), (False, False))  # arrows, and the cloud of possible minibatch gradients
_KEY_ZOOM, _WHEEL_ZOOM = 2.0, 1.25
_FEW_ENOUGH = 16  # weights whose curves say more than a plane


class WeightsPanel(PicturesPanel[_Picture]):
    """Shows one of the pictures that suit the number of weights. The maps zoom and move by keys and mouse; a click asks
    for the loss at a point."""

    BORDER_TITLE = "Weights"

    def __init__(self) -> None:
        super().__init__()
        self._gradients = _GRADIENTS[0]
        self._pressed: tuple[int, int] | None = None
        self._dragged = False

    def suitable(self, scene: Scene) -> list[_Picture]:
        count = len(scene.weight_names)
        first = LossGraph(scene) if count == 1 else LossMap(scene) if count == 2 else PlaneMap(scene)
        pictures: list[_Picture] = [first, WeightCurves(scene)]
        return pictures[::-1] if 2 < count <= _FEW_ENOUGH else pictures

    def describe(self) -> None:
        for picture in self._pictures:
            if isinstance(picture, LossGraph | LossMap):
                picture.arrows, picture.cloud = self._gradients
        super().describe()

    def next_gradients(self) -> None:
        """Arrows; arrows and the cloud of possible minibatch gradients; neither."""
        self._gradients = _GRADIENTS[(_GRADIENTS.index(self._gradients) + 1) % len(_GRADIENTS)]
        self.describe()
        self.repaint()

    def view(self, columns: int) -> WeightsView:
        """The request for the next snapshot's part."""
        width, height = self.size
        if self.shown is None or not self.display or not self.due or width < 8 or height < 3:
            return WeightsView(columns, way=False)
        return self.shown.view(columns, width, height)

    @property
    def _map(self) -> LossGraph | LossMap | PlaneMap | None:
        """The picture that is shown, if it can be zoomed."""
        return None if isinstance(self.shown, WeightCurves) else self.shown

    def zoom(self, direction: int) -> None:
        """Go closer to the present weights (1), or back (−1) until everything is shown."""
        if self._map is None or self.snapshot is None:
            return
        viewport = self._map.viewport
        if direction > 0:
            viewport.zoom(_KEY_ZOOM, self._map.present(self.snapshot), centre=True)
        else:
            viewport.zoom(1 / _KEY_ZOOM, [(axis.low + axis.high) / 2 for axis in viewport.axes])
        self.repaint()

    def _values_at(self, event: events.MouseEvent) -> tuple[float, float] | None:
        """The values of the axes where the mouse is, or None outside of them."""
        offset = event.get_content_offset(self)
        if offset is None or self._map is None or self._map.inside is None:
            return None
        return values_at(self._map.inside, offset.x, offset.y)

    def _wheel(self, event: events.MouseEvent, factor: float) -> None:
        values = self._values_at(event)
        if values is not None and self._map is not None:
            event.stop()
            self._map.viewport.zoom(factor, values[: len(self._map.viewport.extents)])
            self.repaint_soon()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._wheel(event, _WHEEL_ZOOM)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._wheel(event, 1 / _WHEEL_ZOOM)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if self._values_at(event) is not None:
            self._pressed, self._dragged = (event.x, event.y), False
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._pressed is None or self._map is None or self._map.inside is None:
            return
        across, down = event.x - self._pressed[0], event.y - self._pressed[1]
        if across or down:
            self._pressed, self._dragged = (event.x, event.y), True
            self._map.viewport.pan(-across / self._map.inside.width, down / self._map.inside.height)
            self.repaint_soon()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        if self._pressed is None:
            return
        self.release_mouse()
        self._pressed = None
        values = self._values_at(event)
        if not self._dragged and values is not None and self._map is not None:
            self._map.pin = None if self._map.pin == values else values
            self.repaint()

    def on_click(self, event: events.Click) -> None:
        if event.chain == 2 and self._map is not None:
            self._map.viewport.reset()
            self._map.pin = None
            self.repaint()
