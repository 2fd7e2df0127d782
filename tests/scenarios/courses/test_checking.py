"""What an author is told about goal, reference, hints and question."""

from dataclasses import replace

import pytest

import scenarios
from engine.runs.plan import Change
from scenarios import Scenario
from scenarios.courses import hint_check, question_check
from scenarios.courses.checking import check, in_words
from scenarios.files.question_forms import Answer, Question
from scenarios.reading import parse
from scenarios.trainings.predictions import Finding
from tests.scenarios.files.bowl import bowl_file, goal_table

REFERENCE = """
[reference]
source = "one over the curvature"
changes = [{ step = 0, learning_rate = 0.5 }]
"""
LONGER = "A larger learning rate?"
HINTS = ["Longer steps?", "Before step 0, learning_rate 0.5."]
ASKS = '[question]\ntext = "Q"\nwhy = "W"\n'
RATES = "answers = [{{ text = 'a', changes = [{{ step = 0, learning_rate = {} }}] }}, {{ text = 'b', changes = [] }}]"


def checked(hints=HINTS, question=""):
    tables = goal_table([90, 15, 5]) + REFERENCE + (ASKS + question if question else "")
    text = bowl_file(tables, briefing="Turn the knob.", more=f"hints = {hints}")
    return check(Scenario("mine.toml", parse(text, "mine.toml")))


@pytest.mark.parametrize("name", ["one-weight", "too-slow", "ravine"])
def test_a_preset_is_without_fault(name):
    """Some of them with two seeds; tests/benchmarks/lessons.py has all of them with ten."""
    found = check(scenarios.load(name), seeds=2)
    assert found.faults == ()
    assert found.reference == found.hinted == (3, 3)
    assert max(found.untouched) < 3
    assert len(set(found.answers)) == 1


def test_words_are_counted_in_words():
    found = checked()
    assert in_words(found).startswith("3 words, ")
    assert in_words(replace(found, words=1)).startswith("1 word, ")


def test_the_stars_are_of_the_goal_the_reference_and_the_hints():
    found = checked(question='measure = "limit"\ntolerance = 0.1')
    assert (found.untouched, found.reference, found.hinted, found.faults) == ((1,) * 3, (3,) * 3, (3,) * 3, ())
    assert found.answers == pytest.approx([1.0] * 3)
    assert checked([]).hinted is None


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        (
            "Before step 0, batch_size 2; at step 1,050, learning rate 0.01 and momentum 0.",
            [Change(0, "batch_size", 2), Change(1050, "learning_rate", 0.01), Change(1050, "momentum", 0.0)],
        ),
        ("Optimizer", []),
        ("From the first step on, optimizer adam.", [Change(0, "optimizer", "adam")]),
        ("A learning rate of 1e-3.", [Change(0, "learning_rate", 0.001)]),
        ("Another optimizer is better; batch_size of one, 2.5 or 0; momentum 1.", []),
    ],
)
def test_settings_that_a_hint_tells(hint, expected):
    assert hint_check.settings(hint) == expected


@pytest.mark.parametrize(
    ("hints", "expected"),
    [
        (HINTS[1:], "hints: there is 1; give 2 or 3, or none"),
        ([*HINTS, "a", "b"], "hints: there are 4; give 2 or 3, or none"),
        (["word " * 31, HINTS[1]], "hints[0]: has 31 words; at most 30"),
        ([HINTS[1], HINTS[1]], "hints[1]: says the same as another one"),
        (["Think.", "Think again."], "hints: name no knob; the last one should, with its value"),
        (
            [LONGER, "Before step 0, lerning_rate 0.1."],
            "hints[1]: 'lerning_rate 0.1' is no setting; did you mean learning_rate",
        ),
        ([HINTS[0], "At step 5, momentum 2"], "hints[1]: 'momentum 2' is a value that the knob cannot have"),
        ([LONGER, "At step 5, lr 0.5."], "hints[1]: 'lr 0.5' is no setting; did you mean learning_rate 0.5?"),
        (["Think.", "learning_rate 0.09"], "hints: lead nowhere: earns ★☆☆ (with seed 0: "),
        (["Think.", "learning_rate 2"], "hints: lead nowhere: earns ☆☆☆ (with seed 0: "),
    ],
)
def test_faults_of_hints(hints, expected):
    (fault,) = checked(hints).faults
    assert fault.startswith(expected)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            f'measure = "goal"\n{RATES.format(0.1)}',
            "question: no answer is the right one with seed 0: the answers meas",
        ),
        (f'measure = "goal"\n{RATES.format(0.2).replace("b", "a")}', "question.answers: two are the same, 'a'"),
        ('measure = "limit"\ntolerance = 1', "question.tolerance: 1 takes nearly any number for right; less than 1"),
        ('measure = "noise_floor"\ntolerance = 0.1', "question: 0, with seed 0, is no number to guess; it should be"),
    ],
)
def test_faults_of_a_question(question, expected):
    (fault,) = checked(question=question).faults
    assert fault.startswith(expected)


def test_an_answer_that_the_seed_decides_is_a_fault():
    choice = Question("Q", "limit", "W", (Answer("a", most=1.0), Answer("b")))
    (fault,) = question_check.faults(choice, [(4, Finding((0.9,), 0.9, 0)), (5, Finding((1.1,), 1.1, 1))])
    assert fault == "question: chance decides: the answer is 'a' with seed 4, and 'b' with seed 5"
    guess = Question("Q", "limit", "W", tolerance=0.1)
    (fault,) = question_check.faults(guess, [(4, Finding((1.0,), 1.0, None)), (5, Finding((1.3,), 1.3, None))])
    assert fault == "question.tolerance: 0.1 is less than what chance does: 1 with seed 4, 1.3 with seed 5"
