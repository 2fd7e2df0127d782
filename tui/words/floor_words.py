"""The noise floor in words: where the number comes from, and how sure it is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from tui.painting.numbers import fixed, short

if TYPE_CHECKING:
    from engine.measurement import Measurement


def marked(floor: Measurement) -> str:
    """The value, with ≈ before it unless it is exact."""
    sure = floor.kind in ("exact", "unknown") or not math.isfinite(floor.value)
    return fixed(floor.value) if sure else f"≈{fixed(floor.value)}"


def source(floor: Measurement) -> str:
    """Words such as `predicted`, `predicted, about` or `measured ± 0.002`."""
    if floor.kind == "measured":
        return f"measured ± {short(floor.error, 1)}"
    return "predicted" if floor.kind == "exact" else "predicted, about"
