"""The Hessian of the loss over all examples: whole for few weights, its largest eigenvalue for many.

Whole, it takes P Hessian-vector products. Above 64 weights Lanczos' method finds the end of the spectrum from
a few dozen of them, without ever forming the matrix.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from engine.measurement import Measurement, unknown
from engine.model.objective import Array, Objective
from engine.probes.pieces import Pieces, Product, at_once, finish
from engine.probes.sampling import Sums

MOST_WEIGHTS = 64  # for which the Hessian is taken whole
_BASIS_NUMBERS = 2**23  # 64 MB that Lanczos' basis may take
_FEWEST_VECTORS = 8
_AT_BEST = 1e-3  # relative error of a warm start: its gap is an estimate too
_COLD_PRODUCTS = 24  # at least: of fewer, the largest eigenvalue may not have come out of a chance start yet
_NOTHING = 1e-12
_KEPT, _FEWEST_PRODUCTS = 3, 5  # vectors to begin with again, and products from there
_SHARE = 0.3  # of each further vector in the start, and of a random one, so that a new direction is found
_DRAWN_WORK = 15.0  # nanoseconds: a random number, and what is added to it
_NUMBERS_AT_ONCE = 2**20  # of the basis, to be orthogonal to in one piece


@dataclass(frozen=True)
class Precision:
    """The end of Lanczos' method: at this relative error of the eigenvalue, or after so many products."""

    tolerance: float = 1e-6
    products: int = 128


_PRECISE = Precision()


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


class WarmStart:
    """The directions of most curvature that the last measurement found, for the next one to begin with: at weights
    near by it takes 5 products instead of 10 to 20. A little of a random direction goes with them, always another one:
    where one was missed, it is found by and by."""

    def __init__(self) -> None:
        self._vectors: Array | None = None
        self._generator = np.random.default_rng(0)

    @property
    def is_warm(self) -> bool:
        """True if there was a measurement."""
        return self._vectors is not None

    def vector(self, size: int) -> Array:
        """(P,) to begin with."""
        start = self._generator.standard_normal(size)
        if self._vectors is None:
            return start
        start *= _SHARE / np.linalg.norm(start)
        for share, vector in zip(_SHARE ** np.arange(_KEPT), self._vectors, strict=False):
            start += share * vector
        return np.asarray(start)

    def keep(self, vectors: Array) -> None:
        """Keep (k, P) unit vectors, that of the largest eigenvalue first."""
        self._vectors = vectors


def hessian(objective: Objective, weights: Array) -> Array:
    """(P, P) the Hessian of the loss over all examples, from P Hessian-vector products."""
    product = at_once(lambda vector: objective.hessian_vector_product(weights, vector))
    return finish(_dense(product, len(weights)))


def _dense(product: Product, size: int) -> Pieces[Array]:
    matrix = np.empty((size, size))
    for k, unit in enumerate(np.eye(size)):
        matrix[:, k] = yield from product(unit)
    return (matrix + matrix.T) / 2


def top_eigenpair(product: Callable[[Array], Array], size: int) -> Eigenpair:
    """The largest eigenvalue of the symmetric (size, size) matrix that `product` multiplies by."""
    return finish(top_eigenpair_pieces(at_once(product), size))


def top_eigenpair_pieces(
    product: Product, size: int, precision: Precision = _PRECISE, warm: WarmStart | None = None
) -> Pieces[Eigenpair]:
    """`top_eigenpair`, by and by."""
    if size > MOST_WEIGHTS:
        return (yield from lanczos_pieces(product, size, precision, warm))
    matrix = yield from _dense(product, size)
    if not np.isfinite(matrix).all():
        return _not_finite(size, size)
    values, vectors = np.linalg.eigh(matrix)
    return Eigenpair(float(values[-1]), _signed(vectors[:, -1]), 0.0, size)


def lanczos(product: Callable[[Array], Array], size: int, precision: Precision = _PRECISE) -> Eigenpair:
    """The largest eigenvalue by Lanczos' method, with full reorthogonalisation from a fixed start vector.

    With an orthonormal basis Q, (k, P), of the Krylov space, T = Q A Qᵀ is tridiagonal, and its eigenvalue θ with
    eigenvector s is as close to one of A as |A Qᵀs − θ Qᵀs| = β_k |s_k|. It ends when that is at most the
    tolerance times the largest |θ|, after so many products, or when the basis fills 64 MB (never below 8 vectors).
    Source: Golub & Van Loan, Matrix Computations, 4th ed., section 10.1 (residual: theorem 10.1.1's corollary).
    """
    return finish(lanczos_pieces(at_once(product), size, precision))


def lanczos_pieces(
    product: Product, size: int, precision: Precision, warm: WarmStart | None = None
) -> Pieces[Eigenpair]:
    """`lanczos`, by and by; from where `warm` stands, which is to say then where the next one begins.

    From a cold start the residual r bounds the error, and it takes 24 products at least: now and then the second
    eigenvalue has settled before the first shows. A warm start has the gap to the second eigenvalue, and the error
    is then r²/gap (Golub & Van Loan, theorem 8.1.12 and its corollary), which takes half as many products.
    """
    was_warm = warm is not None and warm.is_warm
    most = min(size, precision.products, max(_FEWEST_VECTORS, _BASIS_NUMBERS // size))
    basis = np.zeros((most, size))
    diagonal, beside = np.zeros(most), np.zeros(most)
    vector = warm.vector(size) if warm else np.random.default_rng(0).standard_normal(size)
    yield _DRAWN_WORK * size
    for k in range(most):
        basis[k] = vector / np.linalg.norm(vector)
        vector = yield from product(basis[k])
        if not np.isfinite(vector).all():
            return _not_finite(size, k + 1)
        diagonal[k] = basis[k].dot(vector)
        for _ in range(2):  # once leaves what rounding made of it
            vector = yield from _orthogonal(vector, basis[: k + 1])
        beside[k] = np.linalg.norm(vector)
        off = np.diag(beside[:k], 1)
        values, vectors = np.linalg.eigh(np.diag(diagonal[: k + 1]) + off + off.T)
        error = float(beside[k] * abs(vectors[-1, -1]))
        if was_warm and k and (gap := float(values[-1] - values[-2])) > error:
            error *= error / gap
            error = max(error, _AT_BEST * float(values[-1]))
        whole = beside[k] <= _NOTHING * np.abs(values).max()  # the basis holds all that the start leads to
        enough = whole or k + 1 >= min(_FEWEST_PRODUCTS if was_warm else _COLD_PRODUCTS, most)
        if enough and error <= precision.tolerance * np.abs(values).max():
            break
    if warm:
        warm.keep(vectors.T[: -_KEPT - 1 : -1] @ basis[: k + 1])
    return Eigenpair(float(values[-1]), _signed(vectors[:, -1] @ basis[: k + 1]), error, k + 1)


def _orthogonal(vector: Array, basis: Array) -> Pieces[Array]:
    """The part of `vector`, (P,), that is orthogonal to the orthonormal rows of `basis`, (k, P)."""
    at_once = max(1, _NUMBERS_AT_ONCE // len(vector))
    for start in range(0, len(basis), at_once):
        rows = basis[start : start + at_once]
        vector = vector - (rows @ vector) @ rows
        yield 2.0 * rows.size
    return vector


def _not_finite(size: int, products: int) -> Eigenpair:
    return Eigenpair(float("nan"), np.zeros(size), float("nan"), products)


def _signed(vector: Array) -> Array:
    """The same direction whatever the linear algebra library: its largest component is positive."""
    return np.asarray(vector * np.sign(vector[np.argmax(np.abs(vector))] or 1.0))


def sharpness(objective: Objective, weights: Array, *, tolerance: float = _PRECISE.tolerance) -> Measurement:
    """The largest eigenvalue λmax of the Hessian of the loss over all examples.

    Exact up to 64 weights; above, Lanczos to this relative tolerance in at most 128 Hessian-vector products.
    """
    return finish(sharpness_pieces(Sums(objective), weights, Precision(tolerance)))


def sharpness_pieces(
    sums: Sums, weights: Array, precision: Precision = _PRECISE, warm: WarmStart | None = None
) -> Pieces[Measurement]:
    """`sharpness`, by and by, over the examples of `sums`; of a sample with its standard error."""
    pair = yield from top_eigenpair_pieces(sums.hessian_product(weights), len(weights), precision, warm)
    found = labelled(pair, "sharpness", sums.note)
    if not sums.note or found.kind == "unknown":
        return found
    sampling = yield from sums.curvature_error(weights, pair.vector)
    return replace(found, error=float(np.hypot(found.error, sampling)))


def labelled(pair: Eigenpair, what: str, sample: str = "") -> Measurement:
    """An eigenvalue with its error as a note; `sample` says over which examples, if not over all."""
    if np.isnan(pair.value):
        return unknown(what, "the Hessian is not finite")
    exact = len(pair.vector) == pair.products and not pair.error
    method = "" if exact else f"Lanczos, {pair.products} products, within {pair.error:.1g}"
    note = ", ".join(part for part in (sample, method) if part)
    return Measurement(pair.value, what, "estimate" if note else "exact", note, pair.error)
