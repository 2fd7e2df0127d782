"""Losses of minibatches as quadratic forms, where the gradient is affine in the weights.

About a centre c, with u = w − c, the mean loss of a minibatch is ½ (u, 1)ᵀ Q (u, 1) with one symmetric matrix Q, and
its gradient the first P numbers of Q (u, 1). So all that a step needs of its minibatch is P + 1 times P + 1 numbers,
and they can be had for many minibatches at once, before the weights are known. The centre is a minimum, where one is
known: Q then holds differences from the best fit, and the loss near there loses little by rounding.

Beside Q stands a last column, the gradient at w = 0: with it the gradient is affine in w itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MOST_WEIGHTS = 4  # above, a product of so many numbers takes longer than the few calls that it saves


@dataclass(frozen=True)
class QuadraticForms:
    """The forms of an objective's minibatches.

    centre: (P,). of_alike: gives (m, P + 1, P + 2) forms for m minibatches of one size, (m, B) numbers of examples;
    those of one minibatch have the same bits whatever the others are. least: what a loss cannot be less than.
    """

    centre: Array
    of_alike: Callable[[NDArray[np.intp]], Array]
    least: float = -np.inf

    def of(self, numbers: NDArray[np.intp], sizes: Array) -> Array:
        """(n, P + 1, P + 2) forms of the n minibatches of these sizes, (n,), whose examples follow one another in
        `numbers`, (sum of sizes,)."""
        if (sizes == sizes[0]).all():
            return self.of_alike(numbers.reshape(len(sizes), -1))
        forms = np.empty((len(sizes), len(self.centre) + 1, len(self.centre) + 2))
        for which, alike in _by_size(numbers, sizes.astype(np.intp)):
            forms[which] = self.of_alike(alike)
        return forms


def _by_size(numbers: NDArray[np.intp], sizes: NDArray[np.intp]) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """The minibatches that have one size, (m,), and their examples, (m, B)."""
    starts = np.cumsum(sizes) - sizes
    for size in sorted(set(sizes.tolist())):
        which = np.flatnonzero(sizes == size)
        yield which, numbers[starts[which, None] + np.arange(size)]
