"""A number and what it is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["exact", "estimate", "measured", "unknown"]


@dataclass(frozen=True)
class Measurement:
    """`value` may be infinite, and is NaN where it is unknown.

    what: its name in words. kind: `exact` is to rounding; `measured` is by random trials. note: by which theory or
    sampling, on which assumption, or why it is unknown. error: the standard error of what is measured.
    """

    value: float
    what: str
    kind: Kind
    note: str = ""
    error: float = 0.0


def unknown(what: str, why: str) -> Measurement:
    """A measurement with nothing to show, and why."""
    return Measurement(float("nan"), what, "unknown", why)
