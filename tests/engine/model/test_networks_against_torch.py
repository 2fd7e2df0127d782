"""The same network in PyTorch, an independent implementation: same loss, gradient, Hessian, and same training."""

from itertools import product

import numpy as np
import pytest

from engine.model.activations import ACTIVATIONS
from engine.model.example_losses import LOSSES
from engine.model.networks import Network
from engine.training.knobs import Knobs
from engine.training.trainer import Trainer

torch = pytest.importorskip("torch", reason="PyTorch is not installed; it is what these results are compared with")
functional = torch.nn.functional

PAIRS = pytest.mark.parametrize(("activation", "loss"), list(product(ACTIVATIONS, LOSSES)))
NUM_OUTPUTS = {"mse": 2, "mae": 2, "huber": 2, "binary_cross_entropy": 1, "softmax_cross_entropy": 4}
TORCH_ACTIVATIONS = {
    "linear": lambda z: z,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "silu": functional.silu,
    "gelu": lambda z: functional.gelu(z, approximate="tanh"),
}
TORCH_LOSSES = {
    "mse": functional.mse_loss,
    "mae": functional.l1_loss,
    "huber": functional.huber_loss,
    "binary_cross_entropy": lambda z, y: functional.binary_cross_entropy_with_logits(z[:, 0], y),
    "softmax_cross_entropy": lambda z, y: functional.cross_entropy(z, y.long()),
}
HIDDEN = (7, 5)


def make(activation, loss):
    random = np.random.default_rng(0)
    num_outputs = NUM_OUTPUTS[loss]
    inputs = random.standard_normal((50, 3))
    if loss in {"binary_cross_entropy", "softmax_cross_entropy"}:
        targets = random.integers(max(num_outputs, 2), size=50).astype(float)
    else:
        targets = random.standard_normal((50, num_outputs))
    network = Network(inputs, targets, hidden=HIDDEN, num_outputs=num_outputs, activation=activation, loss=loss)
    return network, 0.5 * random.standard_normal(len(network.weight_names)), random


def torch_loss(network, activation, loss, flat, chosen=slice(None)):
    values, start = torch.from_numpy(network.inputs[chosen]), 0
    for layer, (width, following) in enumerate(zip(network.widths, network.widths[1:], strict=False)):
        matrix = flat[start : start + (width + 1) * following].reshape(width + 1, following)
        values = values @ matrix[:-1] + matrix[-1]
        if layer < len(HIDDEN):
            values = TORCH_ACTIVATIONS[activation](values)
        start += matrix.numel()
    return TORCH_LOSSES[loss](values, torch.from_numpy(network.targets[chosen]))


@PAIRS
def test_loss_gradient_and_hessian_are_those_of_pytorch(activation, loss):
    network, weights, random = make(activation, loss)
    vector = random.standard_normal(len(weights))
    flat = torch.from_numpy(weights).requires_grad_()
    value = torch_loss(network, activation, loss, flat)
    (gradient,) = torch.autograd.grad(value, flat, create_graph=True)
    (product_,) = torch.autograd.grad((gradient * torch.from_numpy(vector)).sum(), flat)
    assert network.loss(weights) == pytest.approx(value.item(), rel=1e-12)
    np.testing.assert_allclose(network.gradient(weights), gradient.detach().numpy(), rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(
        network.hessian_vector_product(weights, vector), product_.numpy(), rtol=1e-10, atol=1e-13
    )


@PAIRS
def test_200_steps_on_the_same_batches_end_where_pytorch_does(activation, loss):
    network, weights, _ = make(activation, loss)
    trainer = Trainer(network, weights, knobs=Knobs(learning_rate=0.05, batch_size=16, momentum=0.9))
    flat = torch.from_numpy(weights.copy()).requires_grad_()
    optimizer = torch.optim.SGD([flat], lr=0.05, momentum=0.9)
    for _ in range(200):
        optimizer.zero_grad()
        torch_loss(network, activation, loss, flat, trainer.upcoming_batch()).backward()
        optimizer.step()
        trainer.step()
    np.testing.assert_allclose(trainer.weights, flat.detach().numpy(), rtol=1e-9, atol=1e-9)
