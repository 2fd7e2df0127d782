"""The verdict: how a training went, measured against its goal, against two others, and knob change by knob change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.plain_text import counted
from scenarios.trainings import attempts

if TYPE_CHECKING:
    from engine.runs.standing.goals import Goal, GoalState
    from scenarios.scenario import Scenario


@dataclass(frozen=True)
class Comparison:
    """How two other trainings of the same scenario and seed stand to its goal: one without changing anything, and one
    as the scenario's file says that it can be done; None where it says nothing. source: who found that."""

    untouched: GoalState
    reference: GoalState | None
    source: str


@dataclass(frozen=True)
class Verdict:
    """The verdict on a run. state: of the run that is judged."""

    goal: Goal
    state: GoalState
    comparison: Comparison


def compare(scenario: Scenario, seed: int | None = None) -> Comparison:
    """Train the two. Takes a second or two for the longest presets. Raises ValueError where there is no goal."""
    untouched, reference = attempts.untouched(scenario, seed=seed), attempts.reference(scenario, seed=seed)
    assert untouched.goal_state is not None  # or else there had been no attempt
    source = scenario.file.reference.source if scenario.file.reference else ""
    return Comparison(untouched.goal_state, reference.goal_state if reference else None, source)


def in_words(verdict: Verdict) -> list[str]:
    """A few sentences, every number in them measured."""
    from scenarios.files.goal_forms import unit

    goal, state = verdict.goal, verdict.state
    words = [_outcome(goal, state)]
    words.append(f"Without changing anything: {_short(goal, verdict.comparison.untouched)}.")
    reference = verdict.comparison.reference
    if reference is not None:
        words.append(f"The reference ({verdict.comparison.source}): {_short(goal, reference)}.")
        if state.kind != "held" and state.stars and reference.stars and reference.score > 0:
            words.append(_beside(goal, state.score / reference.score))
    if state.stars < 3:
        one, two, three = (f"{most:,.6g}" for most in goal.stars)
        words.append(
            f"Stars are for at most {one}, {two} and {three}{' ' * goal.is_effort}{unit(goal) * goal.is_effort}."
        )
    return words


def _beside(goal: Goal, ratio: float) -> str:
    """Words for how the score stands to that of the reference. Both are counted or computed, so that the ratio of these
    two trainings has no error."""
    from scenarios.files.goal_forms import unit

    about = "" if ratio == 1 else "about "
    if f"{ratio:.2g}" == "1":
        return (
            f"You needed {about}as many {goal.measure} as the reference."
            if goal.is_effort
            else f"Your {unit(goal)} is {about}that of the reference."
        )
    share = f"{ratio:.2g} times" if ratio > 1 else f"{100 * ratio:.2g} % of"
    if goal.is_effort:
        many = f"as many {goal.measure} as the reference" if ratio > 1 else f"the {goal.measure} of the reference"
        return f"You needed {share} {many}."
    return f"Your {unit(goal)} is {share} that of the reference."


def _outcome(goal: Goal, state: GoalState) -> str:
    match state.kind:
        case "reached":
            return f"Reached at step {state.step:,}: {_short(goal, state)}."
        case "held":
            return (
                f"At the target since step {state.step:,}, which is to be held for {counted(goal.hold_steps, 'step')}."
            )
        case "failed":
            return f"Missed: at step {state.step:,} {state.reason}."
        case "over":
            return f"It is over: {state.reason}. Yours: {_short(goal, state)}."
    return "Not there yet." if goal.is_effort else f"So far: {_short(goal, state)}."


def _short(goal: Goal, state: GoalState) -> str:
    from scenarios.files.goal_forms import unit

    stars = "★" * state.stars + "☆" * (3 - state.stars)
    if state.score != state.score:  # NaN: nothing was measured
        return f"{'failed' if state.kind == 'failed' else 'not reached'} {stars}"
    if not goal.is_effort:
        return f"{unit(goal)} {state.score:.4g} {stars}"
    return f"{state.score:,.4g} {unit(goal, state.score)} {stars}"
