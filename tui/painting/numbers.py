"""Numbers as the dashboard writes them: short, of steady width, never in the way of a result like NaN."""

from __future__ import annotations

import math
from functools import lru_cache

_UNSEEN = 5e-4  # of a number of four digits


def short(value: float, digits: int = 3) -> str:
    """Write about `digits` significant digits: 0.05, 12.3, 1,234, 1.2e-09; NaN as –, infinity as ∞."""
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    size = abs(value)
    if size and not 1e-3 <= size < 1e6:
        mantissa, _, exponent = f"{value:.{max(0, digits - 2)}e}".partition("e")
        return f"{mantissa}e{int(exponent)}".replace("-", "−")
    if size >= 1000:
        return f"{value:,.0f}".replace("-", "−")
    text = f"{value:.{digits}g}"
    return (f"{value:.0f}" if "e" in text else text).replace("-", "−")


def fixed(value: float) -> str:
    """Four significant digits with trailing zeros kept, so that a changing number does not jump: 1.010."""
    if not math.isfinite(value) or (value and not 1e-3 <= abs(value) < 1e4):
        return short(value, 4)
    decimals = 3 if abs(value) < 10 else 2 if abs(value) < 100 else 1 if abs(value) < 1000 else 0
    return f"{value:,.{decimals}f}".replace("-", "−")


def estimated(value: float, error: float) -> str:
    """A number with as many decimals as its standard error has, behind ≈: ≈1.2, ≈0.031, ≈540; as it is where the error
    is beyond four digits."""
    if not math.isfinite(value) or not value or not error > _UNSEEN * abs(value):
        return fixed(value)
    if not 1e-3 <= abs(value) < 1e6 or not math.isfinite(error):
        return f"≈{short(value, 2)}"
    decimals = max(0, -math.floor(math.log10(min(error, abs(value)))))
    return f"≈{value:,.{decimals}f}".replace("-", "−")


def tick(value: float, digits: int = 4) -> str:
    """A label for an axis, as short as can be: 0.5, 20, 5k, 2M, 1e-9."""
    size = abs(value)
    if size >= 1e9 or 0 < size < 1e-3:
        return f"{value:.{digits - 1}g}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")
    for unit, letter in ((1e6, "M"), (1e3, "k")):
        if size >= unit:
            return f"{value / unit:.{digits}g}{letter}"
    return f"{value:.{digits}g}"


@lru_cache(256)  # the same axes are drawn thirty times a second
def ticks(values: tuple[float, ...]) -> tuple[str, ...]:
    """Labels for an axis: with as many digits as it takes to tell them apart."""
    labels = [tick(value) for value in values]
    for digits in range(5, 13):
        if len(set(labels)) == len(values):
            break
        labels = [tick(value, digits) for value in values]
    return tuple(labels)
