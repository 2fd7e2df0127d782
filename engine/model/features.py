"""Polynomial features of one input, and least squares on them."""

from __future__ import annotations

import numpy as np

from engine.model.least_squares import LeastSquares
from engine.model.objective import Array
from engine.refusals import RefusalError

_QUIETLY = np.errstate(all="ignore")


class Polynomial:
    """t, t², … t^degree with t = (x − mean)/deviation, each again less its mean and by its deviation.

    Means and standard deviations are those over `inputs`, (N, 1), and stay so for other inputs. So every column
    is of the same size and orthogonal to the bias; what is left is that the powers resemble each other, the
    more the higher they are. A column without deviation is only shifted.
    Raises RefusalError for a degree below 1 and for more than one feature.
    """

    @classmethod
    def of(cls, constants: tuple[Array, Array, Array, Array]) -> Polynomial:
        """The polynomial with these `constants`."""
        polynomial = cls(len(constants[2]), np.zeros((1, 1)))
        polynomial._centre, polynomial._width, polynomial._mean, polynomial._deviation = constants
        return polynomial

    @property
    def constants(self) -> tuple[Array, Array, Array, Array]:
        """(1,) mean and deviation of the input, (degree,) means and deviations of its powers."""
        return self._centre, self._width, self._mean, self._deviation

    @_QUIETLY
    def __init__(self, degree: int, inputs: Array) -> None:
        if degree < 1:
            raise RefusalError(f"the degree must be at least 1, not {degree}")
        inputs = np.asarray(inputs, dtype=np.float64)
        if inputs.ndim != 2 or inputs.shape[1] != 1:
            raise RefusalError(f"inputs (N, 1), of one feature, are needed, not {inputs.shape}")
        self.degree = degree
        self._centre, self._width = _location(inputs)
        self._mean, self._deviation = _location(self._powers(inputs))

    def _powers(self, inputs: Array) -> Array:
        return np.asarray(((inputs - self._centre) / self._width) ** np.arange(1, self.degree + 1))

    @_QUIETLY
    def __call__(self, inputs: Array) -> Array:
        """(M, degree) for (M, 1) inputs."""
        return np.asarray((self._powers(inputs) - self._mean) / self._deviation)


class PolynomialLeastSquares(LeastSquares):
    """Least squares on polynomial features: (degree + 1) weights, the bias last; inputs stay (N, 1).

    features: what maps inputs to columns; that of the training examples, also for validation.
    """

    def __init__(self, inputs: Array, targets: Array, features: Polynomial) -> None:
        names = ("x", *(f"x^{power}" for power in range(2, features.degree + 1)), "bias")
        super().__init__(features(inputs), targets, weight_names=names)
        self.features = features
        self.inputs = np.asarray(inputs, dtype=np.float64)

    def predict(self, weights: Array, inputs: Array) -> Array:
        return super().predict(weights, self.features(inputs))


def _location(columns: Array) -> tuple[Array, Array]:
    """(c,) means and (c,) standard deviations, 1 where there is none."""
    deviation = columns.std(axis=0)
    constant = (np.ptp(columns, axis=0) == 0) | (deviation == 0)
    return columns.mean(axis=0), np.where(constant, 1.0, deviation)
