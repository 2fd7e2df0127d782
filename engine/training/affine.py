"""Steps of an affine gradient, many of them in a few calls.

Where the gradient of a minibatch is affine in the weights (`engine.model.quadratic_forms`) and the optimizer linear,
a step is one product of a small matrix and the state (v, w, 1): velocity, where there is momentum, and weights. The
matrices of many steps are made at once, before any of the steps is taken. Then the steps are composed in blocks of 8:
the products M₀, M₁M₀, … of all blocks grow side by side, one call for every place in a block; a block's last product
leads to the start of the next block, the only calls that have to be made one after another; and from the starts one
call gives the states in between.

Bits do not depend on how the steps are grouped, because nothing above does:

- Blocks end at multiples of 8 of the trainer's step, wherever calls begin and end. One that is unfinished (`Block`) is
  carried to the next call, and in a checkpoint: its start, and the product so far. A knob that changes in the middle
  of a block changes the matrices from there on, and no other.
- A state is its step's product times the start of its block, one by one: so NumPy's calls see the same numbers
  however many there are side by side.
- A step is not taken this way, but left to the trainer's general one, where a number is not finite, or where its
  block's product multiplies weights by more than 2²⁰: that is what composing could do to a rounding error. This
  depends on the step alone. Up to the next multiple of 1024 it then stays the general way, so that a run that is no
  good for this one is not held up by attempts.
- The general way ends the block that it interrupts, and so do a change of the optimizer, whose velocity is a new one,
  and steps with momentum after steps without. What follows begins a block at the weights of that step; it also ends
  at a multiple of 8.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.model.objective import Array
from engine.model.quadratic_forms import QuadraticForms

_BLOCK = 8
_LARGEST = 2.0**20
_PAUSE = 1024


@dataclass(frozen=True)
class Block:
    """A block of steps between two of them. start: (S,) the state at its first step; product: (S, S) that leads from
    there to the present state. They are never changed."""

    start: Array
    product: Array


@dataclass(frozen=True)
class Steps:
    """Steps that were taken, n of them. weights: (n, P) after each. velocity: (P,) after the last. losses, lengths:
    (n,) of the minibatches and of their gradients before each. block: that the last step has left."""

    weights: Array
    velocity: Array
    losses: Array
    lengths: Array
    block: Block


def next_attempt(step: int) -> int:
    """The step from which on to try again where one at `step` could not be taken."""
    return (step // _PAUSE + 1) * _PAUSE


class AffineSteps:
    """Takes steps on an objective with these forms. Everything that it keeps is memory to work in."""

    def __init__(self, forms: QuadraticForms) -> None:
        self.forms = forms
        self._rooms: dict[int, _Room] = {}

    def advance(
        self, quadratics: Array, coefficients: Array, weights: Array, velocity: Array, block: Block | None, step: int
    ) -> Steps:
        """Take the steps with these forms, (n, P + 1, P + 2), as many of them from the first on as can be taken so.

        coefficients: (n, 2, 3) as `Optimizer.matrices` gives them, or (1, 2, 3) where all are equal. weights,
        velocity: (P,) before the first step, whose number is `step`. block: that it goes on with, None for a new one.
        """
        count, num_weights, place = len(quadratics), len(weights), step % _BLOCK
        has_velocity = bool(coefficients[0, :, 1].any())
        state = np.concatenate([velocity if has_velocity else [], weights, [1.0]])
        if block is None or len(block.start) != len(state):
            block = Block(state, np.eye(len(state)))
        room = self._room(len(state), place + count)
        room.fill(quadratics, coefficients, place)
        products, states = room.compose(block, place, place + count)
        after = states[:, -num_weights - 1 : -1]

        before = np.ones((count, num_weights + 1))
        before[0, :-1], before[1:, :-1] = weights, after[:-1]
        before[:, :-1] -= self.forms.centre
        slopes = (quadratics[:, :, :-1] @ before[:, :, None])[:, :, 0]
        losses = np.maximum(0.5 * np.vecdot(before, slopes), self.forms.least)
        gradients = slopes[:, :-1]
        lengths = np.sqrt(np.vecdot(gradients, gradients))

        good = _num_good(products, states, losses, lengths, num_weights)
        if good and not has_velocity:
            of_w, _, of_g = coefficients[min(good, len(coefficients)) - 1, 1]
            velocity = of_w * (after[good - 2] if good > 1 else weights) + of_g * gradients[good - 1]
        elif good:
            velocity = states[good - 1, :num_weights].copy()
        return Steps(after[:good], velocity, losses[:good], lengths[:good], room.block_at(place + good))

    def _room(self, size: int, steps: int) -> _Room:
        blocks = -(-steps // _BLOCK)
        if size not in self._rooms or self._rooms[size].blocks < blocks:
            self._rooms[size] = _Room(len(self.forms.centre), size, blocks)
        return self._rooms[size]


class _Room:
    """Memory for the steps of so many blocks, with states of S = `size` numbers, and what works in it."""

    def __init__(self, num_weights: int, size: int, blocks: int) -> None:
        self.blocks = blocks
        self._num_weights, self._size = num_weights, size
        self._matrices = np.zeros((blocks * _BLOCK, size, size))
        self._products = np.zeros((blocks, _BLOCK, size, size))
        self._starts = np.zeros((blocks + 1, size))
        self._links = [
            (product.dot, here, there)
            for product, here, there in zip(self._products[:, -1], self._starts, self._starts[1:], strict=False)
        ]
        # Where in the upper rows of a form the numbers of the matrices come from: first of a whole one, with velocity.
        upper = np.arange(num_weights * (num_weights + 2)).reshape(num_weights, -1)
        which = np.zeros((2 * num_weights + 1, 2 * num_weights + 1), np.intp)
        for after in (slice(num_weights), slice(num_weights, -1)):
            which[after, num_weights:-1], which[after, -1] = upper[:, :num_weights], upper[:, -1]
        self._which = which[-size:, -size:]

    def fill(self, quadratics: Array, coefficients: Array, place: int) -> None:
        """Make the matrices of the steps, the first of which has this place in the first block: every number of them
        is a number of the form times one factor, plus one term."""
        num_weights, size, unit = self._num_weights, self._size, np.eye(self._num_weights)
        of_w, of_v, of_g = np.moveaxis(coefficients[:, ::-1, :, None, None], 2, 0)  # rows: v′, w′
        factors, terms = np.zeros((2, len(coefficients), 2 * num_weights + 1, 2 * num_weights + 1))
        upper = (len(coefficients), 2, num_weights, -1)
        factors[:, :-1].reshape(upper)[..., num_weights:] = of_g
        terms[:, :-1].reshape(upper)[..., :num_weights] = of_v * unit
        terms[:, :-1].reshape(upper)[..., num_weights:-1] = of_w * unit
        terms[:, -1, -1] = 1.0
        matrices = self._matrices[place : place + len(quadratics)]
        quadratics.reshape(len(quadratics), -1).take(self._which, 1, matrices, "clip")
        flat = matrices.reshape(len(matrices), -1)
        flat *= factors[:, -size:, -size:].reshape(len(factors), -1)
        flat += terms[:, -size:, -size:].reshape(len(terms), -1)

    def compose(self, block: Block, place: int, end: int) -> tuple[Array, Array]:
        """Compose the steps from place to end, counted from the start of the first block, n of them: their products,
        (n, S, S), and the states after them, (n, S)."""
        blocks, whole = -(-end // _BLOCK), end // _BLOCK
        matrices = self._matrices.reshape(self._products.shape)[:blocks]
        products = self._products[:blocks]
        products[:, 0] = matrices[:, 0]
        for at in range(1, _BLOCK):
            if at == place:
                products[0, at - 1] = block.product
            np.matmul(matrices[:, at], products[:, at - 1], products[:, at])
        self._starts[0] = block.start
        for dot, here, there in self._links[:whole]:
            dot(here, there)
        size = self._size
        # One product a block, not a step: that is quicker.
        states = (products.reshape(blocks, -1, size) @ self._starts[:blocks, :, None]).reshape(blocks, _BLOCK, size)
        states[:whole, -1] = self._starts[1 : whole + 1]  # the same but for rounding
        return products.reshape(-1, size, size)[place:end], states.reshape(-1, size)[place:end]

    def block_at(self, end: int) -> Block:
        """The block that is unfinished after the steps up to `end`."""
        whole, at = divmod(end, _BLOCK)
        product = self._products[whole, at - 1].copy() if at else np.eye(self._size)
        return Block(self._starts[whole].copy(), product)


def _num_good(products: Array, states: Array, losses: Array, lengths: Array, num_weights: int) -> int:
    """The number of steps that are good, before the first that is not."""
    if np.isfinite(states.sum() + losses.sum() + lengths.sum()) and abs(products).max() <= _LARGEST:
        return len(states)
    of_weights = products[:, -num_weights - 1 : -1, -num_weights - 1 : -1]
    good = np.isfinite(losses) & np.isfinite(lengths) & np.isfinite(states).all(axis=1)
    good &= (abs(of_weights) <= _LARGEST).all(axis=(1, 2))
    return len(good) if good.all() else int(np.argmin(good))
