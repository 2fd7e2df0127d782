"""Scores: how well a model predicts, in figures that models are compared by, whatever loss they are trained with."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.measurement import Scores
from engine.model.objective import Array, Objective


def scores(
    objective: Objective,
    weights: Array,
    counted: NDArray[np.intp] | slice = slice(None),
    *,
    target_scale: float = 1.0,
    predictions: Array | None = None,
) -> Scores:
    """Score the predictions at these weights, (P,), over all examples, or over those that are `counted`. target_scale:
    what the targets were divided by before the training. predictions: `predicted` ones of these examples, where they
    are known.

    A prediction that is not a number is wrong where classes are told apart, and makes RMSE and R² NaN elsewhere.
    An objective without data has no scores: all are NaN, of 0 examples.
    Source of R²: Draper and Smith, Applied Regression Analysis (1998), equation 1.3.
    """
    whole = len(objective.targets)
    if not whole:
        return Scores()
    targets = objective.targets[counted]
    if predictions is None:
        predictions = predicted(objective, weights, objective.inputs[counted])
    with np.errstate(all="ignore"):
        if objective.num_classes:
            right = predictions == targets
            return Scores(accuracy=float(right.mean()), examples=len(right), num_examples=whole)
        squares = np.square(predictions - targets).sum()
        around_mean = np.square(targets - targets.mean(axis=0)).sum()
        r_squared = float(1 - squares / around_mean) if around_mean else float("nan")
        rmse = target_scale * float(np.sqrt(squares / targets.size))
        return Scores(rmse, r_squared, examples=len(targets), num_examples=whole)


def predicted(objective: Any, weights: Array, inputs: Array) -> Array:
    """Predict what is scored, for (M, d) inputs: numbers, or (M,) the likeliest classes for an objective that tells
    classes apart; NaN where a probability is not a number."""
    if not objective.num_classes:
        with np.errstate(all="ignore"):
            return np.asarray(objective.predict(weights, inputs))
    probabilities = objective.probabilities(weights, inputs)
    known = np.isfinite(probabilities).all(axis=1)
    return np.where(known, probabilities.argmax(axis=1), np.nan)
