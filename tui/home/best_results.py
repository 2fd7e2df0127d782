"""Best results: which of the kept ones belong to a scenario. They belong to what it says, not to where its file lies.

The key of a result is the scenario's content, a colon, and its name: the preset's id, or the file's full path. Results
of before that rule have the name alone.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import json, to_builtins

from scenarios import preset_names
from tui.home.progress_contents import Best

if TYPE_CHECKING:
    from scenarios import Scenario
    from scenarios.courses.course import Course


def key_of(scenario: Scenario) -> str:
    """Return the key by which a result in the scenario is kept."""
    return f"{scenario.content}:{_name(scenario)}"


def study_key_of(scenario: Scenario) -> str:
    """Return the key by which answers and hints are kept: of what is trained, asked and hinted, wherever it lies."""
    import hashlib  # not needed for the first frame

    said = json.encode((to_builtins(scenario.file.question), scenario.file.hints), order="deterministic")
    return f"{scenario.content}:{hashlib.sha256(said).hexdigest()[:16]}"


def best_of(scenario: Scenario, kept: Mapping[str, Best]) -> Best | None:
    """Return the best in a scenario that says the same; where there is none, the best in what its file said before,
    `outdated`; None where there is neither, and where the scenario has no goal."""
    if scenario.file.goal is None:
        return None
    same = [best for key, best in kept.items() if key.partition(":")[0] == scenario.content]
    if same:
        return max(same, key=Best.rank)
    name = _name(scenario)
    before = [best for key, best in kept.items() if (key.partition(":")[2] or key) == name]
    return max(before, key=Best.rank)._replace(outdated=True) if before else None


def _name(scenario: Scenario) -> str:
    return scenario.id if scenario.id in preset_names() else os.path.abspath(scenario.id)  # noqa: PTH100  # raises nothing


class Earned:
    """The ids of a course's scenarios that have a star as their files are now; a scenario is read when it is asked
    for."""

    def __init__(self, course: Course, kept: Mapping[str, Best]) -> None:
        self._course, self._kept = course, kept

    def __contains__(self, scenario_id: object) -> bool:
        scenario = self._course.scenario(str(scenario_id)) if self._kept else None
        best = best_of(scenario, self._kept) if scenario is not None else None
        return best is not None and best.stars > 0 and not best.outdated
