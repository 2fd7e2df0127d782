"""The model of a run, as another library has to build it: layers with a loss, or the formula of a landscape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, assert_never

import numpy as np
from numpy.typing import NDArray

from engine.model.features import PolynomialLeastSquares
from engine.model.landscape_objective import Landscape
from engine.model.layers import Layers
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


def examples_of(objective: Objective, layers: Layers) -> tuple[Array, NDArray[Any]]:
    """(N, d) inputs of the first layer, and the targets: (N, 1) numbers or, for the softmax, (N,) classes."""
    if isinstance(objective, Regularised):
        objective = objective.objective
    dtype = layers.matrices[0].dtype
    inputs = objective.features(objective.inputs) if isinstance(objective, PolynomialLeastSquares) else objective.inputs
    if layers.loss == "softmax_cross_entropy":
        return inputs.astype(dtype), objective.targets.astype(np.int64)
    return inputs.astype(dtype), objective.targets.astype(dtype).reshape(len(objective.targets), -1)


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
