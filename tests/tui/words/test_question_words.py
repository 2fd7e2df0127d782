"""What is said of a question: before training, and when it is measured."""

import math

import pytest

import scenarios
from scenarios.trainings.predictions import Finding
from tui.words.question_words import asked, changes_in_words, told

BRISK, POTHOLES, HALF = (scenarios.load(name).file for name in ("brisk", "potholes", "back-and-forth"))


def words(file, finding, said):
    return " ".join(told(file.question, file.goal.goal(), finding, said))


def test_a_question_is_asked_with_its_answers_numbered():
    text = asked(BRISK.question)
    assert text.startswith("**Before you train:** *At step 20")
    assert "1. All 256 examples in a batch\n2. A tenth" in text
    assert "\n" not in asked(POTHOLES.question)


def test_a_right_answer_is_said_to_be_right_with_the_figures_and_the_reason():
    text = words(BRISK, Finding((23, 51), 23, 0), 0)
    assert "You said: All 256 examples in a batch. **That is right.**" in text
    figures = "- All 256 examples in a batch: **23**\n- A tenth of the learning rate, 0.02: **51**"
    assert f"Measured, steps to the goal:\n\n{figures}" in text
    assert text.endswith(BRISK.question.why)


def test_a_wrong_answer_is_told_the_right_one():
    text = words(BRISK, Finding((23, math.inf), 23, 0), 1)
    assert "**That is wrong.** The answer: **All 256 examples in a batch**." in text
    assert "0.02: **not reached**" in text


def test_who_did_not_answer_is_told_all_the_same():
    assert "You did not answer. The answer: **All 256" in words(BRISK, Finding((23, 51), 23, 0), None)


def test_where_nothing_could_be_told_nobody_was_right():
    assert "Nothing could be told." in words(BRISK, Finding((math.inf, math.inf), math.inf, None), 1)
    assert "could not be made" in words(BRISK, None, 1)


@pytest.mark.parametrize(("guess", "right"), [(0.25, True), (0.5, False)])
def test_a_guess_is_right_within_its_tolerance(guess, right):
    text = words(POTHOLES, Finding((0.2194,), 0.2194, None), guess)
    assert f"You guessed {guess:g}. **That is {'right, within 30 %' if right else 'more than 30 % off'}.**" in text
    assert "largest stable learning rate after 200 steps: 0.2194 without any change." in text


def test_a_ratio_names_both_trainings():
    text = words(HALF, Finding((30, 30), 1.0, 1), 2)
    assert "30 with learning rate 0.2; 30 with learning rate 1.8, that is 1 times as much." in text
    assert words(HALF, Finding((15, 60), 0.25, 1), 2).count("15 with learning rate 1.8, that is 25 % of that.") == 1


def test_changes_are_named_with_their_steps():
    changes = scenarios.load("noisy-batches").file.question.answers[0].changes
    assert (
        changes_in_words(changes)
        == "batch size 2, learning rate 0.01 from step 40 on, learning rate 0.002 from step 100 on"
    )
