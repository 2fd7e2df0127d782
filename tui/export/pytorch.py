"""A training as a PyTorch script."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.model.landscape_objective import Landscape
from engine.model.layers import Layers, layers_of
from scenarios import Scenario
from tui.export.model_text import LOSS_TEXTS, examples_of, formula
from tui.export.optimizer_text import torch_gradient, torch_keeps_buffer, torch_optimizer, torch_options
from tui.export.prediction_text import predicting, prediction_arrays
from tui.export.recording import Recording
from tui.export.script import Arrays, Script, assemble, indented, knob_steps, lives, number, schedules

_IMPORTS = """import numpy as np
import torch
from torch import nn

torch.set_default_dtype(torch.{dtype})
MODEL = f"{{__file__}}.pt"  # where the trained model is saved
"""
_PREDICT = '''def predict(model, rows, data):
    """Predictions for rows of a table, such as those of csv.DictReader."""
    with torch.no_grad():
        return predictions(model(torch.from_numpy(prepared(rows, data))).numpy(), data)


'''
_LOAD = "model.load_state_dict(torch.load(MODEL, weights_only=True))"
_ACTIVATIONS = {
    "tanh": "nn.Tanh()",
    "relu": "nn.ReLU()",
    "sigmoid": "nn.Sigmoid()",
    "silu": "nn.SiLU()",
    "gelu": 'nn.GELU(approximate="tanh")',
}
_NO_MOMENTUM = """# Instead of a momentum of 0, with which PyTorch keeps no buffer for the momentum that comes later.
NONE = 1e-30


"""


def pytorch_script(scenario: Scenario, recording: Recording) -> Script:
    """Readable, and all that is needed to train again with the same numbers."""
    objective = recording.run.trainer.objective
    weights = recording.run.trainer.initial_weights
    if isinstance(objective, Landscape):
        model = _landscape(scenario, objective)
        arrays: Arrays = {"inputs": objective.examples, "w": weights}
    else:
        description = layers_of(objective, weights)
        model = _network(description) + predicting(_PREDICT, _LOAD)
        inputs, targets = examples_of(objective, description)
        arrays = {"inputs": inputs, "targets": targets, **_state(description)}
    arrays |= prediction_arrays(scenario, recording)
    none = _NO_MOMENTUM if any(torch_keeps_buffer(life) for life in lives(recording)) else ""
    body = none + model + _main(recording, with_targets="targets" in arrays)
    imports = _IMPORTS.format(dtype=objective.examples.dtype.name)
    predicts = "targets" in arrays
    needs = "torch numpy"
    return assemble(scenario, recording, needs=needs, imports=imports, body=body, arrays=arrays, predicts=predicts)


def _landscape(scenario: Scenario, landscape: Landscape) -> str:
    surface = landscape.surface
    weights = "x, y = self.w" if surface.num_weights == 2 else "(x,) = self.w"
    tilts = "s, t = tilts.T" if surface.num_tilts == 2 else "(s,) = tilts.T"
    return f'''class Landscape(nn.Module):
    """A function of its weights; every example tilts it in a way of its own, and the mean of all tilts is 0."""

    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.zeros({surface.num_weights}))

    def forward(self, tilts):
        {weights}
        {tilts}
{indented(formula(scenario.file.objective, landscape, "torch"), 8)}

def make_model():
    return Landscape()


def loss_of(model, tilts):
    """The mean over examples."""
    return model(tilts).mean()


'''


def _modules(description: Layers) -> list[str]:
    modules = []
    for index, matrix in enumerate(description.matrices):
        inputs, outputs = matrix.shape
        if index and description.activation != "linear":
            modules.append(_ACTIVATIONS[description.activation])
        modules.append(f"nn.Linear({inputs}, {outputs}{'' if description.biases else ', bias=False'})")
    return modules


def _network(description: Layers) -> str:
    modules = indented([f"{module}," for module in _modules(description)], 8)
    penalty, added = "", ""
    terms = [
        text
        for strength, text in (
            (description.l1, f"{description.l1!r} * weight.abs().sum()"),
            (description.l2, f"{description.l2!r} * weight.square().sum()"),
        )
        if strength
    ]
    if terms:
        added = " + penalty(model)"
        penalty = f'''def penalty(model):
    """On the weights, not on the biases."""
    weights = [weight for name, weight in model.named_parameters() if name.endswith("weight")]
    return sum({" + ".join(terms)} for weight in weights)


'''
    return f'''def make_model():
    return nn.Sequential(
{modules}    )


{penalty}def loss_of(model, inputs, targets):
    """The mean over examples."""
    return {LOSS_TEXTS[description.loss].torch}(model(inputs), targets){added}


'''


def _state(description: Layers) -> dict[str, NDArray[Any]]:
    """The weights under PyTorch's names; it keeps a layer's matrix as (outputs, inputs)."""
    places = [index for index, module in enumerate(_modules(description)) if module.startswith("nn.Linear")]
    state: dict[str, NDArray[Any]] = {}
    for number_, (place, matrix) in enumerate(zip(places, description.matrices, strict=True)):
        state[f"{place}.weight"] = np.ascontiguousarray(matrix.T)
        if description.biases:
            state[f"{place}.bias"] = description.biases[number_]
    return state


def _main(recording: Recording, *, with_targets: bool) -> str:
    first = recording.phases[0][1]
    treated = torch_gradient([knobs for _, knobs in recording.phases])
    scheduled = schedules(recording)
    examples, of_batch = (
        ("inputs, targets", "inputs[batch], targets[batch]") if with_targets else ("tilts", "tilts[batch]")
    )
    data = (
        ['inputs = torch.from_numpy(data["inputs"])', 'targets = torch.from_numpy(data["targets"])']
        if with_targets
        else ['tilts = torch.from_numpy(data["inputs"])']
    )
    rates = ['learning_rates = data["learning_rates"].tolist()  # of every step, as the schedule gave them']
    variables = [f"{name} = {number(getattr(first, knob))}  # {words}" for knob, (name, words, _) in treated.items()]
    calls = [call for _, _, call in treated.values()]
    return f"""def main(data):
{indented(data, 4)}    # Which examples each minibatch holds, shuffled and cut as they were in descend.
    order = torch.from_numpy(data["order"].astype("int64"))
    batches = torch.split(order, data["batch_sizes"].tolist())
{indented(rates if scheduled else [], 4)}
    model = make_model()
    model.load_state_dict({{name: torch.from_numpy(data[name]) for name in model.state_dict()}})
    optimizer = {torch_optimizer(first, lives(recording)[0])}
{indented(variables, 4)}
    for step, batch in enumerate(batches):
{indented(_changes(recording), 8)}        optimizer.zero_grad()
        loss = loss_of(model, {of_batch})
        loss.backward()
{indented(calls, 8)}        optimizer.step()
        if step % {max(1, recording.steps // 10)} == 0:
            print(f"step {{step:,}}: loss of the minibatch {{loss.item():.6g}}")

    torch.save(model.state_dict(), MODEL)
    with torch.no_grad():
        compare(loss_of(model, {examples}).item())
"""


def _changes(recording: Recording) -> Iterator[str]:
    scheduled, every = schedules(recording), lives(recording)
    for change in knob_steps(recording):
        life, after = every[change.life], change.after
        lines = []
        if change.changes("optimizer"):
            lines.append(f"optimizer = {torch_optimizer(after, life)}  # its buffers are empty")
        else:
            for knob, (name, value) in torch_options(after, life).items():
                if change.changes(knob) and not (scheduled and knob == "learning_rate"):
                    lines.append(f'optimizer.param_groups[0]["{name}"] = {value}')
        for knob, (name, _, _) in torch_gradient([change.before, after]).items():
            if change.changes(knob):
                lines.append(f"{name} = {number(getattr(after, knob))}")
        if lines:
            yield f"if step == {change.step}:  # {change.words}"
            yield from (f"    {line}" for line in lines)
        else:
            yield f"# From step {change.step} on: {change.words}."
    if scheduled:
        yield 'optimizer.param_groups[0]["lr"] = learning_rates[step]'
