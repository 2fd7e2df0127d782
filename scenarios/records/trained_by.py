"""Who trains: the process, and whether it is still there; and versions, for on others the last bits may be others."""

from __future__ import annotations

import os
import platform
from functools import cache


def this_process() -> str:
    """Return the name of this process, which no other that runs has: its number and its machine."""
    return f"{os.getpid()} {platform.node()}"


def is_alive(process: str) -> bool:
    """Tell whether a process of that name runs, as far as can be seen: one of another machine may."""
    number, _, machine = process.partition(" ")
    if machine != platform.node():
        return bool(machine)
    try:
        os.kill(int(number), 0)
    except PermissionError:
        return True
    except (OSError, ValueError, OverflowError):
        return False
    return True


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
