"""Scripts that predict: their rows become the model's inputs, in NumPy alone and in the libraries."""

import csv
import importlib.util
import os
import subprocess
import sys

import numpy as np
import pytest

import scenarios
from tests.scenarios.models.tables import table
from tests.tui.export.test_export import arrays_of, export
from tui.export.prediction_text import PREPARED

WAVE = """
title = "A test"
summary = "For the tests."
briefing = "None."
[objective]
kind = "polynomial"
degree = 3
[data]
kind = "sine"
examples = 50
[training]
learning_rate = 0.05
batch_size = 16
"""


@pytest.fixture
def functions():
    """The functions of a script that need NumPy only."""
    found = {"np": np}
    exec(PREPARED, found)
    return found


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def trained(path, *options):
    scenario = scenarios.load(str(path))
    trainer = scenario.trainer()
    trainer.run(*options)
    return scenario.model(trainer), trainer


@pytest.mark.parametrize("to", ["pytorch", "keras"])
def test_rows_become_the_inputs_of_the_training(to, functions, tmp_path):
    arrays = arrays_of(export(to, tmp_path / "a.py", str(table()), "--steps", "5").read_text())
    inputs = functions["prepared"](rows_of(table()), arrays)
    found = {tuple(np.round(row, 9)) for row in inputs}
    assert {tuple(np.round(row, 9)) for row in arrays["inputs"]} <= found
    assert len(inputs) == 120
    assert inputs.dtype == arrays["inputs"].dtype


def test_a_polynomial_of_the_rows_is_that_of_the_training(functions, tmp_path):
    (tmp_path / "wave.toml").write_text(WAVE)
    arrays = arrays_of(export("pytorch", tmp_path / "a.py", str(tmp_path / "wave.toml"), "--steps", "5").read_text())
    _, trainer = trained(tmp_path / "wave.toml", 5)
    unit = arrays["feature_mean"], arrays["feature_scale"]
    rows = [{"x": str(float((value * unit[1] + unit[0])[0]))} for value in trainer.objective.inputs[:, 0]]
    np.testing.assert_allclose(functions["prepared"](rows, arrays), arrays["inputs"], rtol=1e-9)


def test_outputs_become_numbers_and_names(functions):
    numbers = {"classes": np.array([], "U1"), "target_scale": np.array(10.0), "target_mean": np.array(3.0)}
    two, three = ({"classes": np.array(list(names))} for names in ("ab", "abc"))
    assert functions["predictions"](np.array([[0.5], [1.0]]), numbers).tolist() == [8, 13]
    assert functions["predictions"](np.array([[-0.5], [1.0]]), two).tolist() == ["a", "b"]
    assert functions["predictions"](np.array([[0.5, 0.1, 0.7]]), three).tolist() == ["c"]


def test_an_unknown_category_is_named(functions, tmp_path):
    arrays = arrays_of(export("pytorch", tmp_path / "a.py", str(table()), "--steps", "2").read_text())
    with pytest.raises(ValueError, match="colour: 'pink' is none of blue, green, red"):
        functions["prepared"]([{"kg": "1", "colour": "pink"}], arrays)


def test_a_landscapes_script_predicts_nothing(tmp_path):
    text = export("pytorch", tmp_path / "a.py", "potholes", "--steps", "2").read_text()
    assert "predict" not in text
    assert "torch.save(model.state_dict(), MODEL)" in text


def in_one_process(paths):
    """What the scripts print that are run one after another, each to train, and to predict for a table."""
    run = (
        "import runpy, sys\nfor path, *options in "
        f"{[call for path, new in paths for call in ([path], [path, '--predict', new])]!r}:\n"
        "    sys.argv[1:] = options\n    print('::')\n    runpy.run_path(path, run_name='__main__')"
    )
    environment = os.environ | {"KERAS_BACKEND": "torch", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run([sys.executable, "-c", run], capture_output=True, text=True, timeout=300, env=environment)
    assert done.returncode == 0, done.stdout[-400:] + done.stderr[-400:]
    return done.stdout.split("::\n")[1:]


@pytest.mark.parametrize(("to", "targets"), [("pytorch", ("price", "cheap", "size")), ("keras", ("size",))])
def test_a_script_predicts_from_its_saved_model_as_descend_does(to, targets, tmp_path):
    needed = {"pytorch": ("torch",), "keras": ("torch", "keras")}[to]
    if not all(map(importlib.util.find_spec, needed)):
        pytest.skip(f"{' and '.join(needed)} are not installed; it is what the exported scripts run on")
    (tmp_path / "new.csv").write_text("colour,kg\nred,1000.5\nblue,2000\n", encoding="utf-8")
    scripts = [export(to, tmp_path / f"{target}.py", str(table(target)), "--steps", "40") for target in targets]
    out = in_one_process([(str(script), str(tmp_path / "new.csv")) for script in scripts])
    for target, trained_out, predicted in zip(targets, out[::2], out[1::2], strict=True):
        assert "descend measured" in trained_out
        model, _ = trained(table(target), 40)
        expected = model.predict({"colour": ["red", "blue"], "kg": [1000.5, 2000.0]}).values.tolist()
        found = predicted.split()
        assert found == expected if model.classes else np.allclose(np.array(found, float), expected, rtol=1e-6)
