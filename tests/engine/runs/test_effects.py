"""Effects of knob changes, on made-up records whose levels are known."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

import scenarios
from engine.runs.branching import branch
from engine.runs.effects import effects
from engine.runs.past.knob_change import KnobChange
from tui.words.verdict_words import effect_in_words


def record(before, after, *, lowest=1.0):
    """A run with these losses, one a step, and a change of the learning rate between them."""
    losses = np.concatenate([before, after])
    objective = SimpleNamespace(minimum=lambda: np.zeros(1), loss=lambda weights: lowest)
    return SimpleNamespace(
        changes=[KnobChange(len(before), "learning_rate", 0.1, 0.2)],
        evaluations=SimpleNamespace(stretch=lambda start, end: losses[start:end]),
        trainer=SimpleNamespace(objective=objective, steps=len(losses)),
    )


CHANGES = [(483, "learning_rate", 0.1), (522, "batch_size", 4)]


@pytest.mark.parametrize("steps", [600, 6000])
def test_a_change_soon_after_another_is_told_by_itself_however_long_the_run_becomes(steps):
    scenario = scenarios.load("line-fit")
    run = scenario.play(scenario.plan(steps=steps, changes=CHANGES))
    found = effects(run)
    assert [[(change.step, change.knob) for change in effect.changes] for effect in found] == [
        [(step, knob)] for step, knob, _ in CHANGES
    ]
    assert effects(branch(run, steps)) == found


def correlated(generator, steps, *, level, spread, memory):
    """A stationary series around a level, that forgets within about `memory` steps."""
    keep = math.exp(-1 / memory)
    values = [generator.standard_normal()]
    for noise in generator.standard_normal(steps - 1):
        values.append(keep * values[-1] + math.sqrt(1 - keep**2) * noise)
    return level + spread * np.array(values)


@pytest.mark.parametrize(("steps", "memory"), [(100, 0.1), (400, 3), (2000, 20)])
def test_the_error_of_a_ratio_is_that_of_repeated_runs(steps, memory):
    generator, found = np.random.default_rng(0), []
    for _ in range(200):
        before = correlated(generator, steps, level=1.2, spread=0.05, memory=memory)
        after = correlated(generator, steps, level=2.2, spread=0.2, memory=memory)
        found.append(effects(record(before, after))[0])
    off = np.array([(effect.ratio - 6) / effect.ratio_error for effect in found])
    assert np.mean([effect.is_ratio_known for effect in found]) > 0.9
    assert np.mean(np.abs(off) < 2) > 0.85  # 0.95 if the errors were known and not estimated from eight parts
    assert 0.6 < np.std(off) < 1.8


def test_a_ratio_is_said_with_its_error():
    generator = np.random.default_rng(1)
    before = correlated(generator, 200, level=1.2, spread=0.05, memory=3)
    after = correlated(generator, 200, level=2.2, spread=0.4, memory=3)
    (effect,) = effects(record(before, after))
    assert 0.1 < effect.ratio_error < 0.95
    said = effect_in_words(effect)
    ratio = f"{effect.ratio:.1f} ± {effect.ratio_error:.1f}"
    assert f"its distance to the lowest possible loss grew to {ratio} times what it was." in said


def test_a_ratio_that_is_not_known_is_not_said():
    generator = np.random.default_rng(1)
    before = correlated(generator, 200, level=1.001, spread=0.01, memory=3)
    after = correlated(generator, 200, level=2.2, spread=0.05, memory=3)
    words = effect_in_words(effects(record(before, after))[0])
    assert "hovered at 0.9991, and hovers at 2.199." in words
    assert "times as high" not in words


FALLS = {
    "straight": lambda share: 26 - 21 * share,
    "by a factor": lambda share: 26 * (5 / 26) ** share,
    "ever slower": lambda share: 5 + 21 * np.exp(-4 * share),
}


@pytest.mark.parametrize("fall", FALLS)
@pytest.mark.parametrize("evaluations", [8, 16, 30, 200])
def test_a_loss_that_was_falling_did_not_hover(fall, evaluations):
    generator, share = np.random.default_rng(2), np.arange(evaluations) / evaluations
    for spread in (0.0, 0.05):
        before = FALLS[fall](share) + spread * generator.standard_normal(evaluations)
        after = correlated(generator, 200, level=1.2, spread=0.05, memory=3)
        words = effect_in_words(effects(record(before, after))[0])
        assert "was at " in words
        assert "hovers at 1." in words
        assert "times as high" not in words


def test_a_loss_that_stays_where_it_is_was_not_passing():
    generator, passing = np.random.default_rng(3), 0
    for _ in range(200):
        level = correlated(generator, 400, level=1.2, spread=0.05, memory=5)
        (effect,) = effects(record(level, level + 1.0))
        passing += not effect.before.settled
    assert passing < 10


def test_a_run_that_blows_up_is_no_fault():
    doubling = 1e-3 * 2.0 ** np.arange(1000)  # to 1e298: its squares are beyond all numbers
    assert math.isfinite(effects(record(doubling, doubling[::-1]))[0].before.mean)
