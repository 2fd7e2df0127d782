import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scenarios import Scenario, ScenarioError
from scenarios.reading import parse

VALID = """
title = "T"
summary = "S"
briefing = "B"

[objective]
kind = "potholes"

[training]
learning_rate = 0.1
batch_size = 32
weights = [2.0, 1.0]
"""
KINDS = ("quadratic", "ravine", "saddle", "plateau", "potholes", "himmelblau", "hyperbola", "two_minima")
ONE_WEIGHT = {
    "quadratic": "eigenvalues = [4]",
    "plateau": "dimensions = 1",
    "potholes": "dimensions = 1",
    "two_minima": "",
}


def file(objective, weights="[2.0, 1.0]"):
    return VALID.replace('kind = "potholes"', objective).replace("[2.0, 1.0]", weights)


def scenario(objective, weights="[2.0, 1.0]"):
    return Scenario("mine", parse(file(objective, weights), "mine"))


@pytest.mark.parametrize("kind", KINDS)
def test_every_landscape_trains_without_data(kind):
    one = kind in ONE_WEIGHT
    text = f'kind = "{kind}"\n{ONE_WEIGHT.get(kind, "")}\nexamples = 100'
    run = scenario(text, "[2.0]" if one else "[2.0, 1.0]").run(seed=3)
    run.trainer.learning_rate = 1e-4
    before = run.trainer.loss()
    assert run.advance(100) == 100
    assert run.trainer.loss() < before
    assert run.validation is None
    assert run.trainer.objective.examples.shape[0] == 100


@pytest.mark.parametrize("kind", ["quadratic", "plateau", "potholes"])
def test_some_have_one_weight_or_two(kind):
    assert scenario(f'kind = "{kind}"').trainer().objective.weight_names == ("x", "y")
    assert scenario(f'kind = "{kind}"\n{ONE_WEIGHT[kind]}', "[1]").trainer().objective.weight_names == ("w",)


PARAMETERS = {
    # at (2, 1)
    'kind = "quadratic"\neigenvalues = [3, 5]\nrotation = 90': 0.5 * 5 * 4 + 0.5 * 3,
    'kind = "ravine"\nsteepness = 10\nscale = 0.5': 0.5 * (1 + 10 * 9),
    'kind = "saddle"\ncurvature = 3': 6,
    'kind = "plateau"\nwidth = 2': 1.25 / 2.25,
    'kind = "potholes"\ndepth = 0.1\nspacing = 4': 2.5 + 0.1 * (2 + 1 - 0),
    'kind = "himmelblau"\nscale = 0.5': 0.5 * (36 + 16),
    'kind = "hyperbola"\nnoise = 0.5': 0.5,
}


@pytest.mark.parametrize(("objective", "loss"), PARAMETERS.items())
def test_the_parameters_arrive(objective, loss):
    assert scenario(objective).trainer().loss() == pytest.approx(loss, rel=1e-12)


def test_noise_examples_and_seed_arrive():
    tilts = scenario('kind = "saddle"\nnoise = 2\nexamples = 50\nseed = 1').trainer().objective.examples
    again, other = (
        scenario(f'kind = "saddle"\nnoise = 2\nexamples = 50\nseed = {seed}').trainer().objective.examples
        for seed in (1, 2)
    )
    np.testing.assert_allclose(np.cov(tilts.T, bias=True), 4 * np.eye(2), atol=1e-12)
    assert tilts.tobytes() == again.tobytes() != other.tobytes()


def test_it_crosses_the_pipe():
    mine = scenario('kind = "two_minima"', "[1.5]")
    assert pickle.loads(pickle.dumps(mine)) == mine


REFUSALS = {
    "with data": (
        VALID + '[data]\nkind = "line"',
        "`data`: must be left out, for a landscape has no data",
    ),
    "a model without data": (
        file('kind = "least_squares"'),
        "`data`: the table is missing, for only a landscape has no data",
    ),
    "data to look at": (
        VALID + '[screen]\nview = "data"',
        '`screen.view` = "data": must be weights, for a landscape has no data',
    ),
    "no start": (
        VALID.replace("weights = [2.0, 1.0]", ""),
        "`training.weights`: must be given, for a landscape says nothing about where to start",
    ),
    "too few weights": (file('kind = "saddle"', "[1]"), "holds 1 number, but the model has 2 weights"),
    "too many weights": (
        file('kind = "quadratic"\neigenvalues = [3]'),
        "holds 2 numbers, but the model has 1 weight",
    ),
    "key of another": (file('kind = "saddle"\nsteepness = 3'), "unknown key `steepness` in [objective]; known are: "),
    "two minima with noise": (file('kind = "two_minima"\nnoise = 1', "[1]"), "unknown key `noise` in [objective]"),
    "odd": (file('kind = "two_minima"\nexamples = 7', "[1]"), "`objective.examples` = 7: must be an even number"),
    "three eigenvalues": (
        file('kind = "quadratic"\neigenvalues = [1, 2, 3]'),
        "`objective.eigenvalues` = [1, 2, 3]: must be one or two numbers",
    ),
    "no eigenvalue": (file('kind = "quadratic"\neigenvalues = []'), "= []: must be one or two numbers"),
    "eigenvalue for ever": (file('kind = "quadratic"\neigenvalues = [1, inf]'), "= [1, inf]: must be finite"),
    "turned line": (
        file('kind = "quadratic"\neigenvalues = [1]\nrotation = 30', "[1]"),
        "`objective.rotation` = 30: must be left out, for there is a single eigenvalue",
    ),
    "three dimensions": (file('kind = "plateau"\ndimensions = 3'), "`objective.dimensions` = 3 is not one of: 1, 2"),
    "no width": (
        file('kind = "plateau"\nwidth = 0'),
        "`objective.width` = 0: must be a number of at least 0.001",
    ),
    "negative noise": (file('kind = "saddle"\nnoise = -1'), "`objective.noise` = -1: must be a number of at least 0"),
    "deafening": (file('kind = "saddle"\nnoise = 1e7'), "must be a number of at most 1,000,000"),
    "noise for two": (
        file('kind = "saddle"\nexamples = 2'),
        "`objective.examples` = 2: must be at least 3, unless noise = 0",
    ),
    "no example": (file('kind = "saddle"\nexamples = 0'), "`objective.examples` = 0: must be a whole number of at"),
    "potholes without number": (
        file('kind = "potholes"\ndepth = 10\nspacing = 0.5'),
        "`objective.depth` = 10: must be at most 50 spacing²/2π, or there are too many potholes",
    ),
    "text": (file('kind = "ravine"\nscale = "big"'), '`objective.scale` = "big": must be a number'),
}


@pytest.mark.parametrize(("text", "expected"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_names_key_value_and_what_would_be_right(text, expected):
    with pytest.raises(ScenarioError) as caught:
        parse(text, "mine")
    assert expected in str(caught.value)
    assert len(str(caught.value)) < 200


def test_all_kinds_are_offered_where_one_is_unknown():
    with pytest.raises(ScenarioError) as caught:
        parse(file('kind = "valley"'), "mine")
    assert all(kind in str(caught.value) for kind in KINDS)


POSITIVE = st.floats(min_value=0, exclude_min=True, allow_infinity=False)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
ANY = {
    "quadratic": {"eigenvalues": st.tuples(FINITE, FINITE).map(list), "rotation": FINITE},
    "ravine": {"steepness": POSITIVE, "scale": POSITIVE},
    "saddle": {"curvature": POSITIVE},
    "plateau": {"width": POSITIVE},
    "potholes": {"depth": POSITIVE, "spacing": POSITIVE},
    "himmelblau": {"scale": POSITIVE},
    "hyperbola": {},
}


@given(st.data(), st.sampled_from(list(ANY)))
def test_whatever_is_accepted_trains(data, kind):
    keys = {"noise": st.floats(0, 1e7), "examples": st.integers(0, 20), **ANY[kind]}
    text = "".join(f"{key} = {data.draw(strategy)}\n" for key, strategy in keys.items())
    weights = [data.draw(FINITE), data.draw(FINITE)]
    try:
        mine = scenario(f'kind = "{kind}"\n{text}', str(weights))
    except ScenarioError:
        return
    run = mine.run()
    run.advance(20)
    objective = run.trainer.objective
    with np.errstate(all="ignore"):
        objective.losses(np.array([weights]))
        objective.hessian_vector_product(np.array(weights), np.ones(2))
