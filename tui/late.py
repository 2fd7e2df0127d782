"""Importing a library when it is first used, instead of when it is first named."""

from __future__ import annotations

import sys
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


def import_late(name: str) -> None:
    """Let `import name` cost nothing from now on until the module is used. Does nothing where it is loaded already.

    Unlike `importlib.util.LazyLoader`, which Python 3.11 sets off as soon as a second module imports the name.
    """
    if name not in sys.modules:
        sys.modules[name] = _Late(name)
