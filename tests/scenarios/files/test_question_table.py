"""The table [question]: its forms, and what is refused."""

import math

import pytest

from scenarios import Scenario, ScenarioError
from scenarios.reading import parse
from scenarios.trainings.predictions import Finding, find
from tests.scenarios.files.bowl import bowl_file, goal_table

ASKS = '[question]\ntext = "Q"\nwhy = "W"\n'
GOAL = goal_table([90, 80, 70])
RATES = "[{{ text = 'a', changes = [{{ step = 0, learning_rate = {} }}] }}, {{ text = 'b', changes = [] }}]"
RANGE = "[{ text = 'a', most = 0.5 }, { text = 'b', most = 1.5 }, { text = 'c' }]"


def scenario(question, aims=""):
    return Scenario("mine.toml", parse(bowl_file(ASKS + question + "\n" + aims), "mine.toml"))


def found(question, aims=""):
    return find(scenario(question, aims))


def test_a_scenario_that_asks_nothing_has_no_answer():
    assert find(Scenario("mine.toml", parse(bowl_file(), "mine.toml"))) is None


def test_the_loss_after_some_steps_is_that_of_the_closed_form():
    # The loss is w², so that a step multiplies it by (1 − 2 · 0.1)².
    finding = found('measure = "training_loss"\nsteps = 3\ntolerance = 0.1')
    assert finding.value == pytest.approx(0.8**6)
    assert finding.answer is None
    assert finding.is_near(0.29, 0.11)
    assert not finding.is_near(0.4, 0.1)


def test_the_limit_is_two_over_the_curvature():
    assert found('measure = "limit"\ntolerance = 0.1').value == pytest.approx(1.0)


def test_a_floor_without_noise_is_the_lowest_loss():
    assert found('measure = "noise_floor"\ntolerance = 0.1').value == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(("rate", "answer"), [(0.5, 0), (0.01, 1)])
def test_of_trainings_the_one_with_the_least_is_right(rate, answer):
    finding = found(f'measure = "goal"\nanswers = {RATES.format(rate)}', GOAL)
    assert finding.answer == answer
    # w after n steps is 0.8ⁿ, whose square is below 1e-4 from 21 on; 1/curvature is there in one step.
    assert finding.figures == ((1, 21) if rate == 0.5 else (math.inf, 21))


def test_where_two_are_the_same_nothing_is_told():
    assert found(f'measure = "goal"\nanswers = {RATES.format(0.1)}', GOAL).answer is None


@pytest.mark.parametrize(("rate", "answer"), [(0.2, 0), (0.1, 1), (0.01, 2)])
def test_a_number_is_in_the_range_of_its_answer(rate, answer):
    changes = f"changes = [{{ step = 0, learning_rate = {rate} }}]\nover = []\n"
    finding = found(f'measure = "goal"\n{changes}answers = {RANGE}', GOAL)
    assert finding.answer == answer
    assert finding.value == finding.figures[0] / 21


def test_the_mean_is_over_the_latter_half():
    # At the limit every step changes sides: the loss stays at 1.
    question = 'measure = "mean_training_loss"\nsteps = 10\ntolerance = 0.1\n'
    assert found(question + "changes = [{ step = 0, learning_rate = 1.0 }]").value == pytest.approx(1)
    losses = [0.8 ** (2 * step) for step in range(5, 10)]
    assert found(question).value == pytest.approx(sum(losses) / 5)


def test_what_blows_up_is_infinite():
    question = 'measure = "training_loss"\nsteps = 3000\nchanges = [{ step = 0, learning_rate = 1.5 }]\n'
    finding = found(question + f"answers = {RANGE}")
    assert (finding.value, finding.answer) == (math.inf, 2)


def test_an_unknown_number_is_near_nothing():
    assert not Finding((math.nan,), math.nan, None).is_near(1.0, 0.5)
    assert not Finding((math.inf,), math.inf, None).is_near(1.0, 0.5)


REFUSALS = {
    "no steps": ('measure = "training_loss"\ntolerance = 0.1', "`question.steps`", "is missing"),
    "steps of a goal": ('measure = "goal"\nsteps = 3\ntolerance = 0.1', "`question.steps` = 3", "must be left out"),
    "no tolerance": ('measure = "limit"', "`question.tolerance`", "is missing"),
    "one answer": ("measure = 'limit'\nanswers = [{ text = 'a' }]", "`question.answers`", "must be from 2 to 4"),
    "tolerance of answers": (
        f"measure = 'limit'\ntolerance = 1\nanswers = {RANGE}",
        "`question.tolerance`",
        "left out",
    ),
    "both": (f"measure = 'limit'\nover = []\nanswers = {RATES.format(1)}", "`question.changes`", "left out"),
    "half of them": (
        "measure = 'limit'\nanswers = [{ text = 'a', changes = [] }, { text = 'b', most = 1 }]",
        "`question.answers`",
        "must all have the key changes",
    ),
    "no bound": ("measure = 'limit'\nanswers = [{ text = 'a' }, { text = 'b' }]", "`question.answers`", "the key most"),
    "falling": (
        "measure = 'limit'\nanswers = [{ text = 'a', most = 2 }, { text = 'b', most = 1 }, { text = 'c' }]",
        "`question.answers`",
        "must rise in most",
    ),
    "disorder": (
        "measure = 'limit'\ntolerance = 1\nchanges = [{ step = 2 }, { step = 1 }]",
        "`question.changes`",
        "in the order of their steps",
    ),
    "no goal": ('measure = "goal"\ntolerance = 0.1', '`question.measure` = "goal"', "there is no [goal]"),
    "not held out": (
        'measure = "validation_loss"\nsteps = 1\ntolerance = 1',
        "`question.measure`",
        "holds nothing out",
    ),
    "measure": ('measure = "loss"\ntolerance = 1', '`question.measure` = "loss"', "is not one of: goal, training_loss"),
    "key": ('measure = "limit"\ntolerence = 1', "unknown key `tolerence` in [question]", "did you mean `tolerance`"),
    "key of an answer": ("measure = 'limit'\nanswers = [{ txt = 'a' }]", "unknown key `txt`", "did you mean `text`"),
    "rate": (
        "measure = 'limit'\ntolerance = 1\nchanges = [{ step = 0, learning_rate = -1 }]",
        "`question.changes[0].learning_rate` = -1",
        "must be a number above 0",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_cannot_be_is_refused_with_the_key(name):
    question, subject, words = REFUSALS[name]
    with pytest.raises(ScenarioError) as caught:
        scenario(question)
    message = str(caught.value)
    assert message.startswith("mine.toml: ")
    assert subject in message
    assert words in message


def test_a_key_within_a_list_of_tables_has_its_neighbours():
    reference = '[reference]\nsource = "s"\nchanges = [{ step = 0, learning_rat = 1 }]\n'
    with pytest.raises(ScenarioError, match=r"in \[reference\.changes\[0\]\]; did you mean `learning_rate`\?"):
        parse(bowl_file(GOAL + reference), "mine.toml")


def test_hints_are_lines():
    text = bowl_file()
    with pytest.raises(ScenarioError, match=r"hints\[0\]"):
        parse('hints = [""]\n' + text, "mine.toml")
