"""Weights of a linear model in the units of the table's own columns, whatever was shifted and scaled for training."""

from __future__ import annotations

from engine.model.objective import Array
from scenarios.data.datasets import make
from scenarios.files.objective_forms import LeastSquaresObjective, LogisticObjective
from scenarios.files.schema import ScenarioFile


def in_own_units(file: ScenarioFile, weights: Array) -> dict[str, float] | None:
    """Weight of each feature as it stands in the data, then the intercept, by name; None for other models than least
    squares and logistic regression, and where nothing was shifted or scaled."""
    if file.data is None or not isinstance(file.objective, LeastSquaresObjective | LogisticObjective):
        return None
    data = make(file.data)
    if not data.feature_units and data.target_units.is_none:
        return None
    target = data.target_units
    count = len(data.features)
    intercept = float(weights[count]) if len(weights) > count else 0.0
    found = {}
    for place, name in enumerate(data.features):
        weight = float(weights[place])
        if data.feature_units:
            weight /= data.feature_units[place].scale
            intercept -= weight * data.feature_units[place].mean
        found[name] = weight * target.scale
    name = "intercept"
    while name in found:
        name += " "
    return {**found, name: intercept * target.scale + target.mean}
