"""The data panel: the next minibatch among the examples, and what the model says of them."""

from __future__ import annotations

import math
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

_WORK = 2e7  # weights times examples that a picture may cost: about two milliseconds
_FEWEST_EXAMPLES = 32


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
    probability times 255; 0 where it is not a number. Where it would take long, one point answers for its neighbours.
    """

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

    predictions: for the scene's `fit_inputs` where there is one feature, else for its examples, evenly spread ones and
    NaN for the others where that would take long. validation_predictions: likewise for the scene's validation examples
    where there are several features, else empty.
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
        predictions = _predictions(objective, weights, inputs[:, None] if len(inputs) else objective.inputs[shown])
        if run.validation is not None and run.validation.inputs.shape[1] != 1:
            inputs = shown_rows(run.validation.inputs, view.points)
            validation_predictions = _predictions(run.validation, weights, inputs)
    training = _count(objective, weights) if view.scores or view.confusion else None
    validation = _count(run.validation, weights) if (view.scores or view.confusion) and run.validation else None
    return DataPicture(
        batch=_places(shown, run.trainer.upcoming_batch(), len(objective.examples)),
        predictions=predictions,
        validation_predictions=validation_predictions,
        regions=_regions(objective, weights, view.regions) if view.regions else None,
        confusion=_confusion(view.confusion, training, validation) if view.confusion else None,
        gradients=_gradients(objective, weights, shown) if view.gradients else np.empty((0, len(weights))),
        training_scores=_scores(run, training) if view.scores else None,
        validation_scores=_scores(run, validation) if view.scores else None,
    )


def _places(shown: NDArray[np.intp], batch: NDArray[np.intp], num_examples: int) -> NDArray[np.intp]:
    """The places of a batch's examples among those that are shown. `np.isin` would do, but takes ten times as long and
    loads NumPy's masked arrays."""
    marked = np.zeros(num_examples, dtype=bool)
    marked[batch] = True
    return np.flatnonzero(marked[shown])


def _predictions(objective: Objective, weights: Array, inputs: Array) -> Array:
    """(M,) predictions for (M, d) inputs, or as many as can be afforded, evenly spread among NaN."""
    every = math.ceil(len(inputs) * len(weights) / _WORK) or 1
    predictions = objective.predict(weights, inputs[::every])
    if every == 1:
        return predictions
    all_of_them = np.full((len(inputs), *predictions.shape[1:]), np.nan)
    all_of_them[::every] = predictions
    return all_of_them


def _regions(objective: Any, weights: Array, request: RegionsRequest) -> Regions:
    first, second = np.linspace(*request.first), np.linspace(*request.second)
    side = math.ceil(math.sqrt(len(first) * len(second) * len(weights) / _WORK)) or 1  # points that are answered as one
    inputs = np.stack(np.meshgrid(first[::side], second[::side]), axis=-1)
    probabilities = objective.probabilities(weights, inputs.reshape(-1, 2)).reshape(*inputs.shape[:2], -1)
    certainty = np.nan_to_num(probabilities.max(axis=2) * 255).astype(np.uint8)
    answers = np.ix_(np.arange(len(second)) // side, np.arange(len(first)) // side)
    return Regions(request, probabilities.argmax(axis=2).astype(np.uint8)[answers], certainty[answers])


@dataclass(frozen=True)
class _Counted:
    """Examples that are counted, (n,) by number: all of a part, or as many as can be afforded. predictions: for them,
    as `probes.predicted` has them."""

    objective: Objective
    examples: NDArray[np.intp]
    predictions: Array


def _count(objective: Objective, weights: Array) -> _Counted | None:
    """Count, and predict once for all; None without data."""
    from engine.probes import predicted  # the screen, which reads this file as well, has no need of it

    if not len(objective.targets):
        return None
    affordable = max(_FEWEST_EXAMPLES, int(_WORK / len(weights)))
    examples = shown_examples(len(objective.targets), affordable)
    return _Counted(objective, examples, predicted(objective, weights, objective.inputs[examples]))


def _confusion(part: Part, training: _Counted | None, validation: _Counted | None) -> Confusion | None:
    """The confusion table of the examples of one part."""
    counted = validation if part == "validation" and validation else training
    if counted is None:
        return None
    objective, predictions = counted.objective, counted.predictions
    actual = objective.targets[counted.examples]
    known = np.isfinite(predictions) & np.isfinite(actual)
    counts = np.zeros((objective.num_classes, objective.num_classes), dtype=np.intp)
    np.add.at(counts, (actual[known].astype(np.intp), predictions[known].astype(np.intp)), 1)
    return Confusion(part, counts, len(objective.targets))


def _scores(run: Run, counted: _Counted | None) -> Scores | None:
    from engine.probes import scores  # the screen, which reads this file as well, has no need of it

    if counted is None:
        return None
    scale, predictions = run.target_scale, counted.predictions
    return scores(counted.objective, run.trainer.weights, counted.examples, target_scale=scale, predictions=predictions)


def _gradients(objective: Objective, weights: Array, shown: NDArray[np.intp]) -> Array:
    from engine.probes import per_example_gradients  # the screen, which reads this file as well, has no need of it

    return np.concatenate(list(per_example_gradients(objective, weights, shown)))
