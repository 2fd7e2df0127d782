"""`descend train --model` and `descend predict`."""

import csv
import io

import numpy as np
import pytest

from tests.scenarios.models.tables import table
from tui.cli.command_line import main

ROWS = "colour,kg\nred,1000.5\nblue,2000\n"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "new.csv").write_text(ROWS, encoding="utf-8")
    return tmp_path


def train(*options, target="price"):
    return main(["train", str(table(target)), "--steps", "300", *options])


def predict(capsys, *options):
    capsys.readouterr()
    assert main(["predict", "m.npz", "new.csv", *options]) == 0
    return capsys.readouterr().out


def test_numbers_come_in_their_own_units(capsys):
    assert train("--model", "m.npz") == 0
    header, *values = predict(capsys).splitlines()
    assert header == "prediction"
    np.testing.assert_allclose([float(value) for value in values], [5 * 1000.5 + 1800, 10000], rtol=0.05)


def test_classes_come_with_their_probabilities(capsys):
    assert train("--model", "m.npz", target="size") == 0
    rows = list(csv.DictReader(io.StringIO(predict(capsys))))
    assert [row["prediction"] for row in rows] == ["s", "l"]
    for row in rows:
        probabilities = {name: float(row[f"probability_{name}"]) for name in "lms"}
        assert sum(probabilities.values()) == pytest.approx(1)
        assert max(probabilities, key=probabilities.get) == row["prediction"]


def test_predictions_go_to_a_file(capsys, folder):
    train("--model", "m.npz")
    text = predict(capsys)
    assert predict(capsys, "--csv", "out.csv") == "wrote out.csv: 2 predictions of price\n"
    assert (folder / "out.csv").read_text(encoding="utf-8") == text
    assert main(["predict", "m.npz", "new.csv", "--csv", "out.csv"]) == 2
    assert predict(capsys, "--csv", "out.csv", "--force").startswith("wrote")


def test_what_is_refused_leaves_no_file(capsys, folder):
    train("--model", "m.npz")
    (folder / "new.csv").write_text("colour,kg\nred,1000.5\npink,2000\n", encoding="utf-8")
    assert main(["predict", "m.npz", "new.csv", "--csv", "out.csv"]) == 2
    assert "error: new.csv: line 3: 'pink' in the column 'colour'" in capsys.readouterr().err
    assert sorted(path.name for path in folder.iterdir()) == ["m.npz", "new.csv"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["predict"], "MODEL is missing; `descend train --model FILE` writes one"),
        (["predict", "m.npz"], "TABLE is missing; it has the rows to predict for"),
        (["predict", "none.npz", "new.csv"], "none.npz: cannot be read: No such file or directory"),
        (["predict", "new.csv", "new.csv"], "new.csv: is no NumPy .npz file of numbers and texts"),
        (["predict", ".", "new.csv"], "cannot be read: it is a directory; name a model that `descend train --model`"),
        (["predict", "new.csv", "new.csv", "--csv", "new.csv"], "--csv new.csv: is what is read; name another file"),
        (["predict", "new.csv", "new.csv", "--csv", "-"], "--csv -: needs a file's name"),
        (["train", "potholes", "--steps", "2", "--model", "p.npz"], "potholes: a landscape has weights, but no"),
        (["train", "line-fit", "--steps", "2", "--model", "-"], "--model -: needs a file's name"),
        (
            ["train", "line-fit", "--steps", "2", "--model", "no/m.npz"],
            "--model no/m.npz: cannot be written: No such file",
        ),
        (["train", "line-fit", "--steps", "2", "--model", "new.csv"], "--model: new.csv exists already"),
        (["train", "new.csv", "--model", "new.csv"], "--model new.csv: is the scenario's own file; name another one"),
    ],
)
def test_refusals(arguments, words, folder, capsys):
    (folder / "new.csv").write_text("colour,kg\n" + "red,1\nblue,2\n" * 9, encoding="utf-8")
    before = (folder / "new.csv").read_text(encoding="utf-8")
    assert main(arguments) == 2
    assert words in capsys.readouterr().err
    assert [path.name for path in folder.iterdir()] == ["new.csv"]
    assert (folder / "new.csv").read_text(encoding="utf-8") == before


def test_a_diverged_training_writes_its_model_too(capsys, folder):
    assert train("--model", "m.npz", "--learning-rate", "1e300") == 0
    assert predict(capsys).splitlines()[1:] == ["nan", "nan"]
