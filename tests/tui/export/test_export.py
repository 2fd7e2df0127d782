"""`descend export`: what the files hold, and that the scripts come to the same loss."""

import ast
import base64
import importlib.util
import io
import os
import random
import re
import runpy
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import scenarios
from engine.runs.plan import Change
from engine.training.knobs import KNOBS, Knobs
from tests.tui import hostile_exports
from tests.tui.hostile_exports import planned
from tui.cli.command_line import main
from tui.export.optimizer_text import keras_attributes, torch_gradient, torch_options
from tui.export.pytorch import pytorch_script
from tui.export.recording import record

FORM = """
title = "A test"
summary = "For the tests."
briefing = "None."
[objective]
{objective}
[training]
learning_rate = 0.05
batch_size = 16
{training}
"""
LINE = '[data]\nkind = "line"\nexamples = 60'
MOONS = '[data]\nkind = "moons"\nexamples = 60'
EVERY_KNOB = [
    *("--at", "10", "learning_rate=0.1", "--at", "20", "batch_size=7", "--at", "30", "momentum=0.9"),
    *("--at", "35", "momentum=0", "--at", "40", "momentum=0.5", "--at", "45", "weight_decay=0.01"),
    *("--at", "50", "optimizer=adam", "--at", "55", "gradient_clip=0.5", "--at", "60", "sampling=with_replacement"),
    *("--at", "70", "schedule=cosine:steps=30,floor=0.1", "--at", "80", "optimizer=adamw"),
    *("--at", "90", "sampling=full_batch"),
]  # fmt: skip
START = "weights = [1.2, 0.3]"
STEPS = "step:steps=20"
TRAININGS = {
    "every-knob": ["line-fit", "--steps", "100", *EVERY_KNOB],
    "rate-and-batch": ["line-fit", "--epochs", "5", "--at", "20", "learning_rate=0.2", "--at", "30", "batch_size=5"],
    "momentum": ["line-fit", "--steps", "60", "--momentum", "0.9"],
    "nesterov": ["line-fit", "--steps", "60", "--optimizer", "nesterov", "--momentum", "0.9", "--schedule", STEPS],
    "plateau-schedule": ["line-fit", "--steps", "90", "--schedule", "plateau:factor=0.5,patience=1"],
    "diverges": ["line-fit", "--steps", "900", "--learning-rate", "5"],
    "no-steps": ["moons", "--steps", "0"],
    "network": ["moons", "--steps", "60", "--optimizer", "rmsprop", "--at", "30", "optimizer=adagrad"],
    "softmax": ["digits", "--steps", "15"],
    "landscape": ["potholes", "--steps", "60", "--at", "20", "learning_rate=0.3"],
    "two-minima": ["small-batch-escape", "--steps", "60", "--batch-size", "1"],
}  # fmt: skip


def describe(path, objective, data="", training=""):
    path.write_text(FORM.format(objective=objective, training=training) + data)
    return str(path)


def described(folder):
    """Trainings of what no preset has."""
    network = 'kind = "network"\nhidden = [5, 4]\n'
    return {
        "polynomial": [describe(folder / "polynomial.toml", 'kind = "polynomial"\ndegree = 4\nl2 = 0.01', LINE)],
        "l1-gelu": [describe(folder / "l1.toml", f'{network}activation = "gelu"\nl1 = 0.001\nl2 = 0.01', MOONS)],
        "huber": [describe(folder / "huber.toml", f'{network}activation = "silu"\nloss = "huber"', LINE)],
        "mae-float32": [describe(folder / "mae.toml", f'{network}loss = "mae"\nprecision = "float32"', LINE)],
        "logistic": [describe(folder / "logistic.toml", 'kind = "logistic"', MOONS)],
        "rotated": [describe(folder / "rotated.toml", 'kind = "quadratic"\nrotation = 30.0', training=START)],
        "hyperbola": [describe(folder / "hyperbola.toml", 'kind = "hyperbola"', training=START)],
        "one-hole": [describe(folder / "hole.toml", 'kind = "potholes"\ndimensions = 1', training="weights = [2.2]")],
        "plateau": [describe(folder / "plateau.toml", 'kind = "plateau"', training=START)],
        "himmelblau": [describe(folder / "himmelblau.toml", 'kind = "himmelblau"\nscale = 0.01', training=START)],
    }  # fmt: skip


def export(to, path, *options):
    assert main(["export", *options, "--to", to, "--output", str(path)]) == 0
    return path


def export_all(to, folder):
    """The paths of scripts of all the trainings."""
    more = {name: [*options, "--steps", "40", "--momentum", "0.8"] for name, options in described(folder).items()}
    return [export(to, folder / f"{name}.py", *options) for name, options in (TRAININGS | more).items()]


def arrays_of(text):
    return np.load(io.BytesIO(base64.b64decode(re.search(r'DATA = """(.*?)"""', text, re.DOTALL)[1])))


def test_a_script_holds_data_weights_batches_and_the_loss(tmp_path):
    text = export(
        "pytorch", tmp_path / "line.py", "line-fit", "--steps", "50", "--at", "20", "batch_size=9"
    ).read_text()
    trainer = scenarios.load("line-fit").trainer()
    arrays = arrays_of(text)
    np.testing.assert_array_equal(arrays["inputs"], trainer.objective.inputs)
    np.testing.assert_array_equal(arrays["targets"][:, 0], trainer.objective.targets)
    assert (arrays["0.weight"].tolist(), arrays["0.bias"].tolist()) == ([[-1.0]], [-1.0])
    ends = np.cumsum(arrays["batch_sizes"].astype(int))
    for step, (size, end) in enumerate(zip(arrays["batch_sizes"], ends, strict=True)):
        if step == 20:
            trainer.batch_size = 9
        np.testing.assert_array_equal(arrays["order"][end - int(size) : end], trainer.upcoming_batch())
        trainer.step()
    assert f"DESCEND_LOSS = {trainer.loss()!r}  #" in text


@pytest.mark.parametrize("to", ["pytorch", "keras"])
def test_every_script_is_python_with_lines_of_at_most_120_characters(to, tmp_path):
    for path in export_all(to, tmp_path):
        text = path.read_text(encoding="utf-8")
        compile(text, path.name, "exec")
        assert max(map(len, text.splitlines())) <= 120, path.name


@given(
    st.sampled_from(["pytorch", "keras"]),
    st.sampled_from(hostile_exports.PRESETS),
    st.booleans(),
    *[st.one_of(st.text(), st.lists(st.sampled_from(hostile_exports.PIECES)).map("".join))] * 2,
)
def test_no_title_and_no_path_gets_into_the_code(library, preset, changing, title, path):
    scenario, recording = hostile_exports.recorded(preset, hostile_exports.CHANGES if changing else ())
    hostile_exports.check(library, hostile_exports.described(scenario, title=title, path=path), recording)


def test_no_column_and_no_class_gets_into_the_code():
    generator = random.Random(0)
    found = [recorded for _ in range(20) if (recorded := hostile_exports.recorded_csv(generator))]
    assert found
    for scenario, recording in found:
        for library in ("pytorch", "keras"):
            hostile_exports.check(library, scenario, recording)


def test_a_title_declares_no_encoding(tmp_path):
    toml = tmp_path / "mine.toml"
    title = "coding: unicode_escape \\\\x0aimport os; os._exit(7)\\\\x0a"  # a program, where it is heard
    form = FORM.replace("A test", title) + MOONS
    toml.write_text(form.format(objective='kind = "logistic"', training=""))
    content = export("pytorch", tmp_path / "script.py", str(toml), "--steps", "2").read_bytes()
    assert b"os._exit" in content
    assert not [
        node for node in ast.walk(ast.parse(content)) if isinstance(node, ast.Attribute) and node.attr == "_exit"
    ]


def test_a_script_changes_the_knobs_at_their_steps_and_says_so(tmp_path):
    lines = export("pytorch", tmp_path / "line.py", "line-fit", "--steps", "100", *EVERY_KNOB).read_text().splitlines()
    code = [line.strip() for line in lines]
    assert "# From step 20 on: batch size 32 → 7." in code
    assert code[code.index("if step == 30:  # momentum 0.0 → 0.9") + 1] == 'optimizer.param_groups[0]["momentum"] = 0.9'
    adam = code[code.index("if step == 50:  # optimizer sgd → adam") + 1]
    assert (
        adam == "optimizer = torch.optim.Adam(model.parameters(), lr=0.1, weight_decay=0.01)  # its buffers are empty"
    )


def test_scripts_know_every_knob():
    assert {word.partition("=")[0] for word in EVERY_KNOB if "=" in word} == set(KNOBS)
    of_the_loop = {"learning_rate", "batch_size", "optimizer", "schedule", "sampling"}
    changed = Knobs(momentum=0.9, **dict.fromkeys(set(KNOBS) - of_the_loop - {"momentum"}, 0.5))
    in_torch = {*torch_options(changed, [changed]), *torch_gradient([changed])}
    assert in_torch - of_the_loop == set(keras_attributes(changed)) == set(KNOBS) - of_the_loop


def test_keras_uses_its_own_optimizer_where_that_gives_the_same_numbers(tmp_path):
    plain = export("keras", tmp_path / "a.py", "line-fit", "--steps", "9", "--at", "5", "learning_rate=0.1").read_text()
    assert "optimizer = keras.optimizers.SGD(0.05)\n" in plain
    steady = export("keras", tmp_path / "b.py", "line-fit", "--steps", "9", "--momentum", "0.9").read_text()
    assert "optimizer = keras.optimizers.SGD(0.05, momentum=0.9)\n" in steady
    changing = ["line-fit", "--steps", "9", "--momentum", "0.9", "--at", "5", "learning_rate=0.1"]
    assert "class SGD(Optimizer)" in export("keras", tmp_path / "c.py", *changing).read_text()


def test_large_arrays_lie_beside_the_script(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("tui.export.script.MOST_TEXT", 1000)
    path = export("pytorch", tmp_path / "line.py", "line-fit", "--steps", "20")
    assert "line.py and" in capsys.readouterr().out
    assert "DATA" not in path.read_text()
    with np.load(tmp_path / "line.py.npz") as arrays:
        assert len(arrays["inputs"]) == 256


def test_csv_is_that_of_train(tmp_path, capsys):
    options = ["line-fit", "--steps", "40", "--at", "20", "batch_size=9"]
    assert main(["train", *options, "--csv", str(tmp_path / "train.csv")]) == 0
    assert export("csv", tmp_path / "export.csv", *options).read_text() == (tmp_path / "train.csv").read_text()


def test_without_output_the_file_is_named_after_the_scenario_and_nothing_is_overwritten(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["export", "line-fit", "--to", "keras", "--steps", "3"]) == 0
    assert capsys.readouterr().out == "wrote line-fit-keras.py: 3 steps, loss 15.2549 at the end\n"
    assert main(["export", "line-fit", "--to", "keras", "--steps", "3"]) == 2
    assert "line-fit-keras.py is there already; name a file with --output" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["line-fit"], "--to is missing; it says which of pytorch, keras, csv"),
        (["--to", "csv"], "SCENARIO is missing"),
        ([], "SCENARIO is missing"),
        (["line-fit", "--to", "torch"], "--to: invalid choice: 'torch' (choose from"),
        (["line-fit", "--to", "csv", "--output", "-"], "--output -: needs a file's name"),
        (["line-fit", "--to", "csv", "--output", "no/where.csv"], "--output no/where.csv: cannot be written: No such"),
        (["line-fit", "--to", "keras", "--output", "no/where.py"], "--output no/where.py: cannot be written: No such"),
        (["one-weight", "--to", "keras", "--at", "900", "momentum=0.5"], "never happens"),
        (["potholes", "--to", "keras"], "potholes has no length of its own; say --steps N or --epochs N"),
    ],
)
def test_refusals(options, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["export", *options]) == 2
    assert words in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_training_too_long_to_hold_is_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("tui.export.recording.MOST_EXAMPLES", 1000)
    assert main(["export", "line-fit", "--to", "keras", "--steps", "90", "--output", str(tmp_path / "a.py")]) == 2
    assert "sees more than 1,000 examples" in capsys.readouterr().err
    assert not (tmp_path / "a.py").exists()


def test_the_scenario_itself_is_not_overwritten(tmp_path, capsys):
    own = describe(tmp_path / "own.toml", 'kind = "least_squares"', LINE)
    assert main(["export", own, "--to", "pytorch", "--steps", "3", "--output", own]) == 2
    assert "is the scenario's own file" in capsys.readouterr().err


@pytest.fixture
def torch():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed; it is what the exported scripts run on")
    dtype = torch.get_default_dtype()
    yield torch
    torch.set_default_dtype(dtype)


def test_pytorch_scripts_come_to_the_same_loss(tmp_path, capsys, torch):
    paths = export_all("pytorch", tmp_path)
    capsys.readouterr()
    for path in paths:
        runpy.run_path(str(path), run_name="__main__")  # SystemExit where the losses differ
        *_, loss, expected = re.findall(r": +(\S+)$", capsys.readouterr().out, re.MULTILINE)
        assert float(loss) == pytest.approx(float(expected), rel=1e-6, abs=1e-12, nan_ok=True), path.name


def test_a_pytorch_script_reads_the_arrays_beside_it_and_complains_of_another_loss(tmp_path, monkeypatch, torch):
    monkeypatch.setattr("tui.export.script.MOST_TEXT", 1000)
    path = export("pytorch", tmp_path / "line.py", "line-fit", "--steps", "20")
    runpy.run_path(str(path), run_name="__main__")
    path.write_text(re.sub(r"DESCEND_LOSS = \S+", "DESCEND_LOSS = 1.5", path.read_text()))
    with pytest.raises(SystemExit, match="differ"):
        runpy.run_path(str(path), run_name="__main__")


KNOB_CHANGES = st.one_of(
    st.tuples(st.just("learning_rate"), st.sampled_from([0.01, 0.05, 0.1])),
    st.tuples(st.just("batch_size"), st.sampled_from([1, 7, 30, 100])),
    st.tuples(st.just("momentum"), st.sampled_from([0.0, 0.5, 0.9])),
    st.tuples(st.just("optimizer"), st.sampled_from(["sgd", "nesterov", "adagrad", "rmsprop", "adam", "adamw"])),
    st.tuples(st.just("weight_decay"), st.sampled_from([0.0, 0.1])),
    st.tuples(st.just("gradient_clip"), st.sampled_from([0.1, np.inf])),
    st.tuples(st.just("schedule"), st.sampled_from(["constant", "exponential:steps=20", "inverse_time:steps=10"])),
    st.tuples(st.just("sampling"), st.sampled_from(["reshuffled", "shuffled_once", "with_replacement", "full_batch"])),
)


@given(changes=st.lists(st.tuples(st.integers(0, 29), KNOB_CHANGES), max_size=6))
def test_any_knob_changes_come_to_the_same_loss_in_pytorch(changes, tmp_path_factory):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed; it is what the exported scripts run on")
    dtype, folder = torch.get_default_dtype(), tmp_path_factory.mktemp("export")
    scenario = scenarios.load(describe(folder / "net.toml", 'kind = "network"\nhidden = [3]', LINE))
    run = scenario.run(knobs=Knobs(batch_size=16))
    made = pytorch_script(scenario, record(*planned(run, 30, [Change(step, *change) for step, change in changes])))
    (folder / "script.py").write_text(made.text, encoding="utf-8")
    try:
        runpy.run_path(str(folder / "script.py"), run_name="__main__")  # SystemExit where the losses differ
    finally:
        torch.set_default_dtype(dtype)


@pytest.mark.skipif(
    not (importlib.util.find_spec("keras") and importlib.util.find_spec("torch")),
    reason="Keras with PyTorch as its backend is not installed; it is what the exported scripts run on",
)
def test_keras_scripts_come_to_the_same_loss(tmp_path):
    paths = export_all("keras", tmp_path)
    run = "import runpy, sys\nfor path in sys.argv[1:]: print(path); runpy.run_path(path, run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", run, *map(str, paths)],
        capture_output=True,
        text=True,
        timeout=300,
        env=os.environ | {"KERAS_BACKEND": "torch", "OPENBLAS_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stdout[-400:] + done.stderr[-400:]  # 1 where the losses differ
    assert done.stdout.count("descend measured") == len(paths)
