"""Words for runs side by side."""

from __future__ import annotations


def level_words(unit: str) -> str:
    """Words for what a race keeps level: updates, or examples."""
    return f"compared at the same number of {'steps' if unit == 'updates' else unit}"


def left_out_words(number: int) -> str:
    """Words for runs that a table has no room for; empty where there are none."""
    return f"{number:,} older run{'s' if number > 1 else ''} not shown" if number else ""
