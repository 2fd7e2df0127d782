"""Importing a library when it is first used, instead of when it is first named."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any


class _Late(ModuleType):
    """Stands for a module until something of it is asked for; from then on it has all that the module has."""

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        module = import_module(self.__name__)
        self.__dict__.update(module.__dict__)
        return getattr(module, name)


@contextmanager
def imported_late(*names: str) -> Iterator[None]:
    """Make `import name` cost nothing until the module is used, within the block. Nothing changes where it is loaded
    already.

    Only who imports it in here has the stand-in: for everybody else, such as a thread that unpickles, the module
    is imported as ever. `importlib.util.LazyLoader` would do, but Python 3.11 sets it off as soon as a second
    module imports the name.
    """
    late = {name: _Late(name) for name in names if name not in sys.modules}
    sys.modules.update(late)
    try:
        yield
    finally:
        for name, module in late.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]


@contextmanager
def imported_without(name: str) -> Iterator[None]:
    """Make `import name` an ImportError within the block, for libraries that do without it if they must. Nothing
    changes where it is loaded already."""
    blocked = name not in sys.modules
    if blocked:
        sys.modules[name] = None  # type: ignore[assignment]  # what Python takes as "there is none"
    try:
        yield
    finally:
        if blocked:
            del sys.modules[name]
