"""The data: what is being learned, with the next minibatch lit. Which picture suits depends on the features, on what is
predicted, and on the number of weights."""

from __future__ import annotations

from engine.serving.views.data_view import DataView
from engine.serving.views.scene import Scene
from tui.dashboard.panels.data.confusion import ConfusionTable
from tui.dashboard.panels.data.examples import ExampleGradients, Fit, Predictions
from tui.dashboard.panels.data.regions import DecisionRegions
from tui.dashboard.panels.pictures import Picture, PicturesPanel


class DataPanel(PicturesPanel[Picture[DataView]]):
    """Shows one of the pictures that suit the data. What is dear to compute is asked for only when it is painted."""

    BORDER_TITLE = "Data"

    def __init__(self) -> None:
        super().__init__(pictures_of)

    def view(self) -> DataView:
        """The request for the next snapshot's part."""
        return self.expected.view(*self.size) if self.expected is not None else DataView(predictions=False)


def pictures_of(scene: Scene) -> list[Picture[DataView]]:
    """The pictures that suit a scene's data, the most telling one first."""
    pictures: list[Picture[DataView]] = []
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
