"""The processes that train: which one trains a record, and whether it is still there. Standard library only."""

from __future__ import annotations

import os
import platform


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
