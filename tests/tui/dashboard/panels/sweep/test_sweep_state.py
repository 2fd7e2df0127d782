"""What the sweep panel says of a sweep, in words."""

import math
from dataclasses import replace

import pytest

from engine.training.knobs import Knobs
from engine.training.schedules import parse
from scenarios.sweeps.background_sweep import SweepBegun, SweepEnded, SweepResults
from scenarios.sweeps.sweep_map import CellResult
from scenarios.sweeps.sweep_plan import Axis, Cell, SweepPlan
from tui.dashboard.panels.sweep.sweep_state import SweepState, plan_values

AXES = Axis("batch_size", (8, 16, 32)), Axis("learning_rate", (0.01, 0.1, 1.0))
PLAN = SweepPlan(AXES, Knobs(), (0, 1, 2), 6400, "examples")


def result(place, seed, loss, status="running", to_goal=math.nan):
    return CellResult(Cell(place, seed), 200, 6400, status, loss, math.nan, to_goal, to_goal)


def begun(plan=PLAN, limits=(0.5, 0.6, 0.7), *results):
    state = SweepState()
    state.take(SweepBegun(plan, limits))
    state.take(SweepResults(results))
    return state


def test_before_the_plan_comes_there_is_nothing_but_that_it_begins():
    state = SweepState()
    assert (state.progress, state.about(256), state.limit_words(), state.differs(Knobs())) == (
        "the sweep begins",
        "",
        "",
        "",
    )
    state.take(SweepEnded("its data has changed"))
    assert (state.progress, state.fault, state.ended) == ("", "its data has changed", True)


@pytest.mark.parametrize(
    ("results", "words"),
    [
        ([], "learning rate 0.1, batch size 8: not trained yet."),
        ([(1.5, "running")], "learning rate 0.1, batch size 8: training loss 1.500."),
        (
            [(1.5, "converged"), (1.2, "running"), (2.0, "running")],
            "learning rate 0.1, batch size 8: training loss 1.500, from 1.200 to 2.000 over 3 seeds.",
        ),
        (
            [(1.5, "running"), (math.inf, "diverged"), (1.7, "running")],
            "learning rate 0.1, batch size 8: training loss 1.600, from 1.500 to 1.700 over 2 seeds; "
            "blew up with 1 of 3 seeds.",
        ),
        ([(math.nan, "diverged")], "learning rate 0.1, batch size 8: blew up with 1 of 1 seed so far."),
        ([(math.nan, "diverged")] * 3, "learning rate 0.1, batch size 8: blew up with all 3 seeds."),
    ],
)
def test_the_reading_of_a_place(results, words):
    found = [result((0, 1), seed, *what) for seed, what in enumerate(results)]
    assert begun(PLAN, (0.5,), *found).reading((0, 1)) == words


def test_the_steps_to_the_goal_are_told_where_there_is_one():
    reached = [result((0, 0), seed, 1.0, to_goal=steps) for seed, steps in enumerate((30.0, 50.0, math.inf))]
    assert begun(PLAN, (0.5,), *reached).reading((0, 0)).endswith("; goal after 50 steps.")
    missed = [result((0, 0), seed, 1.0, to_goal=math.inf) for seed in range(3)]
    assert begun(PLAN, (0.5,), *missed).reading((0, 0)).endswith("; the goal is not reached in 6,400 examples.")


def test_progress_is_counted():
    assert begun(PLAN, (), result((0, 0), 0, 1.0)).progress == "1 of 27 trainings"
    every = [result(cell.place, cell.seed, 1.0) for cell in PLAN.cells]
    assert begun(PLAN, (), *every).progress == "all 27 trainings done"


def test_how_long_each_is_trained_and_with_which_knobs_is_said():
    state = begun(replace(PLAN, knobs=Knobs(momentum=0.9, schedule=parse("cosine:steps=200"))))
    assert "3 seeds from the start over 6,400 examples (25 × all of them), sgd, momentum 0.9, cosine;" in state.about(
        256
    )
    assert "6,400 examples, adam;" in begun(replace(PLAN, knobs=Knobs(optimizer="adam"))).about(60_000)


def test_what_the_line_is_and_why_there_is_none():
    assert begun().limit_words().startswith("The line is the limit")
    assert (
        begun(PLAN, (math.nan, math.inf)).limit_words()
        == "No limit is known here: there is one for line fits and small quadratics."
    )
    one = replace(PLAN, axes=AXES[1:])
    assert begun(one, (0.5,)).limit_words().startswith("The limit is 0.5:")


def test_other_knobs_than_those_of_the_map_are_named():
    assert begun().differs(Knobs(learning_rate=3.0, batch_size=1)) == ""
    assert begun().differs(Knobs(momentum=0.9, optimizer="nesterov")) == (
        "The run has another momentum and optimizer by now."
    )


def test_a_place_is_flown_to_with_its_schedule_begun_anew():
    assert plan_values(PLAN, (2, 0)) == {"learning_rate": 0.01, "batch_size": 32}
    schedule = parse("cosine:steps=200")
    scheduled = replace(PLAN, knobs=Knobs(schedule=schedule))
    assert list(plan_values(scheduled, (2, 0)).items())[-1] == ("schedule", schedule)
