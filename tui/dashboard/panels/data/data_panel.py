"""The data: what is being learned, with the next minibatch lit. Which picture suits depends on the features, on what is
predicted, and on the number of weights."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.serving.views import data_view
from tui.dashboard.panels.data import score_line
from tui.dashboard.panels.pictures import Picture, PicturesPanel
from tui.painting.canvas import Canvas

if TYPE_CHECKING:
    from engine.serving.snapshot import Snapshot
    from engine.serving.views.scene import Scene

_LOW = 8  # rows: a lower panel is all picture


class DataPanel(PicturesPanel[Picture["data_view.DataView"]]):
    """Shows one of the pictures that suit the data. What is dear to compute is asked for only when it is painted."""

    BORDER_TITLE = "Data"
    picture_command = "data-picture"

    def __init__(self) -> None:
        super().__init__(pictures_of)

    def view(self) -> data_view.DataView:
        """The request for the next snapshot's part."""
        if self.expected is None:
            return data_view.DataView(predictions=False)
        width, height = self.size
        rows = self._score_rows(height)
        return replace(self.expected.view(width, height - rows), scores=rows > 0)

    def paint(self, scene: Scene, snapshot: Snapshot, width: int, height: int) -> Canvas:
        rows = self._score_rows(height)
        picture = super().paint(scene, snapshot, width, height - rows)
        if not rows:
            return picture
        canvas = Canvas(width, height)
        canvas.paste(picture, 0, rows)
        score_line.draw(canvas, 0, snapshot.data)
        return canvas

    def _score_rows(self, height: int) -> int:
        """The number of rows of the scores: none where the picture would be too low, and none without data."""
        return int(height >= _LOW and self.scene is not None and len(self.scene.targets) > 0)


def pictures_of(scene: Scene) -> list[Picture[data_view.DataView]]:
    """The pictures that suit a scene's data, the most telling one first."""
    from tui.dashboard.panels.data.confusion import ConfusionTable  # the first frame has none: it has no numbers
    from tui.dashboard.panels.data.examples import ExampleGradients, Fit, Predictions
    from tui.dashboard.panels.data.regions import DecisionRegions

    pictures: list[Picture[data_view.DataView]] = []
    if len(scene.fit_inputs):
        pictures.append(Fit())
    elif scene.classes and scene.inputs.shape[1] == 2:
        pictures.append(DecisionRegions(scene))
    elif len(scene.targets) and not scene.classes:
        pictures.append(Predictions())
    if scene.classes:
        pictures.append(ConfusionTable("training"))
        if len(scene.validation_targets):
            pictures.append(ConfusionTable("validation"))
    if len(scene.weight_names) <= 2:
        pictures.append(ExampleGradients())
    return pictures
