"""Optimizers against PyTorch's, fed the same batches."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.least_squares import LeastSquares
from engine.model.networks import Network
from engine.training.knobs import SAMPLINGS, Knobs
from engine.training.optimizers import OPTIMIZERS, _correction_table
from engine.training.trainer import Trainer

STEPS = 200
SOME_SCHEDULES = [
    "constant",
    "step:steps=7",
    "exponential:steps=50",
    "inverse_time:steps=20",
    "cosine:steps=40",
    "warmup_cosine:steps=60,warmup=9",
    "one_cycle:steps=90",
    "plateau:patience=1,factor=0.5",
]
EXAMPLES = 100  # in batches of 16, the last of an epoch is short


def least_squares(dtype=np.float64):
    generator = np.random.default_rng(0)
    inputs, noise = generator.standard_normal((EXAMPLES, 5)), generator.standard_normal(EXAMPLES)
    objective = LeastSquares(inputs, inputs @ np.array([1.0, -2.0, 3.0, 0.5, 0.0]) + 1 + noise)
    objective.examples = objective.examples.astype(dtype)
    return objective


def squared_error(objective, weights, batch):
    """The loss of a batch in PyTorch."""
    torch = pytest.importorskip("torch")
    inputs, targets = (
        torch.from_numpy(values[batch]).to(weights.dtype) for values in (objective.inputs, objective.targets)
    )
    return ((inputs @ weights[:-1] + weights[-1] - targets) ** 2).mean()


def torch_optimizer(weights, knobs, learning_rate):
    torch = pytest.importorskip("torch")
    nesterov = knobs.optimizer == "nesterov"
    options = {"lr": learning_rate, "weight_decay": knobs.weight_decay}
    if knobs.optimizer in ("sgd", "nesterov"):
        return torch.optim.SGD([weights], momentum=knobs.momentum, nesterov=nesterov, **options)
    names = {"adagrad": "Adagrad", "rmsprop": "RMSprop", "adam": "Adam", "adamw": "AdamW"}
    return getattr(torch.optim, names[knobs.optimizer])([weights], **options)


def fly_both(trainer, loss, changes=(), steps=STEPS):
    """The weights before every step and after the last one, ours and PyTorch's, both (steps + 1, P).

    changes: step → knobs to set before it. A new optimizer begins anew on both sides.
    """
    torch = pytest.importorskip("torch")
    dtype = torch.float32 if trainer.objective.examples.dtype == np.float32 else torch.float64
    weights = torch.tensor(trainer.weights, dtype=dtype, requires_grad=True)
    other, ours, theirs = None, [], []
    for step in range(steps):
        for knob, value in dict(changes).get(step, {}).items():
            trainer.set_knob(knob, value)
            other = None if knob == "optimizer" else other
        other = other or torch_optimizer(weights, trainer.knobs, trainer.learning_rate)
        for group in other.param_groups:
            group["lr"], group["weight_decay"] = trainer.learning_rate, trainer.knobs.weight_decay
            if "nesterov" in group:
                group["momentum"] = trainer.knobs.momentum
        ours.append(trainer.weights)
        theirs.append(weights.detach().numpy().astype(np.float64))
        other.zero_grad()
        loss(trainer.objective, weights, trainer.upcoming_batch()).backward()
        if trainer.knobs.gradient_clip < np.inf:
            torch.nn.utils.clip_grad_norm_([weights], trainer.knobs.gradient_clip)
        other.step()
        trainer.step()
    return np.array([*ours, trainer.weights]), np.array([*theirs, weights.detach().numpy().astype(np.float64)])


def disagreement(ours, theirs):
    """The largest distance at any step, relative to the length of the weights."""
    return np.max(np.linalg.norm(ours - theirs, axis=1) / np.linalg.norm(theirs, axis=1))


def trainer_of(objective, **knobs):
    knobs = {"learning_rate": 0.02, "batch_size": 16, "momentum": 0.9} | knobs
    return Trainer(objective, np.linspace(-1, 1, len(objective.weight_names)), knobs=Knobs(**knobs), seed=3)


CHANGES = {
    40: {"batch_size": 7},
    60: {"learning_rate": 0.03},
    90: {"sampling": "with_replacement", "batch_size": 33},
    120: {"weight_decay": 0.2},
    130: {"gradient_clip": 2.0},
    150: {"schedule": "cosine:steps=30,floor=0.2"},
}


@pytest.mark.parametrize("clip", [np.inf, 3.0], ids=["", "clipped"])
@pytest.mark.parametrize("weight_decay", [0.0, 0.05], ids=["", "decayed"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_two_hundred_steps_agree_with_pytorch(optimizer, weight_decay, clip):
    trainer = trainer_of(least_squares(), optimizer=optimizer, weight_decay=weight_decay, gradient_clip=clip)
    ours, theirs = fly_both(trainer, squared_error, CHANGES)
    assert disagreement(ours, theirs) < 1e-12
    assert np.linalg.norm(ours[-1] - ours[0]) > 0.5  # so that the line above says something
    if clip < np.inf:
        assert trainer.history.tail(STEPS)[1].max() > clip  # recorded as it was before


@pytest.mark.parametrize(
    ("first", "second"), [(first, second) for first in ("sgd", "adam") for second in OPTIMIZERS if first != second]
)
def test_a_switch_in_mid_run_is_a_fresh_optimizer_from_that_step(first, second):
    trainer = trainer_of(least_squares(), optimizer=first, weight_decay=0.01)
    ours, theirs = fly_both(trainer, squared_error, {100: {"optimizer": second}})
    assert disagreement(ours, theirs) < 1e-12


def test_setting_the_same_optimizer_again_leaves_its_buffers():
    untouched, again = (trainer_of(least_squares(), optimizer="adam") for _ in range(2))
    untouched.run(100)
    again.run(50)
    again.optimizer = "adam"
    again.run(50)
    assert untouched.weights.tobytes() == again.weights.tobytes()


def test_switching_there_and_back_begins_anew_too():
    trainer = trainer_of(least_squares(), optimizer="adam")
    there_and_back = {50: {"optimizer": "rmsprop"}, 100: {"optimizer": "adam"}}
    ours, theirs = fly_both(trainer, squared_error, there_and_back)
    assert disagreement(ours, theirs) < 1e-12


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_single_precision_agrees_with_pytorch_in_single_precision(optimizer):
    trainer = trainer_of(least_squares(np.float32), optimizer=optimizer, weight_decay=0.05, gradient_clip=3.0)
    ours, theirs = fly_both(trainer, squared_error)
    # 6e-8 a rounding, some ten of them a step; what they do to the weights is averaged out by the descent.
    assert 0 < disagreement(ours, theirs) < 3e-6


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_momentum_acts_on_sgd_and_nesterov_only(optimizer):
    trainers = [trainer_of(least_squares(), optimizer=optimizer, momentum=momentum) for momentum in (0.0, 0.9)]
    for trainer in trainers:
        trainer.run(20)
    same = trainers[0].weights.tobytes() == trainers[1].weights.tobytes()
    assert same == (optimizer not in ("sgd", "nesterov"))


def test_nesterov_without_momentum_is_plain_descent():
    plain, nesterov = (trainer_of(least_squares(), optimizer=name, momentum=0.0) for name in ("sgd", "nesterov"))
    for trainer in (plain, nesterov):
        trainer.run(50)
    assert plain.weights.tobytes() == nesterov.weights.tobytes()


def test_bias_correction_lasts_until_it_is_one_to_the_last_bit():
    mean, root = _correction_table(0.9, 0.999)
    assert mean[0] == pytest.approx(0.1)
    assert root[0] ** 2 == pytest.approx(0.001)
    assert (mean[-1], root[-1]) == (1.0, 1.0)
    assert root[-2000] < 1.0


# --- networks ---------------------------------------------------------------------------------------

NETWORKS = {  # all activations and all losses
    "2-8-8-1 tanh mse": ((8, 8), "tanh", "mse"),
    "2-8-8-1 relu mae": ((8, 8), "relu", "mae"),
    "2-6-1 gelu huber": ((6,), "gelu", "huber"),
    "2-6-1 sigmoid cross-entropy": ((6,), "sigmoid", "binary_cross_entropy"),
    "2-8-3 silu softmax": ((8,), "silu", "softmax_cross_entropy"),
    "2-5-3 linear softmax": ((5,), "linear", "softmax_cross_entropy"),
}


def network(name, dtype=np.float64):
    hidden, activation, loss = NETWORKS[name]
    generator = np.random.default_rng(1)
    inputs = generator.standard_normal((EXAMPLES, 2))
    targets = np.sin(2 * inputs[:, 0]) + inputs[:, 1] ** 2
    if "entropy" in loss:
        targets = np.floor(np.clip(targets + 1, 0, 1.99 if loss.startswith("binary") else 2.99))
    outputs = 3 if loss.startswith("softmax") else 1
    options = {"hidden": hidden, "num_outputs": outputs, "activation": activation, "loss": loss, "dtype": dtype}
    return Network(inputs, targets, **options)


def network_loss(name):
    """A function like `squared_error`, for the network of this name."""
    torch = pytest.importorskip("torch")
    functional = torch.nn.functional
    hidden, activation, loss = NETWORKS[name]
    bend = {
        "linear": lambda values: values,
        "tanh": torch.tanh,
        "relu": torch.relu,
        "sigmoid": torch.sigmoid,
        "silu": functional.silu,
        "gelu": lambda values: functional.gelu(values, approximate="tanh"),
    }[activation]
    widths = [2, *hidden, 3 if loss.startswith("softmax") else 1]
    compare = {
        "mse": functional.mse_loss,
        "mae": functional.l1_loss,
        "huber": functional.huber_loss,
        "binary_cross_entropy": functional.binary_cross_entropy_with_logits,
    }

    def loss_of(objective, weights, batch):
        values, targets = (
            torch.from_numpy(array[batch]).to(weights.dtype) for array in (objective.inputs, objective.targets)
        )
        begin = 0
        for layer, (width, following) in enumerate(pairwise(widths)):
            end = begin + (width + 1) * following
            matrix = weights[begin:end].reshape(width + 1, following)
            values = (bend(values) if layer else values) @ matrix[:-1] + matrix[-1]
            begin = end
        if loss.startswith("softmax"):
            return functional.cross_entropy(values, targets.long())
        return compare[loss](values[:, 0], targets)

    return loss_of


def network_trainer(name, **knobs):
    objective = network(name)
    start = np.random.default_rng(2).standard_normal(len(objective.weight_names)) * 0.5
    return Trainer(objective, start, knobs=Knobs(**{"batch_size": 16, "momentum": 0.9} | knobs), seed=3)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_two_hundred_steps_of_a_network_agree_with_pytorch(optimizer, name):
    trainer = network_trainer(name, optimizer=optimizer, learning_rate=0.01, weight_decay=0.01, gradient_clip=1.0)
    before = trainer.loss()
    ours, theirs = fly_both(trainer, network_loss(name), {70: {"batch_size": 7}, 120: {"learning_rate": 0.02}})
    assert disagreement(ours, theirs) < 1e-9
    assert trainer.loss() < before


# --- the same bits ----------------------------------------------------------------------------------

CHANGES_OF_ALL_KNOBS = st.one_of(
    st.tuples(st.just("optimizer"), st.sampled_from(list(OPTIMIZERS))),
    st.tuples(st.just("schedule"), st.sampled_from(SOME_SCHEDULES)),
    st.tuples(st.just("learning_rate"), st.sampled_from([0.001, 0.02])),
    st.tuples(st.just("momentum"), st.sampled_from([0.0, 0.9])),
    st.tuples(st.just("weight_decay"), st.sampled_from([0.0, 0.1])),
    st.tuples(st.just("gradient_clip"), st.sampled_from([math.inf, 1.0])),
    st.tuples(st.just("sampling"), st.sampled_from(SAMPLINGS)),
    st.tuples(st.just("batch_size"), st.integers(1, 120)),
)


@given(
    plan=st.lists(st.tuples(st.integers(0, 120), CHANGES_OF_ALL_KNOBS), max_size=6),
    groups=st.lists(st.integers(1, 40), min_size=1, max_size=5),
)
def test_the_bits_do_not_depend_on_how_steps_are_grouped(plan, groups):
    whole, grouped = trainer_of(least_squares()), trainer_of(least_squares())
    turn = 0
    for steps, (knob, value) in [*plan, (60, ("momentum", 0.0))]:
        whole.run(steps)
        while grouped.steps < whole.steps:
            grouped.run(min(whole.steps - grouped.steps, groups[turn % len(groups)]))
            turn += 1
        for trainer in (whole, grouped):
            trainer.set_knob(knob, value)
    assert whole.history.tail(whole.steps).tobytes() == grouped.history.tail(whole.steps).tobytes()
    assert whole.weights.tobytes() == grouped.weights.tobytes()
    assert whole.learning_rate == grouped.learning_rate
