"""Clipping: what a knob does to a minibatch's gradient before the optimizer takes it, in a trainer and in replicas.

As torch's clip_grad_norm_: a gradient that is longer than the knob says is shortened to it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine.model.objective import Array
from engine.training.knobs import Knobs

_SPARE = 1e-6  # on the norm, as torch has it


def clips(knobs: Knobs) -> bool:
    """Return whether any gradient would be changed: theory of plain steps is then only an estimate."""
    return knobs.gradient_clip < math.inf


def clip(gradient: Array, square: float, knobs: Knobs) -> None:
    """Change a gradient, (P,), in place; square: of its length."""
    norm = float(np.sqrt(square))
    if norm > knobs.gradient_clip:
        np.multiply(gradient, knobs.gradient_clip / (norm + _SPARE), gradient)


def clip_rows(gradients: Array, knobs: Knobs) -> None:
    """Change the gradients of R replicas, (R, P), in place."""
    norms = np.sqrt(np.einsum("rp,rp->r", gradients, gradients))[:, None]
    limit = knobs.gradient_clip
    np.multiply(gradients, limit / (norms + _SPARE), gradients, where=norms > limit)


def measured(gradient: Any, knobs: Knobs, squares: list[float]) -> Any:
    """`gradient`, the square of whose length goes to `squares`; the result is then clipped as the knobs say."""
    clipped = clips(knobs)

    def measure(batch: Any, row: tuple[Any, Array]) -> None:
        gradient(batch, row[0])
        square = row[1].dot(row[1])
        squares.append(square)
        if clipped:
            clip(row[1], square, knobs)

    return measure
