"""The presets as lessons: what their briefings say is so, and their goals are what they should be."""

from pathlib import Path

import numpy as np
import pytest

import scenarios
from engine import probes
from engine.probes import Quadratic
from engine.runs.plan import Change
from scenarios.reading import parse
from scenarios.trainings.attempts import attempt, reference, untouched

ALL = pytest.mark.parametrize("name", scenarios.preset_names())


@ALL
def test_every_preset_has_a_goal_and_a_training_that_earns_three_stars_whatever_the_seed(name):
    scenario = scenarios.load(name)
    for seed in range(3):
        assert reference(scenario, seed=seed).goal_state.stars == 3


@ALL
def test_nobody_at_the_knobs_does_not_earn_three_stars(name):
    assert untouched(scenarios.load(name)).goal_state.stars < 3


def trained(name, steps, script=(), seed=None):
    """The preset's run after so many steps; script: {step: knobs}."""
    run = scenarios.load(name).run(seed=seed)
    for step, knobs in [*dict(script).items(), (steps, {})]:
        run.advance(step - run.trainer.steps)
        for knob, value in knobs.items():
            run.set_knob(knob, value)
    return run


def lowest(run):
    return run.trainer.objective.loss(run.trainer.objective.minimum())


def limits(run):
    quadratic = Quadratic.of(run.trainer.objective)
    full = probes.largest_stable_learning_rate(run.trainer).value
    return full, quadratic.largest_stable_learning_rate(run.trainer.knobs).value


def late_loss(run, since):
    kept = run.evaluations.steps >= since
    return run.evaluations.training_loss[kept].mean()


def test_noisy_batches_hover_far_above_smooth_ones():
    noisy, smooth = trained("noisy-batches", 600), trained("smooth-batches", 600)
    assert late_loss(noisy, 300) - lowest(noisy) > 20 * (late_loss(smooth, 300) - lowest(smooth))


def test_too_slow_uses_about_two_percent_of_the_limit():
    run = trained("too-slow", 0)
    assert run.trainer.learning_rate / limits(run)[1] == pytest.approx(0.02, abs=0.005)


def test_brisk_is_there_in_ten_steps_and_then_hovers():
    run = trained("brisk", 10)
    assert run.trainer.loss() < 1.1 * lowest(run)
    assert late_loss(trained("brisk", 1000), 100) > 1.003 * lowest(run)
    assert late_loss(trained("brisk", 1000, {20: {"learning_rate": 0.02}}), 500) < 1.001 * lowest(run)


def test_past_the_edge_is_past_both_limits_and_bursts():
    run = trained("past-the-edge", 1000)
    full, minibatch = limits(run)
    assert full == pytest.approx(0.98, abs=0.005)
    assert minibatch < full < run.trainer.learning_rate
    losses = run.evaluations.training_loss[200:]
    assert losses.max() > 5 * np.median(losses)
    assert run.trainer.blew_up_at is None


def test_big_and_fast_swings_for_hundreds_of_steps_and_half_the_rate_does_not():
    run = trained("big-and-fast", 100)
    assert 0.98 < run.trainer.learning_rate / limits(run)[0] < 1
    assert run.trainer.loss() > 1.5 * lowest(run)
    half = trained("big-and-fast", 2, {0: {"learning_rate": 0.5}})
    assert half.trainer.loss() < 1.01 * lowest(half)


def test_back_and_forth_goes_on_for_ever_and_the_smallest_change_ends_it():
    assert abs(trained("back-and-forth", 1001).trainer.weights[0]) == 1
    assert abs(trained("back-and-forth", 100, {0: {"learning_rate": 1.8}}).trainer.weights[0]) < 1e-6
    assert abs(trained("back-and-forth", 10, {0: {"learning_rate": 2.2}}).trainer.weights[0]) > 2
    assert trained("back-and-forth", 1, {0: {"learning_rate": 1.0}}).trainer.weights[0] == 0


def test_half_the_learning_rate_is_less_than_half_the_cloud_of_slow_down():
    floors = []
    for rate in (0.2, 0.1, 0.05):
        run = trained("slow-down", 20_000, {0: {"learning_rate": rate}})
        floors.append(late_loss(run, 5_000))
    assert floors[1] < floors[0] / 2
    assert floors[2] < floors[1] / 2  # in proportion with replacement; batches of one epoch make up for each other


def test_a_pothole_holds_up_to_two_over_its_curvature():
    run = trained("potholes", 300)
    limit = probes.largest_stable_learning_rate(run.trainer).value
    assert limit == pytest.approx(0.22, abs=0.01)
    assert np.linalg.norm(run.trainer.weights) > 1
    assert trained("potholes", 600).status.detail == "local minimum"


def test_two_minima_only_batches_of_one_leave_soon():
    script = {10: {"batch_size": 2}}
    stayed = [trained("small-batch-escape", 1000, script, seed=seed).trainer.weights[0] > 0.5 for seed in range(8)]
    left = [
        trained("small-batch-escape", 200, {10: {"batch_size": 1}}, seed=seed).trainer.weights[0] for seed in range(8)
    ]
    assert sum(stayed) >= 6
    assert max(map(abs, left)) < 0.1


def test_the_ravine_is_limited_to_0_02_and_momentum_raises_that():
    run = trained("ravine", 0)
    assert probes.largest_stable_learning_rate(run.trainer).value == pytest.approx(0.02)
    run.set_knob("momentum", 0.9)
    assert probes.largest_stable_learning_rate(run.trainer).value == pytest.approx(0.02 * 1.9)
    pendulum = attempt(scenarios.load("ravine"), [Change(0, "momentum", 0.9)]).goal_state
    less = attempt(scenarios.load("ravine"), [Change(0, "momentum", 0.8)]).goal_state
    assert less.score < pendulum.score < 233


def test_the_saddle_stops_at_a_quarter():
    for steps in (200, 5000):
        assert trained("saddle", steps).trainer.loss() == pytest.approx(0.25, abs=1e-6)
    assert trained("saddle", 200, {20: {"batch_size": 4}}).trainer.loss() < 0.02


def test_the_funnel_is_more_than_a_hundred_times_steeper_than_the_plain():
    objective = trained("plateau", 0).trainer.objective
    plain = np.linalg.norm(objective.gradient(np.array([6.0, 4.5])))
    funnel = max(np.linalg.norm(objective.gradient(np.array([r, 0.0]))) for r in np.linspace(0.1, 2, 50))
    assert funnel > 100 * plain


def test_doubling_both_keeps_the_floor_of_linear_scaling():
    run = trained("linear-scaling", 0)
    quadratic = Quadratic.of(run.trainer.objective)
    floors = []
    for factor in (1, 2, 4, 8, 16):
        run.set_knob("learning_rate", 0.01 * factor)
        run.set_knob("batch_size", 4 * factor)
        floors.append(quadratic.noise_floor(run.trainer.learning_rate, run.trainer.knobs).value - lowest(run))
    assert max(floors) < 1.3 * min(floors)


def test_tumours_are_learned_by_heart():
    run = trained("tumours", 8000)
    losses = run.evaluations.validation_loss
    best = int(np.nanargmin(losses))
    assert run.evaluations.steps[best] < 2000
    assert losses[-1] > 1.25 * losses[best]
    assert run.evaluations.training_loss[-1] < 0.1 * run.evaluations.training_loss[best]


KEEPING = (
    '\n[goal]\nmeasure = "steps"\nstars = [9, 9, 9]\ntarget = { training_loss = 0.1 }\nkeep = { within_limit = true }\n'
)


def keeping_within(name):
    text = (Path(scenarios.__file__).parent / "presets" / f"{name}.toml").read_text()
    return scenarios.Scenario("mine.toml", parse(text.partition("[goal]")[0] + KEEPING, "mine.toml"))


def test_a_learning_rate_above_the_limit_fails_a_goal_that_forbids_it():
    run = keeping_within("line-fit").run()
    run.advance(50)
    assert run.goal_state.kind == "open"
    run.set_knob("learning_rate", 0.95)  # below the full batch's limit, above that of batches of 32
    run.advance(50)
    assert run.goal_state.kind == "failed"
    assert "times the largest stable one" in run.goal_state.reason


def test_a_limit_that_is_not_known_cannot_be_kept_to():
    with pytest.raises(scenarios.ScenarioError, match=r"goal\.keep\.within_limit"):
        keeping_within("moons").run()
