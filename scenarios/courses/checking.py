"""The check of a scenario for its author: a goal that asks for something, a reference that reaches it, hints that lead
there, a question with an answer, a short briefing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from engine.plain_text import counted
from engine.runs.plan import ChangeError
from scenarios.courses import hint_check, question_check
from scenarios.files.goal_forms import unit
from scenarios.scenario import Scenario
from scenarios.trainings import attempts
from scenarios.trainings.predictions import find

if TYPE_CHECKING:
    from engine.runs.run import Run

MOST_WORDS = 120
_SEEDS = 3  # the file's, and those that come after it


@dataclass(frozen=True)
class Checked:
    """The result of a check. words: of the briefing. untouched, reference, hinted: stars with each seed, without
    changing anything, by the file's reference, by the settings that the hints tell; None where there are none.
    answers: to the question, with each seed; a text, a number, or None where nothing could be told; None without a
    question. faults: in words, each beginning with the key."""

    words: int
    untouched: tuple[int, ...] | None = None
    reference: tuple[int, ...] | None = None
    hinted: tuple[int, ...] | None = None
    answers: tuple[str | float | None, ...] | None = None
    faults: tuple[str, ...] = ()


def check(scenario: Scenario, *, seeds: int = _SEEDS) -> Checked:
    """Train it a few times, for some seconds at most each: with the file's seed, and with those after it. Raises
    ScenarioError for what cannot be trained."""
    file = scenario.file
    words = count_words(file.briefing)
    faults = [f"briefing: has {words:,} words; at most {MOST_WORDS}"] if words > MOST_WORDS else []
    used = range(file.training.seed, file.training.seed + seeds)
    tried = _Tried()
    if file.goal is None:
        scenario.run()
    else:
        tried = _try(scenario, used)
        faults += tried.faults()
    faults += hint_check.faults(file.hints)
    answers, more = _answers(scenario, used)
    faults += more
    return Checked(words, _all(tried.untouched), _all(tried.reference), _all(tried.hinted), answers, (*faults,))


def _answers(scenario: Scenario, seeds: range) -> tuple[tuple[str | float | None, ...] | None, list[str]]:
    """The answers to the question, with each seed, and what is wrong with it."""
    question = scenario.file.question
    if question is None:
        return None, []
    try:
        found = [(seed, finding) for seed in seeds if (finding := find(scenario, seed)) is not None]
    except ChangeError as error:
        return None, [f"question: cannot be measured: {error}"]
    answers = tuple(question_check.answered(question, finding) for _, finding in found)
    return answers, question_check.faults(question, found)


@dataclass
class _Tried:
    """Attempts at the goal, by seed."""

    untouched: dict[int, Run] = field(default_factory=dict)
    reference: dict[int, Run] = field(default_factory=dict)
    hinted: dict[int, Run] = field(default_factory=dict)
    refused: str = ""  # why what the hints tell cannot be done

    def faults(self) -> list[str]:
        """Return what is wrong with goal, reference and hints: of each the first seed that shows it."""

        def first(runs: dict[int, Run], wrong: Callable[[Run], str | None]) -> list[str]:
            told = ((seed, run, wrong(run)) for seed, run in runs.items())
            return [f"{why} (with seed {seed}: {_score(run)})" for seed, run, why in told if why][:1]

        enough = min(3, 1 + max(map(_stars, self.untouched.values()), default=0))
        return [
            *first(self.untouched, lambda run: _NOTHING_ASKED if _stars(run) == 3 else None),
            *first(
                self.reference, lambda run: None if _stars(run) == 3 else f"reference: {_earns(run)}, not three stars"
            ),
            *first(self.hinted, lambda run: None if _stars(run) >= enough else f"hints: lead nowhere: {_earns(run)}"),
            *([f"hints: cannot be followed: {self.refused}"] if self.refused else []),
        ]


def _try(scenario: Scenario, seeds: range) -> _Tried:
    tried, given = _Tried(), scenario.file.reference
    told = hint_check.told(scenario.file.hints)
    # As a set: two knobs that change at the same step may be told in any order.
    same = given is not None and set(told) == set(given.script())
    for seed in seeds:
        tried.untouched[seed] = attempts.untouched(scenario, seed=seed)
        if (run := attempts.reference(scenario, seed=seed)) is not None:
            tried.reference[seed] = run
    if same:
        return replace(tried, hinted=tried.reference)
    try:
        tried.hinted = {seed: attempts.attempt(scenario, told, seed=seed) for seed in seeds if told}
    except ChangeError as error:
        tried.refused = str(error)
    return tried


_NOTHING_ASKED = "goal: ask for more; nobody needs to touch anything for three stars"


def count_words(text: str) -> int:
    """The words of a briefing: what has a letter in it."""
    return sum(any(map(str.isalpha, part)) for part in text.split())


def in_words(checked: Checked) -> str:
    """One line on what was measured."""
    parts = [counted(checked.words, "word")]
    if checked.untouched is None:
        parts.append("no goal")
    else:
        parts.append(f"untouched {_shown(max(checked.untouched))}")
        parts.append(f"reference {_shown(min(checked.reference))}" if checked.reference else "no reference")
    if checked.hinted:
        parts.append(f"by the hints {_shown(min(checked.hinted))}")
    if checked.answers:
        parts.append(f"answer {_span(checked.answers)}")
    return ", ".join(parts)


def _span(answers: Sequence[str | float | None]) -> str:
    """Each answer once; of numbers from the least to the greatest."""
    numbers = [answer for answer in answers if isinstance(answer, float)]
    if len(numbers) == len(answers):
        ends = dict.fromkeys(f"{end:.4g}" for end in (min(numbers), max(numbers)))
        return " to ".join(ends)
    return " or ".join(dict.fromkeys("unknown" if answer is None else f'"{answer}"' for answer in answers))


def _all(runs: Mapping[int, Run]) -> tuple[int, ...] | None:
    return tuple(map(_stars, runs.values())) or None


def _stars(run: Run) -> int:
    return run.goal_state.stars if run.goal_state else 0


def _earns(run: Run) -> str:
    return f"earns {_shown(_stars(run))}"


def _score(run: Run) -> str:
    state, goal = run.goal_state, run.goal
    if state is None or goal is None or state.score != state.score:  # NaN: nothing was measured
        return state.reason if state is not None and state.reason else f"the goal is not reached{_left(run)}"
    score = f"{state.score:,.6g} {unit(goal)}" if goal.is_effort else f"{unit(goal)} {state.score:.6g}"
    return score if state.stars == 3 else f"{score}; three stars are for at most {goal.stars[2]:,.6g}"


def _left(run: Run) -> str:
    """Words on the losses that are above the goal's, to follow that it is not reached."""
    goal = run.goal
    targets = (goal.training_loss, goal.validation_loss) if goal is not None else ()
    ends = zip(("training", "validation"), run.losses(), targets, strict=False)
    return "".join(f", the {name} loss ends at {loss:.6g}" for name, loss, most in ends if loss > most)


def _shown(stars: int) -> str:
    return "★" * stars + "☆" * (3 - stars)
