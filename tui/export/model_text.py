"""The model of a run, as another library has to build it: layers with a loss, or the formula of a landscape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, assert_never

import numpy as np
from numpy.typing import NDArray

from engine.model.activations import ACTIVATIONS
from engine.model.example_losses import LOSSES
from engine.model.features import PolynomialLeastSquares
from engine.model.landscape_objective import Landscape
from engine.model.least_squares import LeastSquares
from engine.model.network_kernel import matrices
from engine.model.networks import Network
from engine.model.objective import Array, Objective
from engine.model.regularisation import Regularised
from scenarios.files import landscape_forms as forms
from scenarios.files.objective_forms import Model


@dataclass(frozen=True)
class LossText:
    """A loss of examples in other libraries.

    torch: a module for the mean over examples. keras: of single examples, as an expression, before it the lines that
    it is made of: Keras's own classes round to float32 on the way.
    """

    torch: str
    keras: tuple[str, ...]


LOSS_TEXTS = {
    "mse": LossText("nn.MSELoss()", ("ops.square(outputs - targets)",)),
    "mae": LossText("nn.L1Loss()", ("ops.abs(outputs - targets)",)),
    "huber": LossText(
        "nn.HuberLoss()",
        ("size = ops.abs(outputs - targets)", "ops.where(size <= 1, 0.5 * ops.square(size), size - 0.5)"),
    ),
    "binary_cross_entropy": LossText("nn.BCEWithLogitsLoss()", ("ops.softplus(outputs) - targets * outputs",)),
    "softmax_cross_entropy": LossText(
        "nn.CrossEntropyLoss()",
        ("keras.losses.sparse_categorical_crossentropy(targets, outputs, from_logits=True)",),
    ),
}


@dataclass(frozen=True)
class Layers:
    """A network; without hidden layers also a regression.

    matrices: of each layer (inputs, outputs), biases: (outputs,), or None where there are none. activation, loss: the
    engine's names. inputs: (N, d), targets: (N, 1) numbers or, for the softmax, (N,) classes. l1, l2: of the matrices.
    """

    matrices: list[Array]
    biases: list[Array] | None
    activation: str
    loss: str
    inputs: Array
    targets: NDArray[Any]
    l1: float = 0.0
    l2: float = 0.0


def layers(objective: Objective, weights: Array) -> Layers:
    """The layers of a model that trains on data, at the given weights."""
    l1 = l2 = 0.0
    if isinstance(objective, Regularised):
        l1, l2, objective = objective.l1, objective.l2, objective.objective
    if isinstance(objective, LeastSquares):
        inputs = objective.inputs
        if isinstance(objective, PolynomialLeastSquares):
            inputs = objective.features(inputs)
        matrix, biases = weights[: inputs.shape[1], None], [weights[-1:]] if objective.bias else None
        return Layers([matrix], biases, "linear", "mse", inputs, objective.targets[:, None], l1, l2)
    assert isinstance(objective, Network)
    loss = next(name for name, kind in LOSSES.items() if type(objective.example_loss) is kind)
    activation = next(name for name, kind in ACTIVATIONS.items() if type(objective.activation) is kind)
    dtype = objective.examples.dtype
    parts = matrices(weights.astype(dtype), objective.widths)
    targets: NDArray[Any] = objective.targets.astype(np.int64 if loss == "softmax_cross_entropy" else dtype)
    return Layers(
        [part[:-1] for part in parts],
        [part[-1] for part in parts],
        activation,
        loss,
        objective.inputs.astype(dtype),
        targets if loss == "softmax_cross_entropy" else targets.reshape(len(targets), -1),
        l1,
        l2,
    )


def formula(description: Model | forms.Landscape, landscape: Landscape, library: str) -> tuple[str, ...]:
    """The lines of a function's body that end with the value of one example: of the weights x, y and the tilts s, t of
    two weights, or x and s of one. library: whose cos and where are meant."""
    assert isinstance(description, forms.Landscape)  # it is what the landscape was made from
    if landscape.surface.num_weights == 1:
        return _of_one_weight(description, landscape, library)
    tilt = "s * x + t * y"
    match description:
        case forms.QuadraticLandscape():
            (xx, xy), (_, yy) = landscape.surface.hessian(0.0, 0.0)
            return f"a, b, c = {xx!r}, {xy!r}, {yy!r}", f"return 0.5 * (a * x * x + c * y * y) + b * x * y + {tilt}"
        case forms.RavineLandscape(steepness=steepness, scale=scale):
            return (f"return {scale!r} * ((1 - x) ** 2 + {steepness!r} * (y - x * x) ** 2) + {tilt}",)
        case forms.SaddleLandscape(curvature=curvature):
            return (f"return 0.5 * {curvature!r} * x * x + 0.25 * (y * y - 1) ** 2 + {tilt}",)
        case forms.PlateauLandscape(width=width):
            return f"q = (x * x + y * y) / {width!r}**2", f"return q / (1 + q) + {tilt}"
        case forms.PotholesLandscape(depth=depth, spacing=spacing):
            holes = f"{depth!r} * (2 - {library}.cos(k * x) - {library}.cos(k * y))"
            return f"k = 2 * math.pi / {spacing!r}", f"return 0.5 * (x * x + y * y) + {holes} + {tilt}"
        case forms.HimmelblauLandscape(scale=scale):
            return (f"return {scale!r} * ((x * x + y - 11) ** 2 + (x + y * y - 7) ** 2) + {tilt}",)
        case forms.HyperbolaLandscape():
            return ("return 0.5 * (x * y - 1) ** 2 - s * (x * y - 1)",)
        case forms.TwoMinimaLandscape():
            raise AssertionError("has one weight")
        case _:
            assert_never(description)


def _of_one_weight(description: forms.Landscape, landscape: Landscape, library: str) -> tuple[str, ...]:
    match description:
        case forms.PlateauLandscape(width=width):
            return f"q = (x / {width!r}) ** 2", "return q / (1 + q) + s * x"
        case forms.PotholesLandscape(depth=depth, spacing=spacing):
            holes = f"{depth!r} * (1 - {library}.cos(k * x))"
            return f"k = 2 * math.pi / {spacing!r}", f"return 0.5 * x * x + {holes} + s * x"
        case forms.TwoMinimaLandscape():
            first, second = (
                f"{name} = {library}.where(x * x < {a} * (x - 1) ** 2, x * x, {a} * (x - 1) ** 2)"
                for name, a in (("first", 0.1), ("second", 1.9))
            )
            return first, second, "return 0.5 * ((1 - s) * first + (1 + s) * second)"
        case _:
            ((curvature,),) = landscape.surface.hessian(0.0)
            return (f"return 0.5 * {curvature!r} * x * x + s * x",)
