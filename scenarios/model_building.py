"""Models as a scenario describes them. Each table of scenarios.files.objective_forms states what it is."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from engine.model import initialisation
from engine.model.features import Polynomial, PolynomialLeastSquares
from engine.model.least_squares import LeastSquares
from engine.model.networks import Network
from engine.model.objective import Array, Objective
from engine.model.regularisation import Regularised
from scenarios.data.datasets import DataSet
from scenarios.files import objective_forms


def build(description: objective_forms.Model, data: DataSet) -> tuple[Objective, Objective | None]:
    """The objective to train on, and the one to validate on where data is held out; a penalty is part of both."""
    features = None
    if isinstance(description, objective_forms.PolynomialObjective):
        features = Polynomial(description.degree, data.inputs)  # of the training part, for both
    training = _objective(description, data, features)
    if not len(data.validation_targets):
        return training, None
    held_out = replace(data, inputs=data.validation_inputs, targets=data.validation_targets)
    return training, _objective(description, held_out, features)


def initial_weights(description: objective_forms.Model, data: DataSet, *, seed: int) -> Array:
    """(P,) the weights to start from where the scenario has none: as a network says, zeros for other models."""
    num_features, num_classes = data.inputs.shape[1], len(data.classes)
    if not isinstance(description, objective_forms.NetworkObjective):
        return np.zeros(description.num_weights(num_features, num_classes))
    return initialisation.initial_weights(
        description.initialisation,
        description.widths(num_features, num_classes),
        seed=seed,
        scale=0.1 if description.scale is None else description.scale,
    )


def _objective(description: objective_forms.Model, data: DataSet, features: Polynomial | None) -> Objective:
    objective: LeastSquares | Network
    match description:
        case objective_forms.LeastSquaresObjective():
            names = _names(data)[: None if description.bias else -1]
            objective = LeastSquares(data.inputs, data.targets, bias=description.bias, weight_names=names)
        case objective_forms.PolynomialObjective():
            assert features is not None
            objective = PolynomialLeastSquares(data.inputs, data.targets, features)
        case objective_forms.LogisticObjective():
            objective = _network(description, data, loss="binary_cross_entropy", weight_names=_names(data))
        case objective_forms.SoftmaxObjective():
            objective = _network(description, data, loss="softmax_cross_entropy", num_outputs=len(data.classes))
        case objective_forms.NetworkObjective():
            loss = description.loss_for(len(data.classes))
            *_, num_outputs = description.widths(data.inputs.shape[1], len(data.classes))
            objective = _network(
                description,
                data,
                hidden=description.hidden,
                activation=description.activation,
                loss=loss,
                num_outputs=num_outputs,
            )
        case _:
            assert_never(description)
    if not (description.l1 or description.l2):
        return objective
    return Regularised(objective, l1=description.l1, l2=description.l2, penalised=~_is_bias(objective))


def _network(
    description: objective_forms.LogisticObjective
    | objective_forms.SoftmaxObjective
    | objective_forms.NetworkObjective,
    data: DataSet,
    *,
    loss: str,
    hidden: tuple[int, ...] = (),
    activation: str = "linear",
    num_outputs: int = 1,
    weight_names: tuple[str, ...] | None = None,
) -> Network:
    return Network(
        data.inputs,
        data.targets,
        hidden=hidden,
        num_outputs=num_outputs,
        activation=activation,
        loss=loss,
        dtype=np.float32 if description.precision == "float32" else np.float64,
        weight_names=weight_names,
        class_names=data.classes,
    )


def _is_bias(objective: LeastSquares | Network) -> NDArray[np.bool_]:
    if isinstance(objective, Network):
        return objective.is_bias
    flags = np.zeros(len(objective.weight_names), dtype=bool)
    flags[-1] = objective.bias
    return flags


def _names(data: DataSet) -> tuple[str, ...]:
    """One a feature, and one for the bias."""
    return ("w", "b") if len(data.features) == 1 else (*data.features, "bias")
