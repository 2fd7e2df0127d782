"""The questions and the hints of the presets: here with two seeds, in tests/benchmarks/claims.py with 20."""

import re

import pytest

import scenarios
from engine.training.knobs import KNOBS
from tests.scenarios.claims.said import outcome
from tests.scenarios.claims.said_of_questions import ASKED, answers

EACH = pytest.mark.parametrize("name", scenarios.preset_names())
_SEEDS = range(2)
_SET = re.compile(rf"({'|'.join(KNOBS)}) ([\d.]+|[a-z]+)")


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
    told, step = [], 0
    for part in re.split(r"; ", file.hints[-1]):
        at_step = re.search(r"step (\d+)", part)
        step = int(at_step[1]) if at_step else step
        told += [(step, knob, value.rstrip(".")) for knob, value in _SET.findall(part)]
    reference = [
        (change.step, change.knob, f"{change.value:g}" if isinstance(change.value, float | int) else change.value)
        for change in file.reference.script()
    ]
    assert sorted(told) == sorted(reference)


@EACH
def test_the_first_hint_does_not_give_it_away(name):
    assert not re.search(r"\d\.\d|_", scenarios.load(name).file.hints[0])
