"""`descend scenarios --check`: faults in a scenario, in a course, or in the scenarios of a folder."""

from __future__ import annotations

import json
from typing import Any

from engine.plain_text import counted, plain
from scenarios import ScenarioError, load
from scenarios.courses import checking
from scenarios.courses.course import is_course_name, open_course
from scenarios.trainings.own_goal import with_goal
from tui.terminal.console import write

FINE, FAULTS, UNREADABLE = 0, 1, 2


def check(name: str, *, as_json: bool, allow_outside: bool) -> int:
    """Print a line for each scenario and each fault, as soon as it is known; or all as one JSON array.

    Returns the exit code: 0 fine, 1 faults, 2 a file cannot be read. Raises ScenarioError where there is nothing to
    check.
    """
    scenarios, refusals = [], {}
    if is_course_name(name):
        course = open_course(name, allow_outside=allow_outside)
        scenarios, refusals = list(course.scenarios.values()), dict(course.faults)
    else:
        scenarios = [with_goal(load(name, allow_outside=allow_outside))]
    found: list[dict[str, Any]] = []
    for scenario in scenarios:
        try:
            checked = checking.check(scenario)
        except (ScenarioError, ValueError) as error:
            refusals[scenario.id] = str(error)
            continue
        found.append({"id": scenario.id, "title": scenario.file.title, **vars(checked)})
        if not as_json:
            write(f"{plain(scenario.id)}: {checking.in_words(checked)}")
            for fault in checked.faults:
                write(f"{plain(scenario.id)}: {fault}")
    found += [{"id": name, "title": None, "faults": [why]} for name, why in refusals.items()]
    faults = sum(len(one["faults"]) for one in found)
    if as_json:
        write(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        for why in refusals.values():
            write(plain(why))
        write(f"{counted(len(found), 'scenario')} checked, {counted(faults, 'fault') if faults else 'no fault'}")
    return UNREADABLE if refusals else FAULTS if faults else FINE
