"""The loss over a plane of weight space: of two weights itself, of more the plane in which a run has moved most."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from engine.model.objective import Array, Objective
from engine.probes.pieces import Pieces, finish

_NUMBERS_AT_ONCE = 2**20
_BLOCK_NUMBERS = 2**17  # of a trajectory at a time
_PASS_WORK = 1.5  # nanoseconds: of a number in one of the passes over the trajectory
_BLIND = 1e-14


@dataclass(frozen=True)
class Plane:
    """w = origin + a first + b second; origin (P,), first and second orthonormal, (P,).

    shares: of the trajectory's variance about its mean along first and second; NaN where it stood still. The
    plane says little where their sum is small, and a random walk looks planar too: its first two shares
    approach 61 % and 15 % (Antognini & Sohl-Dickstein, NeurIPS 2018). Show them.
    """

    origin: Array
    first: Array
    second: Array
    shares: tuple[float, float]

    def coordinates(self, weights: Array) -> Array:
        """(m, 2) where (m, P) weights lie, projected onto the plane."""
        away = weights - self.origin
        return np.stack([away @ self.first, away @ self.second], axis=1)


def trajectory_plane(trajectory: Array) -> Plane:
    """The plane of a run's weights, (m, P), through the last of them. P ≥ 2.

    For two weights it is the plane of the weights themselves, with the origin 0, and all variance lies in it.
    For more, the first two principal components; each has its largest component positive. Weights that are
    not finite are left out. Source: Li et al., "Visualizing the Loss Landscape", NeurIPS 2018, section 7.2.
    """
    return finish(trajectory_plane_pieces(list(np.asarray(trajectory, dtype=np.float64))))


def trajectory_plane_pieces(trajectory: Sequence[Array]) -> Pieces[Plane]:
    """`trajectory_plane` of m weights, each (P,), by and by."""
    if not len(trajectory) or len(trajectory[0]) < 2:
        raise ValueError("a plane needs a trajectory of at least two weights")
    num_weights, last, scale = len(trajectory[0]), np.zeros(len(trajectory[0])), 0.0
    finite = []
    for row in trajectory:
        if np.isfinite(highest := float(np.abs(row).max())):
            scale, last = max(scale, highest), row
            finite.append(row)
        yield _PASS_WORK * num_weights
    centred = _Centred(finite, num_weights, scale or 1.0)
    if num_weights == 2:
        (whole,) = centred.blocks()
        first, second, origin = np.array([1.0, 0.0]), np.array([0.0, 1.0]), np.zeros(2)
        variances = np.sum(whole**2, axis=0)
        total = float(variances.sum())
    else:
        origin = last
        first, second, variances, total = yield from _principal(centred)
    shares = variances / total if total > 0 else np.full(2, np.nan)
    return Plane(origin, first, second, (float(shares[0]), float(shares[1])))


class _Centred:
    """The rows, m times (P,), less their mean and divided by `scale`, so that squares do not overflow."""

    def __init__(self, rows: list[Array], columns: int, scale: float) -> None:
        self._rows, self.shape, self._scale = rows, (len(rows), columns), scale
        self._at_once = max(1, _BLOCK_NUMBERS // max(1, len(rows)))

    def blocks(self) -> Iterator[Array]:
        """(m, n) some columns after others."""
        for start in range(0, self.shape[1], self._at_once):
            stop = min(start + self._at_once, self.shape[1])
            block = np.array([row[start:stop] for row in self._rows]).reshape(-1, stop - start) / self._scale
            yield block - block.mean(axis=0) if len(block) else block


def _principal(centred: _Centred) -> Pieces[tuple[Array, Array, Array, float]]:
    """The first two principal directions of (m, P), the sums of squares along them, and the sum of all.

    From the eigenvectors of the smaller one of X Xᵀ and Xᵀ X, which is much quicker than the decomposition of
    a long X, and blind only to what is 10⁻⁷ times shorter than the longest.
    """
    rows, columns = centred.shape
    if rows < columns:
        products = np.zeros((rows, rows))
        for block in centred.blocks():
            products += block @ block.T
            yield 2 * _PASS_WORK * block.size
        squares, vectors = _largest_two(products)
        present = squares > _BLIND * squares.max(initial=0.0)
        parts = []
        for block in centred.blocks():
            parts.append(vectors[present] @ block)
            yield 2 * _PASS_WORK * block.size
        directions, total = np.concatenate(parts, axis=1), float(np.trace(products))
    else:
        whole = np.concatenate(list(centred.blocks()), axis=1)
        squares, vectors = _largest_two(whole.T @ whole)
        present = squares > _BLIND * squares.max(initial=0.0)
        directions, total = vectors[present], float(np.sum(whole**2))
    basis = np.empty((0, columns))
    # Where the run has moved along less than two directions, fixed ones that are orthogonal to it.
    for direction in chain(directions, _axes(columns)):
        rest = direction / np.linalg.norm(direction)
        rest = rest - (basis @ rest) @ basis
        if (length := np.linalg.norm(rest)) > 0.5:
            basis = np.vstack([basis, rest / length])
        yield 2 * _PASS_WORK * columns
        if len(basis) == 2:
            break
    first, second = basis * np.sign(basis[[0, 1], np.abs(basis).argmax(axis=1)])[:, None]
    variances = np.zeros(2)
    variances[: present.sum()] = squares[present]
    return first, second, variances, total


def _largest_two(matrix: Array) -> tuple[Array, Array]:
    """The two largest eigenvalues of a symmetric matrix, the largest first, and their vectors as rows."""
    values, vectors = np.linalg.eigh(matrix)
    return values[::-1][:2], vectors[:, ::-1][:, :2].T


def _axes(columns: int) -> Iterator[Array]:
    """The unit vectors along the first three axes."""
    for axis in range(min(3, columns)):
        unit = np.zeros(columns)
        unit[axis] = 1.0
        yield unit


def loss_grid(objective: Objective, first: Array, second: Array, *, plane: Plane | None = None) -> Array:
    """(len(second), len(first)) the loss over all examples at each pair of coordinates in the plane; by default
    of the two weights themselves."""
    return finish(loss_grid_pieces(objective, first, second, plane=plane))


def loss_grid_pieces(
    objective: Objective, first: Array, second: Array, *, plane: Plane | None = None, work: float = np.inf
) -> Pieces[Array]:
    """`loss_grid`, by and by, in pieces of about this work, at least one loss each."""
    coordinates = np.stack(np.meshgrid(first, second), axis=-1).reshape(-1, 2)
    losses = np.empty(len(coordinates))
    num_weights = 2 if plane is None else len(plane.origin)
    of_one = objective.effort(objective.loss_examples) / 3
    at_once = int(max(1, min(_NUMBERS_AT_ONCE // num_weights, work / of_one)))
    for start in range(0, len(losses), at_once):
        weights = coordinates[start : start + at_once]
        if plane is not None:
            weights = plane.origin + weights @ np.stack([plane.first, plane.second])
        losses[start : start + at_once] = objective.losses(weights)
        yield len(weights) * of_one
    return losses.reshape(len(second), len(first))
