"""What does not change while a run trains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.objective import Array, Objective
    from engine.run import Run

_FIT_POINTS = 100


@dataclass(frozen=True)
class Scene:
    """What does not change while a run trains. M ≤ the view's points examples of each kind are shown.

    inputs: (M, 1) where there is one feature, else (0, d). targets: (M,), of the training examples; (0,) without data.
    validation_targets: (V,), empty without any.
    fit_inputs: for one feature (K,) evenly spaced values over the data, where the model is drawn; else empty.
    initial_weights, minimum: (P,), for at most two weights; minimum is None where none is known.
    """

    number: int
    weight_names: Sequence[str]
    watched: tuple[int, ...]
    num_examples: int
    inputs: Array
    targets: Array
    validation_targets: Array
    fit_inputs: Array
    initial_weights: Array
    minimum: Array | None


def take(run: Run, number: int, points: int) -> Scene:
    """The unchanging part of the picture, with at most `points` examples of each kind."""
    trainer = run.trainer
    objective = trainer.objective
    shown = shown_examples(len(objective.targets), points)
    few_weights = len(objective.weight_names) <= 2
    return Scene(
        number=number,
        weight_names=objective.weight_names,
        watched=tuple(trainer.watched),
        num_examples=len(objective.examples),
        inputs=objective.inputs[shown if objective.inputs.shape[1] == 1 else []],
        targets=objective.targets[shown],
        validation_targets=shown_rows(run.validation.targets, points) if run.validation else np.empty(0),
        fit_inputs=fit_inputs(objective),
        initial_weights=trainer.initial_weights if few_weights else np.empty(0),
        minimum=objective.minimum() if few_weights else None,
    )


def shown_examples(num_examples: int, points: int) -> NDArray[np.intp]:
    """Which examples are drawn: all, or `points` of them evenly spread."""
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
