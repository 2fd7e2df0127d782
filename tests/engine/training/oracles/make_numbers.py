"""Write numbers.json: what PyTorch and Keras come to in the trainings of problems.py.

Run it in an environment of its own that has both, after a change of problems.py or for newer libraries:

    python -m venv oracle && oracle/bin/pip install torch keras numpy
    PYTHONPATH=. oracle/bin/python tests/engine/training/oracles/make_numbers.py

The minibatches are the engine's (`engine.training.reference`), all else is the library's: its automatic gradients and
its optimizers. Keras has ε inside the root or before the correction of the averages; it gets one that is too small to
matter, and is compared less strictly.
"""

import json
import os
from itertools import islice
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import torch

from engine.training.reference import train
from tests.engine.training.oracles.problems import (
    CLASSES,
    INPUTS,
    KEPT,
    NUMBERS,
    PROBLEMS,
    SEED,
    STEPS,
    TRAININGS,
    knobs,
)

NEGLIGIBLE = 1e-16


def line_loss(w, batch):
    x = torch.tensor(INPUTS[batch])
    return torch.mean((x @ w[:2] + w[2] - torch.tensor(NUMBERS[batch])) ** 2)


def network_loss(w, batch):
    first, second = w[:12].reshape(3, 4), w[12:].reshape(5, 1)
    hidden = torch.tanh(torch.tensor(INPUTS[batch]) @ first[:-1] + first[-1])
    outputs = (hidden @ second[:-1] + second[-1])[:, 0]
    return torch.nn.functional.binary_cross_entropy_with_logits(outputs, torch.tensor(CLASSES[batch]))


LOSSES = {"line": line_loss, "network": network_loss}


def pytorch_step(weights, settings):
    optim, rate, decay = torch.optim, settings.learning_rate, settings.weight_decay
    momentum = {"momentum": settings.momentum}
    optimizer = {
        "sgd": lambda: optim.SGD([weights], rate, **momentum),
        "nesterov": lambda: optim.SGD([weights], rate, nesterov=True, **momentum),
        "adagrad": lambda: optim.Adagrad([weights], rate),
        "rmsprop": lambda: optim.RMSprop([weights], rate),
        "adam": lambda: optim.Adam([weights], rate),
        "adamw": lambda: optim.AdamW([weights], rate, weight_decay=decay),
    }[settings.optimizer]()
    return optimizer.step


def keras_step(weights, settings):
    rate, momentum, decay = settings.learning_rate, settings.momentum, settings.weight_decay
    optimizer = {
        "sgd": lambda: keras.optimizers.SGD(rate, momentum=momentum),
        "nesterov": lambda: keras.optimizers.SGD(rate, momentum=momentum, nesterov=True),
        "adagrad": lambda: keras.optimizers.Adagrad(rate, initial_accumulator_value=0.0, epsilon=NEGLIGIBLE),
        "rmsprop": lambda: keras.optimizers.RMSprop(rate, rho=0.99, epsilon=NEGLIGIBLE),
        "adam": lambda: keras.optimizers.Adam(rate, epsilon=NEGLIGIBLE),
        "adamw": lambda: keras.optimizers.AdamW(rate, weight_decay=decay, epsilon=NEGLIGIBLE),
    }[settings.optimizer]()
    variable = keras.Variable(weights.detach().numpy().copy(), dtype="float64")
    optimizer.build([variable])

    def step():
        optimizer.apply([weights.grad], [variable])
        with torch.no_grad():
            weights.copy_(variable.value)

    return step


def numbers(make_step, problem, settings):
    """The weights after the kept steps, and the loss of every kept step's minibatch before its update."""
    objective, start = PROBLEMS[problem]()

    def unused(w, batch):  # the order of the examples does not depend on it
        return 0.0, np.zeros_like(w)

    batches = [step.batch for step in islice(train(unused, len(objective.examples), start, settings, seed=SEED), STEPS)]
    weights = torch.tensor(start, requires_grad=True)
    step, kept, losses = make_step(weights, settings), [], []
    for taken, batch in enumerate(batches, 1):
        weights.grad = None
        loss = LOSSES[problem](weights, batch)
        loss.backward()
        step()
        if taken in KEPT:
            kept.append(weights.detach().tolist())
            losses.append(loss.item())
    return {"weights": kept, "losses": losses}


def main():
    keras.config.set_floatx("float64")
    libraries = {f"PyTorch {torch.__version__}": pytorch_step, f"Keras {keras.__version__}": keras_step}
    written = {
        library: {
            f"{problem} {optimizer}": numbers(make, problem, knobs(optimizer)) for problem, optimizer in TRAININGS
        }
        for library, make in libraries.items()
    }
    Path(__file__).with_name("numbers.json").write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
