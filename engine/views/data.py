"""The data panel: the next minibatch among the examples, and what the model says of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.views.scene import fit_inputs, shown_examples, shown_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.objective import Array
    from engine.run import Run


@dataclass(frozen=True)
class DataView:
    """points: examples that can be drawn."""

    points: int = 400


@dataclass(frozen=True)
class DataPicture:
    """batch: indices into the scene's examples of those shown that are in the next minibatch.

    predictions: for the scene's `fit_inputs` where there is one feature, else for its examples.
    validation_predictions: for the scene's validation examples where there are several features, else empty.
    """

    batch: NDArray[np.intp]
    predictions: Array
    validation_predictions: Array


def take(run: Run, view: DataView) -> DataPicture:
    """What is to be seen among the data now."""
    trainer = run.trainer
    objective, weights = trainer.objective, trainer.weights
    shown, inputs = shown_examples(len(objective.targets), view.points), fit_inputs(objective)
    validation_predictions = np.empty(0)
    if run.validation is not None and run.validation.inputs.shape[1] != 1:
        validation_predictions = run.validation.predict(weights, shown_rows(run.validation.inputs, view.points))
    return DataPicture(
        batch=np.flatnonzero(np.isin(shown, trainer.upcoming_batch())),
        predictions=objective.predict(weights, inputs[:, None] if len(inputs) else objective.inputs[shown]),
        validation_predictions=validation_predictions,
    )
