import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import probes
from engine.least_squares import LeastSquares
from engine.run import Run
from engine.trainer import Knobs, Trainer


def run_of(objective, *, weights=(-1.0, -1.0), seed=0, **knobs):
    return Run(Trainer(objective, np.array(weights), knobs=Knobs(**knobs), seed=seed))


def excess(run):
    """By how much the loss is above its minimum, relative to the minimum."""
    objective = run.trainer.objective
    return run.trainer.loss() / objective.loss(objective.minimum()) - 1


def steepest(objective):
    """The direction of largest curvature."""
    return np.linalg.eigh(probes.hessian(objective, objective.minimum()))[1][:, -1]


@pytest.mark.parametrize("batch_size", [1, 32, 256])
def test_converged_is_recognised(make_line, batch_size):
    run = run_of(make_line(), batch_size=batch_size, learning_rate=0.05)
    run.advance(30_000)
    assert run.status.kind == "converged"
    assert "no longer falls" in run.status.reason


def test_converged_is_recognised_soon(make_line):
    # Loss 26 falls by 0.9² a step: below a thousandth of the floor after 50 steps; 3 windows of 16 looks later
    # it should be known.
    run = run_of(make_line(), batch_size=256, learning_rate=0.05)
    run.advance(50 + 3 * 16 * 8)
    assert run.status.kind == "converged"


def test_converged_is_recognised_where_the_loss_reaches_zero(make_line):
    run = run_of(make_line(noise=0), batch_size=32, learning_rate=0.05)
    run.advance(5000)
    assert run.status.kind == "converged"


def test_a_run_that_begins_at_the_minimum_has_converged():
    objective = LeastSquares(np.ones((10, 1)), np.ones(10), bias=False)
    run = run_of(objective, weights=[1.0], batch_size=10)
    run.advance(1000)
    assert run.status.kind == "converged"


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("batch_size", [32, 256])
@pytest.mark.parametrize("learning_rate", [1e-5, 1e-4, 1e-3, 1e-2])
def test_converged_is_never_claimed_early(make_line, learning_rate, batch_size, momentum):
    for seed in range(3):
        run = run_of(make_line(seed=seed), learning_rate=learning_rate, batch_size=batch_size, momentum=momentum)
        while run.status.kind == "running" and run.trainer.steps < 30_000:
            run.advance(100)
        # 1 % is what the noise of batches of 32 leaves at the largest of these rates.
        assert run.status.kind == "running" or excess(run) < 0.01


@pytest.mark.parametrize("batch_size", [32, 256])
def test_a_tiny_learning_rate_is_not_arrival(make_line, batch_size):
    run = run_of(make_line(), batch_size=batch_size, learning_rate=1e-7)
    run.advance(20_000)
    assert run.status.kind == "running"


def test_bouncing_from_wall_to_wall_is_not_arrival(make_line):
    objective = make_line()
    weights = objective.minimum() + steepest(objective)
    limit = 2 / probes.sharpness(objective, weights)
    run = run_of(objective, weights=weights, batch_size=256, learning_rate=limit)
    run.advance(5000)
    assert np.linalg.norm(run.trainer.weights - objective.minimum()) == pytest.approx(1, rel=1e-3)
    assert run.status.kind == "running"


def test_diverged_by_growth_names_the_step(make_line):
    objective = make_line()
    run = run_of(objective, batch_size=256, learning_rate=2.0)
    while run.status.kind == "running":
        run.advance(1)
    assert run.status.kind == "diverged"
    assert run.trainer.blew_up_at is None
    assert run.status.step < run.trainer.steps
    weights = run.trainer.history.tail(run.trainer.steps)[5:, run.status.step]
    assert objective.loss(weights) > 1e6 * objective.loss(np.array([-1.0, -1.0]))
    assert "times where it began" in run.status.reason


def test_diverged_by_a_number_that_is_not_finite_names_the_step():
    inputs = np.ones((100, 1))
    inputs[30] = np.inf
    run = run_of(LeastSquares(inputs, np.zeros(100)), batch_size=10)
    run.advance(1000)
    assert run.status.kind == "diverged"
    assert run.status.step == run.trainer.blew_up_at == run.trainer.steps - 1
    assert "not a finite number" in run.status.reason


def test_a_run_that_blew_up_stays_diverged_whatever_the_knobs(make_line):
    run = run_of(make_line(), learning_rate=5.0)
    run.advance(10_000)
    run.set_knob("learning_rate", 0.01)
    assert run.advance(10) == 0
    assert run.status.kind == "diverged"


@settings(max_examples=30)
@given(
    groups=st.lists(st.integers(1, 500), min_size=1, max_size=5),
    learning_rate=st.sampled_from([0.005, 0.05, 0.5, 1.05, 5.0]),
    batch_size=st.sampled_from([8, 32, 256]),
    change=st.none() | st.tuples(st.integers(0, 800), st.sampled_from([("batch_size", 64), ("momentum", 0.5)])),
)
def test_the_status_does_not_depend_on_how_steps_are_grouped(make_line, groups, learning_rate, batch_size, change):
    whole, grouped = (run_of(make_line(), learning_rate=learning_rate, batch_size=batch_size) for _ in range(2))
    first = change[0] if change else 1500
    for stop in (first, 1500):
        whole.advance(stop - whole.trainer.steps)
        turn = 0
        while grouped.trainer.steps < min(stop, whole.trainer.steps):
            grouped.advance(min(groups[turn % len(groups)], stop - grouped.trainer.steps))
            turn += 1
        if change and stop == first:
            for run in (whole, grouped):
                run.set_knob(*change[1])
    assert whole.status == grouped.status
    for part in ("steps", "training_loss", "validation_loss"):
        assert getattr(whole.evaluations, part).tobytes() == getattr(grouped.evaluations, part).tobytes()
