"""The file of a trained model: a NumPy .npz, of numbers and texts only. Nothing in it can run code, and any other
content is refused in words. docs/files.md lists its arrays."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.model.features import Polynomial
from engine.model.layers import Layers
from engine.model.objective import Array
from engine.plain_text import counted, plain, shown_path
from engine.refusals import RefusalError
from scenarios.data.splitting import Offset, Source
from scenarios.files import outside_files
from scenarios.models.trained_model import TrainedModel
from scenarios.scenario_error import ScenarioError

FORMAT = "descend model 1"
_MOST_BYTES = 256_000_000  # of all arrays, unpacked
_MOST_ARRAYS = 1000
_POWERS = ("power_centre", "power_width", "power_mean", "power_scale")

Arrays = Mapping[str, NDArray[Any]]


def preparation(model: TrainedModel) -> dict[str, NDArray[Any]]:
    """The arrays that say how a row of a table becomes the inputs of the first layer, and its output a prediction."""
    arrays = {
        "columns": np.array([source.column for source in model.sources]),
        "categories": np.array([source.category for source in model.sources]),
        "first_categories": np.array([source.first for source in model.sources]),
        "feature_mean": np.array([units.mean for units in model.feature_units]),
        "feature_scale": np.array([units.scale for units in model.feature_units]),
        "target": np.array(model.target),
        "target_mean": np.array(model.target_units.mean),
        "target_scale": np.array(model.target_units.scale),
        "classes": np.array(model.classes, dtype=np.str_),
    }
    return arrays if model.powers is None else arrays | dict(zip(_POWERS, model.powers.constants, strict=True))


def as_bytes(model: TrainedModel) -> bytes:
    """The content of the file."""
    layers = model.layers
    arrays: dict[str, Any] = {
        "format": np.array(FORMAT),
        "title": np.array(model.title),
        **preparation(model),
        "activation": np.array(layers.activation),
        "loss": np.array(layers.loss),
    }
    for number, matrix in enumerate(layers.matrices, 1):
        arrays[f"layer_{number}_weights"] = matrix
        if layers.biases is not None:
            arrays[f"layer_{number}_bias"] = layers.biases[number - 1]
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def read_model(path: Path) -> TrainedModel:
    """The model in a file. Raises ScenarioError, naming the file and what is wrong in it."""
    content = outside_files.content(path, most=_MOST_BYTES, what="a model that `descend train --model` wrote")
    try:
        return from_bytes(content)
    except RefusalError as error:
        raise ScenarioError(f"{shown_path(path)}: {error}") from None


def from_bytes(content: bytes) -> TrainedModel:
    """The model that `as_bytes` wrote. Raises RefusalError for anything else."""
    arrays = _arrays(content)
    if "format" not in arrays or _text(arrays, "format") != FORMAT:
        raise RefusalError("is no model that this version of descend wrote; `descend train --model FILE` writes one")
    names = _texts(arrays, "columns")
    count = len(names)
    kinds = zip(names, _texts(arrays, "categories", count), _texts(arrays, "first_categories", count), strict=True)
    means, scales = _numbers(arrays, "feature_mean", count), _numbers(arrays, "feature_scale", count)
    model = TrainedModel(
        title=_text(arrays, "title"),
        target=_text(arrays, "target"),
        classes=_texts(arrays, "classes"),
        sources=tuple(Source(*kind) for kind in kinds),
        feature_units=tuple(map(Offset, means.tolist(), scales.tolist())),
        powers=_powers(arrays),
        target_units=Offset(*(float(_numbers(arrays, name)) for name in ("target_mean", "target_scale"))),
        layers=_layers(arrays),
    )
    _check(model)
    return model


def _arrays(content: bytes) -> dict[str, NDArray[Any]]:
    """The arrays of an .npz file, numbers and texts, of which none is larger than it says."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) > _MOST_ARRAYS or sum(member.file_size for member in members) > _MOST_BYTES:
                raise RefusalError(f"holds more than {_MOST_ARRAYS:,} arrays or {counted(_MOST_BYTES, 'byte')}")
            return {member.filename.removesuffix(".npy"): _array(archive.read(member)) for member in members}
    except RefusalError:
        raise
    except Exception as error:  # whatever zipfile and NumPy raise for bytes that are no such file
        reason = plain(str(error))[:100] or type(error).__name__
        raise RefusalError(f"is no NumPy .npz file of numbers and texts: {reason}") from None


def _array(content: bytes) -> NDArray[Any]:
    """The array in a .npy file. Read here, for NumPy would first take as much memory as the file says."""
    file = io.BytesIO(content)
    readers = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    shape, in_columns, dtype = readers[np.lib.format.read_magic(file)](file)
    if dtype.kind not in "fU" or len(shape) > 2:
        raise RefusalError(f"holds an array of {dtype} in {len(shape)} dimensions; a model is of numbers and texts")
    values = content[file.tell() :]
    if math.prod(shape) * dtype.itemsize != len(values):
        raise RefusalError("holds an array that is shorter or longer than it says")
    if not values:
        return np.zeros(shape, dtype)
    return np.frombuffer(values, dtype).reshape(shape, order="F" if in_columns else "C")


def _found(arrays: Arrays, name: str, kind: str, shape: tuple[int | None, ...]) -> NDArray[Any]:
    """An array of that kind and shape; None is any length."""
    if name not in arrays:
        raise RefusalError(f"has no array {name}")
    array = arrays[name]
    fits = len(array.shape) == len(shape) and all(map(lambda want, have: want in (None, have), shape, array.shape))
    if array.dtype.kind != kind or not fits:
        wanted = f"{'numbers' if kind == 'f' else 'texts'} of shape {shape}".replace("None", "any")
        raise RefusalError(f"{name} must be {wanted}, not {array.dtype} of shape {array.shape}")
    return array


def _numbers(arrays: Arrays, name: str, *shape: int | None) -> Array:
    return _found(arrays, name, "f", shape).astype(np.float64)


def _texts(arrays: Arrays, name: str, count: int | None = None) -> tuple[str, ...]:
    try:
        return tuple(plain(text) for text in _found(arrays, name, "U", (count,)).tolist())
    except ValueError as error:  # a number that is no character
        raise RefusalError(f"{name}: {error}") from None


def _text(arrays: Arrays, name: str) -> str:
    return _texts({name: _found(arrays, name, "U", ()).reshape(1)}, name)[0]


def _powers(arrays: Arrays) -> Polynomial | None:
    if _POWERS[0] not in arrays:
        return None
    centre, width = (_numbers(arrays, name, 1) for name in _POWERS[:2])
    mean = _numbers(arrays, _POWERS[2], None)
    return Polynomial.of((centre, width, mean, _numbers(arrays, _POWERS[3], len(mean))))


def _layers(arrays: Arrays) -> Layers:
    count = sum(name.startswith("layer_") and name.endswith("_weights") for name in arrays)
    if not count:
        raise RefusalError("has no array layer_1_weights")
    matrices = [_found(arrays, f"layer_{number}_weights", "f", (None, None)) for number in range(1, count + 1)]
    biases = None
    if "layer_1_bias" in arrays:
        biases = [_found(arrays, f"layer_{number}_bias", "f", (None,)) for number in range(1, count + 1)]
    layers = Layers(matrices, biases, _text(arrays, "activation"), _text(arrays, "loss"))
    layers.check()
    return layers


def _check(model: TrainedModel) -> None:
    """Raise RefusalError where the parts do not fit together."""
    inputs, *_, outputs = model.layers.widths
    features = len(model.sources)
    if model.powers is not None and features == 1:
        features = model.powers.degree
    if inputs != features:
        raise RefusalError(
            f"its first layer takes {counted(inputs, 'input')}, but it has {counted(features, 'feature')}"
        )
    classes, loss = len(model.classes), model.layers.loss
    fitting = {"binary_cross_entropy": (2, 1), "softmax_cross_entropy": (max(2, classes), classes)}
    if (classes, outputs) != fitting.get(loss, (0, 1)):
        raise RefusalError(
            f"{counted(classes, 'class', 'classes')} do not go with {counted(outputs, 'output')} and the loss {loss}"
        )
