"""How fast training is, beside whoever else is installed: `python tests/benchmarks/speed.py`.

All rivals train the same model on the same data with the same batch size from the same weights, in float64 on one
thread, and record the loss and the gradient's norm of every step. They take turns, so that whatever else keeps the
machine busy slows all of them down alike; the medians of the rounds are compared, of the processor's time, not of the
clock's. A line shows the textbook loop's time a step, and how many times faster than it everybody else is.

    --rounds N      rounds of a third of a second or so (default 7)
    --only WORD     only the workloads with this word in their name; repeatable
    --no-record     leave out what is measured on ten million steps: memory, series, the share of recording
"""

from __future__ import annotations

import os

# Before any of the libraries starts its threads.
os.environ |= {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "JAX_ENABLE_X64": "1",
    "JAX_PLATFORMS": "cpu",
}

import argparse
import importlib.util
import resource
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import median

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from engine.history import History
from engine.knobs import Knobs
from engine.least_squares import LeastSquares
from engine.trainer import Trainer

SECONDS = 0.05  # that one rival trains at a time

Layers = list[tuple[np.ndarray, np.ndarray]]  # matrix (inputs, outputs) and bias of each


@dataclass(frozen=True)
class Workload:
    """A network of these widths, without hidden layers a linear model, and the data that it is to fit.

    loss: `mse`, `bce` (targets 0 and 1) or `softmax` (targets 0 … K − 1). needed: times the textbook loop.
    """

    name: str
    data: Callable[[], tuple[np.ndarray, np.ndarray]]
    widths: tuple[int, ...]
    loss: str
    batch_size: int
    activation: str = "tanh"
    optimizer: str = "sgd"
    learning_rate: float = 0.05
    dtype: type = np.float64
    needed: float | None = None

    def layers(self) -> Layers:
        """Weights to start from."""
        random = np.random.default_rng(0)
        return [(random.standard_normal(pair) / np.sqrt(pair[0]), np.zeros(pair[1])) for pair in pairwise(self.widths)]


# --- data -------------------------------------------------------------------------------------------


@cache
def line(examples: int = 256, features: int = 1) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    inputs = random.standard_normal((examples, features))
    return inputs, inputs @ np.full(features, 3.0) + 2 + random.standard_normal(examples)


@cache
def classes(examples: int, features: int, num_classes: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    inputs = random.standard_normal((examples, features))
    return inputs, (inputs @ random.standard_normal((features, num_classes))).argmax(axis=1).astype(np.float64)


@cache
def digits() -> tuple[np.ndarray, np.ndarray]:
    table = np.loadtxt(Path(__file__).parents[2] / "scenarios/data/digits.csv.gz", delimiter=",", skiprows=1)
    return table[:, :64] / 16, table[:, 64]


def workloads() -> list[Workload]:
    fit = Workload("line fit, batch 32", line, (1, 1), "mse", 32, needed=8)
    moons = Workload("2-8-8-1 tanh, batch 32", lambda: classes(512, 2, 2), (2, 8, 8, 1), "bce", 32, needed=4.5)
    digit = Workload("digits 64-64-10, batch 32", digits, (64, 64, 10), "softmax", 32, "relu", needed=2)
    large = Workload(
        "784-256-128-10, batch 128", lambda: classes(10_000, 784, 10), (784, 256, 128, 10), "softmax", 128, "relu"
    )
    million = Workload("million × 20, batch 256", lambda: line(1_000_000, 20), (20, 1), "mse", 256, needed=2)
    adam = {"optimizer": "adam", "learning_rate": 0.001, "needed": None}
    return [
        replace(fit, name="line fit, batch 1", batch_size=1, learning_rate=0.01, needed=None),
        fit,
        replace(fit, name="line fit, batch 256", batch_size=256, needed=None),
        Workload("logistic 2-D, batch 32", lambda: classes(512, 2, 2), (2, 1), "bce", 32),
        replace(moons, name="2-4-2-1 tanh, batch 10", widths=(2, 4, 2, 1), batch_size=10, needed=None),
        replace(moons, name="2-4-2-1 tanh, batch 32", widths=(2, 4, 2, 1), needed=None),
        replace(moons, name="2-8-8-1 tanh, batch 10", batch_size=10, needed=None),
        moons,
        digit,
        replace(digit, name="digits, batch 32, float32", dtype=np.float32, needed=2.8),
        replace(digit, name="digits, batch 128", batch_size=128, needed=None),
        replace(digit, name="digits, batch 32, Adam", **adam),
        replace(digit, name="digits, batch 128, Adam", batch_size=128, **adam),
        replace(large, needed=1.7),
        replace(large, name="784-256-128-10, float32", dtype=np.float32, needed=3.5),
        million,
        replace(million, name="million × 20, float32", dtype=np.float32, needed=2.8),
    ]


# --- rivals: each is a function that takes a workload and returns a function that takes so many steps -----


class AbsentError(Exception):
    """A rival or a model that is not there, or does not do this; the reason in words."""


def descend(work: Workload) -> Callable[[int], object]:
    inputs, targets = work.data()
    layers = work.layers()
    if len(work.widths) == 2 and work.loss == "mse":
        objective = LeastSquares(inputs, targets, dtype=work.dtype)
    elif importlib.util.find_spec("engine.networks"):
        from engine.networks import Network

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
    else:
        raise AbsentError("engine.networks is not there yet")
    weights = np.concatenate([np.vstack([matrix, bias]).ravel() for matrix, bias in layers])
    knobs = Knobs(work.learning_rate, work.batch_size, optimizer=work.optimizer)
    return Trainer(objective, weights, knobs=knobs).run


def _batches(random: np.random.Generator, examples: int, batch_size: int) -> Iterator[np.ndarray]:
    while True:
        order = random.permutation(examples)
        for start in range(0, examples, batch_size):
            yield order[start : start + batch_size]


def textbook(work: Workload) -> Callable[[int], object]:
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
        w = w - work.learning_rate * gradient
        yield loss, norm


def _textbook_network(work: Workload) -> Iterator[tuple[float, float]]:
    X, targets = work.data()  # noqa: N806
    Y = np.eye(work.widths[-1])[targets.astype(int)] if work.loss == "softmax" else targets[:, None]  # noqa: N806
    parameters = [part for layer in work.layers() for part in layer]
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
            p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
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
        norm = np.sqrt(sum(np.sum(gradient**2) for gradient in gradients))
        for k, gradient in enumerate(gradients):
            if work.optimizer == "adam":
                m[k] = 0.9 * m[k] + 0.1 * gradient
                v[k] = 0.999 * v[k] + 0.001 * gradient**2
                step_size = m[k] / (1 - 0.9**step) / (np.sqrt(v[k] / (1 - 0.999**step)) + 1e-8)
                parameters[k] = parameters[k] - rate * step_size
            else:
                parameters[k] = parameters[k] - rate * gradient
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


# --- measuring --------------------------------------------------------------------------------------


def _seconds(run: Callable[[int], object], steps: int) -> float:
    """A step."""
    start = time.process_time()
    taken = run(steps)
    return (time.process_time() - start) / (taken if isinstance(taken, int) else steps)


def measure(work: Workload, rounds: int) -> tuple[dict[str, float], dict[str, str]]:
    """Median seconds a step of all who are there, and why the others are not."""
    runs, absent = {"textbook": textbook(work)}, {}
    for name, prepare in RIVALS.items():
        try:
            runs[name] = prepare(work)
        except AbsentError as why:
            absent[name] = str(why)
    steps = {}
    for name, run in runs.items():
        run(5)  # compiles, where it does
        steps[name] = max(5, int(SECONDS / _seconds(run, 20)))
        _seconds(run, steps[name])
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            times[name].append(_seconds(run, steps[name]))
    return {name: median(taken) for name, taken in times.items()}, absent


def compare(works: list[Workload], rounds: int) -> None:
    print(f"{'':26}{'textbook':>10}" + "".join(f"{name:>14}" for name in RIVALS) + f"{'needed':>9}")
    reasons = set()
    for work in works:
        times, absent = measure(work, rounds)
        cells = [f"{times['textbook'] / times[name]:13.2f}×" if name in times else f"{'–':>14}" for name in RIVALS]
        needed = f"{work.needed:8.1f}×" if work.needed else ""
        print(f"{work.name:26}{times['textbook'] * 1e6:8.1f}µs" + "".join(cells) + needed, flush=True)
        reasons |= {f"{name}: {why}" for name, why in absent.items()}
    for reason in sorted(reasons):
        print(f"– {reason}")


def recording() -> None:
    """What the record of a run costs: time, memory, and the time to draw any part of it."""
    inside = {"_record": 0.0, "append": 0.0}

    def timed(name: str, method: Callable[..., object]) -> Callable[..., object]:
        def run(*arguments: object) -> object:
            start = time.process_time()
            try:
                return method(*arguments)
            finally:
                inside[name] += time.process_time() - start

        return run

    methods = [(Trainer, "_record"), (History, "append")]
    originals = [getattr(owner, name) for owner, name in methods]
    trainer = Trainer(LeastSquares(*line()), np.full(2, -1.0), knobs=Knobs(0.05, 32))
    trainer.run(10_000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    trainer.run(1_000_000)
    for (owner, name), original in zip(methods, originals, strict=True):
        setattr(owner, name, timed(name, original))
    shares = []
    for _ in range(20):
        inside |= {"_record": 0.0, "append": 0.0}
        start = time.process_time()
        trainer.run(100_000)
        total = time.process_time() - start
        shares.append((inside["_record"] / total, inside["append"] / total))
    for (owner, name), original in zip(methods, originals, strict=True):
        setattr(owner, name, original)
    trainer.run(10_000_000 - trainer.steps)
    unit = 2**20 if sys.platform == "darwin" else 2**10
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / unit
    whole, history = (median(share) for share in zip(*shares, strict=True))
    print(f"\nrecording takes {whole:.1%} of the line fit's step (needed: 10 %), the history {history:.1%} of it;")
    print("the rest is the losses and norms themselves")
    print(f"ten million steps grow memory by {grown:.1f} MB (needed: 30)")
    print(f"a 400-point series takes at most {_slowest_series(trainer.history) * 1e3:.2f} ms (needed: 1)")


def _slowest_series(history: History) -> float:
    """Seconds for the slowest window, the median of several attempts at it."""
    random = np.random.default_rng(0)
    ends = [(0, history.steps), *(np.sort(random.integers(history.steps, size=2)) for _ in range(100))]
    ends += [(history.steps - 10**digits, history.steps) for digits in range(1, 8)]
    ends += [(history.steps - count, history.steps) for count in range(100_000, 500_000, 10_000)]
    slowest = 0.0
    for start, stop in ends:
        attempts = []
        for _ in range(7):
            begin = time.process_time()
            history.window("batch_loss", int(start), int(stop), 400)
            attempts.append(time.process_time() - begin)
        slowest = max(slowest, median(attempts))
    return slowest


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--only", metavar="WORD", action="append")
    parser.add_argument("--no-record", action="store_true")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    if not arguments.no_record:
        recording()
    compare(
        [work for work in workloads() if not arguments.only or any(word in work.name for word in arguments.only)],
        arguments.rounds,
    )


if __name__ == "__main__":
    main()
