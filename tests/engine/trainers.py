"""Training on a landscape, for tests."""

import numpy as np

from engine.training.knobs import Knobs
from engine.training.trainer import Trainer


def trainer_of(landscape, weights, *, seed=0, **knobs):
    return Trainer(landscape, np.array(weights, dtype=float), knobs=Knobs(**knobs), seed=seed)


def trajectory(trainer, steps):
    """(steps, P) weights before each step."""
    taken, parts = 0, []
    while taken < steps:
        parts.append(trainer.advance(steps - taken).weights[:-1].copy())
        taken += len(parts[-1])
    return np.concatenate(parts)
