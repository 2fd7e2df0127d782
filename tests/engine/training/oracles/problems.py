"""The two trainings whose numbers PyTorch and Keras have computed: data, weights and knobs, without random numbers."""

import numpy as np

from engine.model.least_squares import LeastSquares
from engine.model.networks import Network
from engine.training.knobs import Knobs
from engine.training.optimizers import OPTIMIZERS

STEPS = 200
KEPT = (1, 2, 10, 50, 100, 200)  # steps after which the weights are written down
SEED = 5


def table(rows, columns, phase):
    """Numbers that look random and are the same everywhere: rounded, so that no library of sines matters."""
    grid = np.arange(rows * columns, dtype=float).reshape(rows, columns)
    return np.round(1.5 * np.sin(12.9898 * grid + phase) * np.cos(4.1414 * grid), 4)


INPUTS = table(48, 2, 0.5)
NUMBERS = np.round(INPUTS @ [1.5, -2.0] + 0.7 + table(48, 1, 2.0)[:, 0], 4)
CLASSES = (INPUTS[:, 0] * INPUTS[:, 1] > 0).astype(float)


def line():
    """Least squares of two features and an intercept."""
    return LeastSquares(INPUTS, NUMBERS), np.array([-1.0, 0.5, 0.0])


def network():
    """2-4-1, tanh, logistic loss."""
    objective = Network(INPUTS, CLASSES, hidden=(4,), activation="tanh", loss="binary_cross_entropy")
    return objective, table(1, 17, 1.0)[0] * 0.5


PROBLEMS = {"line": line, "network": network}


def knobs(optimizer):
    """Those of every training here; the weight decay is AdamW's only."""
    decay = 0.01 if optimizer == "adamw" else 0.0
    return Knobs(learning_rate=0.02, batch_size=7, momentum=0.8, optimizer=optimizer, weight_decay=decay)


TRAININGS = [(problem, optimizer) for problem in PROBLEMS for optimizer in OPTIMIZERS]
