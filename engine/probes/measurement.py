"""A number and what it is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["exact", "estimate", "measured", "unknown"]


@dataclass(frozen=True)
class Measurement:
    """`value` may be infinite, and is NaN where it is unknown.

    what: its name in words. kind: `exact` is to rounding; `measured` is by random trials. note: by which theory or
    sampling, on which assumption, or why it is unknown. error: one standard error of `value`, where it is measured or
    an estimate that has one: of the sample, or what the method may be off; else 0.
    """

    value: float
    what: str
    kind: Kind
    note: str = ""
    error: float = 0.0


def unknown(what: str, why: str) -> Measurement:
    """A measurement with nothing to show, and why."""
    return Measurement(float("nan"), what, "unknown", why)
