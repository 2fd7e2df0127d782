"""The glossary: every word, figure and sign of the screen in plain language; glossary.toml has the words."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

_NUMBER = r"[\d.,≈>]+"


class Entry(NamedTuple):
    """A word. labels: how it stands on the screen. plain: for somebody with school mathematics. formula: the same
    exactly, empty where there is none. advice: what to do about it."""

    term: str
    labels: tuple[str, ...]
    plain: str
    formula: str
    advice: str


@cache
def entries() -> tuple[Entry, ...]:
    """Return all of them, in the order of the file."""
    text = Path(__file__).with_name("glossary.toml").read_text("utf-8")
    return tuple(Entry(**{**row, "labels": (row["term"], *row["labels"])}) for row in tomllib.loads(text)["entry"])


def entry_at(text: str, column: int) -> Entry | None:
    """Return the entry whose label stands in a line of text at this column; of several the longest. None without."""
    found = [(len(label), entry) for start, label, entry in labels_in(text) if start <= column < start + len(label)]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def labels_in(text: str) -> Iterator[tuple[int, str, Entry]]:
    """Yield where labels stand in a line of text, as they are written there, and their entries."""
    for pattern, entry in _patterns():
        for match in pattern.finditer(text):
            yield match.start(), match[0], entry


def words_in(text: str) -> list[tuple[int, str, Entry]]:
    """Return where words to explain stand in a line of text, from left to right, as they are written there, and their
    entries. Where labels overlap, the longest one counts."""
    found: list[tuple[int, str, Entry]] = []
    for start, label, entry in sorted(labels_in(text), key=lambda one: -len(one[1])):
        if all(start + len(label) <= other or other + len(word) <= start for other, word, _ in found):
            found.append((start, label, entry))
    return sorted(found, key=lambda one: one[0])


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], Entry], ...]:
    return tuple((_pattern(label), entry) for entry in entries() for label in entry.labels)


def _pattern(label: str) -> re.Pattern[str]:
    """A label as a whole word, in small or capital letters; # in it is a number."""
    before, after = (r"(?<!\w)" if label[0].isalnum() else ""), (r"(?!\w)" if label[-1].isalnum() else "")
    words = _NUMBER.join(re.escape(part) for part in label.split("#"))
    return re.compile(f"{before}{words}{after}", re.IGNORECASE)
