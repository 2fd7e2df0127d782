"""Initial weights of networks, drawn at random. All biases begin at 0."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from engine.model.objective import Array
from engine.plain_text import shortened
from engine.refusals import RefusalError

INITIALISATIONS = ("glorot", "he", "normal", "zeros")


def initial_weights(kind: str, widths: tuple[int, ...], *, seed: int, scale: float = 0.1) -> Array:
    """(P,) flat weights of a network whose inputs, hidden layers and outputs are `widths` wide.

    glorot: uniform in ±√(6/(in + out)), in and out being the widths that a layer connects (Glorot & Bengio
    2010, Keras's default). he: normal with variance 2/in (He et al. 2015, torch's kaiming_normal_).
    normal: with standard deviation `scale`. zeros: all of them, and no hidden unit will ever differ from
    another. The same kind, widths and seed give the same bits on the same kind of processor. Raises
    RefusalError for an unknown kind.
    """
    if kind not in INITIALISATIONS:
        raise RefusalError(f"initialisation must be one of {', '.join(INITIALISATIONS)}, not {shortened(kind)}")
    random = np.random.default_rng((seed, 1))  # not the numbers that shuffle the examples
    parts = []
    for width, following in pairwise(widths):
        shape = (width, following)
        if kind == "glorot":
            limit = np.sqrt(6 / (width + following))
            matrix = random.uniform(-limit, limit, shape)
        elif kind == "zeros":
            matrix = np.zeros(shape)
        else:
            deviation = np.sqrt(2 / width) if kind == "he" else scale
            matrix = deviation * random.standard_normal(shape)
        parts += [matrix.ravel(), np.zeros(following)]
    return np.concatenate(parts)
