"""Optimizers: how the weights follow from the gradient.

A trainer keeps, for every step of a chunk, a small stack of rows of length P: the weights, the optimizer's
buffers, and last the gradient (`Rows`). An update reads the stack of step k and writes weights and buffers of step
k + 1. What is linear in the rows *is* a small matrix, and one product does it; for momentum that is all:

    (w′)   (1 − ηλ   −ηβ   −η) (w)
    (v′) = (   λ       β     1) (v)
                                (g)

That takes a quarter of the time of the four calls of the formula, where it is the calls that take time. With many
weights it is memory: so there it is the formula, and only the weights get a row for every step. The methods that
divide by a root of averaged squares take both of their averages in one such product, and six calls for what is not
linear. In all of them η is the learning rate, λ the weight decay, and the learning rate stays outside the buffers,
so that a change in mid-run acts at once. Constants are arrays of no dimension: twice as fast as Python's
numbers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
from numpy.lib.stride_tricks import as_strided

from engine.model.objective import Array
from engine.training.knobs import Knobs

Update = Callable[..., object]

_BLOCK = 2**15  # columns of a stack that a product takes at once: what a core's own cache holds
_MANY = 2**12  # columns from which on memory, not calls, is what an update waits for


class Rows:
    """The memory that the steps of a chunk work on: weights (n + 1, c), buffers (n + 1, b, c) and gradients (n, c), row
    k those of step k.

    stacks: (n + 1, b + 2, c) all of these, a step's one below the other. None where only the weights have a row for
    every step: all buffers are then the same memory, and so are all gradients.
    """

    def __init__(self, weights: Array, buffers: Array, gradients: Array, stacks: Array | None = None) -> None:
        self.weights, self.buffers, self.gradients, self.stacks = weights, buffers, gradients, stacks

    @classmethod
    def of(cls, stacks: Array) -> Rows:
        """The rows in (n + 1, b + 2, c) stacks."""
        return cls(stacks[:, 0], stacks[:, 1:-1], stacks[:-1, -1], stacks)

    @classmethod
    def streaming(cls, weights: Array, buffers: int) -> Rows:
        """Only the weights, (n + 1, c), have a row for every step."""
        shared = np.zeros((buffers + 1, weights.shape[1]), weights.dtype)
        every = as_strided(shared, (len(weights), *shared.shape), (0, *shared.strides))
        return cls(weights, every[:, :-1], every[:-1, -1])

    def begin_with(self, row: int) -> None:
        """Bring the weights and buffers of a row to the first."""
        if self.stacks is not None:
            self.stacks[0, :-1] = self.stacks[row, :-1]
        else:
            self.weights[0] = self.weights[row]


@dataclass(frozen=True)
class Preconditioner:
    """Knowledge that an adaptive method has of its gradients. roots: (P,) √ŝ + ε, by which it divides its step. count:
    how many gradients' squares are in ŝ. decay: the weight decay that is divided as well."""

    roots: Array
    count: int
    decay: float


class Optimizer(Protocol):
    """Stateless: the buffers live in the trainer's stack.

    buffers: rows between the weights and the gradient; zeros when the optimizer takes over. remembered: how many of
    them, the first ones, its next steps depend on.
    """

    @property
    def buffers(self) -> int: ...

    @property
    def remembered(self) -> int: ...

    def streams(self, columns: int) -> bool:
        """Tell whether rows of so many columns had better be `Rows.streaming`."""

    def bind(self, rows: Rows) -> Sequence[tuple[Any, ...]]:
        """The arguments of each step's update, prepared once: it reads weights, buffers and gradient of the step, and
        writes weights and buffers of the following one."""

    def updates(self, rates: Array, rows: Rows, knobs: Knobs, *, taken: int) -> Sequence[Update]:
        """One update for each of the learning rates, (n,), or (n, c) where every column of stacks has its own; each is
        called with what `bind` prepared.

        rows: on which they are to work; buffers that are shared hold the right numbers after the last update only.
        taken: steps since the optimizer took over.
        """

    def matrices(self, rates: Array, knobs: Knobs) -> Array | None:
        """(n, 2, 3) what a step of each of the learning rates, (n,), multiplies (w, v, g) with to give the next w and
        v; None for a method that is not linear."""

    def edge(self, curvature: float, knobs: Knobs) -> float:
        """The largest stable learning rate on a quadratic of this curvature L, for a preconditioned method that of the
        preconditioned Hessian; infinite where nothing limits it, NaN for a curvature that is NaN."""

    def preconditioner(self, buffers: Array, knobs: Knobs, *, taken: int) -> Preconditioner | None:
        """The divisor that the (b, P) buffers make for the next step, `taken` steps after the optimizer took over; None
        for a method that divides by nothing."""


def _edge(beta: float, stiffness: float) -> float:
    return 2 * (1 + beta) / stiffness if stiffness > 0 or stiffness != stiffness else math.inf


def _product(matrix: Array, columns: int) -> Update:
    """(stack, out) ↦ matrix·stack, for a stack of so many columns: `dot` is NumPy's cheapest call, but for many columns
    half as fast as one block of them after another. The bits are the same."""
    if columns <= _BLOCK:
        return matrix.dot

    def in_blocks(stack: Array, out: Array) -> None:
        for start in range(0, stack.shape[1], _BLOCK):
            block = slice(start, start + _BLOCK)
            np.matmul(matrix, stack[:, block], out[:, block])

    return in_blocks


def _step_by_step(values: Array, dtype: Any) -> list[Array]:
    """(n, …) constants as n arrays in the stacks' dtype; one and the same where all of them are equal."""
    if (values == values[0]).all():
        return [values[0, ...].astype(dtype)] * len(values)
    values = values.astype(dtype)
    return [values[k, ...] for k in range(len(values))]


@dataclass(frozen=True)
class Momentum:
    """v ← βv + d;  w ← w − ηv, with d = g + λw. Heavy ball; β = 0 is plain gradient descent.

    With `nesterov` w ← w − η(d + βv), the new v: the step that the velocity is about to take is in the gradient.
    Source: Polyak 1964, Sutskever et al. 2013; both in the form of torch.optim.SGD and Goh, Distill 2017.
    """

    nesterov: bool = False
    buffers = remembered = 1

    def streams(self, columns: int) -> bool:
        return columns >= _MANY

    def bind(self, rows: Rows) -> Sequence[tuple[Any, ...]]:
        if rows.stacks is not None:
            return [(stack, following[:-1]) for stack, following in pairwise(rows.stacks)]
        shared = rows.buffers[0, 0], rows.gradients[0], np.empty_like(rows.weights[0])
        return [(w, *shared, new_w) for w, new_w in pairwise(rows.weights)]

    def updates(self, rates: Array, rows: Rows, knobs: Knobs, *, taken: int) -> Sequence[Update]:
        if rates.ndim == 2:
            return self._by_column(rates, knobs, rows.weights.dtype)
        if rows.stacks is None:
            return self._formula(rates, knobs, rows.weights.dtype)
        distinct = rates[:1] if (rates == rates[0]).all() else rates
        matrices = self.matrices(distinct, knobs).astype(rows.stacks.dtype)
        columns = rows.stacks.shape[-1]
        return [_product(matrix, columns) for matrix in matrices] * (len(rates) // len(distinct))

    def matrices(self, rates: Array, knobs: Knobs) -> Array:
        weights, direction = np.array([1.0, 0.0, 0.0]), np.array([knobs.weight_decay, 0.0, 1.0])
        new_velocity = np.array([knobs.weight_decay, knobs.momentum, 1.0])
        step = direction + knobs.momentum * new_velocity if self.nesterov else new_velocity
        matrices = np.empty((len(rates), 2, 3))
        matrices[:, 0] = weights - rates[:, None] * step
        matrices[:, 1] = new_velocity
        return matrices

    def edge(self, curvature: float, knobs: Knobs) -> float:
        """Heavy ball: 2(1 + β)/(L + λ). Nesterov: 2(1 + β)/((1 + 2β)(L + λ)).

        Source: Polyak 1964; Goh, Distill 2017.
        """
        beta = knobs.momentum
        return _edge(beta, (curvature + knobs.weight_decay) * (1 + 2 * beta if self.nesterov else 1.0))

    def preconditioner(self, buffers: Array, knobs: Knobs, *, taken: int) -> None:
        return None

    def _by_column(self, rates: Array, knobs: Knobs, dtype: Any) -> Sequence[Update]:
        """The update with learning rates of every column: the product gives the step in units of the rate."""
        matrix = self.matrices(np.array([-1.0]), knobs)[0]
        matrix[0, 0] -= 1.0  # without the weights themselves
        product, constants = matrix.astype(dtype).dot, iter(rates.astype(dtype))

        def update(stack: Array, out: Array) -> None:
            product(stack, out)
            np.multiply(out[0], next(constants), out[0])
            np.subtract(stack[0], out[0], out[0])

        return [update] * len(rates)

    def _formula(self, rates: Array, knobs: Knobs, dtype: Any) -> Sequence[Update]:
        """The update for many weights, in as few passes over them as the knobs allow: plain gradient descent has two,
        and writes its velocity, which is the gradient, but once a chunk."""
        multiply, add, subtract = np.multiply, np.add, np.subtract
        momentum, weight_decay = knobs.momentum, knobs.weight_decay
        beta, decay = np.array(momentum, dtype), np.array(weight_decay, dtype)
        constants = iter(_step_by_step(rates, dtype))

        def plain(w: Array, v: Array, g: Array, work: Array, new_w: Array) -> None:
            subtract(w, multiply(g, next(constants), g), new_w)  # over the gradient: no memory that has to be fetched

        def update(w: Array, v: Array, g: Array, work: Array, new_w: Array) -> None:
            if weight_decay:
                add(g, multiply(w, decay, work), g)
            add(multiply(v, beta, v), g, v) if momentum else np.copyto(v, g)
            step = add(g, multiply(v, beta, work), work) if self.nesterov else v
            subtract(w, multiply(step, next(constants), work), new_w)

        if momentum or weight_decay:
            return [update] * len(rates)
        return [plain] * (len(rates) - 1) + [update]


@dataclass(frozen=True)
class Adaptive:
    """m ← β₁m + (1 − β₁)d;  s ← β₂s + (1 − β₂)d²;  w ← w − η m/(√s + ε), with d = g + λw.

    β₂ = 1 sums the squares: s ← s + d². With `corrected`, m and s are divided by 1 − β₁ᵗ and 1 − β₂ᵗ in the
    last formula, where t counts from 1 when the optimizer takes over. With `decoupled`, d = g, and the weights
    are multiplied by 1 − ηλ before their step. `momentum` does not act.

    The rows of a stack are w, m, s, a working row, g. The corrections are made to η and ε instead, as in
    section 2 of Kingma & Ba: with b = √(1 − β₂ᵗ), the step is ηb/(1 − β₁ᵗ) · m/(√s + εb).
    """

    beta1: float
    beta2: float
    epsilon: float
    corrected: bool = False
    decoupled: bool = False
    buffers = 3
    remembered = 2

    def streams(self, columns: int) -> bool:
        return False

    def bind(self, rows: Rows) -> Sequence[tuple[Any, ...]]:
        assert rows.stacks is not None
        return [
            (stack, stack[0], stack[3], stack[4], following[0], following[1:3], following[1], following[2])
            for stack, following in pairwise(rows.stacks)
        ]

    def updates(self, rates: Array, rows: Rows, knobs: Knobs, *, taken: int) -> Sequence[Update]:
        weight_decay = knobs.weight_decay
        coupled = 0.0 if self.decoupled else weight_decay
        dtype = rows.weights.dtype
        average = _product(self._averages(coupled).astype(dtype), rows.weights.shape[-1])
        decay = np.array(coupled, dtype)
        mean, root = (part.reshape(-1, *[1] * (rates.ndim - 1)) for part in self._corrections(taken, len(rates)))
        constants = zip(
            _step_by_step(rates * root / mean, dtype),
            _step_by_step(self.epsilon * root, dtype),
            _step_by_step(1 - rates * weight_decay, dtype),
            strict=True,
        )
        multiply, add, sqrt, divide, subtract = np.multiply, np.add, np.sqrt, np.divide, np.subtract
        decoupled = self.decoupled and weight_decay

        def update(
            stack: Array, w: Array, work: Array, g: Array, new_w: Array, new_averages: Array, m: Array, s: Array
        ) -> None:
            rate, epsilon, shrink = next(constants)
            d = g
            if coupled:
                d = add(multiply(w, decay, work), g, work)
            multiply(d, d, work)
            average(stack, new_averages)
            add(sqrt(s, work), epsilon, work)
            multiply(divide(m, work, work), rate, work)
            if decoupled:
                w = multiply(w, shrink, new_w)
            subtract(w, work, new_w)

        return [update] * len(rates)

    def matrices(self, rates: Array, knobs: Knobs) -> None:
        return None

    def edge(self, curvature: float, knobs: Knobs) -> float:
        """2(1 + β₁)/((1 − β₁)L), L holding a coupled λ; decoupled 2(1 + β₁)/((1 − β₁)L + (1 + β₁)λ).

        Source: Cohen et al. 2022 (arXiv 2207.14484); with decay by the same characteristic polynomial at −1.
        """
        beta = self.beta1
        return _edge(beta, (1 - beta) * curvature + ((1 + beta) * knobs.weight_decay if self.decoupled else 0.0))

    def preconditioner(self, buffers: Array, knobs: Knobs, *, taken: int) -> Preconditioner:
        squares = buffers[1].astype(np.float64)  # after m
        if self.corrected and taken:
            squares = squares / (1 - self.beta2**taken)
        with np.errstate(all="ignore"):
            roots = np.asarray(np.sqrt(squares) + self.epsilon)
        return Preconditioner(roots, taken, 0.0 if self.decoupled else knobs.weight_decay)

    def _averages(self, weight_decay: float) -> Array:
        """(2, 5): the rows of m′ and s′ over the columns w, m, s, d², g."""
        beta1, beta2, share1 = self.beta1, self.beta2, 1 - self.beta1
        share2 = 1.0 if beta2 == 1 else 1 - beta2
        return np.array([[share1 * weight_decay, beta1, 0, 0, share1], [0, 0, beta2, share2, 0]])

    def _corrections(self, taken: int, count: int) -> tuple[Array, Array]:
        """1 − β₁ᵗ and √(1 − β₂ᵗ) of the next steps, both (count,); 1 without correction."""
        if not self.corrected:
            return np.ones(count), np.ones(count)
        mean, root = _correction_table(self.beta1, self.beta2)
        times = np.minimum(np.arange(taken, taken + count), len(mean) - 1)
        return mean[times], root[times]


@cache
def _correction_table(beta1: float, beta2: float) -> tuple[Array, Array]:
    """1 − β₁ᵗ and √(1 − β₂ᵗ) for t = 1, 2, … until both are 1 to the last bit.

    A table, because a power's bits may depend on its place in the array that it is computed in.
    """
    times: Array = np.arange(1.0, 2 + math.ceil(math.log(2.0**-54) / math.log(max(beta1, beta2))))
    mean: Array = 1 - beta1**times
    root: Array = np.sqrt(1 - beta2**times)
    return mean, root


OPTIMIZERS: dict[str, Optimizer] = {
    "sgd": Momentum(),
    "nesterov": Momentum(nesterov=True),
    # Duchi, Hazan & Singer, JMLR 12 (2011); as torch.optim.Adagrad.
    "adagrad": Adaptive(beta1=0.0, beta2=1.0, epsilon=1e-10),
    # Tieleman & Hinton, Coursera lecture 6.5 (2012); as torch.optim.RMSprop.
    "rmsprop": Adaptive(beta1=0.0, beta2=0.99, epsilon=1e-8),
    # Kingma & Ba, ICLR 2015; as torch.optim.Adam.
    "adam": Adaptive(beta1=0.9, beta2=0.999, epsilon=1e-8, corrected=True),
    # Loshchilov & Hutter, ICLR 2019; as torch.optim.AdamW.
    "adamw": Adaptive(beta1=0.9, beta2=0.999, epsilon=1e-8, corrected=True, decoupled=True),
}
