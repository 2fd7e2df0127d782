"""The verdict's words, on real runs and by hand."""

import math

import numpy as np
import pytest

import scenarios
from engine.runs.effects import Effect, Level, effects
from engine.runs.obstacles import Obstacle
from engine.runs.past.knob_change import KnobChange
from engine.runs.plan import Change
from engine.runs.standing.goals import Goal, GoalState
from engine.serving.process import LocalEngine
from scenarios.trainings.attempts import attempt
from scenarios.trainings.verdict import Verdict, compare
from tui.dashboard.app import Dashboard
from tui.dashboard.panels.goal_line import standing
from tui.dashboard.screens.verdict_dialog import VerdictScreen
from tui.dashboard.session import Session
from tui.home.best_results import key_of
from tui.home.progress import Progress
from tui.home.progress_contents import Best
from tui.words.verdict_words import effect_in_words, verdict_in_words


def judged(name, script=()):
    scenario = scenarios.load(name)
    run = attempt(scenario, script)
    return Verdict(run.goal, run.goal_state, compare(scenario))


def test_the_verdict_of_the_reference_says_so():
    scenario = scenarios.load("brisk")
    verdict = judged("brisk", scenario.file.reference.script())
    text = " ".join(verdict_in_words(verdict))
    assert verdict.state == verdict.comparison.reference
    assert "23 steps ★★★" in text
    assert "Without changing anything: not reached ☆☆☆" in text
    assert "You needed as many steps as the reference." in text


def test_stars_that_are_missing_are_named_with_their_price():
    assert "at most 2,000, 100 and 45 steps." in " ".join(verdict_in_words(judged("brisk")))
    turn = " ".join(verdict_in_words(judged("your-turn", [Change(50, "learning_rate", 0.2)])))
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
    assert "its distance to the lowest possible loss grew to 310 ± 50 times what it was" in words
    assert 10 < effect.ratio_error < 0.3 * effect.ratio
    assert words.startswith("Step 4,000, batch ↓2: the training loss hovered at 1.012, and hovers at ")


def test_a_change_that_changes_nothing_is_said_to_be_none():
    run = hovering([32])
    run.set_knob("gradient_clip", 1e9)
    run.advance(4000)
    *_, effect = effects(run)
    words = effect_in_words(effect)
    assert "no effect on the training loss beyond chance: 1.012" in words
    assert words.endswith(" after.")


def words_on_a_jump(steps_before, *, seed=0):
    """To a learning rate beyond the limit, for 60 steps."""
    run = scenarios.load("line-fit").run(seed=seed)
    run.advance(steps_before)
    run.set_knob("learning_rate", 1.0)
    run.advance(60)
    return effect_in_words(effects(run)[-1])


@pytest.mark.parametrize("seed", range(3))
def test_spikes_after_a_calm_stretch_are_said_to_be_an_effect(seed):
    words = words_on_a_jump(400, seed=seed)
    assert "no effect" not in words
    assert "the spread of the training loss rose from " in words or "hovered at 1.01" in words


def test_a_stretch_too_short_to_tell_is_not_said_to_be_without_effect():
    words = words_on_a_jump(26)
    assert "no effect" not in words
    assert " on average before, " in words or "was at" in words


@pytest.mark.parametrize("seed", range(4))
def test_a_loss_that_fell_by_orders_of_magnitude_does_not_hover(seed):
    run = scenarios.load("saddle").run(seed=seed)
    run.advance(21)
    run.set_knob("batch_size", 128)
    fallen = 0
    for _ in range(20):
        run.advance(10)
        words, losses = effect_in_words(effects(run)[-1]), run.evaluations.training_loss
        stretch = losses[-(run.trainer.steps - 21) // 2 :]
        if "hovers" in words:
            earlier, later = np.array_split(stretch, 2)
            assert later.mean() > earlier.mean() / 4
        elif stretch[-1] < stretch[0] / 100:
            assert "fell to" in words
            fallen += 1
    assert fallen


def test_two_numbers_that_differ_are_written_differently():
    close = Effect(
        (KnobChange(5, "learning_rate", 0.1, 0.2),),
        Level(1.01163, 1e-9, True, 1e-9, 1.01163),
        Level(1.01161, 1e-9, True, 1e-9, 1.01161),
        1.0116,
    )
    said = effect_in_words(close)
    assert (
        "hovered at 1.01163, and hovers at 1.01161: its distance to the lowest possible loss shrank to about a" in said
    )
    assert "about a third (0.333 ± 0.001 of what it was)." in said


def test_too_short_a_stretch_says_nothing():
    run = scenarios.load("line-fit").run()
    run.advance(4)
    run.set_knob("batch_size", 2)
    run.advance(500)
    assert effects(run) == ()


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_a_loss_that_is_not_finite_is_said_so(bad):
    change = KnobChange(5, "learning_rate", 0.1, 3.0)
    effect = Effect((change,), Level(1.0, 0.1, True, 0.1, 1.0), Level(bad, bad, False, bad, bad), 0.0)
    assert "not finite" in effect_in_words(effect)


def test_passing_and_hovering_are_told_apart():
    passing, hovering = Level(9.0, 0.1, False, 0.3, 8.5), Level(1.0, 0.01, True, 0.1, 1.0)
    falling = Effect((KnobChange(5, "learning_rate", 0.1, 0.2),), passing, hovering, 0.0)
    assert effect_in_words(falling) == "Step 5, lr ↑0.2: the training loss was at 8.5, and hovers at 1."
    assert np.isclose(falling.ratio, 1 / 9)


@pytest.mark.parametrize(("last", "words"), [(2.5, "was at 1, and rose to 2.5"), (0.5, "was at 1, and fell to 0.5")])
def test_a_loss_rises_or_falls_from_where_it_stood_at_the_change(last, words):
    before, after = Level(3.0, 0.01, False, 0.3, 1.0), Level(2.0, 0.01, False, 0.3, last)
    assert words in effect_in_words(Effect((KnobChange(5, "learning_rate", 0.1, 0.2),), before, after, 0.0))


@pytest.mark.parametrize(("error", "words"), [(0.2, "too few steps to tell"), (0.02, "no effect")])
def test_without_an_effect_it_says_whether_one_could_have_been_seen(error, words):
    before, after = Level(1.0, error, True, 0.5, 1.0), Level(1.01, error, True, 0.5, 1.0)
    assert words in effect_in_words(Effect((KnobChange(5, "learning_rate", 0.1, 0.2),), before, after, 0.0))


def test_where_the_loss_was_still_falling_it_is_not_said_to_jump():
    before, after = Level(1.0, 0.2, False, 0.5, 0.1), Level(1.01, 0.2, True, 0.5, 1.0)
    words = effect_in_words(Effect((KnobChange(5, "learning_rate", 0.1, 0.2),), before, after, 0.0))
    assert "it cannot be told, as the training loss was still changing" in words


def test_a_change_before_the_first_step_has_nothing_before_it_to_be_compared_with():
    scenario = scenarios.load("line-fit")
    run = scenario.play(scenario.plan(steps=200, changes=[(0, "batch_size", 2), (100, "learning_rate", 0.01)]))
    assert [[change.step for change in effect.changes] for effect in effects(run)] == [[100]]


def test_changes_in_quick_succession_are_one():
    run = scenarios.load("line-fit").run()
    run.advance(400)
    for size in (16, 8, 4):
        run.set_knob("batch_size", size)
        run.advance(2)
    run.advance(4000)
    (effect,) = effects(run)
    assert [(change.before, change.after) for change in effect.changes] == [(32, 4)]
    assert effect_in_words(effect).startswith("Step 404, batch ↓4: the training loss hovered at 1.01")


async def test_the_goal_its_line_its_notice_and_the_verdict(tmp_path):
    engine = LocalEngine(scenarios.load("one-weight"))
    session = Session(scenarios.load("one-weight"), engine, LocalEngine)
    app = Dashboard(session, progress=Progress(tmp_path / "progress.sqlite"))
    async with app.run_test(size=(120, 40)) as pilot:

        async def until(_, condition):
            for _ in range(3000):
                if condition():
                    return
                await pilot.pause(0.01)
            raise AssertionError(screen_text(app))

        told = "Goal reached: 60 steps ★☆☆, your best so far. V shows the verdict, N goes on to "
        await until(pilot, lambda: any(notice.message.startswith(told) for notice in app._notifications))
        assert app.session.snapshot.goal.kind == "reached"
        await until(pilot, lambda: "reached: 60 steps ★☆☆" in str(app.training.goal_line.picture))
        await until(pilot, lambda: "Goal training loss ≤ 0.0001" in str(app.training.goal_line.picture))
        assert "★ 200  ★★ 20  ★★★ 6" in str(app.training.goal_line.picture)
        await until(pilot, lambda: "your best ★☆☆ 60" in str(app.training.goal_line.picture))
        await until(pilot, lambda: any(notice.message.startswith("Goal") for notice in app._notifications))
        (notice,) = [notice.message for notice in app._notifications if notice.message.startswith("Goal")]
        assert notice.startswith("Goal reached: 60 steps ★☆☆, your best so far. V shows the verdict, N goes on to ")
        await pilot.press("V")
        await until(pilot, lambda: isinstance(app.screen, VerdictScreen))
        await until(pilot, lambda: "Without changing anything: 60 steps" in screen_text(app))
        assert "The reference, a good setting (a learning rate close to 1" in screen_text(app)
        await until(pilot, lambda: "No knob has been changed in this run." in screen_text(app))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.training)
    assert Progress(tmp_path / "progress.sqlite").all() == {key_of(session.scenario): Best(1, 60)}


def screen_text(app):
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


def test_a_goal_that_is_over_says_when_that_was():
    goal = Goal(measure="validation_loss", stars=(0.4, 0.2, 0.1), budget=("examples", 10_000))
    words, _ = standing(goal, GoalState("over", 0.6483, 0, 168), 20_000, 333)
    assert words == "over after 10,000 examples: validation loss 0.648 ☆☆☆"


def test_the_reason_stands_right_after_how_it_stands():
    verdict = judged("brisk")
    floor = Obstacle("floor", level=1.014, value=1.023, calmed=True)
    assert verdict_in_words(verdict, floor)[0].startswith("Not there yet. The floor at these knobs is 1.023, above")
    held = Verdict(verdict.goal, GoalState("held", 23, 3, 23), verdict.comparison)
    told = verdict_in_words(held, Obstacle("held", steps=7))[0]
    assert told == "At the target since step 23. It must stay there for 100 steps. 7 of 100 steps are held."
    reached = Verdict(verdict.goal, GoalState("reached", 23, 3, 23), verdict.comparison)
    assert verdict_in_words(reached)[0] == "Reached at step 23: 23 steps, held for 100 ★★★."
