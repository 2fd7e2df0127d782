"""Building a run from a scenario file: data, objective, trainer."""

from __future__ import annotations

import math

import numpy as np

from engine.model.objective import Array, Objective
from engine.runs.run import Run
from engine.training.knobs import Knobs
from engine.training.trainer import Trainer
from scenarios import model_building
from scenarios.data.datasets import make
from scenarios.files.landscape_forms import AnyLandscape
from scenarios.files.schema import ScenarioFile
from scenarios.scenario_error import ScenarioError


def build_run(file: ScenarioFile, *, seed: int | None, knobs: Knobs | None) -> Run:
    """A run of the scenario. `seed` is of the shuffling and of initial weights that are drawn at random."""
    seed = file.training.seed if seed is None else seed
    objective, validation, weights, target_scale = _objectives(file, seed)
    if file.training.weights is not None:
        weights = np.array(file.training.weights)
    knobs = knobs or file.training.starting_knobs()
    trainer = Trainer(objective, weights, knobs=knobs, seed=seed, validation=validation)
    run = Run(trainer, file.goal.goal() if file.goal else None, target_scale=target_scale)
    if run.goal and run.goal.within_limit and math.isnan(run.theory.limit(Knobs()).value):
        raise ScenarioError("`goal.keep.within_limit` = true: is for quadratic losses; of this one no limit is known")
    return run


def _objectives(file: ScenarioFile, seed: int) -> tuple[Objective, Objective | None, Array, float]:
    """The objective to train on, the one to validate on where data is held out, the initial weights, and what the
    targets were divided by."""
    description = file.objective
    if isinstance(description, AnyLandscape):
        return description.landscape(), None, np.array(file.training.weights), 1.0
    assert file.data is not None  # only a landscape has none
    data = make(file.data)
    weights = model_building.initial_weights(description, data, seed=seed)
    return *model_building.build(description, data), weights, data.target_units.scale
