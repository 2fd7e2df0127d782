"""A scenario made from nothing but a CSV file: the model, the knobs and the briefing that suit its data."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
from msgspec import structs

from engine.plain_text import counted, plain
from scenarios.data.csv.csv_memory import Progress, made, read
from scenarios.data.csv.csv_roles import OwnData
from scenarios.data.csv.table_text import STANDARD_INPUT
from scenarios.data.splitting import Array
from scenarios.files.data_sources import CsvData
from scenarios.files.objective_forms import LeastSquaresObjective, LogisticObjective, Model, SoftmaxObjective
from scenarios.files.schema import ScenarioFile, Screen, Training
from scenarios.scenario_error import ScenarioError

_BATCH_SIZE = 32
_VALIDATION_SHARE = 0.2
_FEWEST_TO_VALIDATE = 10
_EPOCH_SECONDS = 5  # about so long an epoch takes to watch
_MOST_NOTES = 20  # in the briefing
_STEPS = 2000  # about so many has a training without a screen


def scenario_file(description: CsvData, progress: Progress) -> tuple[ScenarioFile, tuple[str, ...]]:
    """The scenario of a table, and what was left out of it. Raises ScenarioError, naming file and line."""
    path = description.path
    own = read(description, progress)
    if own.num_examples >= _FEWEST_TO_VALIDATE:
        description = structs.replace(description, validation_share=_VALIDATION_SHARE)
    else:
        description = structs.replace(description, validation_share=0.0)
    model: Model
    if not own.num_classes:
        model, curvature = LeastSquaresObjective(), 2.0
    elif own.num_classes == 2:
        model, curvature = LogisticObjective(), 0.25
    else:
        model, curvature = SoftmaxObjective(), 0.5
    try:
        model.check(own.num_features, own.num_classes)
        model.check_work(own.num_examples, own.num_features, own.num_classes)
    except ValueError as error:
        raise ScenarioError(f"{path}: {str(error).removeprefix('kind: ')}") from None
    steps_an_epoch = math.ceil(own.num_examples * (1 - description.validation_share) / _BATCH_SIZE)
    training = Training(  # type: ignore[call-arg]  # the keys of the knobs are made from the engine's table
        learning_rate=_learning_rate(made(description).inputs, curvature),
        batch_size=_BATCH_SIZE,
        epochs=max(1, round(_STEPS / steps_an_epoch)),
    )
    steps_per_second = 1.0 * max(30, min(1000, steps_an_epoch // _EPOCH_SECONDS))
    file = ScenarioFile(
        title="Standard input" if path == STANDARD_INPUT else plain(Path(path).name)[:60],
        summary=_summary(own)[:200],
        briefing=_briefing(own),
        objective=model,
        training=training,
        data=description,
        screen=Screen(steps_per_second=steps_per_second, view="data" if own.num_features > 1 else "weights"),
    )
    return file, own.notes


def _learning_rate(inputs: Array, curvature: float) -> float:
    """A tenth of the largest stable rate on standardised data, 2/λmax, with λmax at most `curvature` times the
    largest eigenvalue of the second moments, that of the bias being 1. Where a single example weighs so much that its
    batch alone would be unstable at half of its limit, as little as that takes. Rounded down to 1, 2 or 5."""
    squares, chunk = np.zeros((inputs.shape[1], inputs.shape[1])), 65_536
    longest = 0.0
    for begin in range(0, len(inputs), chunk):  # without a second copy of the data
        rows = inputs[begin : begin + chunk]
        squares += rows.T @ rows
        longest = max(longest, float(np.vecdot(rows, rows).max()) + 1.0)
    largest = max(1.0, float(np.linalg.eigvalsh(squares / len(inputs))[-1]))
    batch = min(_BATCH_SIZE, len(inputs))
    rate = min(0.2 / (curvature * largest), batch / (curvature * longest))
    magnitude = 10.0 ** math.floor(math.log10(rate))
    return float(f"{max(step for step in (1, 2, 5) if step * magnitude <= rate * 1.000001) * magnitude:.6g}")


def _summary(own: OwnData) -> str:
    features, examples = _count(own.num_features, "feature"), counted(own.num_examples, "example")
    return f"Your own data: {_sort(own)} from {features}, {examples}."


def _sort(own: OwnData) -> str:
    name = _short(own.target)
    return f"{name}, one of {own.num_classes} classes," if own.num_classes else f"the number {name}"


def _briefing(own: OwnData) -> str:
    model = (
        "a weighted sum of the features and a bias, by **least squares**",
        "**logistic regression**",
        "**softmax regression**",
    )[min(2, max(0, own.num_classes - 1))]
    validated = own.num_examples >= _FEWEST_TO_VALIDATE
    held_out = "a fifth of the examples is held out for validation" if validated else "none is held out for validation"
    left_out = "".join(f"\n- {_as_markdown(note[0].upper() + note[1:])}." for note in own.notes[:_MOST_NOTES])
    more = f"\n- And {len(own.notes) - _MOST_NOTES} more such." if len(own.notes) > _MOST_NOTES else ""
    return f"""
Your own data: {own.num_examples:,} examples predict {_as_markdown(_sort(own))} from
{_count(own.num_features, "feature")}. The model is {model}. The features are standardised, and {held_out}.
{left_out}{more}

The learning rate is about a tenth of the largest stable one: **↑** until it breaks, then **u**. **←** for noise,
**→** against it.

*Before you train: which feature will get the largest weight?*
"""


def _as_markdown(text: str) -> str:
    """Markdown that shows this very text: names of columns and classes may look like anything."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"


def _short(name: str) -> str:
    return name if len(name) <= 30 else f"{name[:29]}…"
