"""Refusals of the engine, a type of their own: other errors are faults."""

from __future__ import annotations

from typing import Any, Literal

from engine.plain_text import did_you_mean

Remedy = Literal["", "train", "race"]


class RefusalError(ValueError):
    """Something that was asked for and cannot be done, or a value out of range. Nothing has been changed.

    The text says why, without naming keys. remedy: what would help, for whoever knows how to ask for it: to train on,
    to begin a race; empty where the text says it all.
    """

    def __init__(self, reason: str, remedy: Remedy = "") -> None:
        super().__init__(reason)
        self.remedy: Remedy = remedy


class KnownAttributes:
    """Objects that take no attribute that they do not have: a misspelt name is refused, and is not silently kept.

    A class that derives from this one names its own attributes in `__slots__`.
    """

    __slots__ = ("__weakref__",)

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute. Raises AttributeError, with the nearest name, for one that there is not."""
        try:
            super().__setattr__(name, value)
        except AttributeError:
            if hasattr(type(self), name):  # it is there, and only to be read
                raise AttributeError(f"{name} of a {type(self).__name__.lower()} can only be read") from None
            known = [attribute for attribute in dir(self) if not attribute.startswith("_")]
            kind = type(self).__name__.lower()
            raise AttributeError(f"a {kind} has no attribute {name}{did_you_mean(name, known)}") from None
