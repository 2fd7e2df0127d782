"""Goals: what a training is to achieve, checked on the record of the run and on nothing else.

A goal has a target, which is reached at an evaluation of the losses, perhaps things to keep to on the way there, and
a measure that says how well it went; less of it is better. Two forms follow from the measure:

    steps, epochs, examples          as few as possible until the target is reached (and held)
    training_loss, validation_loss   as low as possible within a budget of steps, epochs or examples
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

from engine.refusals import RefusalError

if TYPE_CHECKING:  # a scenario file is read without NumPy
    from engine.model.objective import Array

Effort = Literal["steps", "epochs", "examples"]
Measure = Literal["steps", "epochs", "examples", "training_loss", "validation_loss"]
EFFORTS: tuple[Effort, ...] = get_args(Effort)


@dataclass(frozen=True)
class Goal:
    """The goal of a run. measure: what counts, less is better. stars: at most so much of it for one, two and three
    stars, descending.

    Of an effort: the target is where training_loss, validation_loss and the distance of the weights from `near` are at
    most what is given, all of them, at every evaluation of `hold_steps` steps in a row; the effort is that up to the
    first of these steps. budget: of another effort, within which it must be reached.
    Of a loss: the lowest one within the budget; there is no target.

    never_above: a training loss that no evaluation may exceed until then. within_limit: neither may the learning
    rate the largest stable one (of a quadratic objective, see `engine.probes.noise.noise_floor`).

    Raises RefusalError, beginning with the field's name, for what contradicts itself.
    """

    measure: Measure
    stars: tuple[float, float, float]
    training_loss: float = math.inf
    validation_loss: float = math.inf
    near: tuple[float, ...] = ()
    distance: float = math.inf
    hold_steps: int = 0
    never_above: float = math.inf
    within_limit: bool = False
    budget: tuple[Effort, float] | None = None

    def __post_init__(self) -> None:
        if not all(low <= high for high, low in zip(self.stars, self.stars[1:], strict=False)):
            raise RefusalError("stars: must not rise, for less is better: one, two, three stars")
        has_target = bool(self.near) or min(self.training_loss, self.validation_loss) < math.inf
        if self.is_effort and not has_target:
            raise RefusalError("measure: counts what it takes to reach a target, but there is none")
        if not self.is_effort and (has_target or self.hold_steps):
            raise RefusalError(f"measure: is the {self.measure} itself; it has a budget, but no target")
        if not self.is_effort and self.budget is None:
            raise RefusalError("budget: is missing; a loss is lowest within some effort")
        if bool(self.near) != (self.distance < math.inf):
            raise RefusalError("distance: goes with near, and near with it")

    @property
    def is_effort(self) -> bool:
        """True if the measure is an effort, and not a loss."""
        return self.measure in EFFORTS

    def stars_for(self, score: float) -> int:
        """0 … 3, for so much of the measure."""
        return sum(score <= most for most in self.stars)


class GoalState(NamedTuple):
    """The standing of a run to its goal.

    kind: open; held (at the target, which is still to be held); reached; failed (why is in `reason`), or over (the
    budget is spent). score: what was measured: the effort that the target took, or the lowest loss so far; NaN
    without any. stars: for that score. step: of the score.
    """

    kind: Literal["open", "held", "reached", "failed", "over"] = "open"
    score: float = math.nan
    stars: int = 0
    step: int = 0
    reason: str = ""


class GoalWatch:
    """Follows one run's record, and says how it stands to its goal.

    It depends on the evaluated steps alone, and these on the steps, not on how they were grouped.
    largest_stable: the learning rate that is the limit, where the goal asks to keep within it.
    """

    def __init__(self, goal: Goal) -> None:
        self.goal = goal
        self.state = GoalState()

    @property
    def settled(self) -> bool:
        """True if nothing that follows can change the state."""
        return self.state.kind in ("reached", "failed", "over")

    def checkpoint(self) -> GoalState:
        """The state from which `restore` follows on."""
        return self.state

    def restore(self, checkpoint: GoalState) -> None:
        """Stand where `checkpoint` was taken."""
        self.state = checkpoint

    def follow(
        self,
        steps: Array,
        efforts: dict[str, Array],
        training_loss: Array,
        validation_loss: Array,
        weights: Array,
        limit_shares: Array | None = None,
    ) -> None:
        """Take in further evaluations, all (n,): their steps, what had been spent of each effort before them, the
        losses; the weights, (n, P); the learning rate as a share of the largest stable one."""
        for k in range(len(steps)):
            if self.settled:
                return
            spent = {effort: float(values[k]) for effort, values in efforts.items()}
            losses = {"training_loss": float(training_loss[k]), "validation_loss": float(validation_loss[k])}
            share = 0.0 if limit_shares is None else float(limit_shares[k])
            self.state = self._look(int(steps[k]), spent, losses, weights[k], share)

    def fail(self, step: int, reason: str) -> None:
        """The run cannot go on, because `reason`; a loss that was measured before stays."""
        if not self.settled:
            kind: Any = "failed" if self.goal.is_effort else "over"
            self.state = self.state._replace(kind=kind, reason=reason, step=self.state.step or step)

    def _look(
        self, step: int, spent: dict[str, float], losses: dict[str, float], weights: Array, share: float
    ) -> GoalState:
        goal, state = self.goal, self.state
        if goal.budget and spent[goal.budget[0]] > goal.budget[1]:
            return state._replace(kind="over", reason=f"the {goal.budget[1]:,.15g} {goal.budget[0]} are spent")
        if not losses["training_loss"] <= goal.never_above:
            words = f"the training loss was {losses['training_loss']:.4g}, above {goal.never_above:g}"
            return GoalState("failed", step=step, reason=words)
        if goal.within_limit and share > 1:
            words = f"the learning rate was {share:.3g} times the largest stable one"
            return GoalState("failed", step=step, reason=words)
        if not goal.is_effort:
            loss = losses[goal.measure]
            return state if not loss < state.score and not math.isnan(state.score) else self._scored("open", loss, step)
        if not self._at_target(losses, weights):
            return GoalState()
        if state.kind != "held":
            state = self._scored("held", spent[goal.measure], step)
        return state._replace(kind="reached") if step - state.step >= goal.hold_steps else state

    def _scored(self, kind: Literal["open", "held"], score: float, step: int) -> GoalState:
        return GoalState(kind, score, self.goal.stars_for(score), step)

    def _at_target(self, losses: dict[str, float], weights: Array) -> bool:
        goal = self.goal
        if goal.near and not math.dist(weights, goal.near) <= goal.distance:
            return False
        met_training = goal.training_loss == math.inf or losses["training_loss"] <= goal.training_loss
        met_validation = goal.validation_loss == math.inf or losses["validation_loss"] <= goal.validation_loss
        return met_training and met_validation
