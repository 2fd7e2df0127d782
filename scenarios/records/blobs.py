"""Curves and checkpoints as bytes, and back. Damaged ones come to None: they can be trained again."""

from __future__ import annotations

import hashlib
import io
import pickle
import zlib
from dataclasses import is_dataclass
from typing import Any

import numpy as np

from engine.runs.past.run_checkpoints import RunCheckpoint
from engine.runs.records.record import CURVES, Curves

_ARCHIVE = b"PK"  # the first bytes of curves that an earlier version packed
_DIGEST = 16  # bytes of a checkpoint's own fingerprint, before it
_LARGE = 2**16  # bytes of a checkpoint
_PLAIN = {
    *(("numpy", name) for name in ("dtype", "ndarray")),
    *(("numpy._core.multiarray", name) for name in ("_reconstruct", "scalar")),
    ("numpy._core.numeric", "_frombuffer"),
}


def curves_as_bytes(curves: Curves) -> bytes:
    """Return the curves in about half as many bytes as they take."""
    planes = curves.buckets.view(np.uint8).reshape(-1, 4).T  # bytes of one kind together pack better
    stream = io.BytesIO()
    with np.errstate(over="ignore"):  # of what blew up
        trajectory = curves.trajectory.astype(np.float32)
    np.savez(stream, stride=curves.stride, planes=planes, evaluations=curves.evaluations, trajectory=trajectory)
    return zlib.compress(stream.getvalue(), level=1)  # twice as quick as the usual level, and as small here


def curves_from_bytes(data: bytes) -> Curves | None:
    """Return the curves, or None where this is none of `curves_as_bytes`."""
    try:
        archive = data if data.startswith(_ARCHIVE) else zlib.decompress(data)
        with np.load(io.BytesIO(archive), allow_pickle=False) as kept:
            planes = np.ascontiguousarray(kept["planes"].T)
            buckets = planes.view(np.float32).reshape(3, len(CURVES), -1)
            trajectory = kept["trajectory"].astype(np.float64)
            return Curves(int(kept["stride"]), buckets, kept["evaluations"], trajectory)
    except Exception:  # whatever a damaged archive brings zipfile, zlib and NumPy to
        return None


def checkpoint_as_bytes(checkpoint: RunCheckpoint) -> bytes:
    """Return the checkpoint, with a fingerprint of its own before it."""
    pickled = pickle.dumps(checkpoint, protocol=pickle.HIGHEST_PROTOCOL)
    # A large one is weights, which do not get smaller: that would take 50 times as long as all else.
    packed = zlib.compress(pickled, level=1 if len(pickled) < _LARGE else 0)
    return hashlib.sha256(packed).digest()[:_DIGEST] + packed


def checkpoint_from_bytes(data: bytes) -> RunCheckpoint | None:
    """Return the checkpoint, or None where this is none of `checkpoint_as_bytes` of the same version."""
    packed = data[_DIGEST:]
    if hashlib.sha256(packed).digest()[:_DIGEST] != data[:_DIGEST]:
        return None
    try:
        found = _Unpickler(io.BytesIO(zlib.decompress(packed))).load()
    except Exception:  # of another version
        return None
    return found if isinstance(found, RunCheckpoint) else None


class _Unpickler(pickle.Unpickler):
    """Makes nothing but arrays and what the engine's checkpoints consist of: a store that somebody else has written
    runs no code here."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _PLAIN:
            return super().find_class(module, name)
        if module.startswith("engine."):
            found = super().find_class(module, name)
            if isinstance(found, type) and is_dataclass(found) and found.__module__ == module:
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is not part of a checkpoint")
