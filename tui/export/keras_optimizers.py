"""Keras classes of the optimizers that differ from Keras's own, as text for a script.

In descend, as in PyTorch, the learning rate stays outside the momentum's buffer, weight decay is a part of the gradient
(but for AdamW), epsilon is added after the square root and the corrections, and clipping divides by the norm + 1e-6.
"""

from __future__ import annotations

_BASE = '''class Optimizer(keras.optimizers.Optimizer):
    """decay draws the weights to 0; gradients whose common length is above clip are shortened to it."""

    def __init__(self, learning_rate, decay=0.0, clip=math.inf):
        super().__init__(learning_rate)
        self.decay, self.clip = decay, clip

    def build(self, variables):
        if not self.built:
            super().build(variables)
            self.first = [self.add_variable_from_reference(variable, "first") for variable in variables]
            self.second = [self.add_variable_from_reference(variable, "second") for variable in variables]

    def apply(self, gradients, variables=None):
        if self.clip < math.inf:
            norm = ops.sqrt(sum(ops.sum(gradient * gradient) for gradient in gradients))
            factor = ops.where(norm > self.clip, self.clip / (norm + 1e-6), ops.ones_like(norm))
            gradients = [gradient * factor for gradient in gradients]
        super().apply(gradients, variables)
'''

_SGD = '''class SGD(Optimizer):
    """v ← βv + g, w ← w − ηv. In Keras's own the learning rate η is inside v, so a change of it acts late."""

    momentum = 0.0

    def update_step(self, g, w, learning_rate):
        v = self.first[self._get_variable_index(w)]
        self.assign(v, self.momentum * v + g + self.decay * w)
        self.assign(w, w - learning_rate * v)
'''

_NESTEROV = '''class Nesterov(Optimizer):
    """v ← βv + g, w ← w − η(g + βv). In Keras's own the learning rate η is inside v, so a change of it acts late."""

    momentum = 0.0

    def update_step(self, g, w, learning_rate):
        v = self.first[self._get_variable_index(w)]
        g = g + self.decay * w
        self.assign(v, self.momentum * v + g)
        self.assign(w, w - learning_rate * (g + self.momentum * v))
'''

_ADAGRAD = '''class Adagrad(Optimizer):
    """s ← s + g², w ← w − ηg/(√s + ε). Keras's own begins with s = 0.1 and has ε under the root."""

    def update_step(self, g, w, learning_rate):
        s = self.second[self._get_variable_index(w)]
        g = g + self.decay * w
        self.assign(s, s + g * g)
        self.assign(w, w - learning_rate * g / (ops.sqrt(s) + 1e-10))
'''

_RMSPROP = '''class RMSprop(Optimizer):
    """s ← 0.99s + 0.01g², w ← w − ηg/(√s + ε). Keras's own has ε under the root."""

    def update_step(self, g, w, learning_rate):
        s = self.second[self._get_variable_index(w)]
        g = g + self.decay * w
        self.assign(s, 0.99 * s + 0.01 * g * g)
        self.assign(w, w - learning_rate * g / (ops.sqrt(s) + 1e-8))
'''

_ADAM = '''class {name}(Optimizer):
    """m ← 0.9m + 0.1g, s ← 0.999s + 0.001g², w ← w − ηm/(√s + ε), m and s corrected for their beginning at 0.

    Keras's own adds ε before the correction.{more}
    """

    def update_step(self, g, w, learning_rate):
        index = self._get_variable_index(w)
        m, s = self.first[index], self.second[index]
        t = ops.cast(self.iterations + 1, w.dtype)
{decay}
        self.assign(m, 0.9 * m + 0.1 * g)
        self.assign(s, 0.999 * s + 0.001 * g * g)
        root = ops.sqrt(s / (1 - 0.999**t)) + 1e-8
        self.assign(w, w - learning_rate * m / (1 - 0.9**t) / root)
'''

_CLASSES = {
    "sgd": ("SGD", _SGD),
    "nesterov": ("Nesterov", _NESTEROV),
    "adagrad": ("Adagrad", _ADAGRAD),
    "rmsprop": ("RMSprop", _RMSPROP),
    "adam": ("Adam", _ADAM.format(name="Adam", more="", decay="        g = g + self.decay * w")),
    "adamw": (
        "AdamW",
        _ADAM.format(
            name="AdamW",
            more=" The decay shrinks the weights, and is no part of g.",
            decay="        self.assign(w, w - learning_rate * self.decay * w)",
        ),
    ),
}


def class_name(optimizer: str) -> str:
    """The name of the class for one of the engine's optimizers."""
    return _CLASSES[optimizer][0]


def classes(optimizers: set[str]) -> str:
    """The text of the classes for these of the engine's optimizers."""
    texts = [text for name, (_, text) in _CLASSES.items() if name in optimizers]
    return "\n\n".join([_BASE, *texts, ""]) if texts else ""
