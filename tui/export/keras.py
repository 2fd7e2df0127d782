"""A training as a Keras script, for any of Keras's backends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.model.landscape_objective import Landscape
from engine.model.layers import Layers, layers_of
from engine.training.knobs import KNOBS, Knobs
from scenarios import Scenario
from tui.export.model_text import LOSS_TEXTS, examples_of, formula
from tui.export.optimizer_text import is_of_keras, keras_attributes, keras_classes, keras_optimizer
from tui.export.prediction_text import predicting, prediction_arrays
from tui.export.recording import Recording
from tui.export.script import Arrays, Script, assemble, indented, knob_steps, lives, number, schedules

_IMPORTS = """import numpy as np

os.environ.setdefault("KERAS_BACKEND", "torch")  # or tensorflow, or jax, which rounds some functions to float32
os.environ.setdefault("JAX_ENABLE_X64", "1")
import keras
from keras import ops

keras.config.set_floatx("{dtype}")
keras.config.set_dtype_policy("{dtype}")
MODEL = f"{{__file__}}.weights.h5"  # where the trained model is saved
"""
_PREDICT = '''def predict(model, rows, data):
    """Predictions for rows of a table, such as those of csv.DictReader."""
    return predictions(ops.convert_to_numpy(model(prepared(rows, data))), data)


'''
_LOAD = "model.load_weights(MODEL)"
_DENSE = '''class Dense(keras.layers.Dense):
    """In the precision of its weights: but for TensorFlow, keras.ops.matmul makes float32 of float64."""

    def call(self, inputs):
        outputs = inputs @ ops.convert_to_tensor(self.kernel)
        if self.use_bias:
            outputs = outputs + ops.convert_to_tensor(self.bias)
        return outputs if self.activation is None else self.activation(outputs)


'''
_MEAN = '''def mean(losses):
    """Over examples; keras.ops.mean makes float32 of float64, but for TensorFlow."""
    return ops.sum(losses) / ops.cast(ops.shape(losses)[0], losses.dtype)


'''
_NEEDS = "keras torch numpy"


def keras_script(scenario: Scenario, recording: Recording) -> Script:
    """Readable, and all that is needed to train again with the same numbers."""
    objective = recording.run.trainer.objective
    weights = recording.run.trainer.initial_weights
    if isinstance(objective, Landscape):
        model, parts = _landscape(scenario, objective), [weights]
        arrays: Arrays = {"inputs": objective.examples, "targets": np.zeros(len(objective.examples))}
    else:
        description = layers_of(objective, weights)
        model, parts = _network(description) + predicting(_PREDICT, _LOAD), _parts(description)
        inputs, targets = examples_of(objective, description)
        arrays = {"inputs": inputs, "targets": targets}
    arrays |= prediction_arrays(scenario, recording)
    arrays |= {f"weights_{index}": part for index, part in enumerate(parts)}
    own = {life[0].optimizer for life in lives(recording) if not _is_own(life, recording)}
    body = keras_classes(own) + model + _main(recording)
    imports = _IMPORTS.format(dtype=objective.examples.dtype.name)
    predicts = not isinstance(objective, Landscape)
    return assemble(
        scenario,
        recording,
        needs=_NEEDS,
        standard=("os",),
        imports=imports,
        body=body,
        arrays=arrays,
        predicts=predicts,
    )


def _landscape(scenario: Scenario, landscape: Landscape) -> str:
    surface = landscape.surface
    weights = "x, y = self.w[0], self.w[1]" if surface.num_weights == 2 else "x = self.w[0]"
    tilts = "s, t = tilts[:, 0], tilts[:, 1]" if surface.num_tilts == 2 else "s = tilts[:, 0]"
    return f'''{_MEAN}class Landscape(keras.layers.Layer):
    """A function of its weights; every example tilts it in a way of its own, and the mean of all tilts is 0."""

    def build(self, shape):
        self.w = self.add_weight(shape=({surface.num_weights},), name="w")

    def call(self, tilts):
        {weights}
        {tilts}
{indented(formula(scenario.file.objective, landscape, "ops"), 8)}

def make_model():
    return keras.Sequential([keras.Input(({surface.num_tilts},)), Landscape()])


def loss(targets, outputs):
    """The outputs are what is minimised; there are no targets."""
    return mean(outputs)


'''


def _network(description: Layers) -> str:
    strengths = [f"{name}={value!r}" for name, value in (("l1", description.l1), ("l2", description.l2)) if value]
    regularizer = f", kernel_regularizer=keras.regularizers.L1L2({', '.join(strengths)})" if strengths else ""
    bias = "" if description.biases else ", use_bias=False"
    lines = [f"keras.Input(({description.matrices[0].shape[0]},)),"]
    for index, matrix in enumerate(description.matrices):
        hidden = index < len(description.matrices) - 1 and description.activation != "linear"
        name = "gelu" if description.activation == "gelu" else f'"{description.activation}"'
        activation = f", activation={name}" if hidden else ""
        lines.append(f"Dense({matrix.shape[1]}{activation}{bias}{regularizer}),")
    gelu = """def gelu(z):
    return keras.activations.gelu(z, approximate=True)


"""
    *first, value = LOSS_TEXTS[description.loss].keras
    return f"""{gelu if any("=gelu" in line for line in lines) else ""}{_DENSE}{_MEAN}def make_model():
    return keras.Sequential(
        [
{indented(lines, 12)}        ]
    )


def loss(targets, outputs):
{indented(first, 4)}    return mean({value})


"""


def _parts(description: Layers) -> list[NDArray[Any]]:
    """The weights in Keras's order."""
    if description.biases is None:
        return list(description.matrices)
    return [part for pair in zip(description.matrices, description.biases, strict=True) for part in pair]


def _main(recording: Recording) -> str:
    rates = ['learning_rates = data["learning_rates"].tolist()  # of every step, as the schedule gave them']
    first = lives(recording)[0]
    return f"""def main(data):
    inputs, targets = data["inputs"], data["targets"]
    # Which examples each minibatch holds, shuffled and cut as they were in descend.
    ends = np.cumsum(data["batch_sizes"].astype("int64"))
    batches = np.split(data["order"], ends)[:-1]
{indented(rates if schedules(recording) else [], 4)}
    model = make_model()
    model.set_weights([data[f"weights_{{index}}"] for index in range(len(model.weights))])
    optimizer = {keras_optimizer(first[0], own=_is_own(first, recording))}
{indented(_settings(first[0], first, recording), 4)}    model.compile(optimizer=optimizer, loss=loss)

    for step, batch in enumerate(batches):
{indented(_changes(recording), 8)}        average = model.train_on_batch(inputs[batch], targets[batch])
        if step % {max(1, recording.steps // 10)} == 0:
            print(f"step {{step:,}}: mean loss of the minibatches since the last such line {{float(average):.6g}}")
            model.reset_metrics()

    model.save_weights(MODEL)
    last = loss(ops.convert_to_tensor(targets), model(inputs)) + sum(model.losses)
    compare(float(ops.convert_to_numpy(last)))
"""


def _is_own(life: list[Knobs], recording: Recording) -> bool:
    return is_of_keras(life, scheduled=schedules(recording))


def _settings(knobs: Knobs, life: list[Knobs], recording: Recording) -> list[str]:
    """The settings of an optimizer that has just been made, if it is not Keras's own."""
    if _is_own(life, recording):
        return []
    return [
        f"optimizer.{name} = {getattr(knobs, knob)!r}"
        for knob, name in keras_attributes(knobs).items()
        if getattr(knobs, knob) != KNOBS[knob].default
    ]


def _changes(recording: Recording) -> Iterator[str]:
    scheduled, every = schedules(recording), lives(recording)
    for change in knob_steps(recording):
        life, after = every[change.life], change.after
        if change.changes("optimizer"):
            lines = [f"optimizer = {keras_optimizer(after, own=_is_own(life, recording))}  # its buffers are empty"]
            lines += _settings(after, life, recording)
        else:
            lines = [
                f"optimizer.{name} = {number(getattr(after, knob))}"
                for knob, name in keras_attributes(after).items()
                if change.changes(knob)
            ]
        if lines:  # Keras has compiled a step with the numbers that were there
            lines.append("model.compile(optimizer=optimizer, loss=loss)")
        if change.changes("learning_rate") and not change.changes("optimizer") and not scheduled:
            lines.append(f"optimizer.learning_rate = {after.learning_rate!r}")
        if lines:
            yield f"if step == {change.step}:  # {change.words}"
            yield from (f"    {line}" for line in lines)
        else:
            yield f"# From step {change.step} on: {change.words}."
    if scheduled:
        yield "optimizer.learning_rate = learning_rates[step]"
