"""The data panel: the next minibatch among the examples, and what the model says of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from engine.serving.views.scene import fit_inputs, shown_examples, shown_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.measurement import Scores
    from engine.model.objective import Array, Objective
    from engine.runs.run import Run

Part = Literal["training", "validation"]

_WORK = 4e6  # weights times examples that a confusion table may cost: about a millisecond or two
_FEWEST_EXAMPLES = 256


@dataclass(frozen=True)
class RegionsRequest:
    """The model's classes over a plane of two features: each (lowest, highest, how many)."""

    first: tuple[float, float, int]
    second: tuple[float, float, int]


@dataclass(frozen=True)
class DataView:
    """Contents that the data panel asks for. points: examples that can be drawn. The others say what is wanted.

    regions: for two features and classes. confusion: for classes, of which part. gradients: of the examples shown, for
    at most two weights. scores: how well the model predicts.
    """

    points: int = 400
    predictions: bool = True
    regions: RegionsRequest | None = None
    confusion: Part | None = None
    gradients: bool = False
    scores: bool = False


@dataclass(frozen=True)
class Regions:
    """Predicted classes over a plane. classes: (len(second), len(first)) uint8, the likeliest. certainty: uint8, its
    probability times 255; 0 where it is not a number."""

    request: RegionsRequest
    classes: NDArray[np.uint8]
    certainty: NDArray[np.uint8]


@dataclass(frozen=True)
class Confusion:
    """A confusion table. counts: (classes, classes) examples, actual by predicted. examples: of the part; evenly spread
    ones are counted where they would take long. Those whose prediction is not a number are in no count."""

    part: Part
    counts: NDArray[np.intp]
    examples: int


@dataclass(frozen=True)
class DataPicture:
    """The data panel's part of a snapshot. batch: indices into the examples shown of those that are in the next
    minibatch.

    predictions: for the scene's `fit_inputs` where there is one feature, else for its examples.
    validation_predictions: for the scene's validation examples where there are several features, else empty.
    gradients: (M, P) of the examples shown. All empty or None where not asked for. training_scores, validation_scores:
    over all examples, or over evenly spread ones where that would take long; None also where there are none.
    """

    batch: NDArray[np.intp]
    predictions: Array
    validation_predictions: Array
    regions: Regions | None
    confusion: Confusion | None
    gradients: Array
    training_scores: Scores | None
    validation_scores: Scores | None


def capture(run: Run, view: DataView) -> DataPicture:
    """The picture of the data now."""
    objective, weights = run.trainer.objective, run.trainer.weights
    shown = shown_examples(len(objective.examples), view.points)
    predictions, validation_predictions = np.empty(0), np.empty(0)
    if view.predictions and len(objective.targets):
        inputs = fit_inputs(objective)
        predictions = objective.predict(weights, inputs[:, None] if len(inputs) else objective.inputs[shown])
        if run.validation is not None and run.validation.inputs.shape[1] != 1:
            validation_predictions = run.validation.predict(weights, shown_rows(run.validation.inputs, view.points))
    return DataPicture(
        batch=np.flatnonzero(np.isin(shown, run.trainer.upcoming_batch())),
        predictions=predictions,
        validation_predictions=validation_predictions,
        regions=_regions(objective, weights, view.regions) if view.regions else None,
        confusion=_confusion(run, view.confusion) if view.confusion else None,
        gradients=_gradients(objective, weights, shown) if view.gradients else np.empty((0, len(weights))),
        training_scores=_scores(run, objective) if view.scores else None,
        validation_scores=_scores(run, run.validation) if view.scores and run.validation else None,
    )


def _regions(objective: Any, weights: Array, request: RegionsRequest) -> Regions:
    first, second = np.linspace(*request.first), np.linspace(*request.second)
    inputs = np.stack(np.meshgrid(first, second), axis=-1).reshape(-1, 2)
    probabilities = objective.probabilities(weights, inputs)
    certainty = np.nan_to_num(probabilities.max(axis=1) * 255).astype(np.uint8)
    shape = len(second), len(first)
    return Regions(request, probabilities.argmax(axis=1).astype(np.uint8).reshape(shape), certainty.reshape(shape))


def _confusion(run: Run, part: Part) -> Confusion:
    """The confusion table of the examples of one part: all, or as many as can be afforded."""
    objective: Any = run.validation if part == "validation" and run.validation else run.trainer.objective
    weights = run.trainer.weights
    counted = _counted(objective)
    probabilities = objective.probabilities(weights, objective.inputs[counted])
    actual = objective.targets[counted]
    known = np.isfinite(probabilities).all(axis=1) & np.isfinite(actual)
    counts = np.zeros((objective.num_classes, objective.num_classes), dtype=np.intp)
    np.add.at(counts, (actual[known].astype(np.intp), probabilities[known].argmax(axis=1)), 1)
    return Confusion(part, counts, len(objective.targets))


def _counted(objective: Objective) -> NDArray[np.intp]:
    """The examples that are counted: all, or as many as can be afforded."""
    affordable = max(_FEWEST_EXAMPLES, int(_WORK / len(objective.weight_names)))
    return shown_examples(len(objective.targets), affordable)


def _scores(run: Run, objective: Objective) -> Scores | None:
    from engine.probes import scores  # the screen, which reads this file as well, has no need of it

    if not len(objective.targets):
        return None
    return scores(objective, run.trainer.weights, _counted(objective), target_scale=run.target_scale)


def _gradients(objective: Objective, weights: Array, shown: NDArray[np.intp]) -> Array:
    from engine.probes import per_example_gradients  # the screen, which reads this file as well, has no need of it

    return np.concatenate(list(per_example_gradients(objective, weights, shown)))
