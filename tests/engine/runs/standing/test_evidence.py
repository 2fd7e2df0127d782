from dataclasses import replace

import numpy as np
import pytest

import scenarios
from engine.model.least_squares import LeastSquares
from engine.runs.run import Run
from engine.training.knobs import Knobs
from engine.training.trainer import Trainer


def preset(name, *, seed=0, **knobs):
    scenario = scenarios.load(name)
    return scenario.run(seed=seed, knobs=replace(scenario.run(seed=seed).trainer.knobs, **knobs))


def said_level(status):
    return float(status.reason.partition("about ")[2].partition(")")[0])


@pytest.mark.parametrize("offset", [0.0, 5e6])
def test_a_large_offset_of_the_targets_is_no_tolerance(offset):
    rng = np.random.default_rng(0)
    inputs = rng.standard_normal((200, 3))
    objective = LeastSquares(inputs, inputs @ [1.0, -2.0, 0.5] + offset + rng.standard_normal(200))
    optimum = objective.loss(objective.minimum())
    run = Run(Trainer(objective, np.zeros(4), knobs=Knobs(0.01, 32)))
    while run.status.kind != "converged" and run.trainer.steps < 20_000:
        run.advance(50)
    assert run.status.kind == "converged"
    assert run.trainer.loss() < 1.2 * optimum


@pytest.mark.parametrize("name", ["noisy-batches", "slow-down", "linear-scaling", "brisk"])
def test_presets_on_their_noise_floor_say_so_soon(name):
    run = preset(name)
    run.advance(1200)
    assert (run.status.kind, run.status.detail) == ("converged", "noise floor")
    assert "only a smaller learning rate or a larger batch gets lower" in run.status.reason


@pytest.mark.parametrize("name", ["noisy-batches", "brisk", "slow-down"])
def test_the_level_is_the_mean_over_steps_and_not_over_ends_of_epochs(name):
    # At the ends of reshuffled epochs the excess is several times lower.
    ratios = []
    for seed in range(6):
        run = preset(name, seed=seed)
        while run.status.kind != "converged":
            run.advance(10)
        objective, least = run.trainer.objective, run.trainer.objective.loss(run.trainer.objective.minimum())
        losses = []
        for _ in range(200):
            run.advance(3)  # at every place of an epoch in turn
            losses.append(objective.loss(run.trainer.weights))
        ratios.append((said_level(run.status) - least) / (np.mean(losses) - least))
    # Each is known to a quarter by the run, and to about as much by 600 steps.
    assert np.mean(ratios) == pytest.approx(1, abs=3 * 0.35 / np.sqrt(6))


@pytest.mark.parametrize("seed", range(4))
def test_spirals_are_not_converged_on_their_plateau(seed):
    run = preset("spirals", seed=seed)
    details = set()
    for _ in range(100):
        run.advance(50)
        assert run.status.kind == "running"
        details.add(run.status.detail)
    assert details <= {"", "plateau"}


def test_a_plateau_says_that_waiting_may_pay():
    run = preset("spirals")
    run.advance(2000)
    assert run.status.detail == "plateau"
    assert run.status.reason.startswith("the gradient is small (")
    assert run.status.reason.endswith("waiting may pay")


@pytest.mark.parametrize("seed", range(4))
def test_potholes_over_the_limit_are_no_arrival(seed):
    run = preset("potholes", seed=seed, learning_rate=0.28)
    run.advance(200)
    for _ in range(40):
        run.advance(50)
        assert (run.status.kind, run.status.detail) == ("running", "oscillating")
    assert "the learning rate is stable only up to 0.1" in run.status.reason


def test_arrival_at_a_minimum_without_noise_is_called_that():
    run = preset("line-fit", batch_size=256)
    run.advance(600)
    assert (run.status.kind, run.status.detail) == ("converged", "minimum")
    assert run.status.reason.endswith(": at a minimum")


@pytest.mark.parametrize("optimizer", ["adam", "rmsprop"])
def test_adaptive_methods_arrive_too(optimizer):
    run = preset("line-fit", optimizer=optimizer, learning_rate=0.01)
    run.advance(6000)
    assert run.status.kind == "converged"
    assert said_level(run.status) < 1.1


@pytest.mark.parametrize("name", ["line-fit", "moons"])
@pytest.mark.parametrize("seed", range(2))
def test_a_status_changes_rarely(name, seed):
    run = preset(name, seed=seed)
    kinds = []
    for _ in range(200):
        run.advance(20)
        if run.status.kind not in kinds[-1:]:
            kinds.append(run.status.kind)
    assert len(kinds) <= 3
