"""The line under the panels, read as text."""

from types import SimpleNamespace

import pytest

import scenarios
from engine.runs.obstacles import Obstacle
from engine.runs.standing.goals import GoalState
from scenarios.courses.course import built_in
from tui.dashboard.panels.goal_line import GoalLine


def line(name, width, state=None, obstacle=None):
    panel = GoalLine()
    panel.goal = scenarios.load(name).file.goal.goal()
    snapshot = SimpleNamespace(goal=state or GoalState(), step=5200, epoch=22.3, examples=12_345, obstacle=obstacle)
    return str(panel.paint(None, snapshot, width, 1))


HELD = GoalState(kind="held", step=3000, score=22.3, stars=2)


REACHED = GoalState(kind="reached", step=3000, score=1234.0, stars=2)
OVER = GoalState(kind="over", step=3000, score=0.01234, stars=2)


@pytest.mark.parametrize("state", [None, HELD, REACHED, OVER, GoalState(score=0.01234, stars=2)])
@pytest.mark.parametrize("name", [name for name, one in built_in().scenarios.items() if one.file.goal])
def test_goal_and_standing_stand_in_80_columns(name, state):
    assert "…" not in line(name, 80, state)


def test_the_longest_goal_says_less_before_it_is_cut():
    assert line("tumours", 80, HELD).startswith(" Goal validation ≤ 0.064 for 3,000 steps   2,200 of 3,000 held")
    assert line("tumours", 120, HELD).startswith(" Goal validation ≤ 0.064 for 3,000 steps in a row ")
    assert line("tumours", 160, HELD).startswith(" Goal validation loss ≤ 0.064 for 3,000 steps in a row ")


def test_a_small_number_is_written_without_an_exponent():
    assert line("back-and-forth", 120).startswith(" Goal training loss ≤ 0.000001 ")


def test_where_the_goal_is_cut_nothing_of_it_is_left_behind():
    assert line("tumours", 50, HELD).endswith("… 2,200 of 3,000 held, 22.3 epochs ★★☆")


LIMIT = Obstacle("limit", value=1.1, since=210)


def test_what_keeps_it_from_the_goal_stands_before_how_it_stands_where_there_is_room():
    assert line("brisk", 120, obstacle=LIMIT).endswith(
        "over the limit since step 210 · 5,200 steps so far, ☆☆☆ still possible"
    )
    assert line("brisk", 100, obstacle=LIMIT).endswith(" over the limit since step 210 · ☆☆☆ still possible")
    assert line("brisk", 80, obstacle=LIMIT).endswith(" over the limit since step 210")


def test_stars_that_are_only_possible_are_not_shown_as_if_they_were_won():
    floor = Obstacle("floor", level=1.02, value=1.034)
    assert line("noisy-batches", 80, obstacle=floor).endswith(" floor 1.034 > 1.02 · ★☆☆ still possible")


def test_a_goal_that_is_reached_says_what_was_held():
    reached = GoalState(kind="reached", step=23, score=23, stars=3)
    assert line("brisk", 80, reached).endswith("reached: 23 steps, held for 100 ★★★")
    assert "reached: 23 examples, held for 100 steps" in line("line-fit", 120, reached)
    assert line("digits", 80, GoalState(kind="reached", step=23, score=4.0, stars=3)).endswith(
        "reached: 4.0 epochs ★★★"
    )


@pytest.mark.parametrize(
    ("name", "place"), [("small-batch-escape", "within 0.1 of 0 for"), ("potholes", "of (0, 0) for")]
)
def test_a_place_of_one_weight_has_no_brackets(name, place):
    assert place in line(name, 120)
