"""The form of [objective] where a model is trained on data. The fields of a class are the keys of its kind."""

from itertools import pairwise
from typing import Annotated, Literal, TypeAlias, get_args

from msgspec import Meta

from engine.bounds import MOST_NUMBERS, MOST_PRODUCTS, MOST_WEIGHTS
from engine.plain_text import counted
from scenarios.files.forms import NotNegative, Positive, Table

_OfNumbers: TypeAlias = Literal["mse", "mae", "huber"]  # losses of a number, losses of a class
_OfClasses: TypeAlias = Literal["binary_cross_entropy", "softmax_cross_entropy"]


class _Model(Table, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind"):
    """A model with weights to train on data.

    l1, l2: what is minimised gets l1 times the sum of |w| and l2 times the sum of w² added, biases left out.
    """

    l1: NotNegative = 0.0
    l2: NotNegative = 0.0

    def num_weights(self, num_features: int, num_classes: int = 0) -> int:
        """The number of weights of the model for inputs of so many columns, and so many classes (0: a number)."""
        raise NotImplementedError

    def check(self, num_features: int, num_classes: int) -> None:
        """Raise ValueError, naming the key, where the model is not one for such data."""
        if self.num_weights(num_features, num_classes) > MOST_WEIGHTS:
            count = self.num_weights(num_features, num_classes)
            raise ValueError(f"kind: would have {count:,} weights on this data; at most {MOST_WEIGHTS:,} are allowed")

    def num_inputs(self, num_features: int) -> int:
        """The number of numbers that the model is given of each example."""
        return num_features

    def units(self, num_features: int, num_classes: int) -> int:
        """The number of numbers that a step holds of each example of its minibatch: hidden units and outputs."""
        return 1

    def check_work(self, num_examples: int, num_features: int, num_classes: int) -> None:
        """Raise ValueError, naming the key, where so many examples take more memory or time than is reasonable."""
        inputs, weights = self.num_inputs(num_features), self.num_weights(num_features, num_classes)
        if num_examples * inputs > MOST_NUMBERS:
            raise ValueError(
                f"kind: would be given {counted(inputs, 'number')} for each of {num_examples:,} examples; "
                f"at most {MOST_NUMBERS:,} are allowed"
            )
        if num_examples * weights > MOST_PRODUCTS:
            raise ValueError(
                f"kind: would have {counted(weights, 'weight')} for {num_examples:,} examples; "
                f"their product is to be at most {MOST_PRODUCTS:,}"
            )


class _Regression(_Model, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A model of a number, by least squares."""

    def check(self, num_features: int, num_classes: int) -> None:
        if num_classes:
            raise ValueError(f"kind: predicts a number, but the data has {num_classes} classes to tell apart")
        super().check(num_features, num_classes)


class LeastSquaresObjective(_Regression, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="least_squares"):
    """Mean squared error of a weighted sum of the features, with or without a bias."""

    bias: bool = True

    def num_weights(self, num_features: int, num_classes: int = 0) -> int:
        return num_features + self.bias


class PolynomialObjective(_Regression, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="polynomial"):
    """Mean squared error of a polynomial of one feature, and a bias. The feature is standardised, and so is each of
    its powers."""

    degree: Annotated[int, Meta(ge=1, le=30)] = 3

    def num_weights(self, num_features: int, num_classes: int = 0) -> int:
        return self.degree + 1

    def num_inputs(self, num_features: int) -> int:
        return self.degree

    def check(self, num_features: int, num_classes: int) -> None:
        super().check(num_features, num_classes)
        if num_features != 1:
            raise ValueError(f"kind: is for data with one feature, but there are {num_features}")


class _InPrecision(_Model, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A model that trains in either precision: of the weights, the examples and all that is computed from them."""

    precision: Literal["float64", "float32"] = "float64"


class LogisticObjective(_InPrecision, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="logistic"):
    """Binary cross-entropy of the logistic function of a weighted sum of the features and a bias."""

    def num_weights(self, num_features: int, num_classes: int = 0) -> int:
        return num_features + 1

    def check(self, num_features: int, num_classes: int) -> None:
        super().check(num_features, num_classes)
        _check_classes("kind", num_classes, two=True)


class SoftmaxObjective(_InPrecision, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="softmax"):
    """Cross-entropy of the softmax of one weighted sum with a bias for each class."""

    def num_weights(self, num_features: int, num_classes: int = 0) -> int:
        return (num_features + 1) * num_classes

    def units(self, num_features: int, num_classes: int) -> int:
        return num_classes

    def check(self, num_features: int, num_classes: int) -> None:
        super().check(num_features, num_classes)
        _check_classes("kind", num_classes, two=False)


class NetworkObjective(_InPrecision, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="network"):
    """A multilayer perceptron.

    hidden: widths of the hidden layers, from the inputs to the outputs; [] is none. activation: of the hidden
    layers; gelu is its tanh form. loss: absent, mse for numbers, binary cross-entropy for two classes, softmax
    cross-entropy for more. initialisation: of the weights, drawn anew for every seed of the training, unless
    training.weights has them. scale: standard deviation of the normal initialisation.
    """

    hidden: Annotated[tuple[Annotated[int, Meta(ge=1, le=10_000)], ...], Meta(max_length=20)] = (8,)
    activation: Literal["tanh", "relu", "sigmoid", "gelu", "silu", "linear"] = "tanh"
    loss: Literal[_OfNumbers, _OfClasses] | None = None
    initialisation: Literal["glorot", "he", "normal", "zeros"] = "glorot"
    scale: Positive | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.scale is not None and self.initialisation != "normal":
            raise ValueError('scale: must be left out, unless initialisation = "normal"')

    def loss_for(self, num_classes: int) -> str:
        """The name of the loss on data with so many classes."""
        return self.loss or ("mse", "mse", "binary_cross_entropy", "softmax_cross_entropy")[min(num_classes, 3)]

    def widths(self, num_features: int, num_classes: int) -> tuple[int, ...]:
        """Numbers of inputs, of units of the hidden layers, and of outputs."""
        softmax = self.loss_for(num_classes) == "softmax_cross_entropy"
        return (num_features, *self.hidden, num_classes if softmax else 1)

    def num_weights(self, num_features: int, num_classes: int = 0) -> int:
        return sum((width + 1) * following for width, following in pairwise(self.widths(num_features, num_classes)))

    def units(self, num_features: int, num_classes: int) -> int:
        return sum(self.widths(num_features, num_classes)[1:])

    def check(self, num_features: int, num_classes: int) -> None:
        super().check(num_features, num_classes)
        if self.loss in get_args(_OfNumbers):
            if num_classes:
                raise ValueError(f"loss: is for numbers, but the data has {num_classes} classes to tell apart")
        elif self.loss is not None:
            _check_classes("loss", num_classes, two=self.loss == "binary_cross_entropy")


def _check_classes(key: str, num_classes: int, *, two: bool) -> None:
    """Raise ValueError unless there are classes, of which there may be only `two`."""
    if not num_classes:
        raise ValueError(f"{key}: tells classes apart, but in this data there is a number to predict")
    if two and num_classes != 2:
        raise ValueError(f"{key}: tells two classes apart, but the data has {num_classes}")


Model = LeastSquaresObjective | PolynomialObjective | LogisticObjective | SoftmaxObjective | NetworkObjective
