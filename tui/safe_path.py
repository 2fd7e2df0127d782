"""The folders in which Python may look for modules: never the current one, and ours before others of the same name.

The first thing that the program does. It imports only what Python itself has loaded by then.
"""

from __future__ import annotations

import os
import sys
from importlib.machinery import PathFinder

_HOME = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 (pathlib is not loaded yet)
_OURS = ("engine", "scenarios", "tui")
_STANDARD_LIBRARY = os.path.dirname(os.__file__)  # noqa: PTH120


def secure() -> None:
    """Put `sys.path` right.

    `python -m`, and an empty entry in PYTHONPATH, have the current folder searched before Python's own library: a
    `signal.py` that lies there by chance would be run. It leaves the path. A folder with other packages called
    engine, scenarios or tui goes behind ours.
    """
    begin = sys.path.index(_STANDARD_LIBRARY) if _STANDARD_LIBRARY in sys.path else 0
    folders = [*(folder for folder in sys.path[:begin] if not _is_here(folder)), *sys.path[begin:]]
    others = [folder for folder in folders if folder != _HOME and _has_namesakes(folder)]
    ours = [folder for folder in folders if folder not in others]
    sys.path[:] = [*ours, *([] if _HOME in ours else [_HOME]), *others]


def _is_here(folder: str) -> bool:
    try:
        return os.path.samefile(folder or ".", ".")  # noqa: PTH121
    except OSError:  # not there
        return not folder


def _has_namesakes(folder: str) -> bool:
    return any(PathFinder.find_spec(name, [folder]) for name in _OURS)
