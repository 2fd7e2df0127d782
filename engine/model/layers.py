"""The layers of a model that trains on data, apart from its examples: what is taken away of it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.model.activations import ACTIVATIONS
from engine.model.example_losses import LOSSES
from engine.model.least_squares import LeastSquares
from engine.model.network_kernel import matrices
from engine.model.networks import Network
from engine.model.objective import Array, Objective
from engine.model.regularisation import Regularised
from engine.refusals import RefusalError


@dataclass(frozen=True)
class Layers:
    """A network; without hidden layers also a regression.

    matrices: of each layer (inputs, outputs), biases: (outputs,), or None where there are none; float64 or float32.
    activation, loss: the engine's names. l1, l2: of the matrices.
    """

    matrices: list[Array]
    biases: list[Array] | None
    activation: str
    loss: str
    l1: float = 0.0
    l2: float = 0.0

    @property
    def widths(self) -> tuple[int, ...]:
        """The numbers of inputs, of units of the hidden layers, and of outputs."""
        return (self.matrices[0].shape[0], *(matrix.shape[1] for matrix in self.matrices))

    def check(self) -> None:
        """Raise RefusalError where the layers do not fit together, or a name is not known."""
        if self.activation not in ACTIVATIONS or self.loss not in LOSSES:
            raise RefusalError(f"there is no activation {self.activation!r} or no loss {self.loss!r}")
        biases = [None] * len(self.matrices) if self.biases is None else self.biases
        for index, ((width, following), matrix, bias) in enumerate(
            zip(pairwise(self.widths), self.matrices, biases, strict=True), 1
        ):
            if matrix.shape != (width, following) or (bias is not None and bias.shape != (following,)):
                raise RefusalError(f"layer {index} does not fit the one before it, or its bias")

    def outputs(self, inputs: Array) -> Array:
        """(M, K) what the last layer gives for (M, d) inputs: numbers, or logits of classes."""
        return self._network(inputs).outputs(self._flat, inputs)

    def probabilities(self, inputs: Array) -> Array:
        """(M, classes) for (M, d) inputs, for the cross-entropies. Raises RefusalError for other losses."""
        return self._network(inputs).probabilities(self._flat, inputs)

    def _network(self, inputs: Array) -> Network:
        width, *hidden, outputs = self.widths
        double = self.matrices[0].dtype == np.float64
        return Network(
            np.zeros((1, width)),
            np.zeros(1) if outputs == 1 or self.loss == "softmax_cross_entropy" else np.zeros((1, outputs)),
            hidden=tuple(hidden),
            num_outputs=outputs,
            activation=self.activation,
            loss=self.loss,
            dtype=np.float64 if double else np.float32,
        )

    @property
    def _flat(self) -> Array:
        """(P,) the weights as a network holds them."""
        biases = [np.zeros(width) for width in self.widths[1:]] if self.biases is None else self.biases
        parts = [np.vstack([matrix, bias]).ravel() for matrix, bias in zip(self.matrices, biases, strict=True)]
        return np.concatenate(parts).astype(np.float64)


def layers_of(objective: Objective, weights: Array) -> Layers:
    """The layers of a model that trains on data, at the given weights; of a polynomial, on its powers. Raises
    RefusalError for what is no such model."""
    l1 = l2 = 0.0
    if isinstance(objective, Regularised):
        l1, l2, objective = objective.l1, objective.l2, objective.objective
    if isinstance(objective, LeastSquares):
        count = len(weights) - objective.bias
        return Layers([weights[:count, None]], [weights[-1:]] if objective.bias else None, "linear", "mse", l1, l2)
    if not isinstance(objective, Network):
        raise RefusalError("a landscape has weights, but no model of data")
    loss = next(name for name, kind in LOSSES.items() if type(objective.example_loss) is kind)
    activation = next(name for name, kind in ACTIVATIONS.items() if type(objective.activation) is kind)
    parts: list[NDArray[np.float64]] = matrices(weights.astype(objective.examples.dtype), objective.widths)
    return Layers([part[:-1] for part in parts], [part[-1] for part in parts], activation, loss, l1, l2)
