"""Building a run from a scenario file: data, objective, trainer."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from engine.model.objective import Array, Objective
from engine.runs.run import Run
from engine.training.knobs import Knobs
from engine.training.trainer import Trainer
from scenarios import model_building
from scenarios.data.datasets import make
from scenarios.data.splitting import DataSet
from scenarios.files.landscape_forms import AnyLandscape
from scenarios.files.schema import ScenarioFile
from scenarios.scenario_error import ScenarioError


def build_run(file: ScenarioFile, *, seed: int | None, knobs: Knobs | None) -> Run:
    """A run of the scenario. `seed` is of the shuffling and of initial weights that are drawn at random."""
    seed = file.training.seed if seed is None else seed
    parts = Parts.of(file)
    knobs = knobs or file.training.starting_knobs()
    trainer = Trainer(parts.objective, parts.weights(seed), knobs=knobs, seed=seed, validation=parts.validation)
    run = Run(trainer, file.goal.goal() if file.goal else None, target_scale=parts.target_scale)
    if run.goal and run.goal.within_limit and math.isnan(run.theory.limit(Knobs()).value):
        raise ScenarioError("`goal.keep.within_limit` = true: is for quadratic losses; of this one no limit is known")
    return run


@dataclass(frozen=True)
class Parts:
    """The parts of a scenario's runs that are the same for every seed and for all knobs.

    objective: to train on. validation: to validate on, where data is held out. target_scale: what the targets were
    divided by. data: that the objectives are made of; None for a landscape.
    """

    file: ScenarioFile
    objective: Objective
    validation: Objective | None
    target_scale: float
    data: DataSet | None

    @classmethod
    def of(cls, file: ScenarioFile, data: DataSet | None = None) -> Parts:
        """Build them. data: where it has been made already."""
        description = file.objective
        if isinstance(description, AnyLandscape):
            return cls(file, description.landscape(), None, 1.0, None)
        assert file.data is not None  # only a landscape has none
        data = make(file.data) if data is None else data
        return cls(file, *model_building.build(description, data), data.target_units.scale, data)

    def weights(self, seed: int) -> Array:
        """(P,) the weights that a run of this seed begins with."""
        description, weights = self.file.objective, self.file.training.weights
        if weights is not None or isinstance(description, AnyLandscape):
            return np.array(weights)
        assert self.data is not None
        return model_building.initial_weights(description, self.data, seed=seed)
