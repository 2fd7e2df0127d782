"""The map of two weights: the trajectory over the loss, the minima, and where the gradients point."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.serving.views import weights_view
from tui.dashboard.panels import ghost_drawing
from tui.dashboard.panels.pictures import frames_at
from tui.dashboard.panels.weights import arrows
from tui.dashboard.panels.weights.arrows import Arrows, Gradients
from tui.dashboard.panels.weights.extent import Extent
from tui.dashboard.panels.weights.ground import CLOUD, draw_trajectories
from tui.dashboard.panels.weights.map_ground import MapGround
from tui.painting.canvas import Canvas
from tui.painting.frame import Frame, columns, point
from tui.painting.palette import Ink

if TYPE_CHECKING:
    from engine.serving.snapshot import Snapshot
    from engine.serving.views.scene import Scene


class LossMap:
    """The map of two weights. gradients: those that the user wants to see."""

    every = 1

    def __init__(self, scene: Scene, gradients: Gradients | None = None) -> None:
        seen = scene.minima[scene.minima_losses <= _lowest(scene)] if len(scene.minima) else scene.minima
        points = np.vstack([scene.initial_weights, seen])
        self.ground = MapGround(lambda: [Extent(*column.tolist()) for column in points.T])
        first, second = scene.weight_names
        self._names = (first, second)
        self.title = f"Weights · the loss over {first}, {second}"
        self._gradients = gradients or Gradients()
        self._arrows = Arrows()
        self._ghosts = ghost_drawing.KeptDots()
        local = " · × local" if (scene.minima_losses > _lowest(scene)).any() else ""
        self._marks = f"○ start · ✛ minimum{local} · ● now" if len(scene.minima) else "○ start · ● now"

    @property
    def subtitle(self) -> str:
        """Words for the marks; while zoomed, for the way back."""
        return self.ground.subtitle(self._marks)

    def view(self, width: int, height: int) -> weights_view.WeightsView:
        """The request for what the next picture needs."""
        return weights_view.WeightsView(
            batch_gradient=self._gradients.arrows,
            cloud=CLOUD if self._gradients.cloud else 0,
            loss_grid=self.ground.request(width, height, top=int(self._gradients.arrows)),
        )

    def complete(self, snapshot: Snapshot) -> bool:
        """Tell whether a snapshot has what was asked for."""
        return len(snapshot.weights.trajectory) > 0

    def paint(self, scene: Scene, snapshot: Snapshot, width: int, height: int) -> Canvas:
        """The picture of this moment."""
        self.every = frames_at(snapshot)
        picture, ground = snapshot.weights, self.ground
        ground.grid = picture.loss_grid or ground.grid
        ground.follow(snapshot, picture.trajectory)
        canvas, inside = ground.draw(self._names, width, height, top=int(self._gradients.arrows))
        trails = self._ghosts.of(
            snapshot.ghosts,
            (inside, width, height),
            lambda ghost: inside.trail(canvas, ghost.trajectory, ghost_drawing.ink_of(ghost)),
        )
        draw_trajectories(canvas, inside, picture.trajectory, trails)
        inside.symbol(canvas, *point(scene.initial_weights), "○", Ink.TRAJECTORY)
        if self._gradients.arrows:
            self._draw_gradients(canvas, inside, snapshot)
        if picture.swarm is not None:
            ground.draw_swarm(canvas, inside, picture.swarm.weights)
        for minimum, loss in zip(scene.minima, scene.minima_losses.tolist(), strict=True):
            inside.symbol(canvas, *point(minimum), "✛" if loss <= _lowest(scene) else "×", Ink.MINIMUM)
        ground.draw_averages(canvas, inside, picture.averages)
        ground.draw_pin(canvas, inside)
        ghost_drawing.number_places(canvas, inside, snapshot.ghosts, ground.place)
        ground.draw_present(canvas, inside)
        return canvas

    def _draw_gradients(self, canvas: Canvas, inside: Frame, snapshot: Snapshot) -> None:
        picture, rate = snapshot.weights, snapshot.learning_rate
        if not len(picture.batch_gradient):
            return
        steps = [-rate * picture.gradient, -rate * picture.batch_gradient]
        self._arrows.fit(inside, steps)
        x, y = picture.trajectory[-1].tolist()
        if len(picture.cloud):
            reached = picture.trajectory[-1] - self._arrows.scale * rate * picture.cloud
            inside.points(canvas, *columns(reached), Ink.CLOUD)
        pair = list(zip(steps, (arrows.TRUE, arrows.BATCH), strict=True))
        for step, ink in sorted(pair, key=lambda arrow: -np.hypot(*arrow[0])):  # the shorter over the longer
            self._arrows.draw(canvas, inside, (x, y), step, ink)
        arrows.legend(canvas, 0, picture.batch_angle, self._arrows.scale)


def _lowest(scene: Scene) -> float:
    """The loss up to which a minimum is one of the lowest."""
    lowest = float(scene.minima_losses.min(initial=np.inf))
    return lowest + 1e-9 * max(1.0, abs(lowest))
