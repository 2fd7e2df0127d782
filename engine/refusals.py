"""What the engine refuses, as a type of its own: other errors are faults."""

from __future__ import annotations

from typing import Literal

Remedy = Literal["", "train", "race"]


class RefusalError(ValueError):
    """Something that was asked for and cannot be done, or a value out of range. Nothing has been changed.

    The text says why, without naming keys. remedy: what would help, for whoever knows how to ask for it: to train on,
    to begin a race; empty where the text says it all.
    """

    def __init__(self, reason: str, remedy: Remedy = "") -> None:
        super().__init__(reason)
        self.remedy: Remedy = remedy
