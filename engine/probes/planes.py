"""The loss over a plane of weight space: of two weights itself, of more the plane in which a run has moved most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.model.objective import Array, Objective
from engine.probes.pieces import Pieces, finish

_NUMBERS_AT_ONCE = 2**20
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
        return np.asarray((weights - self.origin) @ np.stack([self.first, self.second], axis=1))


def trajectory_plane(trajectory: Array) -> Plane:
    """The plane of a run's weights, (m, P), through the last of them. P ≥ 2.

    For two weights it is the plane of the weights themselves, with the origin 0, and all variance lies in it.
    For more, the first two principal components; each has its largest component positive. Weights that are
    not finite are left out. Source: Li et al., "Visualizing the Loss Landscape", NeurIPS 2018, section 7.2.
    """
    trajectory = np.asarray(trajectory, dtype=np.float64)
    num_weights = trajectory.shape[1]
    if num_weights < 2:
        raise ValueError("a plane needs at least two weights")
    trajectory = trajectory[np.isfinite(trajectory).all(axis=1)]
    scale = float(np.abs(trajectory).max(initial=0.0)) or 1.0  # squares must not overflow
    centred = trajectory / scale - (trajectory / scale).mean(axis=0) if len(trajectory) else trajectory
    variances = np.zeros(2)
    if num_weights == 2:
        total = float(np.sum(centred**2))
        variances[:] = np.sum(centred**2, axis=0)
        first, second, origin = np.array([1.0, 0.0]), np.array([0.0, 1.0]), np.zeros(2)
    else:
        first, second, variances, total = _principal(centred)
        origin = trajectory[-1] if len(trajectory) else np.zeros(num_weights)
    shares = variances / total if total > 0 else np.full(2, np.nan)
    return Plane(origin, first, second, (float(shares[0]), float(shares[1])))


def _principal(centred: Array) -> tuple[Array, Array, Array, float]:
    """The first two principal directions of (m, P), the sums of squares along them, and the sum of all.

    From the eigenvectors of the smaller one of X Xᵀ and Xᵀ X, which is much quicker than the decomposition of
    a long X, and blind only to what is 10⁻⁷ times shorter than the longest.
    """
    rows, columns = centred.shape
    squares, vectors = np.linalg.eigh(centred @ centred.T if rows < columns else centred.T @ centred)
    squares, vectors = squares[::-1][:2], vectors[:, ::-1][:, :2].T
    present = squares > _BLIND * squares.max(initial=0.0)
    directions = (vectors @ centred if rows < columns else vectors)[present]
    basis = np.empty((0, columns))
    # Where the run has moved along less than two directions, fixed ones that are orthogonal to it.
    for direction in (*directions, *np.eye(3, columns)):
        rest = direction / np.linalg.norm(direction)
        rest = rest - (basis @ rest) @ basis
        if len(basis) < 2 and (length := np.linalg.norm(rest)) > 0.5:
            basis = np.vstack([basis, rest / length])
    first, second = basis * np.sign(basis[[0, 1], np.abs(basis).argmax(axis=1)])[:, None]
    variances = np.zeros(2)
    variances[: present.sum()] = squares[present]
    return first, second, variances, float(np.sum(centred**2))


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
