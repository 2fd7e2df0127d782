"""The weights: the loss graph of one, the map of two, the plane of more, and all of them over time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from textual import events

from engine.serving.views import weights_view
from tui.dashboard.panels.pictures import Picture, PicturesPanel
from tui.dashboard.panels.top_border import Toggle
from tui.dashboard.panels.weights.arrows import Gradients

if TYPE_CHECKING:
    from engine.serving.views.scene import Scene
    from tui.dashboard.panels.weights.ground import Ground

_KEY_ZOOM, _WHEEL_ZOOM = 2.0, 1.25
_FEW_ENOUGH = 16  # weights whose curves say more than a plane


class WeightsDrawing(Picture["weights_view.WeightsView"], Protocol):
    """A picture of the weights. ground: what it stands on, which can be zoomed; None where nothing can."""

    @property
    def ground(self) -> Ground | None: ...


class WeightsPanel(PicturesPanel[WeightsDrawing]):
    """Shows one of the pictures that suit the number of weights. Those on a ground zoom and move by keys and mouse; a
    click asks for the loss at a point."""

    BORDER_TITLE = "Weights"
    picture_command = "weights-picture"

    def __init__(self) -> None:
        self.gradients = Gradients()
        super().__init__(lambda scene: pictures_of(scene, self.gradients))
        self._pressed: tuple[int, int] | None = None
        self._dragged = False

    @property
    def toggles(self) -> tuple[Toggle, ...]:
        if self._ground is None or self.scene is None:
            return ()
        chosen, swarm = self.gradients, self.snapshot is not None and self.snapshot.weights.swarm is not None
        arrows = Toggle("gradients", "gradients, cloud" if chosen.cloud else "gradients", chosen.arrows)
        return (*([arrows] if len(self.scene.weight_names) <= 2 else ()), Toggle("swarm", "swarm", swarm))

    def next_gradients(self) -> None:
        """Arrows; arrows and the cloud of possible minibatch gradients; neither."""
        self.gradients.go_on()
        self.repaint()

    def view(self, columns: int) -> weights_view.WeightsView:
        """The request for the next snapshot's part. columns: points that a curve is wide."""
        wanted = (
            self.expected.view(*self.size) if self.expected is not None else weights_view.WeightsView(trajectory=False)
        )
        return replace(wanted, columns=columns)

    @property
    def _ground(self) -> Ground | None:
        """The ground of the picture that is shown."""
        return self.shown.ground if self.shown is not None else None

    def zoom(self, direction: int) -> None:
        """Go closer to the present weights (1), or back (−1) until everything is shown."""
        if self._ground is None:
            return
        viewport = self._ground.viewport
        if direction > 0:
            viewport.zoom(_KEY_ZOOM, self._ground.present, centre=True)
        else:
            viewport.zoom(1 / _KEY_ZOOM, [(axis.low + axis.high) / 2 for axis in viewport.axes])
        self.repaint()

    def _values_at(self, event: events.MouseEvent) -> tuple[float, float] | None:
        """The values of the axes where the mouse is, or None outside of them."""
        offset = event.get_content_offset(self)
        if offset is None or self._ground is None or self._ground.inside is None:
            return None
        from tui.dashboard.panels.weights.extent import values_at  # there is a picture of numbers

        return values_at(self._ground.inside, offset.x, offset.y)

    def _wheel(self, event: events.MouseEvent, factor: float) -> None:
        values = self._values_at(event)
        if values is not None and self._ground is not None:
            event.stop()
            self._ground.viewport.zoom(factor, values[: len(self._ground.viewport.extents)])
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
        if self._pressed is None or self._ground is None or self._ground.inside is None:
            return
        across, down = event.x - self._pressed[0], event.y - self._pressed[1]
        if across or down:
            self._pressed, self._dragged = (event.x, event.y), True
            self._ground.viewport.pan(-across / self._ground.inside.width, down / self._ground.inside.height)
            self.repaint_soon()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        if self._pressed is None:
            return
        self.release_mouse()
        self._pressed = None
        values = self._values_at(event)
        if not self._dragged and values is not None and self._ground is not None:
            self._ground.pin = None if self._ground.pin == values else values
            self.repaint()

    async def on_click(self, event: events.Click) -> None:  # Textual calls the panel's own as well
        if event.chain == 2 and self._values_at(event) is not None and self._ground is not None:
            self._ground.viewport.reset()
            self._ground.pin = None
            self.repaint()


def pictures_of(scene: Scene, gradients: Gradients) -> list[WeightsDrawing]:
    """The pictures that suit a scene's number of weights, the most telling one first."""
    from tui.dashboard.panels.weights.loss_graph import LossGraph  # the first frame has none: it has no numbers
    from tui.dashboard.panels.weights.loss_map import LossMap
    from tui.dashboard.panels.weights.plane_map import PlaneMap
    from tui.dashboard.panels.weights.weight_curves import WeightCurves

    count = len(scene.weight_names)
    curves = WeightCurves(scene)
    if count == 1:
        return [LossGraph(scene, gradients), curves]
    if count == 2:
        return [LossMap(scene, gradients), curves]
    return [curves, PlaneMap(scene)] if count <= _FEW_ENOUGH else [PlaneMap(scene), curves]
