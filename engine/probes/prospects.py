"""The prospect of a descent: how far the local quadratic would let the loss fall, if it went on for so long."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.model.objective import Array
from engine.probes.curvature import MOST_WEIGHTS
from engine.probes.pieces import Pieces, Product
from engine.probes.sampling import Sums

_LARGEST_POWER = 50.0  # of e: what grows beyond it grows without end
_STEEP = 1e-12  # of the gradient: what is left of a vector is rounding


@dataclass(frozen=True)
class Prospect:
    """The fall of the loss that is still to be had. gain: by gradient flow on the local quadratic; infinite where a
    number is not finite. slope: the gradient's length. sharpness, lowest: the ends of the spectrum that the gradient
    sees."""

    gain: float
    slope: float
    sharpness: float
    lowest: float


def prospect_pieces(
    sums: Sums, weights: Array, gradient: Array, horizon: float, *, decay: float = 0.0, products: int = 24
) -> Pieces[Prospect]:
    """The prospect from these weights, (P,), with this gradient, (P,), by and by.

    horizon: learning rate times steps, τ. decay: added to all curvatures; the gradient has it already. With H = Σ λ vvᵀ
    the flow lowers the loss by Σ (v·g)² (1 − e^(−2λτ))/(2λ), a function of H between two gradients: Lanczos' method
    from g gives its Gauss quadrature (Golub & Meurant, Matrices, Moments and Quadrature, 2010, chapter 6). Up to 64
    weights H is taken whole.
    """
    slope = float(np.linalg.norm(gradient))
    if not np.isfinite(slope):
        return Prospect(np.inf, slope, np.nan, np.nan)
    size = len(weights)
    product = sums.hessian_product(weights)
    values, shares = yield from (
        _whole(product, gradient) if size <= MOST_WEIGHTS else _lanczos(product, gradient, products)
    )
    if not np.isfinite(values).all():
        return Prospect(np.inf, slope, np.nan, np.nan)
    values = values + decay
    powers = np.clip(-2 * values * horizon, -np.inf, _LARGEST_POWER)
    flat = np.abs(powers) < 1e-9
    falls = np.where(flat, horizon, -np.expm1(powers) / np.where(flat, 1.0, 2 * values))
    return Prospect(float(shares.dot(falls)), slope, float(values.max()), float(values.min()))


def _whole(product: Product, gradient: Array) -> Pieces[tuple[Array, Array]]:
    """All eigenvalues, (P,), and the squares of the gradient along them."""
    matrix = np.empty((len(gradient), len(gradient)))
    for k, unit in enumerate(np.eye(len(gradient))):
        matrix[:, k] = yield from product(unit)
    if not np.isfinite(matrix).all():
        return np.full(1, np.nan), np.zeros(1)
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    return values, np.asarray((gradient @ vectors) ** 2)


def _lanczos(product: Product, gradient: Array, most: int) -> Pieces[tuple[Array, Array]]:
    """Ritz values, (k,), and the weights of the quadrature, which sum to the gradient's square."""
    square = float(gradient.dot(gradient))
    if square == 0:
        return np.zeros(1), np.zeros(1)
    basis: list[Array] = []
    diagonal: list[float] = []
    beside: list[float] = []
    vector, length = gradient, float(np.sqrt(square))
    for _ in range(most):
        basis.append(vector / length)
        vector = yield from product(basis[-1])
        if not np.isfinite(vector).all():
            return np.full(1, np.nan), np.zeros(1)
        before = float(np.linalg.norm(vector))
        diagonal.append(float(basis[-1].dot(vector)))
        rows = np.stack(basis)
        for _ in range(2):  # once leaves what rounding made of it
            vector = vector - (rows @ vector) @ rows
        length = float(np.linalg.norm(vector))
        if length <= _STEEP * before or not before:
            break
        beside.append(length)
    off = np.diag(beside[: len(diagonal) - 1], 1)
    values, vectors = np.linalg.eigh(np.diag(diagonal) + off + off.T)
    return values, square * np.asarray(vectors[0] ** 2)
