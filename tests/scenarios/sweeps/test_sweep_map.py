"""A sweep's plan and its map: places, lengths, and what is said of several seeds."""

import math

import pytest

from engine.training.knobs import Knobs
from scenarios.sweeps.sweep_map import CellResult, SweepMap
from scenarios.sweeps.sweep_plan import Axis, Cell, SweepPlan

AXES = (Axis("learning_rate", (0.1, 0.2, 0.4)), Axis("batch_size", (1, 32)))


def plan(**said):
    return SweepPlan(**{"axes": AXES, "knobs": Knobs(), "seeds": (0, 1, 2), "length": 100, **said})


def result(place, seed, loss, status="running"):
    return CellResult(Cell(place, seed), 100, 3200, status, loss, math.nan, math.inf, math.inf)


def test_every_place_is_trained_with_every_seed():
    cells = list(plan().cells)
    assert len(cells) == len(set(cells)) == plan().num_cells == 18
    assert cells[3] == Cell((0, 1), 0)
    assert [plan().cell(number) for number in range(18)] == cells
    assert plan().knobs_at((2, 1)) == Knobs(learning_rate=0.4, batch_size=32)


@pytest.mark.parametrize(
    ("unit", "length", "steps"),
    [("steps", 7, [7, 7]), ("epochs", 2, [200, 8]), ("examples", 250, [250, 10]), ("examples", 100, [100, 4])],
)
def test_examples_and_epochs_are_steps_of_the_batch_size(unit, length, steps):
    """100 examples in batches of 32 are 32, 32, 32 and 4."""
    assert [plan(unit=unit, length=length).steps_at((0, batch), 100) for batch in (0, 1)] == steps


def test_of_several_seeds_the_median_counts_and_those_that_blew_up_are_counted():
    known = SweepMap(plan(), "training_loss", [result((0, 0), 0, 3.0), result((0, 0), 1, 1.0), result((0, 0), 2, 2.0)])
    assert known.at((0, 0)) == (3, 0, 2.0, 1.0, 3.0)
    known.add([result((1, 0), 0, math.inf, "diverged"), result((1, 0), 1, 0.5)])
    assert not known.at((1, 0)).lost
    known.add([result((1, 0), 2, math.nan, "diverged")])
    assert (known.at((1, 0)).blew_up, known.at((1, 0)).middle, known.at((1, 0)).lost) == (2, 0.5, True)
    assert known.best == (0, 0)
    assert len(known.missing) == 12


def test_a_map_without_results_has_no_best():
    assert SweepMap(plan(), "steps_to_goal").best is None
    assert math.isnan(SweepMap(plan(), "steps_to_goal").at((0, 0)).middle)
