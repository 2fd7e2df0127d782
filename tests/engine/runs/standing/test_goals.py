"""Goals on hand-made records."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.runs.standing.goals import Goal, GoalWatch


def followed(goal, losses, *, per_step=10, validation=None, weights=None, shares=None, pieces=1):
    """The state after these training losses at steps 0, 1, 2 …, in so many pieces."""
    watch = GoalWatch(goal)
    losses = np.array(losses, dtype=float)
    steps = np.arange(len(losses), dtype=float)
    efforts = {"steps": steps, "examples": per_step * steps, "epochs": per_step * steps / 100}
    validation = np.full(len(losses), np.nan) if validation is None else np.array(validation, dtype=float)
    weights = np.zeros((len(losses), 2)) if weights is None else np.array(weights, dtype=float)
    for part in np.array_split(np.arange(len(losses)), pieces):
        share = None if shares is None else np.array(shares, dtype=float)[part]
        spent = {name: values[part] for name, values in efforts.items()}
        watch.follow(steps[part], spent, losses[part], validation[part], weights[part], share)
    return watch.state


REACH = Goal(measure="examples", stars=(60, 40, 20), training_loss=1.0)


@pytest.mark.parametrize(
    ("losses", "kind", "score", "stars"),
    [
        ([5, 4, 1, 9], "reached", 20, 3),
        ([5, 4, 3, 1], "reached", 30, 2),
        ([5, 4, 3, 2, 2, 1], "reached", 50, 1),
        ([5] * 9 + [1], "reached", 90, 0),
        ([5, math.nan, math.inf], "failed", math.nan, 0),
    ],
)
def test_the_effort_is_what_was_spent_before_the_first_step_at_the_target(losses, kind, score, stars):
    if kind == "failed":  # nothing may be above infinity but what is no number
        assert followed(REACH, losses).kind == kind
        return
    state = followed(REACH, losses)
    assert (state.kind, state.score, state.stars, state.step) == (kind, score, stars, score / 10)


def test_the_target_must_be_held_and_counts_from_where_it_was_held():
    goal = Goal(measure="steps", stars=(9, 9, 9), training_loss=1.0, hold_steps=2)
    assert followed(goal, [5, 1, 1, 5, 1, 1]).kind == "held"
    state = followed(goal, [5, 1, 1, 5, 1, 1, 1])
    assert (state.kind, state.step, state.score) == ("reached", 4, 4)


def test_all_parts_of_the_target_must_hold_at_once():
    goal = Goal(measure="steps", stars=(9, 9, 9), training_loss=1.0, near=(3.0, 4.0), distance=0.5)
    weights = [[3, 4], [0, 0], [3, 4.4]]
    assert followed(goal, [2, 1, 1], weights=weights).step == 2
    both = Goal(measure="steps", stars=(9, 9, 9), training_loss=1.0, validation_loss=2.0)
    assert followed(both, [1, 2, 1], validation=[3, 1, 2]).step == 2


def test_a_budget_ends_it():
    goal = Goal(measure="steps", stars=(9, 9, 9), training_loss=1.0, budget=("examples", 20))
    assert followed(goal, [5, 5, 1]).kind == "reached"  # 20 examples had been spent: not more
    assert followed(goal, [5, 5, 5, 1]).kind == "over"


def test_the_lowest_loss_within_a_budget():
    goal = Goal(measure="validation_loss", stars=(4, 2, 1), budget=("steps", 3))
    state = followed(goal, [0] * 6, validation=[5, 3, math.nan, 4, 1, 0])
    assert (state.kind, state.score, state.stars, state.step) == ("over", 3, 1, 1)
    assert followed(goal, [0] * 2, validation=[math.nan, 1.5]).score == 1.5


def test_what_is_to_be_kept_to():
    goal = Goal(measure="steps", stars=(9, 9, 9), training_loss=1.0, never_above=10)
    assert "11" in followed(goal, [5, 11, 1]).reason
    assert followed(goal, [5, math.nan, 1]).kind == "failed"
    within = Goal(measure="steps", stars=(9, 9, 9), training_loss=1.0, within_limit=True)
    assert followed(within, [5, 5, 1], shares=[0.5, 1.2, 0.5]).kind == "failed"
    assert followed(within, [5, 5, 1], shares=[0.5, 1.0, 0.5]).kind == "reached"


def test_a_run_that_cannot_go_on_has_failed_unless_a_loss_was_measured_before():
    watch = GoalWatch(REACH)
    watch.fail(7, "it blew up")
    assert (watch.state.kind, watch.state.reason, watch.state.step) == ("failed", "it blew up", 7)
    best = Goal(measure="training_loss", stars=(4, 2, 1), budget=("steps", 30))
    watch = GoalWatch(best)
    watch.follow(np.zeros(1), {"steps": np.zeros(1)}, np.full(1, 1.5), np.full(1, np.nan), np.zeros((1, 2)))
    watch.fail(7, "it blew up")
    assert (watch.state.kind, watch.state.score, watch.state.stars) == ("over", 1.5, 2)


@given(
    losses=st.lists(st.floats(0, 3) | st.just(math.nan), min_size=1, max_size=30),
    hold=st.integers(0, 4),
    pieces=st.integers(1, 6),
)
def test_how_the_evaluations_are_grouped_changes_nothing(losses, hold, pieces):
    goal = Goal(measure="examples", stars=(60, 40, 20), training_loss=1.0, hold_steps=hold, never_above=2.5)
    assert repr(followed(goal, losses)) == repr(followed(goal, losses, pieces=pieces))


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"measure": "steps"}, "measure"),
        ({"measure": "training_loss"}, "budget"),
        ({"measure": "training_loss", "training_loss": 1.0, "budget": ("steps", 1)}, "measure"),
        ({"measure": "steps", "training_loss": 1.0, "stars": (1, 2, 3)}, "stars"),
        ({"measure": "steps", "near": (1.0,)}, "distance"),
        ({"measure": "steps", "training_loss": 1.0, "distance": 1.0}, "distance"),
    ],
)
def test_what_contradicts_itself_is_refused(fields, key):
    with pytest.raises(ValueError, match=f"^{key}: "):
        Goal(**{"stars": (3, 2, 1), **fields})
