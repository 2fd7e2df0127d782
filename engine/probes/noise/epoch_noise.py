"""Noise floor of epochs: the batches of one epoch hold every example once, so that their noise sums to 0.

Let gradient t of an epoch be H w + n_t + D_t w about the minimum, and u = the optimizer's source, z′ = A z + u (n_t +
D_t w). Over the permutations of N examples with covariance Σ, batches t ≠ s of B_t and B_s examples have

    E n_t n_tᵀ = Σ′ (1/B_t − 1/N),    E n_t n_sᵀ = −Σ′/N,    Σ′ = N/(N − 1) Σ:

n_t is independent noise of covariance Σ′/B_t less its own mean over the epoch. With m_t = Σ Aʲu, what that mean has
added up to since the epoch began, the covariance of z along two eigenvectors obeys

    C′ = A C Aᵀ + uuᵀ Σ′ (1/B_t − 1/N) − (u (A m)ᵀ + A m uᵀ) Σ′/N,    m′ = A m + u.

This is exact, and the floor is the mean over an epoch of its periodic solution. Where the Hessians of examples differ,
D_t w is taken for independent noise too, of the covariance (1/B_t − 1/N) K(C), C its mean over the epoch; and
E D_t n_s ≠ 0 pulls the weights off the minimum, which matters if weight decay has moved that. Left out is what D_t and
D_s have to do with each other: simulations find a few per cent up to 80 % of the limit (`tests/benchmarks/floors.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.model.objective import Array

# The state of a pair of eigenvectors: C, the pull on the first by noise along the second, m of both, and 1.
_C, _PULL, _M, _N, _ONE = slice(0, 4), slice(4, 6), slice(6, 8), slice(8, 10), 10
_PERIODIC, _SIZE = slice(0, 6), 11


@dataclass(frozen=True)
class EpochMeans:
    """Means over an epoch, (k, k) each, for pairs of eigenvectors. additive: of C_ab for Σ′_ab = 1. independent: for
    noise of covariance 1/B_t − 1/N that is independent from batch to batch. pull: of w_a for E D_ab n_b = 1.
    memory: epochs in which the squares of the slowest direction fall to 1/e."""

    additive: Array
    independent: Array
    pull: Array
    memory: float


def epoch_means(transition: Array, source: Array, num_examples: int, batch_size: int) -> EpochMeans:
    """The means for one epoch after another, each in a new order.

    transition: (k, 2, 2) A along each eigenvector, stable. source: (2,) u. Raises LinAlgError where nothing settles.
    """
    whole, rest = divmod(num_examples, batch_size)
    share = 1 / batch_size - 1 / num_examples
    last = 1 / rest - 1 / num_examples if rest else 0.0
    means = []
    for correlated in (1 / num_examples, 0.0):
        step = _step(transition, source, share, correlated)
        power, total = _power_and_sum(step, whole)
        if rest:
            total = total + power
            power = _step(transition, source, last, correlated) @ power
        begin = np.zeros((*step.shape[:2], _SIZE))
        begin[..., _ONE] = 1.0
        settled = np.eye(6) - power[..., _PERIODIC, _PERIODIC]
        begin[..., _PERIODIC] = np.linalg.solve(settled, power[..., _PERIODIC, _ONE, None])[..., 0]
        means.append((total @ begin[..., None])[..., 0] / (whole + bool(rest)))
    slowest = float(np.abs(np.linalg.eigvals(transition)).max())
    memory = 1 / (1 - slowest**2) / (whole + bool(rest)) if slowest < 1 else np.inf
    return EpochMeans(means[0][..., 0], means[1][..., 0], -means[0][..., 4] / num_examples, memory)


def _step(transition: Array, source: Array, share: float, correlated: float) -> Array:
    """(k, k, 11, 11) what a batch does to the state of each pair."""
    size = len(transition)
    first, second = transition[:, None], transition[None, :]
    step = np.zeros((size, size, _SIZE, _SIZE))
    step[..., _C, _C] = np.einsum("abij,abkl->abikjl", *np.broadcast_arrays(first, second)).reshape(size, size, 4, 4)
    # uᵢ (A m)ⱼ and (A m)ᵢ uⱼ, as what multiplies m.
    step[..., _C, _N] = -correlated * np.einsum("i,abjl->abijl", source, second + 0 * first).reshape(size, size, 4, 2)
    step[..., _C, _M] = -correlated * np.einsum("abil,j->abijl", first + 0 * second, source).reshape(size, size, 4, 2)
    step[..., _C, _ONE] = share * np.outer(source, source).ravel()
    step[..., _PULL, _PULL], step[..., _PULL, _N.start] = first, source
    step[..., _M, _M], step[..., _M, _ONE] = first, source
    step[..., _N, _N], step[..., _N, _ONE] = second, source
    step[..., _ONE, _ONE] = 1.0
    return step


def _power_and_sum(step: Array, count: int) -> tuple[Array, Array]:
    """Return stepⁿ and the sum of the powers before it, by squaring."""
    power, total = np.broadcast_to(np.eye(_SIZE), step.shape), np.zeros_like(step)
    for digit in f"{count:b}":
        power, total = power @ power, total + power @ total
        if digit == "1":
            power, total = step @ power, total + power
    return power, total


def one_order_moments(
    transition: Array, source: Array, noise: Array, deviations: Array, order: NDArray[np.intp], batch_size: int
) -> tuple[Array, Array]:
    """The mean (k,) and the second moments (k, k) of the weights over an epoch that is always in the same order: exact.

    noise: (N, k) and deviations: (N, k, k) of the examples. Raises LinAlgError where nothing settles.
    """
    size = len(transition)
    whole, parts = np.eye(2 * size + 1), []  # of the state (w, v, 1)
    for first in range(0, len(order), batch_size):
        batch = order[first : first + batch_size]
        step = np.zeros((2 * size + 1, 2 * size + 1))
        step[-1, -1] = 1.0
        deviation, gradient = deviations[batch].mean(axis=0), noise[batch].mean(axis=0)
        for i in range(2):
            rows = slice(i * size, (i + 1) * size)
            for j in range(2):
                step[rows, j * size : (j + 1) * size] = np.diag(transition[:, i, j])
            step[rows, :size] += source[i] * deviation
            step[rows, -1] = source[i] * gradient
        parts.append(whole[:size])
        whole = step @ whole
    begin = np.ones(2 * size + 1)
    begin[:-1] = np.linalg.solve(np.eye(2 * size) - whole[:-1, :-1], whole[:-1, -1])
    if not np.abs(np.linalg.eigvals(whole[:-1, :-1])).max() < 1:
        return np.full(size, np.inf), np.full((size, size), np.inf)
    weights = np.stack(parts) @ begin
    return weights.mean(axis=0), weights.T @ weights / len(weights)
