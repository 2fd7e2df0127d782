"""Predictions in a script: rows of a table as the model's inputs, and its outputs in the table's own units.

The text is the same for all scripts of a library; what differs from one scenario to the next, names above all, lies in
the script's arrays.
"""

from __future__ import annotations

from engine.model.landscape_objective import Landscape
from scenarios import Scenario
from scenarios.models.model_file import preparation
from tui.export.recording import Recording
from tui.export.script import Arrays

PREPARED = '''def prepared(rows, data):
    """Rows of a table, dictionaries by the names of its columns, as inputs of the model: categories as 0 and 1, and
    each feature less its mean, by its standard deviation, both of the training."""
    features = []
    for column, category, first in zip(data["columns"], data["categories"], data["first_categories"]):
        values = [row[column] for row in rows]
        if category:
            known = {first, *data["categories"][data["columns"] == column]}
            if unknown := set(values) - known:
                raise ValueError(f"{column}: {unknown.pop()!r} is none of {', '.join(sorted(known))}")
            values = [value == category for value in values]
        features.append([float(value) for value in values])
    inputs = (np.array(features).T - data["feature_mean"]) / data["feature_scale"]
    if "power_mean" in data:  # of a polynomial of one feature
        powers = ((inputs - data["power_centre"]) / data["power_width"]) ** np.arange(1, len(data["power_mean"]) + 1)
        inputs = (powers - data["power_mean"]) / data["power_scale"]
    return inputs.astype(data["inputs"].dtype)


def predictions(outputs, data):
    """Numbers in the target's own units, or the likeliest classes."""
    classes = data["classes"]
    if len(classes) == 0:
        return outputs[:, 0] * data["target_scale"] + data["target_mean"]
    return classes[(outputs[:, 0] > 0).astype(int) if outputs.shape[1] == 1 else outputs.argmax(1)]


'''
_PREDICT_FILE = '''def predict_file(path, data):
    """Print a prediction for each row of a CSV file whose first line names the columns, by the model that was saved."""
    model = make_model()
    {load}
    with open(path, newline="", encoding="utf-8-sig") as file:
        for prediction in predict(model, list(csv.DictReader(file)), data):
            print(prediction)


'''


def predicting(predict: str, load: str) -> str:
    """The functions of a script that predicts. predict: of them, that of the library. load: the statement that reads
    the saved model."""
    return PREPARED + predict + _PREDICT_FILE.format(load=load)


def prediction_arrays(scenario: Scenario, recording: Recording) -> Arrays:
    """The arrays that these functions read; none for a landscape, which predicts nothing."""
    trainer = recording.run.trainer
    return {} if isinstance(trainer.objective, Landscape) else preparation(scenario.model(trainer))
