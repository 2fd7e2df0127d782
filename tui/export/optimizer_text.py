"""The optimizers and the knobs of an update, as scripts for other libraries say them: all that is known of them here.

PyTorch has optimizers that give the same numbers. Most of Keras's do not: for those a script holds a class. In descend,
as in PyTorch, the learning rate stays outside the momentum's buffer, weight decay is a part of the gradient (but for
AdamW), epsilon is added after the square root and the corrections, and clipping divides by the norm + 1e-6.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.training.knobs import KNOBS, Knobs

Life = Sequence[Knobs]  # the knobs of an optimizer from when it takes over to when another one does

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


@dataclass(frozen=True)
class _Text:
    """An optimizer in other libraries.

    torch: the class in torch.optim. torch_momentum: what its call needs beside a momentum. torch_decays: its own weight
    decay is not 0. keras: the name of the class whose text is `keras_class`. keras_own: the class of keras.optimizers
    that gives the same numbers where only momentum and learning rate are set, and nothing changes; keras_momentum:
    what its call needs beside a momentum.
    """

    torch: str
    keras: str
    keras_class: str
    torch_momentum: str = ""
    torch_decays: bool = False
    keras_own: str = ""
    keras_momentum: str = ""


_TEXTS = {
    "sgd": _Text("SGD", "SGD", _SGD, keras_own="SGD"),
    "nesterov": _Text(
        "SGD", "Nesterov", _NESTEROV, torch_momentum="nesterov=True", keras_own="SGD", keras_momentum="nesterov=True"
    ),
    "adagrad": _Text("Adagrad", "Adagrad", _ADAGRAD),
    "rmsprop": _Text("RMSprop", "RMSprop", _RMSPROP),
    "adam": _Text("Adam", "Adam", _ADAM.format(name="Adam", more="", decay="        g = g + self.decay * w")),
    "adamw": _Text(
        "AdamW",
        "AdamW",
        _ADAM.format(
            name="AdamW",
            more=" The decay shrinks the weights, and is no part of g.",
            decay="        self.assign(w, w - learning_rate * self.decay * w)",
        ),
        torch_decays=True,
    ),
}
_TORCH_OPTIONS = {"learning_rate": "lr", "momentum": "momentum", "weight_decay": "weight_decay"}
# Knobs that change the gradient before the optimizer takes it: a variable, what it says, the call before the step.
_TORCH_GRADIENT = {
    "gradient_clip": (
        "clip",
        "longer gradients are shortened to this",
        "nn.utils.clip_grad_norm_(model.parameters(), clip)",
    ),
}
_KERAS_ATTRIBUTES = {"momentum": "momentum", "weight_decay": "decay", "gradient_clip": "clip"}


def torch_options(knobs: Knobs, life: Life) -> dict[str, tuple[str, str]]:
    """Return, by knob that acts, the option of PyTorch's optimizer that it is, and its value as text."""
    values = {knob: repr(getattr(knobs, knob)) for knob in _TORCH_OPTIONS if knobs.acts(knob)}
    if "momentum" in values and not knobs.momentum and torch_keeps_buffer(life):
        values["momentum"] = "NONE"
    return {knob: (_TORCH_OPTIONS[knob], value) for knob, value in values.items()}


def torch_optimizer(knobs: Knobs, life: Life) -> str:
    """The call that makes PyTorch's, with descend's numbers where PyTorch's own are others."""
    text = _TEXTS[knobs.optimizer]
    written = {"learning_rate", "weight_decay"} if text.torch_decays else {"learning_rate"}
    for knob in _TORCH_OPTIONS:
        of_life = life if knob == "momentum" else [knobs]  # PyTorch must know of a momentum that comes later
        if any(getattr(one, knob) != KNOBS[knob].default for one in of_life):
            written.add(knob)
    options = []
    for knob, (name, value) in torch_options(knobs, life).items():
        if knob in written:
            options.append(f"{name}={value}")
            options += [text.torch_momentum] * (knob == "momentum" and bool(text.torch_momentum))
    return f"torch.optim.{text.torch}(model.parameters(), {', '.join(options)})"


def torch_gradient(knobs: Sequence[Knobs]) -> dict[str, tuple[str, str, str]]:
    """Return, by knob that changes a gradient anywhere in a training with these, the variable, words for it, and the
    call before the optimizer's step."""
    return {
        knob: text
        for knob, text in _TORCH_GRADIENT.items()
        if any(getattr(one, knob) != KNOBS[knob].default for one in knobs)
    }


def torch_keeps_buffer(life: Life) -> bool:
    """Tell whether momentum of 0 and above follow each other, and so the buffer has to be there before it acts."""
    return life[0].acts("momentum") and len({knobs.momentum > 0 for knobs in life}) == 2


def is_of_keras(life: Life, *, scheduled: bool) -> bool:
    """Tell whether an optimizer of Keras's own gives the same numbers: then it is what the script uses."""
    steady = len({(knobs.momentum, knobs.learning_rate) for knobs in life}) == 1 and not scheduled
    others = [knob for knob in _KERAS_ATTRIBUTES if knob != "momentum"]
    return bool(_TEXTS[life[0].optimizer].keras_own) and all(
        (steady or not knobs.momentum) and all(getattr(knobs, knob) == KNOBS[knob].default for knob in others)
        for knobs in life
    )


def keras_optimizer(knobs: Knobs, *, own: bool) -> str:
    """The call that makes Keras's own, or one of the classes here."""
    text = _TEXTS[knobs.optimizer]
    if not own:
        return f"{text.keras}({knobs.learning_rate!r})"
    options = [f"{knobs.learning_rate!r}"]
    if knobs.momentum:
        options += [f"momentum={knobs.momentum!r}", *([text.keras_momentum] if text.keras_momentum else [])]
    return f"keras.optimizers.{text.keras_own}({', '.join(options)})"


def keras_attributes(knobs: Knobs) -> dict[str, str]:
    """Return, by knob that acts, the attribute of the classes here that it is."""
    return {knob: name for knob, name in _KERAS_ATTRIBUTES.items() if knobs.acts(knob)}


def keras_classes(optimizers: set[str]) -> str:
    """The text of the classes for these of the engine's optimizers."""
    texts = [text.keras_class for name, text in _TEXTS.items() if name in optimizers]
    return "\n\n".join([_BASE, *texts, ""]) if texts else ""
