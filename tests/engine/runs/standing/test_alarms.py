from dataclasses import replace

import numpy as np
import pytest

import scenarios
from engine.model.landscape_objective import quadratic
from engine.runs.run import Run
from engine.runs.standing.alarms import Alarms
from engine.training.knobs import Knobs
from engine.training.trainer import Trainer


def preset(name, *, seed=0, **knobs):
    scenario = scenarios.load(name)
    return scenario.run(seed=seed, knobs=replace(scenario.run(seed=seed).trainer.knobs, **knobs))


def alarms(losses, *, start=1.0, share=0.0, groups=None, rate=0.1):
    watch, said, step = Alarms(start), [], 0
    for group in np.split(np.asarray(losses, dtype=float), np.cumsum(groups or [])):
        found = watch.follow(step, group, np.full(len(group), rate), lambda k: share)
        said += [(step + k, alarm) for k, alarm in found]
        step += len(group)
    return said


def test_a_loss_that_grows_is_said_at_the_fifth_minibatch_that_is_high():
    losses = [1.0] * 20 + [100.0 * 3**k for k in range(20)]
    (step, first), (later, second) = alarms(losses)
    assert (step, first) == (24, "diverging")
    # The lowest of five is 100 · 3^(k − 4), above a million from k = 13 on.
    assert (later, second) == (20 + 13, "diverged")


def test_a_catapult_is_not_diverged():
    rise = np.logspace(0, 3, 30)
    said = alarms([*np.ones(50), *rise, *rise[::-1], *np.ones(50)])
    assert [alarm for _, alarm in said] == ["diverging", "calm"]


def test_single_spikes_are_no_growth():
    losses = np.ones(500)
    losses[::4] = 1e5
    assert alarms(losses) == []


def test_a_loss_that_stands_high_is_not_growing_for_ever():
    said = alarms([*np.ones(20), *np.full(300, 100.0)])
    assert [alarm for _, alarm in said] == ["diverging", "calm"]


def test_enormous_losses_that_were_there_when_the_knobs_changed_are_no_growth():
    watch = Alarms(1.0)
    list(watch.follow(0, np.logspace(0, 9, 40), np.full(40, 0.1), lambda k: 0.0))
    assert watch.state == "diverged"
    watch.restart(1.0)
    falling = np.logspace(9, 7, 50)
    assert list(watch.follow(40, falling, np.full(50, 0.1), lambda k: 0.0)) == []
    (found,) = watch.follow(90, np.logspace(10, 12, 8), np.full(8, 0.1), lambda k: 0.0)
    assert found[1] == "diverged"


def test_a_larger_learning_rate_may_raise_the_level_by_as_much():
    watch = Alarms(1.0)
    watch.learn(1e-3, 0.1)
    rates = np.full(50, 1.0)  # of a schedule
    assert list(watch.follow(0, np.full(50, 0.1), rates, lambda k: 0.0)) == []
    assert [said for _, said in watch.follow(50, np.full(10, 0.2), rates[:10] / 10, lambda k: 0.0)] == ["diverging"]


def test_saturated_units_are_asked_for_where_the_loss_is_high():
    asked = []
    watch = Alarms(1.0)
    said = list(watch.follow(0, np.full(100, 20.0), np.full(100, 0.1), lambda k: asked.append(k) or 0.0))
    assert asked == [2, 7, 17, 37, 77]  # after ever longer pauses
    assert "saturated" not in [alarm for _, alarm in said]
    assert alarms(np.full(100, 20.0), share=0.6) == [(2, "saturated")]
    assert alarms(np.full(100, 3.5), share=0.6) == []
    assert alarms(np.tile([0.5, 20.0, 12.0, 0.8, 15.0], 20), share=0.6)[0][1] == "saturated"  # as a dead network jumps


@pytest.mark.parametrize("seed", range(5))
def test_alarms_do_not_depend_on_how_steps_are_grouped(seed):
    rng = np.random.default_rng(seed)
    losses = np.exp(np.cumsum(rng.normal(0.02, 0.5, 800)))
    groups = rng.integers(1, 60, 10).tolist()
    assert alarms(losses) == alarms(losses, groups=groups) != []


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("learning_rate", [2.0, 5.0, 50.0])
def test_a_blow_up_of_tiny_batches_is_said_within_steps(seed, learning_rate):
    run = preset("line-fit", seed=seed, batch_size=2, learning_rate=learning_rate)
    run.advance(25)
    assert (run.status.kind, run.status.detail) == ("diverged", "")
    assert run.status.step < 25
    assert " and growing along " in run.status.reason


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("learning_rate", [10.0, 99.0, 999.0])
def test_a_network_that_died_far_up_is_called_that(seed, learning_rate):
    run = preset("moons", seed=seed)
    start = run.trainer.loss()
    run.advance(300)
    run.set_knob("learning_rate", learning_rate)
    run.advance(100)
    assert (run.status.kind, run.status.detail) == ("diverged", "saturated")
    assert run.status.reason.startswith("most units are saturated (")
    assert "gradient " in run.status.reason
    died = run.status
    run.set_knob("learning_rate", learning_rate / 2)  # which heals nothing
    assert run.status == died
    if learning_rate > 10:  # at 5 they may come back
        run.advance(2000)
        assert run.status == died
        assert run.trainer.history.tail(1000)[0].mean() > 2 * start


def test_relu_units_blow_up_instead():
    run = preset("digits")
    run.advance(50)
    run.set_knob("learning_rate", 10.0)
    run.advance(20)
    assert run.status.kind == "diverged"


def test_a_network_whose_units_come_back_is_training_again():
    run = preset("moons")
    run.advance(20)
    good = run.trainer.weights
    run.set_knob("learning_rate", 99.0)
    run.advance(50)
    assert run.status.detail == "saturated"
    run.set_knob("learning_rate", 0.1)
    run.trainer._weights[run.trainer._row] = good  # as if by hand
    run.advance(1000)
    assert run.status.kind == "running"


def test_a_growth_is_seen_however_long_the_run_was_before():
    run = Run(Trainer(quadratic((1.0,)), np.array([1.0]), knobs=Knobs(0.5, 256, sampling="full_batch"), seed=0))
    run.advance(20_000)  # looks are hundreds of steps apart
    assert run.status.kind == "converged"
    run = preset("line-fit")
    run.advance(20_000)
    run.set_knob("learning_rate", 3.0)
    run.advance(10)  # each multiplies the distance by about 5
    assert (run.status.kind, run.status.detail) == ("running", "diverging")
    run.advance(10)
    assert run.status.kind == "diverged"


@pytest.mark.parametrize("name", ["past-the-edge", "edge-of-stability"])
def test_presets_at_their_edge_are_not_diverged(name):
    run = preset(name)
    for _ in range(60):
        run.advance(50)
        assert run.status.kind != "diverged"


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (np.full(200, 1e9), "lost"),
        (1e9 * 0.999 ** np.arange(200), "lost"),  # 6,900 steps to a million
        (1e9 * 0.8 ** np.arange(200), "back"),  # 31 steps
        (1e9 * 1.5 ** np.arange(200), "diverged"),
    ],
)
def test_after_a_blow_up_the_loss_tells_what_the_new_knobs_do(after, said):
    watch = Alarms(1.0)
    list(watch.follow(0, np.logspace(0, 9, 40), np.full(40, 0.1), lambda k: 0.0))
    watch.restart(1.0)
    assert [alarm for _, alarm in watch.follow(40, after, np.full(200, 0.1), lambda k: 0.0)] == [said]
