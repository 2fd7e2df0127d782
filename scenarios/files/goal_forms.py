"""The form of [goal] and [reference] in a scenario file: what is to be achieved, and a training that does it well."""

import math
import re
from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

from msgspec import Meta

from engine.plain_text import counted
from engine.runs import plan
from engine.runs.standing.goals import Effort, Goal
from scenarios.files.forms import Count, CountFromZero, Positive, Table
from scenarios.files.knob_keys import ChangedKnobs

_IN_A_ROW = " in a row"
_NOUNS = {"training_loss": "training loss", "validation_loss": "validation loss"}


class Target(Table, frozen=True, forbid_unknown_fields=True):
    """A place to reach: losses that are at most so high, weights that are at most `distance` from `near`. All that is
    given must hold, at every evaluation of `hold_steps` steps in a row."""

    training_loss: float | None = None
    validation_loss: float | None = None
    near: tuple[float, ...] = ()
    distance: Positive | None = None
    hold_steps: CountFromZero = 0


class Keep(Table, frozen=True, forbid_unknown_fields=True):
    """Bounds on the way there: no training loss above this at any evaluation; with `within_limit`, no learning rate
    above the largest stable one."""

    training_loss: float | None = None
    within_limit: bool = False


class Budget(Table, frozen=True, forbid_unknown_fields=True):
    """The most that may be spent: one of the three."""

    steps: Count | None = None
    epochs: Positive | None = None
    examples: Count | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if sum(value is not None for value in (self.steps, self.epochs, self.examples)) != 1:
            raise ValueError("must have one key, which is steps, epochs or examples")

    @property
    def effort(self) -> tuple[Effort, float]:
        """The one of the three that is limited, and how much of it."""
        if self.steps is not None:
            return "steps", self.steps
        return ("examples", self.examples) if self.examples is not None else ("epochs", self.epochs or 0.0)


class GoalTable(Table, frozen=True, forbid_unknown_fields=True):
    """The goal of a scenario. measure: what counts, less of it is better: what it takes to reach the target (steps,
    epochs, examples), or the lowest loss within the budget. stars: at most so much of it for one, two and three
    stars."""

    measure: Literal["steps", "epochs", "examples", "training_loss", "validation_loss"]
    stars: tuple[float, float, float]
    target: Target = Target()
    keep: Keep = Keep()
    budget: Budget | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        self.goal()

    def goal(self) -> Goal:
        """The goal as the engine checks it. Raises ValueError, beginning with the key, for what contradicts itself."""
        try:
            return Goal(
                measure=self.measure,
                stars=self.stars,
                training_loss=_or_infinite(self.target.training_loss),
                validation_loss=_or_infinite(self.target.validation_loss),
                near=self.target.near,
                distance=_or_infinite(self.target.distance),
                hold_steps=self.target.hold_steps,
                never_above=_or_infinite(self.keep.training_loss),
                within_limit=self.keep.within_limit,
                budget=self.budget.effort if self.budget else None,
            )
        except ValueError as error:
            raise ValueError(re.sub(r"^(distance|near):", r"target.\1:", str(error))) from None


class Change(ChangedKnobs, frozen=True, forbid_unknown_fields=True):
    """Knobs that are set before the update number `step`."""


class Reference(Table, frozen=True, forbid_unknown_fields=True):
    """A training that reaches the goal well, to compare with. source: who found it, or how. changes: from
    the scenario's own knobs."""

    source: Annotated[str, Meta(min_length=1)]
    changes: Annotated[tuple[Change, ...], Meta(min_length=1)]

    def __post_init__(self) -> None:
        super().__post_init__()
        check_order(self.changes)

    def script(self) -> list[plan.Change]:
        """Return the changes as those of a plan, one for each knob."""
        return script(self.changes)


def check_order(changes: Sequence[Change]) -> None:
    """Raise ValueError, beginning with the key, for changes that are not in the order of their steps."""
    steps = [change.step for change in changes]
    if steps != sorted(steps):
        raise ValueError("changes: must be in the order of their steps")


def script(changes: Iterable[Change]) -> list[plan.Change]:
    """Return the changes as those of a plan, one for each knob."""
    return [plan.Change(one.step, knob, value) for one in changes for knob, value in one.knobs().items()]


def unit(goal: Goal, number: float = 2) -> str:
    """The name of the goal's measure in a sentence, for so many."""
    return _NOUNS.get(goal.measure, goal.measure if number != 1 else goal.measure.removesuffix("s"))


def budget_in_words(goal: Goal) -> str:
    """The budget, such as `30 epochs`; empty where there is none."""
    if goal.budget is None:
        return ""
    effort, most = goal.budget
    return f"{most:,.15g} {effort if most != 1 else effort.removesuffix('s')}"


def and_hold(goal: Goal) -> str:
    """Words such as `, held for 50 steps`, for what came after the effort that counts."""
    if not goal.hold_steps:
        return ""
    return f", held for {f'{goal.hold_steps:,}' if goal.measure == 'steps' else counted(goal.hold_steps, 'step')}"


def in_brief(goal: Goal) -> tuple[str, ...]:
    """The goal in a few words, and in fewer and fewer."""
    if not goal.is_effort:
        return (f"lowest {unit(goal)}",)
    parts = [f"{_NOUNS[key]} ≤ {_number(level)}" for key, level in _levels(goal) if level < math.inf]
    if goal.near:
        parts.append(f"within {goal.distance:g} of {_place(goal)}")
    brief = ", ".join(parts) + (f" for {_in_a_row(goal)}" if goal.hold_steps else "")
    shorter = brief.replace(" loss ≤", " ≤")
    return brief, shorter, shorter.removesuffix(_IN_A_ROW)


def _in_a_row(goal: Goal) -> str:
    """Words such as `100 steps in a row`."""
    return counted(goal.hold_steps, "step") + _IN_A_ROW * (goal.hold_steps > 1)


def _place(goal: Goal) -> str:
    """The weights to be near, such as `0` or `(0, 0)`."""
    words = ", ".join(f"{value:g}" for value in goal.near)
    return words if len(goal.near) == 1 else f"({words})"


def in_words(goal: Goal) -> str:
    """One sentence, as the screen shows it."""
    if goal.is_effort:
        parts = [f"{_NOUNS[key]} at most {_number(level)}" for key, level in _levels(goal) if level < math.inf]
        if goal.near:
            parts.append(f"weights within {goal.distance:g} of {_place(goal)}")
        words = " and ".join(parts) + (f", for {_in_a_row(goal)}" if goal.hold_steps else "")
        words += f"; in as few {goal.measure} as you can"
    else:
        words = f"the lowest {_NOUNS[goal.measure]} you can reach"
    if goal.budget:
        words += f", within {budget_in_words(goal)}"
    if goal.never_above < math.inf:
        words += f", the training loss never above {goal.never_above:g}"
    if goal.within_limit:
        words += ", the learning rate never above its limit"
    return words[0].upper() + words[1:] + "."


def _levels(goal: Goal) -> tuple[tuple[str, float], ...]:
    return ("training_loss", goal.training_loss), ("validation_loss", goal.validation_loss)


def _number(level: float) -> str:
    """The number as in `1.02` or `0.000001`; a smaller one as in `1e-7`."""
    if 1e-6 <= level < 1e-4:  # which Python would write with an exponent
        return f"{level:.12f}".rstrip("0")
    return f"{level:.6g}".replace("e-0", "e-")


def _or_infinite(value: float | None) -> float:
    return math.inf if value is None else value
