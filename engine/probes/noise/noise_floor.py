"""Theory of minibatch descent where every example is a quadratic: its stochastic limit and its noise floor.

With fᵢ(w) = f(w*) + nᵢ·(w − w*) + ½ (w − w*)ᵀHᵢ(w − w*) + const., minibatches drawn independently and z = (w − w*, v),
the optimizer is z′ = A z + noise with a random matrix: in the eigenbasis of H, A is block diagonal. The covariance
C of w − w* obeys a linear equation. Let γ_ab(η) be what unit noise in the gradients along the eigenvectors a and b,
step by step, adds up to in C_ab when A stands still. Then

    C = γ ∘ κ (Σ + K(C)),    Σ = E nᵢnᵢᵀ,    K(C) = E (Hᵢ − H) C (Hᵢ − H),

where κ is 1/B for batches drawn with replacement and (N − B)/(B(N − 1)) for those drawn without, one by one. So
the covariance is finite exactly while A is stable and the map C ↦ κ γ ∘ K(C) has its spectral radius below 1.
Without momentum this is the mean-square condition of Wu, Ma & E, NeurIPS 2018, and Ma, Bassily & Belkin,
ICML 2018, but as an exact one; for equal Hᵢ and momentum it gives Var w = ηs²(1 + β)/((1 − β)L(2(1 + β) − ηL)).
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from engine.measurement import Kind, Measurement, unknown
from engine.model.objective import Array, Objective
from engine.probes.curvature import hessian
from engine.probes.gradients import MOST_EXAMPLES, example_gradients
from engine.probes.noise.epoch_noise import EpochMeans, epoch_means, one_order_moments
from engine.probes.noise.measured_floor import PRECISE, Effort, can_be_measured, floor_pieces
from engine.probes.noise.rank_one import RankOne
from engine.probes.pieces import Pieces
from engine.probes.sampling import sampled_examples
from engine.probes.stability import edge, is_quadratic
from engine.training.gradient_clipping import clips
from engine.training.knobs import Knobs
from engine.training.optimizers import OPTIMIZERS
from engine.training.schedules import CONSTANT

MOST_WEIGHTS = 12  # K is a matrix of P⁴ numbers
STOCHASTIC_LIMIT = "largest learning rate that is stable in the mean square"
NOISE_FLOOR = "predicted noise floor"
_NO_QUADRATIC = "the objective is no small quadratic"
_NO_MODEL = "cannot be computed for this model"
_TOO_ROUGH = "theory is too rough at these knobs"
_STEP = 1e-3  # of the central differences that give Hᵢ: exact for quadratics but for roundings
_ROUNDING = 1e-9  # of these differences, relative
_POWERS = 32
_BISECTIONS = 30
_HARDLY = 1e-9  # of the limit: so small a rate is stable
_CROWDED = 0.04  # squared leverage an example may have: the floor of epochs is then right to 7 %, about
_WILD = 0.7  # share of the noise that is of its own making: beyond, rare bursts make up the mean
_LASTING = 0.1  # such a share where the memory is as long as an epoch, in which the noise sums to 0
_FLAT = 1e-10  # of the largest eigenvalue: a direction in which no example has any curvature


class Quadratic:
    """An objective's examples as quadratics about a point, by default its minimum.

    about: (P,). exact: whether they are quadratics and all of them were taken. Raises ValueError where this is
    not known or too large: see `of`.
    """

    def __init__(self, objective: Objective, about: Array) -> None:
        examples = sampled_examples(len(objective.examples), MOST_EXAMPLES)
        num_weights = len(about)
        gradients = example_gradients(objective, about, examples)
        hessians = np.empty((len(examples), num_weights, num_weights))
        for j, unit in enumerate(np.eye(num_weights)):
            ahead = example_gradients(objective, about + _STEP * unit, examples)
            hessians[:, :, j] = (ahead - example_gradients(objective, about - _STEP * unit, examples)) / (2 * _STEP)
        matrix = hessian(objective, about)
        if not all(np.isfinite(part).all() for part in (gradients, hessians, matrix)):
            raise ValueError("a gradient or the Hessian is not finite")
        self.num_examples = len(objective.examples)
        self.quadratic = is_quadratic(objective, about)
        self.exact = self.quadratic and len(examples) == self.num_examples
        curvatures, basis = np.linalg.eigh(matrix)
        curved = np.abs(curvatures) > _FLAT * np.abs(curvatures).max()
        self.curvatures: Array = curvatures[curved]
        basis = basis[:, curved]
        self._loss, self._about = objective.loss(about), about @ basis
        self._noise = (gradients - gradients.mean(axis=0)) @ basis
        deviations = hessians - hessians.mean(axis=0)
        if np.abs(deviations).max() <= _ROUNDING * (np.abs(matrix).max() + np.abs(gradients).max()):
            deviations[:] = 0.0  # the examples have the same Hessian
        self._deviations = basis.T @ deviations @ basis
        size = len(self.curvatures)
        pairs = self._deviations.reshape(len(examples), size * size)
        # K as a matrix on C's entries: the element (ab, cd) is E δ_ac δ_db.
        self._map = (pairs.T @ pairs / len(examples)).reshape(size, size, size, size).transpose(0, 2, 1, 3)
        self._map = self._map.reshape(size * size, size * size)

    @classmethod
    def of(cls, objective: Objective) -> Quadratic | None:
        """The quadratic about the known minimum of an objective of at most 12 weights, or None where there is no such
        thing."""
        with np.errstate(all="ignore"):
            minimum = objective.minimum()
            if minimum is None or len(minimum) > MOST_WEIGHTS or not is_quadratic(objective, minimum):
                return None
            try:
                return cls(objective, minimum)
            except ValueError:
                return None

    def largest_stable_learning_rate(self, knobs: Knobs) -> Measurement:
        """The learning rate up to which minibatch descent keeps the weights' variance finite; at most the full batch's
        limit.

        Exact with replacement. Batches of one epoch without replacement are taken for independent, which they
        are not; the last one of an epoch may be shorter, which is left out.
        """
        if _step_matrix(1.0, knobs) is None:
            return unknown(STOCHASTIC_LIMIT, f"no theory of {knobs.optimizer}")
        kind, note = self._worth(knobs)
        share, high = knobs.covariance_share(self.num_examples), self._full_batch_limit(knobs)
        if share and knobs.sampling != "with_replacement" and kind == "exact":
            kind, note = "estimate", "as if batches were independent"
        if not share or not np.isfinite(high) or not self._map.any():
            return Measurement(high, STOCHASTIC_LIMIT, kind, note or "as for the full batch")
        low, top = 0.0, high
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2
            low, high = (middle, high) if self._is_stable(middle, knobs, share, top) else (low, middle)
        return Measurement(low, STOCHASTIC_LIMIT, kind, note)

    def noise_floor(self, learning_rate: float, knobs: Knobs, *, order: NDArray[np.intp] | None = None) -> Measurement:
        """E f(w) after a long time at this learning rate, the mean over the steps of an epoch; infinite where nothing
        settles.

        order: (N,) the one of `shuffled_once`. Exact for batches drawn with replacement, for one order, and for
        reshuffled epochs of examples that have the same Hessian; for others an estimate
        (`engine.probes.noise.epoch_noise`), which simulations find within 10 %, or unknown where it would be further
        off: that can be measured.
        """
        if _step_matrix(1.0, knobs) is None:
            return unknown(NOISE_FLOOR, f"no theory of {knobs.optimizer}")
        if not self.quadratic:
            return unknown(NOISE_FLOOR, _NO_MODEL)
        if clips(knobs):
            return unknown(NOISE_FLOOR, "no theory of clipped gradients")
        kind, note = self._worth(knobs)
        offset = -knobs.weight_decay / (self.curvatures + knobs.weight_decay) * self._about
        if kind == "exact" and knobs.sampling == "reshuffled" and self._map.any():
            kind = "exact" if knobs.sees_all(self.num_examples) else "estimate"
        try:
            with np.errstate(all="ignore"):
                moments = self._moments(learning_rate, knobs, offset, order)
        except np.linalg.LinAlgError:
            return unknown(NOISE_FLOOR, "the learning rate is so small that the weights hardly move")
        if moments is None:
            return unknown(NOISE_FLOOR, _TOO_ROUGH)
        with np.errstate(all="ignore"):
            squares = offset**2 + 2 * offset * moments[0] + np.diag(moments[1])
            value = self._loss + 0.5 * float(self.curvatures.dot(squares))
        return Measurement(value if np.isfinite(value) else np.inf, NOISE_FLOOR, kind, note)

    def _moments(
        self, learning_rate: float, knobs: Knobs, offset: Array, order: NDArray[np.intp] | None
    ) -> tuple[Array, Array] | None:
        """(k,) and (k, k) the mean of the weights about the decayed minimum and their second moments, infinite where
        nothing settles; None where theory is too rough."""
        nowhere, still = np.full(len(offset), np.inf), np.zeros(len(offset))
        if learning_rate >= self._full_batch_limit(knobs):
            return nowhere, np.diag(nowhere)
        if knobs.sees_all(self.num_examples):
            return still, np.diag(still)
        if knobs.sampling == "with_replacement":
            return still, self.covariance(learning_rate, knobs, offset=offset)
        noise = self._noise + self._deviations @ offset
        batch = knobs.batch_in_effect(self.num_examples)
        transition, source = _transition(self.curvatures, learning_rate, knobs)
        if knobs.sampling == "reshuffled":
            means = epoch_means(transition, source, self.num_examples, batch)
            return self._reshuffled_moments(means, noise)
        if order is None or len(order) != len(noise):
            return None
        return one_order_moments(transition, source, noise, self._deviations, order, batch)

    def _reshuffled_moments(self, means: EpochMeans, noise: Array) -> tuple[Array, Array] | None:
        size, examples = len(means.pull), len(noise)
        spread = self.num_examples / (self.num_examples - 1)
        additive = means.additive * (spread * noise.T @ noise / examples)
        if not self._map.any():
            return np.zeros(size), additive
        multiplied = spread * means.independent.ravel()[:, None] * self._map
        growth = _growth(multiplied, np.eye(size).ravel())
        if not (self._crowding <= _CROWDED and growth <= _WILD and growth * min(1.0, means.memory) <= _LASTING):
            return None
        pull = means.pull * np.einsum("iab,ib->ab", self._deviations, noise) * (spread / examples)
        moments = np.linalg.solve(np.eye(size * size) - multiplied, additive.ravel())
        return pull.sum(axis=1), moments.reshape(size, size)

    @cached_property
    def _crowding(self) -> float:
        """The share of the Hessian that single examples make up: E tr W²/(kN), W being an example's Hessian where H is
        1; of normal features (k + 2)/N."""
        scale = 1 / np.sqrt(np.abs(self.curvatures))
        squares = np.einsum("iab,a,b->", self._deviations**2, scale**2, scale**2) / len(self._deviations)
        return float(squares / len(scale) + 1) / self.num_examples

    def covariance(self, learning_rate: float, knobs: Knobs, *, offset: Array | None = None) -> Array:
        """(k, k) the stationary covariance C of the weights in the eigenbasis of H, as if drawn with
        replacement; infinite where there is none. offset: of the decayed minimum. Raises LinAlgError for a learning
        rate that makes no difference to 1 when it is taken times the curvature."""
        size = len(self.curvatures)
        share = 1 / knobs.batch_in_effect(self.num_examples) if knobs.covariance_share(self.num_examples) else 0.0
        limit = self._full_batch_limit(knobs)
        if learning_rate >= limit or not self._is_stable(learning_rate, knobs, share, limit):
            return np.full((size, size), np.inf)
        noise = self._noise if offset is None else self._noise + self._deviations @ offset
        source = share * noise.T @ noise / len(noise)
        gain = _gain(self.curvatures, learning_rate, knobs).ravel()
        matrix = np.eye(size * size) - share * gain[:, None] * self._map
        return np.asarray(np.linalg.solve(matrix, gain * source.ravel()).reshape(size, size))

    def _worth(self, knobs: Knobs) -> tuple[Kind, str]:
        if not self.quadratic:
            return "estimate", "on the local quadratic"
        if not self.exact:
            return "estimate", f"from {len(self._noise):,} of {self.num_examples:,} examples"
        if clips(knobs):
            return "estimate", "without the clipping"
        return "exact", ""

    def _full_batch_limit(self, knobs: Knobs) -> float:
        """0 where a negative curvature leads away at any learning rate."""
        if not len(self.curvatures):
            return float("inf")
        return edge(float(self.curvatures[-1]), knobs) if self.curvatures[0] + knobs.weight_decay > 0 else 0.0

    def _is_stable(self, learning_rate: float, knobs: Knobs, share: float, limit: float) -> bool:
        if not 0 < learning_rate < limit:
            return False
        if not share or not self._map.any():
            return True
        try:
            matrix = share * _gain(self.curvatures, learning_rate, knobs).ravel()[:, None] * self._map
        except np.linalg.LinAlgError:
            return learning_rate < _HARDLY * limit
        return bool(np.isfinite(matrix).all() and np.abs(np.linalg.eigvals(matrix)).max() < 1)


def _growth(matrix: Array, start: Array) -> float:
    """The spectral radius of a map that keeps covariances covariances, by its powers on one."""
    growth = 0.0
    for _ in range(_POWERS):
        following = matrix @ start
        growth = float(np.linalg.norm(following) / np.linalg.norm(start))
        if not 0 < growth < np.inf:
            break
        start = following / growth
    return growth


def _step_matrix(learning_rate: float, knobs: Knobs) -> Array | None:
    """(2, 3) what a step multiplies (w, v, g) with; None for an optimizer that is not linear."""
    matrices = OPTIMIZERS[knobs.optimizer].matrices(np.array([learning_rate]), knobs)
    return None if matrices is None else np.asarray(matrices[0])


def _transition(curvatures: Array, learning_rate: float, knobs: Knobs) -> tuple[Array, Array]:
    """(k, 2, 2) (w, v) → (w′, v′) along each eigenvector, and (2,) what a gradient adds, which is curvature · w."""
    matrix = _step_matrix(learning_rate, knobs)
    assert matrix is not None  # nothing else is asked for
    transition = np.repeat(matrix[None, :, :2], len(curvatures), axis=0)
    transition[:, :, 0] += curvatures[:, None] * matrix[:, 2]
    return transition, matrix[:, 2]


def _gain(curvatures: Array, learning_rate: float, knobs: Knobs) -> Array:
    """(k, k) γ. For each pair of eigenvectors X = A_a X A_bᵀ + ccᵀ, whose element (w, w) it is."""
    transition, source = _transition(curvatures, learning_rate, knobs)
    size = len(curvatures)
    products = np.einsum("aij,bkl->abikjl", transition, transition).reshape(size, size, 4, 4)
    noise = np.broadcast_to(np.outer(source, source).reshape(4, 1), (size, size, 4, 1))
    return np.asarray(np.linalg.solve(np.eye(4) - products, noise)[:, :, 0, 0])


class MinibatchTheory:
    """Knowledge of minibatch descent on one objective, worked out at the first question and kept.

    quadratic: the objective's examples as quadratics; None where they are none, or where it has too many weights.
    """

    def __init__(self, objective: Objective) -> None:
        self._objective = objective
        self._limit: tuple[Knobs, Measurement] | None = None  # the latest one
        self._floor: tuple[object, Measurement] | None = None  # the latest one

    @cached_property
    def quadratic(self) -> Quadratic | None:
        return Quadratic.of(self._objective)

    def limit(self, knobs: Knobs) -> Measurement:
        """The largest stable learning rate for minibatches of these knobs; unknown but for quadratics of few weights
        and for least squares."""
        knobs = replace(knobs, learning_rate=1.0, schedule=CONSTANT)  # on which the limit does not depend
        if self._limit is None or self._limit[0] != knobs:
            self._limit = knobs, self._limit_of(knobs)
        return self._limit[1]

    @cached_property
    def _rank_one(self) -> RankOne | None:
        return RankOne.of(self._objective)

    def _limit_of(self, knobs: Knobs) -> Measurement:
        quadratic, rank_one = self.quadratic, self._rank_one
        if quadratic is not None and (quadratic.exact or rank_one is None):
            return quadratic.largest_stable_learning_rate(knobs)
        if rank_one is None:
            return unknown(STOCHASTIC_LIMIT, _NO_QUADRATIC)
        if _step_matrix(1.0, knobs) is None:
            return unknown(STOCHASTIC_LIMIT, f"no theory of {knobs.optimizer}")
        share = knobs.covariance_share(rank_one.num_examples)
        high = edge(float(rank_one.curvatures[-1]), knobs)
        if not share:
            return Measurement(high, STOCHASTIC_LIMIT, "exact", "as for the full batch")
        value = rank_one.largest_stable_learning_rate(high, share, lambda rate: _gain(rank_one.curvatures, rate, knobs))
        if not rank_one.exact:
            note = f"from {rank_one.num_seen:,} of {rank_one.num_examples:,} examples"
        else:
            note = "" if knobs.sampling == "with_replacement" else "as if batches were independent"
        return Measurement(value, STOCHASTIC_LIMIT, "estimate" if note else "exact", note)

    def noise_floor(self, learning_rate: float, knobs: Knobs, *, order: NDArray[np.intp] | None = None) -> Measurement:
        """The predicted final loss with these knobs, order: of `shuffled_once`; unknown but for quadratics."""
        if self.quadratic is None:
            return unknown(NOISE_FLOOR, _NO_MODEL)
        if order is not None and len(order) > MOST_EXAMPLES:
            order = None  # not all of its examples are known
        asked = learning_rate, knobs, None if order is None else order.tobytes()
        if self._floor is None or self._floor[0] != asked:
            self._floor = asked, self.quadratic.noise_floor(learning_rate, knobs, order=order)
        return self._floor[1]

    def measured_noise_floor(
        self, learning_rate: float, knobs: Knobs, effort: Effort = PRECISE
    ) -> Pieces[Measurement] | None:
        """The measuring of the final loss, where no theory says it; None where it cannot be measured: but for
        quadratics, where the learning rate moves, and for one order of the examples."""
        if not self._measurable or knobs.schedule != CONSTANT or knobs.sampling == "shuffled_once":
            return None
        return floor_pieces(self._objective, learning_rate, knobs, effort)

    @cached_property
    def _measurable(self) -> bool:
        return can_be_measured(self._objective)
