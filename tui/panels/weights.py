"""The weights: the loss graph of one, the contour map of two, the values of more over time."""

from __future__ import annotations

from engine.snapshot import Snapshot
from engine.views.scene import Scene
from engine.views.weights import LossGridRequest
from tui.painting.canvas import Canvas
from tui.panels.loss_graph import LossGraph
from tui.panels.loss_map import LossMap
from tui.panels.panel import Panel
from tui.panels.weight_curves import WeightCurves


class WeightsPanel(Panel):
    """Shows the picture that suits the number of weights."""

    BORDER_TITLE = "Weights"

    def __init__(self) -> None:
        super().__init__()
        self._picture: LossGraph | LossMap | WeightCurves | None = None

    def begin(self, scene: Scene) -> None:
        kinds = {1: LossGraph, 2: LossMap}
        self._picture = kinds.get(len(scene.weight_names), WeightCurves)(scene)
        self.border_title, self.border_subtitle = self._picture.title, self._picture.subtitle
        self.every = 3 if isinstance(self._picture, WeightCurves) else 1

    def wanted_grid(self) -> LossGridRequest | None:
        """The losses that the next snapshot should bring, or None."""
        width, height = self.size
        if self._picture is None or not self.display or width < 8 or height < 3:
            return None
        return self._picture.wanted(width, height)

    def paint(self, scene: Scene, snapshot: Snapshot, width: int, height: int) -> Canvas:
        return self._picture.paint(scene, snapshot, width, height) if self._picture else Canvas(width, height)
