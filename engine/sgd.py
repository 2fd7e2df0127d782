"""Stochastic gradient descent with momentum (heavy ball)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.objective import Array


class SGD:
    """v ← βv + g;  w ← w − ηv.

    η is `learning_rate`, β is `momentum`. The learning rate stays outside the buffer (the convention of
    PyTorch's torch.optim.SGD and of Goh, "Why Momentum Really Works", Distill 2017), so that a change
    in mid-run acts at once: the next step is η₂(βv + g).
    """

    def __init__(self, num_weights: int) -> None:
        self.velocity: Array = np.zeros(num_weights)
        self._scratch = np.empty(num_weights)

    def update(self, learning_rate: float, momentum: float) -> Callable[[Array, Array, Array], None]:
        """The step for these knobs, as a function of (weights, gradient, new weights), each (P,).

        Chosen once a chunk, so that no step tests for momentum.
        """
        # Preallocated 0-d arrays: multiplying by a Python float takes twice as long.
        eta, beta = np.array(learning_rate), np.array(momentum)
        multiply, add, subtract = np.multiply, np.add, np.subtract
        velocity, scratch = self.velocity, self._scratch

        def plain(weights: Array, gradient: Array, out: Array) -> None:
            multiply(gradient, eta, scratch)
            subtract(weights, scratch, out)

        def heavy_ball(weights: Array, gradient: Array, out: Array) -> None:
            multiply(velocity, beta, velocity)
            add(velocity, gradient, velocity)
            multiply(velocity, eta, scratch)
            subtract(weights, scratch, out)

        return heavy_ball if momentum else plain

    def finish(self, gradient: Array, momentum: float) -> None:
        """After a chunk that ended with `gradient`: without momentum v is g, which `update` left out."""
        if not momentum:
            self.velocity[:] = gradient
