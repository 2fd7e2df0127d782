"""The verdict in words: the outcome, what it is compared with, and what each knob change did."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from engine.plain_text import counted
from scenarios.files.goal_forms import and_hold, unit
from tui.painting.numbers import short
from tui.words.knob_steps import change_label
from tui.words.obstacle_words import in_a_sentence

if TYPE_CHECKING:
    from engine.runs.effects import Effect
    from engine.runs.obstacles import Obstacle
    from engine.runs.standing.goals import Goal, GoalState
    from scenarios.trainings.verdict import Verdict


def verdict_in_words(verdict: Verdict, obstacle: Obstacle | None = None) -> list[str]:
    """A few sentences, every number in them measured. obstacle: what keeps the run from its goal, where it is known."""
    goal, state = verdict.goal, verdict.state
    words = [_outcome(goal, state)]
    if obstacle is not None:
        words[0] += f" {in_a_sentence(obstacle, goal)}"
    words.append(f"Without changing anything: {_short(goal, verdict.comparison.untouched)}.")
    reference = verdict.comparison.reference
    if reference is not None:
        words.append(f"The reference, a good setting ({verdict.comparison.source}): {_short(goal, reference)}.")
        if state.kind != "held" and state.stars and reference.stars and reference.score > 0:
            words.append(_beside(goal, state.score / reference.score))
    if state.stars < 3:
        words.append(stars_in_words(goal))
    return words


def stars_in_words(goal: Goal) -> str:
    """Words for what one, two and three stars take."""
    one, two, three = (f"{most:,.6g}" for most in goal.stars)
    return f"Stars are for at most {one}, {two} and {three}{' ' * goal.is_effort}{unit(goal) * goal.is_effort}."


def _beside(goal: Goal, ratio: float) -> str:
    """Words for how the score stands to that of the reference. Both are counted or computed, so that the ratio of these
    two trainings has no error."""
    about = "" if ratio == 1 else "about "
    if f"{ratio:.2g}" == "1":
        if goal.is_effort:
            return f"You needed {about}as many {goal.measure} as the reference."
        return f"Your {unit(goal)} is {about}that of the reference."
    share = f"{ratio:.2g} times" if ratio > 1 else f"{100 * ratio:.2g} % of"
    if goal.is_effort:
        many = f"as many {goal.measure} as the reference" if ratio > 1 else f"the {goal.measure} of the reference"
        return f"You needed {share} {many}."
    return f"Your {unit(goal)} is {share} that of the reference."


def _outcome(goal: Goal, state: GoalState) -> str:
    match state.kind:
        case "reached":
            return f"Reached at step {state.step:,}: {_short(goal, state, and_hold(goal))}."
        case "held":
            return (
                f"At the target since step {state.step:,}. It must stay there for {counted(goal.hold_steps, 'step')}."
            )
        case "failed":
            return f"Missed: at step {state.step:,} {state.reason}."
        case "over":
            return f"It is over: {state.reason}. Yours: {_short(goal, state)}."
    return "Not there yet." if goal.is_effort else f"So far: {_short(goal, state)}."


def _short(goal: Goal, state: GoalState, more: str = "") -> str:
    stars = "★" * state.stars + "☆" * (3 - state.stars)
    if state.score != state.score:  # NaN: nothing was measured
        return f"{'failed' if state.kind == 'failed' else 'not reached'} {stars}"
    if not goal.is_effort:
        return f"{unit(goal)} {state.score:.4g} {stars}"
    return f"{state.score:,.4g} {unit(goal, state.score)}{more} {stars}"


_PARTS = {2: "half", 3: "a third", 4: "a quarter", 5: "a fifth", 10: "a tenth", 100: "a hundredth"}
_ROUGHLY = 0.1  # of a part, within which it is called so


def effect_in_words(effect: Effect) -> str:
    """Words for an effect: Step 210, batch ↓2: the training loss hovered at 1.04, and hovers at 1.98: its distance to
    the lowest possible loss grew to 12 ± 2 times what it was."""
    before, after = effect.before, effect.after
    labels = " ".join(change_label(change) for change in effect.changes if change.before != change.after)
    beginning = f"Step {effect.changes[-1].step:,}, {labels or 'there and back'}: "
    if not (math.isfinite(before.mean) and math.isfinite(after.mean)):
        return beginning + "the training loss was not finite."
    if not effect.is_sure:
        return beginning + _unsure(effect)
    was = "hovered at" if before.settled else "was at"
    stood, stands = (level.mean if level.settled else level.last for level in (before, after))
    now = "hovers at" if after.settled else "fell to" if stands < stood else "rose to"
    old, new = _apart(stood, stands)
    words = f"the training loss {was} {old}, and {now} {new}"
    if effect.is_ratio_known:
        what = "its distance to the lowest possible loss" if effect.lowest else "its level"
        words += f": {what} {_grown(effect.ratio, effect.ratio_error)}"
    return f"{beginning}{words}."


def _grown(ratio: float, error: float) -> str:
    """Words such as `grew to 12 ± 2 times what it was`, `shrank to about a fifth (0.21 ± 0.02 of what it was)`."""
    measured = _with_error(ratio, error)
    if ratio >= 1:
        return f"grew to {measured} times what it was"
    near = [name for part, name in _PARTS.items() if abs(ratio * part - 1) < _ROUGHLY]
    return f"shrank to about {near[0]} ({measured} of what it was)" if near else f"shrank to {measured} of what it was"


def _with_error(value: float, error: float) -> str:
    """Text such as `6 ± 2`: one digit of the error, at most three of the value."""
    error = max(error, 10.0 ** (math.floor(math.log10(value)) - 2))
    decimals = -math.floor(math.log10(error))
    error = round(error, decimals)
    return f"{round(value, decimals):,.{max(0, decimals)}f} ± {error:,.{max(0, decimals)}f}"


def _unsure(effect: Effect) -> str:
    """Words for two levels that cannot be told apart."""
    old, new = _apart(effect.before.mean, effect.after.mean)
    means = f"{old} on average before, {new} after"
    if effect.changed_spread:
        spreads = effect.before.spread, effect.after.spread
        went = "rose" if spreads[1] > spreads[0] else "fell"
        old, new = _apart(*spreads)
        return f"the spread of the training loss {went} from {old} to {new}; its level: {means}."
    if not effect.is_told and not effect.before.settled:
        return f"it cannot be told, as the training loss was still changing: {means}."
    if not effect.is_told:
        return f"too few steps to tell, as the training loss jumps so much: {means}."
    return f"no effect on the training loss beyond chance: {means}."


def _apart(old: float, new: float) -> tuple[str, str]:
    """The two numbers with as many digits as it takes to tell them apart; at least four, at most twelve."""
    for digits in range(4, 13):
        texts = short(old, digits), short(new, digits)
        if texts[0] != texts[1]:
            break
    return texts
