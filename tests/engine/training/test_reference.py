"""The fast path is held to the readable loop, for every optimizer, schedule and sampling."""

from itertools import islice, pairwise

import numpy as np
import pytest

from engine.model.least_squares import LeastSquares
from engine.model.networks import Network
from engine.training.knobs import SAMPLINGS, Knobs
from engine.training.optimizers import OPTIMIZERS
from engine.training.reference import train
from engine.training.schedules import SCHEDULES
from engine.training.trainer import Trainer

STEPS = 400
SPECIFIC = {  # arguments for the kinds that need some
    "step": "step:steps=50,factor=0.5",
    "exponential": "exponential:steps=100",
    "inverse_time": "inverse_time:steps=80",
    "cosine": "cosine:steps=300,floor=0.1",
    "warmup_cosine": "warmup_cosine:steps=300,warmup=40",
    "one_cycle": "one_cycle:steps=300",
}


def line(generator):
    """Least squares on 50 examples of 3 features: the textbook's formulas, and the engine's objective."""
    inputs = generator.standard_normal((50, 3))
    targets = inputs @ [3.0, -1.0, 0.5] + 2 + generator.standard_normal(50)
    design = np.column_stack([inputs, np.ones(50)])

    def loss_and_gradient(w, batch):
        x = design[batch]
        residuals = x @ w - targets[batch]
        return np.mean(residuals**2), 2 / len(x) * x.T @ residuals

    return LeastSquares(inputs, targets), loss_and_gradient, np.zeros(4)


def network(generator):
    """2-5-1 tanh with the logistic loss on 40 examples: the textbook's two layers, each with its bias as a last row."""
    inputs, targets = generator.standard_normal((40, 2)), generator.integers(2, size=40).astype(float)
    objective = Network(inputs, targets, hidden=(5,), activation="tanh", loss="binary_cross_entropy")

    def loss_and_gradient(w, batch):
        first, second = w[:15].reshape(3, 5), w[15:].reshape(6, 1)
        x, y = np.column_stack([inputs[batch], np.ones(len(batch))]), targets[batch, None]
        hidden = np.column_stack([np.tanh(x @ first), np.ones(len(batch))])
        p = 1 / (1 + np.exp(-hidden @ second))
        slope = (p - y) / len(batch)
        inner = slope @ second[:-1].T * (1 - hidden[:, :-1] ** 2)
        loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
        return loss, np.concatenate([(x.T @ inner).ravel(), (hidden.T @ slope).ravel()])

    return objective, loss_and_gradient, 0.5 * generator.standard_normal(21)


def assert_same(make, knobs, changes=None, steps=STEPS, tolerance=1e-9):
    objective, loss_and_gradient, start = make(np.random.default_rng(1))
    reference = list(
        islice(train(loss_and_gradient, len(objective.examples), start, knobs, seed=7, changes=changes), steps)
    )
    trainer, weights, batches = Trainer(objective, start, knobs=knobs, seed=7), [], []
    edges = sorted({0, *(changes or {}), steps})
    for first, last in pairwise(edges):
        for knob, value in (changes or {}).get(first, {}).items():
            trainer.set_knob(knob, value)
        while trainer.steps < last:
            chunk = trainer.advance(last - trainer.steps)
            weights.append(chunk.weights[:-1].copy())
            batches.append(trainer.latest_examples())
    assert np.concatenate(batches).tolist() == np.concatenate([step.batch for step in reference]).tolist()
    np.testing.assert_allclose(np.concatenate(weights), [step.weights for step in reference], rtol=0, atol=tolerance)
    losses, norms, rates = trainer.history.tail(steps)[:3]
    np.testing.assert_allclose(losses, [step.loss for step in reference], rtol=0, atol=tolerance)
    np.testing.assert_allclose(norms, [step.batch_gradient_norm for step in reference], rtol=0, atol=tolerance)
    assert rates.tolist() == [step.learning_rate for step in reference]


@pytest.mark.parametrize("weight_decay", [0.0, 0.01])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("make", [line, network])
def test_every_optimizer(make, optimizer, weight_decay):
    knobs = Knobs(learning_rate=0.02, batch_size=8, momentum=0.7, optimizer=optimizer, weight_decay=weight_decay)
    assert_same(make, knobs)


@pytest.mark.parametrize("kind", SCHEDULES)
def test_every_schedule(kind):
    assert_same(line, Knobs(learning_rate=0.05, batch_size=7, momentum=0.5, schedule=SPECIFIC.get(kind, kind)))


@pytest.mark.parametrize("batch_size", [1, 7, 50, 1000])
@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_every_sampling(sampling, batch_size):
    assert_same(line, Knobs(learning_rate=0.02, batch_size=batch_size, sampling=sampling))


def test_gradients_are_clipped():
    assert_same(line, Knobs(learning_rate=0.05, batch_size=4, momentum=0.9, gradient_clip=0.5))


def test_every_knob_may_change_on_the_way():
    changes = {
        3: {"batch_size": 5},
        60: {"learning_rate": 0.1},
        90: {"schedule": "cosine:steps=100"},
        130: {"batch_size": 50},
        150: {"schedule": "exponential:steps=50"},
        170: {"learning_rate": 0.02},
        180: {"momentum": 0.9},
        200: {"optimizer": "adam"},
        230: {"sampling": "with_replacement"},
        260: {"sampling": "shuffled_once"},
        290: {"optimizer": "nesterov"},
        300: {"weight_decay": 0.05},
        320: {"gradient_clip": 0.1},
        350: {"sampling": "reshuffled", "batch_size": 16},
    }
    assert_same(line, Knobs(learning_rate=0.05, batch_size=8), changes)
