"""The Hessian of the loss over all examples: whole for few weights, its largest eigenvalue for many.

Whole, it takes P Hessian-vector products. Above 64 weights Lanczos' method finds the end of the spectrum from
a few dozen of them, without ever forming the matrix.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.objective import Array, Objective
from engine.probes.measurement import Measurement, unknown

Product = Callable[[Array], Array]

MOST_WEIGHTS = 64  # for which the Hessian is taken whole
_TOLERANCE = 1e-6  # of the eigenvalue, relative
_MOST_PRODUCTS = 128
_BASIS_NUMBERS = 2**23  # 64 MB that Lanczos' basis may take


@dataclass(frozen=True)
class Eigenpair:
    """The largest eigenvalue and a unit vector of it, (P,); NaN and zeros where a product is not finite.

    error: 0 for exact ones; else an eigenvalue lies this close to `value`, which is never above the largest.
    products: how many products with the matrix it took.
    """

    value: float
    vector: Array
    error: float
    products: int


def hessian(objective: Objective, weights: Array) -> Array:
    """(P, P) the Hessian of the loss over all examples, from P Hessian-vector products."""
    return _dense(lambda vector: objective.hessian_vector_product(weights, vector), len(weights))


def _dense(product: Product, size: int) -> Array:
    matrix = np.stack([product(unit) for unit in np.eye(size)], axis=1)
    return (matrix + matrix.T) / 2


def top_eigenpair(
    product: Product, size: int, *, tolerance: float = _TOLERANCE, most_products: int = _MOST_PRODUCTS
) -> Eigenpair:
    """The largest eigenvalue of the symmetric (size, size) matrix that `product` multiplies by."""
    with np.errstate(all="ignore"):
        if size > MOST_WEIGHTS:
            return lanczos(product, size, tolerance=tolerance, most_products=min(most_products, _MOST_PRODUCTS))
        matrix = _dense(product, size)
        if not np.isfinite(matrix).all():
            return _not_finite(size, size)
        values, vectors = np.linalg.eigh(matrix)
        return Eigenpair(float(values[-1]), _signed(vectors[:, -1]), 0.0, size)


def lanczos(
    product: Product, size: int, *, tolerance: float = _TOLERANCE, most_products: int = _MOST_PRODUCTS
) -> Eigenpair:
    """The largest eigenvalue by Lanczos' method, with full reorthogonalisation from a fixed start vector.

    With an orthonormal basis Q, (k, P), of the Krylov space, T = Q A Qᵀ is tridiagonal, and its eigenvalue θ with
    eigenvector s is as close to one of A as |A Qᵀs − θ Qᵀs| = β_k |s_k|. It ends when that is at most `tolerance`
    times the largest |θ|, after `most_products`, or when the basis fills 64 MB (never below 20 vectors).
    Source: Golub & Van Loan, Matrix Computations, 4th ed., section 10.1 (residual: theorem 10.1.1's corollary).
    """
    most = min(size, most_products, max(20, _BASIS_NUMBERS // size))
    basis = np.zeros((most, size))
    diagonal, beside = np.zeros(most), np.zeros(most)
    vector = np.random.default_rng(0).standard_normal(size)
    for k in range(most):
        basis[k] = vector / np.linalg.norm(vector)
        vector = np.asarray(product(basis[k]), dtype=np.float64)
        if not np.isfinite(vector).all():
            return _not_finite(size, k + 1)
        diagonal[k] = basis[k].dot(vector)
        for _ in range(2):  # once leaves what rounding made of it
            vector = vector - (basis[: k + 1] @ vector) @ basis[: k + 1]
        beside[k] = np.linalg.norm(vector)
        off = np.diag(beside[:k], 1)
        values, vectors = np.linalg.eigh(np.diag(diagonal[: k + 1]) + off + off.T)
        error = float(beside[k] * abs(vectors[-1, -1]))
        if error <= tolerance * np.abs(values).max():
            break
    return Eigenpair(float(values[-1]), _signed(vectors[:, -1] @ basis[: k + 1]), error, k + 1)


def _not_finite(size: int, products: int) -> Eigenpair:
    return Eigenpair(float("nan"), np.zeros(size), float("nan"), products)


def _signed(vector: Array) -> Array:
    """The same direction whatever the linear algebra library: its largest component is positive."""
    return np.asarray(vector * np.sign(vector[np.argmax(np.abs(vector))] or 1.0))


def sharpness(
    objective: Objective, weights: Array, *, tolerance: float = _TOLERANCE, most_products: int = _MOST_PRODUCTS
) -> Measurement:
    """λmax, the largest eigenvalue of the Hessian of the loss over all examples.

    Exact up to 64 weights; above, Lanczos to this relative tolerance in at most 128 Hessian-vector products, or fewer
    if asked.
    """
    pair = top_eigenpair(
        lambda vector: objective.hessian_vector_product(weights, vector),
        len(weights),
        tolerance=tolerance,
        most_products=most_products,
    )
    return labelled(pair, "sharpness")


def labelled(pair: Eigenpair, what: str) -> Measurement:
    """An eigenvalue with its error as a note."""
    if np.isnan(pair.value):
        return unknown(what, "the Hessian is not finite")
    if len(pair.vector) == pair.products and not pair.error:
        return Measurement(pair.value, what, "exact")
    return Measurement(pair.value, what, "estimate", f"Lanczos, {pair.products} products, within {pair.error:.1g}")
