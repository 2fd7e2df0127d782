"""The limit of minibatch descent on least squares with any number of weights.

An example's Hessian is 2aaᵀ there, of rank one, so that the map K of `engine.probes.noise.noise_floor` costs N·P²
numbers instead of P⁴: in the eigenbasis of H, whitened to z = a/√λ, C ↦ 4 E (zᵀCz) zzᵀ − H₀CH₀, H₀ = 2 E zzᵀ. It and
the Schur product with γ leave the cone of covariances in itself, so that their largest eigenvalue is a positive one.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from engine.model.least_squares import LeastSquares
from engine.model.objective import Array, Objective
from engine.model.regularisation import Regularised
from engine.probes.curvature import hessian

Gain = Callable[[float], Array]
"""(k, k) γ at a learning rate: what unit noise in the gradients along two eigenvectors adds up to."""

_MOST_WEIGHTS = 256
_MOST_NUMBERS = 3e7  # N·P²; of more examples as many are drawn as that leaves, long ones first
_FLAT = 1e-10  # of the largest eigenvalue: a direction in which no example has any curvature
_DIRECTIONS, _STEADY = 40, 1e-6
_TRIES, _CLOSE = 30, 1e-4  # relative


class RankOne:
    """Examples with Hessians of rank one. curvatures: (k,) of the loss, ascending, where it is curved. exact: whether
    all examples were taken."""

    def __init__(self, rows: Array, matrix: Array) -> None:
        curvatures, basis = np.linalg.eigh(matrix)
        curved = curvatures > _FLAT * curvatures.max()
        self.curvatures: Array = curvatures[curved]
        white = rows @ (basis[:, curved] / np.sqrt(self.curvatures))
        share = np.full(len(white), 1 / len(white))
        at_most = int(max(256, _MOST_NUMBERS / max(1, len(self.curvatures)) ** 2))
        self.num_examples, self.exact = len(white), len(white) <= at_most
        if not self.exact:  # with a probability as the square of the length: those that matter most
            squares = np.vecdot(white, white)
            chance = 0.5 / len(white) + 0.5 * squares / squares.sum()
            drawn = np.random.default_rng(0).choice(len(white), at_most, p=chance)
            white, share = white[drawn], 1 / (at_most * len(white) * chance[drawn])
        self.num_seen = len(white)
        self._white, self._share = white, share
        self._mean = 2 * (white.T * share) @ white
        self._covariance: Array = np.eye(len(self.curvatures))

    @classmethod
    def of(cls, objective: Objective) -> RankOne | None:
        """The examples of a least-squares objective, with penalties or not, of at most 256 weights; else None."""
        inner = objective.objective if isinstance(objective, Regularised) else objective
        num_weights = len(objective.weight_names)
        if not isinstance(inner, LeastSquares) or num_weights > _MOST_WEIGHTS:
            return None
        rows = inner.examples[:, :num_weights].astype(np.float64)
        matrix = hessian(objective, np.zeros(num_weights))
        if not (np.isfinite(rows).all() and np.isfinite(matrix).all() and matrix.any()):
            return None
        return cls(rows, matrix)

    def largest_stable_learning_rate(self, high: float, share: float, gain: Gain) -> float:
        """The learning rate up to which the variance of the weights stays finite, at most `high`, that of the full
        batch. share: κ, the covariance of a minibatch's gradient in units of one example's."""
        low, rate = 0.0, high / 2
        before: tuple[float, float] | None = None
        for _ in range(_TRIES):
            radius = self._radius(share, gain(rate))
            low, high = (rate, high) if radius < 1 else (low, rate)
            if abs(radius - 1) < _CLOSE:
                return rate
            if high - low < _CLOSE * high:
                break
            guess = 0.0
            if 0 < radius < math.inf:  # a secant of the logarithms; at first as if one were proportional to the other
                now = math.log(rate), math.log(radius)
                slope = (now[1] - before[1]) / (now[0] - before[0]) if before else 1.0
                guess = math.exp(now[0] - now[1] / slope) if slope > 0 else 0.0
                before = now
            rate = guess if low < guess < high else (low + high) / 2
        return low or high

    def _radius(self, share: float, gain: Array) -> float:
        """The spectral radius of C ↦ κ γ ∘ K(C), from where the last search ended, by Arnoldi's method: an eigenvalue
        that leads is real there, and its covariance one that nowhere is negative.

        Source: Golub & Van Loan, Matrix Computations, 4th ed., section 10.5.
        """
        factor = share * gain * np.outer(self.curvatures, self.curvatures)
        size = len(factor)
        if not np.isfinite(factor).all():
            return math.inf
        basis = np.zeros((_DIRECTIONS + 1, size * size))
        start = self._covariance / np.linalg.norm(self._covariance) + np.eye(size) / math.sqrt(size)
        basis[0] = (start / np.linalg.norm(start)).ravel()  # the second part has something of whatever leads
        small = np.zeros((_DIRECTIONS + 1, _DIRECTIONS))
        for k in range(_DIRECTIONS):
            covariance = basis[k].reshape(size, size)
            squares = np.vecdot(self._white @ covariance, self._white) * self._share
            fourth = 4 * (self._white.T * squares) @ self._white - self._mean @ covariance @ self._mean
            new = (factor * fourth).ravel()
            for _ in range(2):  # once leaves what rounding made of it
                along = basis[: k + 1] @ new
                new = new - along @ basis[: k + 1]
                small[: k + 1, k] += along
            beside = small[k + 1, k] = float(np.linalg.norm(new))
            values, vectors = np.linalg.eig(small[: k + 1, : k + 1])
            lead = int(np.argmax(np.abs(values)))
            radius = float(np.abs(values[lead]))
            if not beside * abs(vectors[-1, lead]) > _STEADY * radius:
                break
            basis[k + 1] = new / beside
        found = np.real(vectors[:, lead] @ basis[: k + 1]).reshape(size, size)
        self._covariance = found * (np.sign(np.trace(found)) or 1.0)
        return radius
