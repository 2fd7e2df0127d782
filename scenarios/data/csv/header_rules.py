"""Tell whether the first line of a table names its columns: by the entries below it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from scenarios.data.csv.number_texts import is_date, is_missing, written


def has_header(first: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether `first` differs from the rows below as names do: text above numbers or dates, a text above texts
    that recur, whole numbers in a row (years, digits) above others. Where nothing tells, a line of texts alone is one.
    """
    if len(set(map(str.strip, first))) < len(first) and not rows:
        return False
    votes = sum(_vote(entry, [row[column] for row in rows]) for column, entry in enumerate(first))
    numbers = [entry for entry in first if written(entry)]
    if numbers and _is_sequence(numbers):
        below = [[row[column] for column, entry in enumerate(first) if written(entry)] for row in rows[:50]]
        if 2 * sum(map(_rises, below)) <= len(below):
            votes += len(numbers) + 1  # which outweighs that they look like the numbers below
    if votes == 0:
        return not numbers and not any(is_date(entry) for entry in first)
    return votes > 0


def _vote(entry: str, below: Sequence[str]) -> int:
    """Vote for a header (1), against it (−1), or not at all (0)."""
    present = [text for text in below if not is_missing(text)]
    if not present or is_missing(entry):
        return 0
    kind = _kind(entry)
    kinds = Counter(map(_kind, present[:200]))
    usual, count = kinds.most_common(1)[0]
    if usual != "text" and count >= 0.8 * min(len(present), 200):
        return -1 if kind == usual else 1
    if kind != "text":
        return -1
    if entry in present:
        return -1
    return 1 if len(set(present)) <= len(present) // 2 else 0


def _kind(entry: str) -> str:
    return "date" if is_date(entry) else "number" if written(entry) else "text"


def _is_sequence(entries: Sequence[str]) -> bool:
    """Tell whether the entries are 0, 1, 2 … or 1, 2, 3 …, or years that rise."""
    if len(entries) < 2 or not _rises(entries):
        return False
    numbers = [int(entry) for entry in entries]
    counts = numbers == list(range(numbers[0], numbers[0] + len(numbers))) and numbers[0] in (0, 1)
    return (counts and len(numbers) >= 4) or all(1500 <= number <= 2200 for number in numbers)


def _rises(entries: Sequence[str]) -> bool:
    return all(entry.strip().isdecimal() for entry in entries) and all(
        int(before) < int(after) for before, after in pairwise(entries)
    )
