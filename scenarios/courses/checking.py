"""The check of a scenario for its author: a goal that asks for something, a reference that reaches it, a short
briefing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scenarios.files.goal_forms import unit
from scenarios.scenario import Scenario
from scenarios.trainings import attempts

if TYPE_CHECKING:
    from engine.runs.run import Run

MOST_WORDS = 120
_SEEDS = 3  # the file's, and those that come after it


@dataclass(frozen=True)
class Checked:
    """The result of a check. words: of the briefing. untouched, reference: stars with each seed, without changing
    anything and by the file's reference; None without a goal or a reference. faults: in words, each beginning with the
    key."""

    words: int
    untouched: tuple[int, ...] | None
    reference: tuple[int, ...] | None
    faults: tuple[str, ...]


def check(scenario: Scenario) -> Checked:
    """Train it a few times, for some seconds at most each. Raises ScenarioError for what cannot be trained."""
    file = scenario.file
    words = count_words(file.briefing)
    faults = [f"briefing: has {words:,} words; at most {MOST_WORDS}"] if words > MOST_WORDS else []
    if file.goal is None:
        scenario.run()
        return Checked(words, None, None, tuple(faults))
    seeds = range(file.training.seed, file.training.seed + _SEEDS)
    untouched = [attempts.untouched(scenario, seed=seed) for seed in seeds]
    for seed, run in zip(seeds, untouched, strict=True):
        if _stars(run) == 3:
            how = f"with seed {seed}: {_score(run)}"
            faults.append(f"goal: nobody needs to touch anything for three stars ({how}); ask for more")
            break
    references = [attempts.reference(scenario, seed=seed) for seed in seeds] if file.reference else []
    for seed, other in zip(seeds, references, strict=False):
        if other is not None and _stars(other) < 3:
            how = f"with seed {seed}: {_score(other)}"
            faults.append(f"reference: earns {_shown(_stars(other))}, not three stars ({how})")
            break
    found = tuple(_stars(run) for run in references if run is not None)
    return Checked(words, tuple(map(_stars, untouched)), found or None, tuple(faults))


def count_words(text: str) -> int:
    """The words of a briefing: what has a letter in it."""
    return sum(any(map(str.isalpha, part)) for part in text.split())


def in_words(checked: Checked) -> str:
    """One line on what was measured."""
    parts = [f"{checked.words:,} words"]
    if checked.untouched is None:
        return f"{parts[0]}, no goal"
    parts.append(f"untouched {_shown(max(checked.untouched))}")
    parts.append(f"reference {_shown(min(checked.reference))}" if checked.reference else "no reference")
    return ", ".join(parts)


def _stars(run: Run) -> int:
    return run.goal_state.stars if run.goal_state else 0


def _score(run: Run) -> str:
    state, goal = run.goal_state, run.goal
    if state is None or goal is None or state.score != state.score:  # NaN: nothing was measured
        return state.reason if state is not None and state.reason else "the goal is not reached"
    return f"{state.score:,.6g} {unit(goal)}" if goal.is_effort else f"{unit(goal)} {state.score:.6g}"


def _shown(stars: int) -> str:
    return "★" * stars + "☆" * (3 - stars)
