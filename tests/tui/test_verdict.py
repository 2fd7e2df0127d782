"""The verdict's words, on real runs and by hand."""

import math

import numpy as np
import pytest

import scenarios
from engine.effects import Effect, Level, effects
from engine.run import KnobChange
from scenarios.attempts import attempt
from scenarios.verdict import Verdict, compare, in_words
from tui.verdict import effect_in_words


def judged(name, script=()):
    scenario = scenarios.load(name)
    run = attempt(scenario, script)
    return Verdict(run.goal, run.goal_state, compare(scenario), effects(run))


def test_the_verdict_of_the_reference_says_so():
    scenario = scenarios.load("brisk")
    script = [(change.step, change.knobs()) for change in scenario.file.reference.changes]
    verdict = judged("brisk", script)
    text = " ".join(in_words(verdict))
    assert verdict.state == verdict.comparison.reference
    assert "23 steps ★★★" in text
    assert "Nobody at the knobs: not reached ☆☆☆" in text
    assert "That is 1 times the steps of the reference" in text


def test_stars_that_are_missing_are_named_with_their_price():
    assert "at most 2,000, 100 and 45 steps" in " ".join(in_words(judged("brisk")))
    turn = " ".join(in_words(judged("your-turn", [(50, {"learning_rate": 0.2})])))
    assert "the 10,000 examples are spent" in turn
    assert "at most 0.4, 0.2 and 0.145." in turn


def hovering(batch_sizes, steps=4000):
    run = scenarios.load("line-fit").run()
    for size in batch_sizes:
        run.set_knob("batch_size", size)
        run.advance(steps)
    return run


def test_smaller_batches_raise_the_level_by_what_the_record_says():
    run = hovering([32, 2])
    *_, effect = effects(run)
    losses, steps = run.evaluations.training_loss, run.evaluations.steps
    assert effect.before.mean == losses[(steps >= 2000) & (steps < 4000)].mean()
    assert effect.after.mean == losses[steps >= 6000].mean()
    assert effect.lowest == run.trainer.objective.loss(run.trainer.objective.minimum())
    assert effect.is_sure
    assert effect.ratio > 10
    words = effect_in_words(effect)
    assert f"{effect.ratio:.0f} times as high above the lowest possible" in words
    assert words.startswith("Step 4,000, batch ↓2: the training loss hovered at 1.012, and hovers at ")


def test_a_change_that_changes_nothing_is_said_to_be_none():
    run = hovering([32])
    run.set_knob("gradient_clip", 1e9)
    run.advance(4000)
    *_, effect = effects(run)
    assert "no effect" in effect_in_words(effect)


def test_too_short_a_stretch_says_nothing():
    run = scenarios.load("line-fit").run()
    run.advance(4)
    run.set_knob("batch_size", 2)
    run.advance(500)
    assert effects(run) == ()


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_is_said_so(bad):
    change = KnobChange(5, "learning_rate", 0.1, 3.0)
    effect = Effect(change, Level(1.0, 0.1, True), Level(bad, bad, False), 0.0)
    assert "not finite" in effect_in_words(effect)


def test_passing_and_hovering_are_told_apart():
    falling = Effect(KnobChange(5, "learning_rate", 0.1, 0.2), Level(9.0, 0.1, False), Level(1.0, 0.01, True), 0.0)
    assert effect_in_words(falling) == "Step 5, lr ↑0.2: the training loss was passing 9, and hovers at 1."
    assert np.isclose(falling.ratio, 1 / 9)
