"""Who trains: each is a function that takes a workload and returns a function that takes so many steps."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from workloads import Workload

from engine.model.least_squares import LeastSquares
from engine.model.networks import Network
from engine.training.knobs import Knobs
from engine.training.trainer import Trainer


class AbsentError(Exception):
    """A rival or a model that is not there, or does not do this; the reason in words."""


def descend(work: Workload) -> Callable[[int], object]:
    return trainer_of(work).run


def trainer_of(work: Workload) -> Trainer:
    inputs, targets = work.data()
    layers = work.layers()
    if len(work.widths) == 2 and work.loss == "mse":
        objective = LeastSquares(inputs, targets, dtype=work.dtype)
    else:
        losses = {"mse": "mse", "bce": "binary_cross_entropy", "softmax": "softmax_cross_entropy"}
        objective = Network(
            inputs,
            targets,
            hidden=work.widths[1:-1],
            num_outputs=work.widths[-1],
            activation=work.activation,
            loss=losses[work.loss],
            dtype=work.dtype,
        )
    weights = np.concatenate([np.vstack([matrix, bias]).ravel() for matrix, bias in layers])
    knobs = Knobs(work.learning_rate, work.batch_size, optimizer=work.optimizer)
    return Trainer(objective, weights, knobs=knobs)


def _batches(random: np.random.Generator, examples: int, batch_size: int) -> Iterator[np.ndarray]:
    while True:
        order = random.permutation(examples)
        for start in range(0, examples, batch_size):
            yield order[start : start + batch_size]


def textbook(work: Workload) -> Callable[[int], object]:
    """The loop that books and blogs print, in float64: indices shuffled every epoch, `X[batch]`, a matrix and a bias a
    layer, `-=`; loss and norm are recorded every step. Nothing is in it to slow it down, and no array is kept from one
    step to the next to speed it up.
    """
    train = _textbook_line if len(work.widths) == 2 and work.loss == "mse" else _textbook_network
    steps = train(replace(work, dtype=np.float64))
    return lambda count: [next(steps) for _ in range(count)]


def _textbook_line(work: Workload) -> Iterator[tuple[float, float]]:
    inputs, y = work.data()
    X = np.hstack([inputs, np.ones((len(inputs), 1))])  # noqa: N806
    (matrix, bias) = work.layers()[0]
    w = np.append(matrix, bias)
    for batch in _batches(np.random.default_rng(0), len(X), work.batch_size):
        x = X[batch]
        residual = x @ w - y[batch]
        loss = np.mean(residual**2)
        gradient = 2 / len(x) * (x.T @ residual)
        norm = np.linalg.norm(gradient)
        w -= work.learning_rate * gradient
        yield loss, norm


def _textbook_network(work: Workload) -> Iterator[tuple[float, float]]:
    X, targets = work.data()  # noqa: N806
    Y = np.eye(work.widths[-1])[targets.astype(int)] if work.loss == "softmax" else targets[:, None]  # noqa: N806
    parameters = [part.copy() for layer in work.layers() for part in layer]
    m, v = ([np.zeros_like(part) for part in parameters] for _ in range(2))
    rate = work.learning_rate
    for step, batch in enumerate(_batches(np.random.default_rng(0), len(X), work.batch_size), 1):
        y = Y[batch]
        outputs = [X[batch]]
        for matrix, bias in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
            z = outputs[-1] @ matrix + bias
            outputs.append(np.tanh(z) if work.activation == "tanh" else np.maximum(z, 0))
        z = outputs[-1] @ parameters[-2] + parameters[-1]
        if work.loss == "softmax":
            z = z - z.max(axis=1, keepdims=True)
            e = np.exp(z)
            p = e / e.sum(axis=1, keepdims=True)
            loss = -np.mean(np.log(p[y == 1]))
        else:
            p = 1 / (1 + np.exp(-z))
            loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
        delta = (p - y) / len(y)
        gradients = []
        for layer in reversed(range(len(outputs))):
            gradients[:0] = [outputs[layer].T @ delta, delta.sum(axis=0)]
            if layer:
                slope = 1 - outputs[layer] ** 2 if work.activation == "tanh" else outputs[layer] > 0
                delta = (delta @ parameters[2 * layer].T) * slope
        norm = np.linalg.norm([np.linalg.norm(gradient) for gradient in gradients])
        for k, gradient in enumerate(gradients):
            if work.optimizer == "adam":
                m[k] = 0.9 * m[k] + 0.1 * gradient
                v[k] = 0.999 * v[k] + 0.001 * gradient**2
                parameters[k] -= rate * m[k] / (1 - 0.9**step) / (np.sqrt(v[k] / (1 - 0.999**step)) + 1e-8)
            else:
                parameters[k] -= rate * gradient
        yield loss, norm


def pytorch(work: Workload) -> Callable[[int], object]:
    if not importlib.util.find_spec("torch"):
        raise AbsentError("not installed")
    import torch

    torch.set_num_threads(1)
    dtype = torch.float32 if work.dtype is np.float32 else torch.float64
    inputs, targets = work.data()
    kind = torch.int64 if work.loss == "softmax" else dtype
    shape = (-1,) if work.loss == "softmax" else (-1, 1)
    x, y = torch.tensor(inputs, dtype=dtype), torch.tensor(targets).to(kind).reshape(shape)
    modules: list[torch.nn.Module] = []
    for matrix, bias in work.layers():
        linear = torch.nn.Linear(*matrix.shape, dtype=dtype)
        with torch.no_grad():
            linear.weight.copy_(torch.tensor(matrix.T))
            linear.bias.copy_(torch.tensor(bias))
        modules += [linear, torch.nn.Tanh() if work.activation == "tanh" else torch.nn.ReLU()]
    model = torch.nn.Sequential(*modules[:-1])
    parameters = list(model.parameters())
    optimizer = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[work.optimizer](parameters, lr=work.learning_rate)
    criterion = {
        "mse": torch.nn.MSELoss,
        "bce": torch.nn.BCEWithLogitsLoss,
        "softmax": torch.nn.CrossEntropyLoss,
    }[work.loss]()

    def steps() -> Iterator[tuple[float, float]]:
        while True:
            for batch in torch.randperm(len(x)).split(work.batch_size):
                optimizer.zero_grad()
                loss = criterion(model(x[batch]), y[batch])
                loss.backward()
                norm = torch.nn.utils.get_total_norm([part.grad for part in parameters])
                optimizer.step()
                yield loss.item(), norm.item()

    step = steps()
    return lambda count: [next(step) for _ in range(count)]


def scikit_learn(work: Workload) -> Callable[[int], object]:
    """`partial_fit` a batch at a time, from weights of its own; it tells no gradient, so its norm is left out."""
    if not importlib.util.find_spec("sklearn"):
        raise AbsentError("not installed")
    from sklearn.linear_model import SGDRegressor
    from sklearn.neural_network import MLPClassifier

    inputs, targets = work.data()
    if work.dtype is np.float32:
        inputs = inputs.astype(np.float32)
    batches = _batches(np.random.default_rng(0), len(inputs), work.batch_size)
    if len(work.widths) > 2:
        model = MLPClassifier(
            work.widths[1:-1],
            activation=work.activation,
            solver=work.optimizer,
            learning_rate_init=work.learning_rate,
            momentum=0,
            alpha=0,
        )

        def step() -> float:
            batch = next(batches)
            model.partial_fit(inputs[batch], targets[batch], classes=np.unique(targets))
            return model.loss_

    elif work.loss == "mse" and work.batch_size == 1:
        model = SGDRegressor(penalty=None, learning_rate="constant", eta0=work.learning_rate)

        def step() -> float:
            batch = next(batches)
            model.partial_fit(inputs[batch], targets[batch])
            return 0.0

    else:
        raise AbsentError("takes no minibatches here")
    return lambda count: [step() for _ in range(count)]


def jax_scan(work: Workload) -> Callable[[int], object]:
    """Compiled, about 1,024 steps in one call; batches of one size are needed, so the short ones are dropped."""
    if not importlib.util.find_spec("jax"):
        raise AbsentError("not installed")
    import jax
    import jax.numpy as jnp

    inputs, targets = work.data()
    x = jnp.asarray(inputs, work.dtype)
    y = jnp.asarray(targets, int) if work.loss == "softmax" else jnp.asarray(targets, work.dtype)[:, None]
    per_epoch = len(x) // work.batch_size
    epochs = max(1, 1024 // per_epoch)
    batch_loss, tree = _jax_loss(work), jax.tree.map

    def adam(gradient, m, v, t):  # type: ignore[no-untyped-def]
        m = tree(lambda m, g: 0.9 * m + 0.1 * g, m, gradient)
        v = tree(lambda v, g: 0.999 * v + 0.001 * g**2, v, gradient)
        return tree(lambda m, v: m / (1 - 0.9**t) / (jnp.sqrt(v / (1 - 0.999**t)) + 1e-8), m, v), m, v

    def step(state, batch):  # type: ignore[no-untyped-def]
        layers, m, v, t = state
        loss, gradient = jax.value_and_grad(batch_loss)(layers, x[batch], y[batch])
        norm = jnp.sqrt(sum(jnp.sum(part**2) for part in jax.tree.leaves(gradient)))
        if work.optimizer == "adam":
            gradient, m, v = adam(gradient, m, v, t + 1)
        return (tree(lambda w, g: w - work.learning_rate * g, layers, gradient), m, v, t + 1), (loss, norm)

    def epoch(state, key):  # type: ignore[no-untyped-def]
        order = jax.random.permutation(key, len(x))[: per_epoch * work.batch_size]
        return jax.lax.scan(step, state, order.reshape(per_epoch, work.batch_size))

    run_epochs = jax.jit(lambda state, key: jax.lax.scan(epoch, state, jax.random.split(key, epochs)))
    layers = tree(lambda part: jnp.asarray(part, work.dtype), work.layers())
    zeros = tree(jnp.zeros_like, layers)
    state = (layers, zeros, zeros, jnp.zeros((), work.dtype))
    key = jax.random.key(0)

    def run(count: int) -> int:
        nonlocal state, key
        taken = 0
        while taken < count:
            key, now = jax.random.split(key)
            state, record = run_epochs(state, now)
            taken += sum(np.asarray(field).size for field in record) // 2
        return taken

    return run


def _jax_loss(work: Workload) -> Callable[..., object]:
    import jax
    import jax.numpy as jnp

    activation = jnp.tanh if work.activation == "tanh" else jax.nn.relu

    def batch_loss(layers, x, y):  # type: ignore[no-untyped-def]
        for matrix, bias in layers[:-1]:
            x = activation(x @ matrix + bias)
        z = x @ layers[-1][0] + layers[-1][1]
        if work.loss == "mse":
            return jnp.mean((z - y) ** 2)
        if work.loss == "bce":
            return jnp.mean(jnp.logaddexp(0, z) - y * z)
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(z), y[:, None], axis=1))

    return batch_loss


RIVALS = {"descend": descend, "PyTorch": pytorch, "scikit-learn": scikit_learn, "JAX scan": jax_scan}
