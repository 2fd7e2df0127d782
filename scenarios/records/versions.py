"""Versions of what trains: on others, the last bits of a training may be others."""

from __future__ import annotations

import platform
from functools import cache


@cache
def versions(program: str) -> dict[str, str]:
    """Return the versions of descend, which is `program`, and of NumPy, and what multiplies matrices: BLAS's kernel for
    this processor. Takes some milliseconds once."""
    import numpy as np

    return {"descend": program, "numpy": np.__version__, "blas": _kernel()}


def _kernel() -> str:
    from threadpoolctl import threadpool_info

    found = [info for info in threadpool_info() if info.get("user_api") == "blas"]
    words = [f"{info.get('internal_api')} {info.get('version')} {info.get('architecture') or ''}" for info in found]
    return words[0].strip() if words else platform.machine()
