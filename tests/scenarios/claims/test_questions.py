"""The questions and the hints of the presets: here with one seed, in tests/benchmarks/claims.py with 20."""

import re

import pytest

import scenarios
from scenarios.courses.hint_check import settings
from tests.scenarios.claims.said import outcome
from tests.scenarios.claims.said_of_questions import ASKED, answers

EACH = pytest.mark.parametrize("name", scenarios.preset_names())
_SEEDS = range(1)


@EACH
def test_the_answer_is_the_one_of_the_table_whatever_the_seed(name):
    result = outcome(answers(name, ASKED[name]), _SEEDS)
    assert result.holds, str(result)


@EACH
def test_the_reason_is_true(name):
    measures = [measure for measure in ASKED[name].reasons if not measure.slow]
    assert [str(result) for measure in measures if not (result := outcome(measure, _SEEDS)).holds] == []


@EACH
def test_an_answer_names_the_learning_rate_that_it_stands_for(name):
    question = scenarios.load(name).file.question
    for answer in question.answers:
        rates = [one.learning_rate for one in answer.changes or () if one.step == 0 and one.learning_rate]
        told = [float(number) for number in re.findall(r"\d+(?:\.\d+)?", f"{answer.text} {question.text}")]
        assert set(rates) <= set(told)


@EACH
def test_there_are_two_or_three_hints_and_the_last_one_is_the_reference(name):
    """What the last hint says is what earns three stars with every seed (tests/scenarios/data/test_school.py)."""
    file = scenarios.load(name).file
    assert 2 <= len(file.hints) <= 3
    assert set(settings(file.hints[-1])) == set(file.reference.script())


@EACH
def test_the_first_hint_does_not_give_it_away(name):
    assert not re.search(r"\d\.\d|_", scenarios.load(name).file.hints[0])
