"""The shapes of the landscapes: functions of one or two weights, each with its gradient and its Hessian.

Every shape is a family: beside the weights it takes tilts, and is linear in them. An example of a landscape
is the shape with tilts of its own; the tilts of all examples have the mean 0, so that the mean over all of
them is the shape untilted, the named function. For the same reason the mean over a minibatch is the shape at
the mean of its tilts.

The formulas take Python floats, with which two numbers are quickest dealt with, or arrays of one shape, for
many weights at once. They use neither powers nor divisions by what may be zero, so that numbers which grow
without bound become infinite or NaN and do not raise.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from engine.model.objective import Array
from engine.refusals import RefusalError

Number = Any  # a float, or an array of floats
Hessian = tuple[tuple[float, ...], ...]
_MAX_POTHOLES = 50  # from the origin along one axis
_BISECTIONS = 60


class Surface(Protocol):
    """A function f(w₁ … w_P, t₁ … t_Q) of P weights and Q tilts, linear in the tilts.

    The values, slopes and minima of the named function are those with all tilts 0.
    """

    @property
    def num_weights(self) -> int:
        """P, one or two."""

    @property
    def num_tilts(self) -> int:
        """Q."""

    @property
    def minima(self) -> Array:
        """(k, P) the known minima: the lowest first, among equals the nearest to the origin."""

    @property
    def value(self) -> Callable[..., Number]:
        """The function f, of P weights and Q tilts."""

    @property
    def gradient(self) -> Callable[..., tuple[Number, ...]]:
        """(P,) derivatives of f by the weights, of P weights and Q tilts."""

    @property
    def hessian(self) -> Callable[..., Hessian]:
        """(P, P) second derivatives of f by the weights, of P weights, with all tilts 0."""

    @property
    def constant_hessian(self) -> Hessian | None:
        """The Hessian, where it is the same everywhere and the value at the origin 0; else None."""


class _TwoWeights:
    """A surface f(x, y) + sx + ty: the tilts s and t are added to the gradient, wherever it is taken."""

    num_weights = 2
    num_tilts = 2
    constant_hessian: Hessian | None = None


@dataclass(frozen=True)
class Slice:
    """Another surface along y = 0, which has to be a line of symmetry: f(w) + tw with f(w) = surface(w, 0)."""

    surface: Surface

    num_weights = 1
    num_tilts = 1

    @property
    def minima(self) -> Array:
        minima = self.surface.minima
        return minima[minima[:, 1] == 0, :1]

    def value(self, w: Number, t: Number) -> Number:
        return self.surface.value(w, 0.0, t, 0.0)

    def gradient(self, w: Number, t: Number) -> tuple[Number, ...]:
        return self.surface.gradient(w, 0.0, t, 0.0)[:1]

    def hessian(self, w: float) -> Hessian:
        return (self.surface.hessian(w, 0.0)[0][:1],)

    @property
    def constant_hessian(self) -> Hessian | None:
        whole = self.surface.constant_hessian
        return (whole[0][:1],) if whole else None


class Quadratic(_TwoWeights):
    """½ wᵀHw, where H has two given eigenvalues and the first eigenvector at `rotation` degrees from the x axis.

    The only minimum is the origin; there is none where an eigenvalue is negative.
    """

    def __init__(self, eigenvalues: tuple[float, float], rotation: float = 0.0) -> None:
        (first, second), angle = eigenvalues, math.radians(rotation)
        c, s = math.cos(angle), math.sin(angle)
        self._xx, self._yy = first * c * c + second * s * s, first * s * s + second * c * c
        self._xy = (first - second) * c * s
        self.constant_hessian: Hessian = (self._xx, self._xy), (self._xy, self._yy)
        self.minima: Array = np.zeros((1 if min(eigenvalues) >= 0 else 0, 2))

    def value(self, x: Number, y: Number, s: Number, t: Number) -> Number:
        return 0.5 * (self._xx * x * x + self._yy * y * y) + self._xy * x * y + s * x + t * y

    def gradient(self, x: Number, y: Number, s: Number, t: Number) -> tuple[Number, ...]:
        return self._xx * x + self._xy * y + s, self._xy * x + self._yy * y + t

    def hessian(self, x: float, y: float) -> Hessian:
        return self.constant_hessian


@dataclass(frozen=True)
class Ravine(_TwoWeights):
    """scale · ((1 − x)² + steepness · (y − x²)²): a curved ravine along y = x², falling gently to (1, 1).

    With a scale of 1 and a steepness of 100 it is Rosenbrock's function (The Computer Journal 3, 1960).
    """

    steepness: float = 100.0
    scale: float = 1.0

    @property
    def minima(self) -> Array:
        return np.ones((1, 2))

    def value(self, x: Number, y: Number, s: Number, t: Number) -> Number:
        off = y - x * x
        return self.scale * ((1 - x) * (1 - x) + self.steepness * off * off) + s * x + t * y

    def gradient(self, x: Number, y: Number, s: Number, t: Number) -> tuple[Number, ...]:
        by_y = 2 * self.steepness * (y - x * x)
        return self.scale * (-2 * (1 - x) - 2 * x * by_y) + s, self.scale * by_y + t

    def hessian(self, x: float, y: float) -> Hessian:
        b = 2 * self.steepness
        xx, xy = self.scale * (2 - 2 * b * (y - 3 * x * x)), -2 * self.scale * b * x
        return (xx, xy), (xy, self.scale * b)


@dataclass(frozen=True)
class Saddle(_TwoWeights):
    """½ curvature · x² + ¼ (y² − 1)²: a saddle at the origin, between two minima at (0, ±1).

    Along y it is the double well. There the slope y(y² − 1) vanishes at the saddle, and the curvature is −1.
    """

    curvature: float = 1.0

    @property
    def minima(self) -> Array:
        return np.array([[0.0, 1.0], [0.0, -1.0]])

    def value(self, x: Number, y: Number, s: Number, t: Number) -> Number:
        well = y * y - 1
        return 0.5 * self.curvature * x * x + 0.25 * well * well + s * x + t * y

    def gradient(self, x: Number, y: Number, s: Number, t: Number) -> tuple[Number, ...]:
        return self.curvature * x + s, y * (y * y - 1) + t

    def hessian(self, x: float, y: float) -> Hessian:
        return (self.curvature, 0.0), (0.0, 3 * y * y - 1)


class Plateau(_TwoWeights):
    """q/(1 + q) with q = (x² + y²)/width²: a funnel at the origin in a plain that grows ever flatter.

    Source: Geman & McClure 1985, the robust loss named after them.
    """

    def __init__(self, width: float = 1.0) -> None:
        self._square = width * width
        self.minima: Array = np.zeros((1, 2))

    def value(self, x: Number, y: Number, s: Number, t: Number) -> Number:
        q = (x * x + y * y) / self._square
        return q / (1 + q) + s * x + t * y

    def gradient(self, x: Number, y: Number, s: Number, t: Number) -> tuple[Number, ...]:
        below = 1 + (x * x + y * y) / self._square
        slope = 2 / (self._square * below * below)
        return slope * x + s, slope * y + t

    def hessian(self, x: float, y: float) -> Hessian:
        below = 1 + (x * x + y * y) / self._square
        slope = 2 / (self._square * below * below)
        bend = 4 * slope / (self._square * below)
        return (slope - bend * x * x, -bend * x * y), (-bend * x * y, slope - bend * y * y)


class Potholes(_TwoWeights):
    """½ (x² + y²) + depth · (2 − cos kx − cos ky) with k = 2π/spacing: a bowl full of local minima.

    The best of them is the origin; there are others where depth · k² is well above 1. Their coordinates are
    at most depth · k, as beyond it the bowl is steeper than any pothole. Source: Rastrigin 1974.
    Raises RefusalError where more than 50 potholes fit between the origin and there: they are all listed.
    """

    def __init__(self, depth: float = 0.25, spacing: float = 1.0) -> None:
        self._depth, self._spacing, self._k = depth, spacing, 2 * math.pi / spacing
        self._steepest = depth * self._k
        if not self._steepest / spacing <= _MAX_POTHOLES:
            raise RefusalError(f"2π·depth/spacing² must be at most {_MAX_POTHOLES}, not {self._steepest / spacing:g}")
        self.minima = self._list_minima()

    def _list_minima(self) -> Array:
        positive = self._positive_minima()
        along = np.concatenate([-positive[::-1], [0.0], positive])
        x, y = (grid.ravel() for grid in np.meshgrid(along, along))
        values = self.value(x, y, 0.0, 0.0).round(12)  # so that rounding does not decide among equals
        order = np.lexsort((x * x + y * y, values))
        return np.column_stack([x, y])[order]

    def _positive_minima(self) -> Array:
        """(m,) minima above 0 of ½x² + depth · (1 − cos kx), by bisection of its slope.

        The slope can turn positive only a little below a multiple of the spacing: from the inflection
        before it on, where 1 + depth · k² cos kx turns positive, the slope grows, and at the multiple itself
        it is positive. So there is one minimum between the two if the slope at the inflection is negative.
        """
        if self._steepest * self._k <= 1:
            return np.empty(0)
        high = self._spacing * np.arange(1, int(self._steepest / self._spacing) + 2)
        low = high - math.acos(-1 / (self._steepest * self._k)) / self._k
        there = self._slope(low) < 0
        low, high = low[there], high[there]
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2
            rises = self._slope(middle) > 0
            low, high = np.where(rises, low, middle), np.where(rises, middle, high)
        return np.asarray((low + high) / 2)

    def _slope(self, x: Number) -> Number:
        return x + self._steepest * _sin(self._k * x)

    def value(self, x: Number, y: Number, s: Number, t: Number) -> Number:
        k = self._k
        return 0.5 * (x * x + y * y) + self._depth * (2 - _cos(k * x) - _cos(k * y)) + s * x + t * y

    def gradient(self, x: Number, y: Number, s: Number, t: Number) -> tuple[Number, ...]:
        return self._slope(x) + s, self._slope(y) + t

    def hessian(self, x: float, y: float) -> Hessian:
        k = self._k
        bend = self._steepest * k
        return (1 + bend * _cos(k * x), 0.0), (0.0, 1 + bend * _cos(k * y))


@dataclass(frozen=True)
class Himmelblau(_TwoWeights):
    """The function scale · ((x² + y − 11)² + (x + y² − 7)²): four minima of the value 0.

    Source: Himmelblau, Applied Nonlinear Programming, 1972. One is (3, 2); the others to 16 digits.
    """

    scale: float = 1.0

    @property
    def minima(self) -> Array:
        return np.array(
            [
                [3.0, 2.0],
                [3.584428340330492, -1.848126526964404],
                [-2.805118086952745, 3.131312518250573],
                [-3.779310253377747, -3.283185991286170],
            ]
        )

    def value(self, x: Number, y: Number, s: Number, t: Number) -> Number:
        u, v = x * x + y - 11, x + y * y - 7
        return self.scale * (u * u + v * v) + s * x + t * y

    def gradient(self, x: Number, y: Number, s: Number, t: Number) -> tuple[Number, ...]:
        u, v = x * x + y - 11, x + y * y - 7
        return self.scale * (4 * x * u + 2 * v) + s, self.scale * (2 * u + 4 * y * v) + t

    def hessian(self, x: float, y: float) -> Hessian:
        xx, yy = 12 * x * x + 4 * y - 42, 12 * y * y + 4 * x - 26
        xy = 4 * (x + y)
        return (self.scale * xx, self.scale * xy), (self.scale * xy, self.scale * yy)


class TwoMinima:
    """½ (1 − t) f₁ + ½ (1 + t) f₂ with f₁ = min(x², 0.1(x − 1)²) and f₂ = min(x², 1.9(x − 1)²).

    The examples are f₁ and f₂ themselves, t = ∓1. Their mean has the minima 0 and 1, both of the value 0 and
    the curvature 2; but at 0 the examples agree, and at 1 their curvatures 0.2 and 3.8 lie far apart. Full-batch
    descent stays at both up to the learning rate 1; single examples, drawn with replacement, leave 1 above
    0.5595, where the mean of log|1 − ηh| over the two curvatures h becomes positive, and in the mean square
    above 0.5525. Source: Wu, Ma & E, "How SGD Selects the Global Minima", NeurIPS 2018.
    """

    num_weights = 1
    num_tilts = 1
    constant_hessian = None
    _curvatures = (0.1, 1.9)

    @property
    def minima(self) -> Array:
        return np.array([[0.0], [1.0]])

    def value(self, x: Number, t: Number) -> Number:
        first, second = (self._branches(x, a, x * x, a * (x - 1) * (x - 1)) for a in self._curvatures)
        return 0.5 * ((1 - t) * first + (1 + t) * second)

    def gradient(self, x: Number, t: Number) -> tuple[Number, ...]:
        first, second = (self._branches(x, a, 2 * x, 2 * a * (x - 1)) for a in self._curvatures)
        return (0.5 * ((1 - t) * first + (1 + t) * second),)

    def hessian(self, x: float) -> Hessian:
        first, second = (self._branches(x, a, 2.0, 2 * a) for a in self._curvatures)
        return ((0.5 * (first + second),),)

    @staticmethod
    def _branches(x: Number, a: float, left: Number, right: Number) -> Number:
        """`left` where x² < a(x − 1)², else `right`."""
        is_left = x * x < a * (x - 1) * (x - 1)
        return is_left * left + (1 - is_left) * right


class Hyperbola:
    """½ (xy − 1)² − t(xy − 1): a network of one linear hidden unit that is to give 1 for 1.

    An example is the network with the target 1 + t, less the constant ½t². Every point of the hyperbola
    xy = 1 is a minimum, the sharper the farther out: the curvature across is x² + y². Listed are the two
    flattest. There the tilt is along (y, x), so that the noise of the targets grows with the curvature, and
    training drifts along the valley to where it is flat (Blanc et al., COLT 2020).
    """

    num_weights = 2
    num_tilts = 1
    constant_hessian = None

    @property
    def minima(self) -> Array:
        return np.array([[1.0, 1.0], [-1.0, -1.0]])

    def value(self, x: Number, y: Number, t: Number) -> Number:
        error = x * y - 1
        return 0.5 * error * error - t * error

    def gradient(self, x: Number, y: Number, t: Number) -> tuple[Number, ...]:
        error = x * y - 1 - t
        return error * y, error * x

    def hessian(self, x: float, y: float) -> Hessian:
        cross = 2 * x * y - 1
        return (y * y, cross), (cross, x * x)


def _sin(x: Number) -> Number:
    if isinstance(x, np.ndarray):
        return np.sin(x)
    return math.sin(x) if -math.inf < x < math.inf else math.nan


def _cos(x: Number) -> Number:
    if isinstance(x, np.ndarray):
        return np.cos(x)
    return math.cos(x) if -math.inf < x < math.inf else math.nan
