"""From a scenario file to a run: data, objective, trainer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.least_squares import LeastSquares
from engine.run import Run
from engine.trainer import Knobs, Trainer
from scenarios.datasets import DataSet, make
from scenarios.schema import ScenarioFile

if TYPE_CHECKING:
    from scenarios.scenario import Scenario


def starting_knobs(file: ScenarioFile) -> Knobs:
    """The knobs as the file sets them."""
    training = file.training
    return Knobs(training.learning_rate, training.batch_size, training.momentum)


def build_run(scenario: Scenario, *, seed: int | None, knobs: Knobs | None) -> Run:
    """A run of the scenario; without initial weights in its file, from zeros."""
    file = scenario.file
    data = make(file.data)
    objective = _objective(file, data)
    validation = None
    if len(data.validation_targets):
        validation = _objective(file, DataSet(data.features, data.validation_inputs, data.validation_targets))
    weights = file.training.weights
    trainer = Trainer(
        objective,
        np.zeros(len(objective.weight_names)) if weights is None else np.array(weights),
        knobs=knobs or starting_knobs(file),
        seed=file.training.seed if seed is None else seed,
    )
    return Run(trainer, validation)


def _objective(file: ScenarioFile, data: DataSet) -> LeastSquares:
    bias = file.objective.bias
    names: tuple[str, ...]
    if len(data.features) == 1:
        names = ("w", "b") if bias else ("w",)
    else:
        names = (*data.features, "bias") if bias else data.features
    return LeastSquares(data.inputs, data.targets, bias=bias, weight_names=names)
