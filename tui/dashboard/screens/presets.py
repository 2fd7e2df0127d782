"""The presets, read once."""

from __future__ import annotations

from functools import cache

import scenarios
from scenarios import Scenario


@cache
def presets() -> dict[str, Scenario]:
    """The presets by id, in the order of the course."""
    return {name: scenarios.load(name) for name in scenarios.preset_names()}


def matches(scenario: Scenario, words: str) -> bool:
    """Tell whether every one of the words is in its id, title or summary."""
    text = f"{scenario.id} {scenario.file.title} {scenario.file.summary}".lower()
    return all(word in text for word in words.lower().split())
