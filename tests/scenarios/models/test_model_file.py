"""The file of a model: data only, whatever is in it."""

import io
import pickle
import random
import time
import zipfile

import numpy as np
import pytest

from engine.refusals import RefusalError
from scenarios import ScenarioError
from scenarios.models.model_file import as_bytes, from_bytes, read_model
from tests.scenarios.models.tables import trained


def arrays_of(content):
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        return dict(file)


def packed(arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def with_member(name, content):
    """A file that holds these bytes as one of its arrays."""
    file = io.BytesIO(packed({key: it for key, it in arrays_of(as_bytes(trained()[0])).items() if key != name}))
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(f"{name}.npy", content)
    return file.getvalue()


def header(text):
    text = text.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


@pytest.mark.parametrize("target", ["price", "cheap", "size"])
def test_a_file_reads_back_as_it_was_written(target, tmp_path):
    model, _ = trained(target)
    (tmp_path / "m.npz").write_bytes(as_bytes(model))
    again = read_model(tmp_path / "m.npz")
    table = {"kg": [900.0, 1500.0], "colour": ["red", "blue"]}
    assert again.predict(table).values.tolist() == model.predict(table).values.tolist()
    assert (again.columns, again.target, again.title, again.classes) == (
        *(model.columns, model.target, model.title, model.classes),
    )


def test_numpy_reads_it_without_pickles_and_finds_the_names_and_the_scaling():
    model, trainer = trained()
    arrays = arrays_of(as_bytes(model))
    assert arrays["columns"].tolist() == ["kg", "colour", "colour"]
    assert arrays["categories"].tolist() == ["", "green", "red"]
    assert arrays["layer_1_weights"][:, 0].tolist() == trainer.weights[:3].tolist()
    assert arrays["layer_1_bias"].tolist() == trainer.weights[3:].tolist()
    assert arrays["feature_scale"][0] > 100


class Evil:
    def __reduce__(self):
        return pytest.fail, ("code of a model file was run",)


def test_a_pickle_in_a_model_is_never_opened():
    content = header("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }") + pickle.dumps(Evil())
    for bad in (with_member("feature_mean", content), pickle.dumps(Evil()), packed({"a": np.zeros(1)}) + content):
        with pytest.raises(RefusalError):
            from_bytes(bad)


@pytest.mark.parametrize(
    ("shape", "kind"),
    [("(10**15,)", "<f8"), ("(1000000000000,)", "<f8"), ("(9" + "9" * 400 + ",)", "<f8"), ("(3,)", "<U2147483647")],
)
def test_an_array_that_claims_to_be_huge_is_refused_at_once(shape, kind):
    bad = with_member("feature_mean", header(f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}"))
    begin = time.perf_counter()
    with pytest.raises(RefusalError):
        from_bytes(bad)
    assert time.perf_counter() - begin < 5


def test_an_archive_that_unpacks_to_more_than_a_model_is_refused(monkeypatch):
    monkeypatch.setattr("scenarios.models.model_file._MOST_BYTES", 100_000)
    file = io.BytesIO()
    np.savez_compressed(file, zeros=np.zeros(100_000))
    assert len(file.getvalue()) < 5000
    with pytest.raises(RefusalError, match="holds more than 1,000 arrays or 100,000 bytes"):
        from_bytes(file.getvalue())


CHANGES = {
    "no format": ({"format": None}, "is no model that this version of descend wrote"),
    "newer": ({"format": np.array("descend model 2")}, "is no model that this version of descend wrote"),
    "no scale": ({"feature_scale": None}, "has no array feature_scale"),
    "short": (
        {"feature_scale": np.ones(2)},
        r"feature_scale must be numbers of shape \(3,\), not",
    ),
    "texts": ({"feature_mean": np.array(["a"] * 3)}, "feature_mean must be numbers"),
    "no layer": ({"layer_1_weights": None}, "has no array layer_1_weights"),
    "a gap": ({"layer_3_weights": np.ones((1, 1))}, "has no array layer_2_weights"),
    "wide": ({"layer_1_weights": np.ones((4, 1))}, "its first layer takes 4 inputs, but it has 3 features"),
    "bias": ({"layer_1_bias": np.ones(7)}, "layer 1 does not fit the one before it, or its bias"),
    "activation": ({"activation": np.array("sine")}, "there is no activation 'sine'"),
    "loss": ({"loss": np.array("softmax_cross_entropy")}, "0 classes do not go with 1 output and the loss"),
    "classes": ({"classes": np.array(["a", "b"])}, "2 classes do not go with 1 output and the loss mse"),
    "integers": ({"feature_mean": np.zeros(3, int)}, "holds an array of int64 in 1 dimensions"),
}


@pytest.mark.parametrize(("change", "words"), CHANGES.values(), ids=list(CHANGES))
def test_a_file_that_does_not_hold_together_is_refused_in_words(change, words):
    arrays = arrays_of(as_bytes(trained()[0])) | change
    with pytest.raises(RefusalError, match=words):
        from_bytes(packed({name: it for name, it in arrays.items() if it is not None}))


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"\x93NUMPY", b"a,b\n1,2\n"], ids=["empty", "zip", "npy", "csv"]
)
def test_other_files_are_refused_by_name(content, tmp_path):
    path = tmp_path / "m.npz"
    path.write_bytes(content)
    with pytest.raises(ScenarioError, match=r"m\.npz: is no NumPy \.npz file of numbers and texts"):
        read_model(path)


def test_names_that_would_steer_a_terminal_are_made_plain():
    arrays = arrays_of(as_bytes(trained()[0])) | {"target": np.array("\x1b]0;x\x07price")}
    assert from_bytes(packed(arrays)).target == r"\x1b]0;x\x07price"


def test_whatever_bytes_are_changed_it_is_refused_in_words_or_predicts():
    generator = random.Random(7)
    model, _ = trained("size")
    whole, arrays = as_bytes(model), arrays_of(as_bytes(model))
    for _ in range(300):
        cut = bytearray(whole)
        for _ in range(generator.randint(1, 4)):
            cut[generator.randrange(len(cut))] = generator.randrange(256)
        _predicts_or_is_refused(bytes(cut[: generator.choice((len(cut), generator.randrange(len(cut))))]))
    for _ in range(300):
        _predicts_or_is_refused(packed(arrays | dict(_changed(generator, arrays) for _ in range(2))))


def _changed(generator, arrays):
    """An array of a model, with another content, shape or kind."""
    name = generator.choice(list(arrays))
    shape = generator.choice([(), (0,), (1,), (3,), (3, 3), (3, 1), (0, 0), arrays[name].shape])
    made = generator.choice(
        [
            lambda: np.full(shape, generator.choice([0.0, np.nan, np.inf, -1e308])),
            lambda: np.full(shape, generator.choice(["", "red", "l", "\ud800", "tanh", "mse"])),
            lambda: np.zeros(shape, generator.choice(["f4", "f2", "i8", "?", "c16", "M8[s]", "V3", "<U0"])),
            lambda: arrays[generator.choice(list(arrays))],
        ]
    )
    return name, made()


def _predicts_or_is_refused(content):
    try:
        model = from_bytes(content)
    except RefusalError:
        return
    if model.columns:
        model.predict({name: [known[0] if known else 1.0] for name, known in model.columns.items()})
