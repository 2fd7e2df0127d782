"""The scene: what does not change while a run trains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.model.objective import Array, Objective
    from engine.runs.run import Run

_FIT_POINTS = 100
_MOST_MINIMA = 500  # a landscape of potholes may have ten thousand; the lowest come first


@dataclass(frozen=True)
class Scene:
    """All that does not change while a run trains. M ≤ the view's points examples of each kind are shown.

    inputs: (M, d) for one or two features, else (0, d). targets: (M,), of the training examples; (0,) without data.
    validation_inputs: (V, d) and validation_targets: (V,), likewise; empty without any.
    fit_inputs: for one feature (K,) evenly spaced values over the data, where the model is drawn; else empty.
    classes: names of the classes that the model tells apart; empty where it predicts numbers.
    initial_weights, minima: (P,) and (k, P), for at most two weights; else empty. minima_losses: (k,) at the known
    minima, of which there may be none.
    """

    number: int
    weight_names: Sequence[str]
    watched: tuple[int, ...]
    num_examples: int
    loss_examples: int
    inputs: Array
    targets: Array
    validation_inputs: Array
    validation_targets: Array
    fit_inputs: Array
    classes: tuple[str, ...]
    initial_weights: Array
    minima: Array
    minima_losses: Array


def capture(run: Run, number: int, points: int) -> Scene:
    """The unchanging part of the picture, with at most `points` examples of each kind."""
    trainer, validation = run.trainer, run.validation
    objective = trainer.objective
    num_features = objective.inputs.shape[1]
    few_weights, few_features = len(objective.weight_names) <= 2, 1 <= num_features <= 2
    minima = known_minima(objective) if few_weights else np.empty((0, len(objective.weight_names)))
    return Scene(
        number=number,
        weight_names=objective.weight_names,
        watched=tuple(trainer.watched),
        num_examples=len(objective.examples),
        loss_examples=objective.loss_examples,
        inputs=shown_rows(objective.inputs, points if few_features else 0),
        targets=shown_rows(objective.targets, points),
        validation_inputs=shown_rows(validation.inputs, points if few_features else 0)
        if validation
        else np.empty((0, num_features)),
        validation_targets=shown_rows(validation.targets, points) if validation else np.empty(0),
        fit_inputs=fit_inputs(objective),
        classes=getattr(objective, "class_names", ()),
        initial_weights=trainer.initial_weights if few_weights else np.empty(0),
        minima=minima,
        minima_losses=objective.losses(minima) if few_weights else np.empty(0),
    )


def known_minima(objective: Objective) -> Array:
    """(k, P) the minima that are known in closed form: all of a landscape, else at most one."""
    listed: Array | None = getattr(objective, "minima", None)
    if listed is not None:
        return listed[:_MOST_MINIMA]
    minimum = objective.minimum()
    return np.empty((0, len(objective.weight_names))) if minimum is None else minimum[None]


def shown_examples(num_examples: int, points: int) -> NDArray[np.intp]:
    """The numbers of the examples that are drawn: all, or `points` of them evenly spread."""
    if num_examples <= points:
        return np.arange(num_examples)
    return np.linspace(0, num_examples - 1, points).astype(np.intp)


def shown_rows(values: Array, points: int) -> Array:
    """The rows of those examples."""
    return values[shown_examples(len(values), points)]


def fit_inputs(objective: Objective) -> Array:
    """(K,) values of the one feature over the data, where the model is drawn; empty where there are several."""
    if objective.inputs.shape[1] != 1:
        return np.empty(0)
    finite = objective.inputs[np.isfinite(objective.inputs)]
    return np.linspace(finite.min(), finite.max(), _FIT_POINTS) if len(finite) else np.empty(0)
