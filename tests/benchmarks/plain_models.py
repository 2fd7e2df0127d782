"""Models written out plainly, to recompute what the dashboard shows: NumPy only, nothing of the engine but its data."""

from __future__ import annotations

import numpy as np

_DENSE = 200  # weights, up to which the Hessian is taken whole


class Plain:
    """Loss, gradients and curvature of an objective's examples, by formulas of their own.

    inputs: (N, d), targets: (N,). widths: of the layers, (d, …, outputs); of least squares (d, 1).
    """

    def __init__(self, objective):
        self.inputs, self.targets = np.asarray(objective.inputs), np.asarray(objective.targets)
        self.widths = getattr(objective, "widths", None) or (self.inputs.shape[1], 1)
        kind = type(objective).__name__
        self.activation = type(objective.activation).__name__ if kind == "Network" else "Linear"
        self.kind = "mse"
        if kind == "Network" and objective.num_classes:
            self.kind = "softmax" if self.widths[-1] > 1 else "binary"

    def layers(self, weights):
        """The matrices, (inputs + 1, outputs), the last row being the bias."""
        found, start = [], 0
        for one, other in zip(self.widths[:-1], self.widths[1:], strict=True):
            end = start + (one + 1) * other
            found.append(weights[start:end].reshape(one + 1, other))
            start = end
        return found

    def passes(self, weights, examples):
        """Losses, (n,), and per layer what goes in, with the 1, and the slope of each example's loss by what comes
        out."""
        layers = self.layers(weights)
        values, ins, pre = self.inputs[examples], [], []
        for k, layer in enumerate(layers):
            values = np.hstack([values, np.ones((len(values), 1))])
            ins.append(values)
            pre.append(values @ layer)
            values = pre[-1] if k == len(layers) - 1 else self.act(pre[-1])
        targets = self.targets[examples]
        if self.kind == "mse":
            errors = values[:, 0] - targets
            losses, slope = errors**2, 2 * errors[:, None]
        elif self.kind == "binary":
            z = values[:, 0]
            losses = np.logaddexp(0, z) - targets * z
            slope = (1 / (1 + np.exp(-z)) - targets)[:, None]
        else:
            classes = targets.astype(int)
            total = np.logaddexp.reduce(values, axis=1)
            losses = total - values[np.arange(len(values)), classes]
            slope = np.exp(values - total[:, None])
            slope[np.arange(len(values)), classes] -= 1
        slopes = [slope]
        for k in range(len(layers) - 1, 0, -1):
            slopes.insert(0, (slopes[0] @ layers[k][:-1].T) * self.act_slope(pre[k - 1]))
        return losses, ins, slopes

    def act(self, values):
        return np.tanh(values) if self.activation == "Tanh" else np.maximum(values, 0)

    def act_slope(self, values):
        return 1 - np.tanh(values) ** 2 if self.activation == "Tanh" else (values > 0).astype(float)

    def all(self):
        return np.arange(len(self.inputs))

    def loss(self, weights, examples=None):
        return float(self.passes(weights, self.all() if examples is None else examples)[0].mean())

    def gradient(self, weights, examples=None):
        examples = self.all() if examples is None else examples
        _, ins, slopes = self.passes(weights, examples)
        return np.concatenate([(a.T @ s).ravel() for a, s in zip(ins, slopes, strict=True)]) / len(examples)

    def spread(self, weights):
        """tr Σ: the mean squared length of the examples' gradients, less that of their mean."""
        _, ins, slopes = self.passes(weights, self.all())
        squares = sum((a**2).sum(axis=1) * (s**2).sum(axis=1) for a, s in zip(ins, slopes, strict=True))
        gradient = self.gradient(weights)
        return float(squares.mean() - gradient @ gradient)

    def sharpness(self, weights, start=None):
        """The largest eigenvalue of the Hessian, by differences of gradients; and its vector. The step is so short that
        no unit's kink lies within it: a kink has no curvature."""

        def product(vector, step=1e-7):
            return (self.gradient(weights + step * vector) - self.gradient(weights - step * vector)) / (2 * step)

        size = len(weights)
        if size <= _DENSE:
            matrix = np.array([product(unit) for unit in np.eye(size)])
            values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
            return float(values[-1]), vectors[:, -1]
        block = np.linalg.qr(np.random.default_rng(1).standard_normal((size, 6)))[0]  # the power method for six at once
        for _ in range(40):
            image = np.array([product(vector) for vector in block.T]).T
            values = np.linalg.eigvalsh((block.T @ image + image.T @ block) / 2)
            block = np.linalg.qr(image)[0]
        return float(values[-1]), block[:, 0]
