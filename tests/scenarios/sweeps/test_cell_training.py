"""The cells of a sweep: each is the training that `descend train` does, however the cells are grouped."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scenarios
from engine.runs.run import Run
from scenarios.building import Parts
from scenarios.sweeps.cell_training import CellTraining
from scenarios.sweeps.sweep_plan import Axis, SweepPlan

RATES = Axis("learning_rate", (0.01, 0.3, 1.2))


def plan_of(scenario, axes, **said):
    return SweepPlan(
        **{
            "axes": axes,
            "knobs": scenario.file.training.starting_knobs(),
            "seeds": (0, 1),
            "length": 150,
            "unit": "steps",
            **said,
        }
    )


def trained(scenario, plan, cells=None):
    return list(CellTraining(Parts.of(scenario.file)).train(plan, list(plan.cells) if cells is None else cells))


def as_run(scenario, plan, cell) -> Run:
    run = scenario.run(seed=cell.seed, knobs=plan.knobs_at(cell.place))
    run.advance(plan.steps_at(cell.place, run.trainer.num_examples))
    return run


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("line-fit", Axis("batch_size", (1, 256))),
        ("moons", Axis("optimizer", ("sgd", "adam"))),
        ("line-fit", Axis("schedule", ("constant", "cosine:steps=50"))),
    ],
)
def test_a_cell_is_the_training_of_a_run(name, other):
    scenario = scenarios.load(name)
    plan = plan_of(scenario, (RATES, other), seeds=(1,), length=150 if name == "line-fit" else 30)
    results = trained(scenario, plan)
    assert [result.cell for result in results] == list(plan.cells)
    for result in results:
        run = as_run(scenario, plan, result.cell)
        trainer, goal = run.trainer, run.goal_state
        losses = repr((trainer.loss(), trainer.validation_loss()))
        assert (result.steps, result.examples, result.status) == (trainer.steps, trainer.examples, run.status.kind)
        assert repr((result.training_loss, result.validation_loss)) == losses
        assert result.steps_to_goal == (goal.step if goal.kind == "reached" else math.inf)
        if goal.kind == "reached":
            assert goal.score in (result.steps_to_goal, result.examples_to_goal, result.examples_to_goal / 256)
    assert {result.status for result in results} >= {"diverged"} or name != "line-fit"


def test_without_a_goal_nothing_is_reached_and_without_validation_its_loss_is_not_known():
    scenario = scenarios.load("bowl") if "bowl" in scenarios.preset_names() else scenarios.load("line-fit")
    [result, *_] = trained(scenario, plan_of(scenario, (RATES,), length=5))
    assert math.isnan(result.validation_loss)


@given(st.data())
@settings(max_examples=3, deadline=None)
def test_the_bits_of_a_cell_do_not_depend_on_how_cells_are_grouped(data):
    scenario = scenarios.load("line-fit")
    plan = plan_of(scenario, (RATES, Axis("batch_size", (8, 256))), length=16, seeds=(0,))
    together = {result.cell: repr(result) for result in trained(scenario, plan)}
    cells = data.draw(st.permutations(list(plan.cells)))
    cut = data.draw(st.integers(0, len(cells)))
    for group in (cells[:cut], cells[cut:]):
        for result in trained(scenario, plan, group):
            assert repr(result) == together[result.cell]
