import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.model.features import PolynomialLeastSquares
from engine.model.networks import Network
from engine.model.regularisation import Regularised
from scenarios import ScenarioError
from scenarios.reading import parse
from scenarios.scenario import Scenario

ROOT = Path(__file__).parents[3]
FILE = """
title = "T"
summary = "S"
briefing = "B"

[data]
kind = {data}

[objective]
kind = {objective}

[training]
learning_rate = 0.1
batch_size = 16
"""
DIGITS = '"bundled"\nname = "digits"'
CARS = '"bundled"\nname = "auto-mpg"'


def text(data, objective, training=""):
    return FILE.format(data=data, objective=objective) + training


def scenario(data, objective, training=""):
    return Scenario("mine", parse(text(data, objective, training), "mine"))


MODELS = {
    ('"line"', '"least_squares"\nl1 = 0.1'): 2,
    (CARS, '"least_squares"\nl2 = 1'): 9,
    ('"sine"', '"polynomial"'): 4,
    ('"sine"\nvalidation_share = 0.25', '"polynomial"\ndegree = 9\nl2 = 0.01'): 10,
    ('"moons"', '"logistic"'): 3,
    ('"bundled"\nname = "breast-cancer"\nvalidation_share = 0.2', '"logistic"\nl1 = 0.01\nprecision = "float32"'): 31,
    ('"blobs"', '"softmax"'): 9,
    ('"moons"', '"softmax"\nl2 = 0.1'): 6,
    (DIGITS, '"softmax"\nprecision = "float32"'): 650,
    ('"sine"', '"network"'): 25,
    ('"sine"', '"network"\nhidden = []\nloss = "huber"'): 2,
    (CARS, '"network"\nhidden = [4]\nactivation = "gelu"\nloss = "mae"'): 41,
    ('"xor"', '"network"\nhidden = [4, 2]\nactivation = "relu"\ninitialisation = "he"'): 25,
    ('"xor"', '"network"\nhidden = [3]\nloss = "softmax_cross_entropy"'): 17,
    ('"spirals"\nclasses = 3', '"network"\nhidden = [8, 8]\nl2 = 1e-3\ninitialisation = "normal"\nscale = 0.5'): 123,
    (DIGITS, '"network"\nhidden = [64]\nprecision = "float32"'): 4810,
}


@pytest.mark.parametrize(("tables", "num_weights"), MODELS.items())
def test_a_model_trains(tables, num_weights):
    run = scenario(*tables).run()
    objective = run.trainer.objective
    assert len(objective.weight_names) == len(run.trainer.weights) == num_weights
    before = run.trainer.loss()
    assert run.advance(60) == 60
    assert run.trainer.loss() < before
    assert np.isfinite(run.trainer.validation_loss()) == ("validation_share" in tables[0])


def test_the_number_of_weights_is_known_without_numpy():
    program = """
import ast, sys
from scenarios import reading
for text, count in ast.literal_eval(sys.stdin.read()):
    file = reading.parse(text, "")
    assert file.objective.num_weights(file.data.num_features, file.data.num_classes) == count, text
assert "numpy" not in sys.modules
"""
    texts = repr([(text(*tables), count) for tables, count in MODELS.items()])
    subprocess.run([sys.executable, "-c", program], input=texts, text=True, cwd=ROOT, check=True)


def test_a_kind_builds_what_it_says():
    polynomial = scenario('"sine"', '"polynomial"\ndegree = 5').trainer().objective
    assert isinstance(polynomial, PolynomialLeastSquares)
    assert polynomial.weight_names == ("x", "x^2", "x^3", "x^4", "x^5", "bias")
    logistic = scenario('"moons"', '"logistic"').trainer().objective
    assert isinstance(logistic, Network)
    assert (logistic.widths, logistic.weight_names) == ((2, 1), ("x1", "x2", "bias"))
    network = scenario(DIGITS, '"network"\nhidden = [20]\nl1 = 0.5').trainer().objective
    assert isinstance(network, Regularised)
    assert (network.l1, network.l2, network.widths) == (0.5, 0, (64, 20, 10))
    assert network.penalised.sum() == 64 * 20 + 20 * 10


@pytest.mark.parametrize("objective", ['"least_squares"\nl2 = 1', '"least_squares"\nl2 = 1\nbias = false'])
def test_the_bias_is_left_out_of_the_penalty(objective):
    regularised = scenario(CARS, objective).trainer().objective
    assert regularised.penalised.tolist() == [True] * 8 + [False] * ("bias" not in objective)


def test_validation_uses_the_polynomial_of_the_training_part():
    run = scenario('"sine"\nvalidation_share = 0.5', '"polynomial"').run()
    assert run.validation.features is run.trainer.objective.features


def test_precision_is_that_of_the_examples():
    trainer = scenario('"moons"', '"logistic"\nprecision = "float32"').trainer()
    assert trainer.objective.examples.dtype == np.float32


def test_initial_weights_follow_the_seed():
    first, again, other = (scenario('"xor"', '"network"').trainer(seed=seed).weights for seed in (1, 1, 2))
    assert first.tolist() == again.tolist()
    assert first.tolist() != other.tolist()
    limit = np.sqrt(6 / (2 + 8))  # Glorot's, of the first layer
    assert 0.5 * limit < abs(first[:16]).max() <= limit


def test_initial_weights_may_be_zero_or_given():
    assert not scenario('"xor"', '"network"\ninitialisation = "zeros"').trainer().weights.any()
    assert not scenario('"moons"', '"logistic"').trainer().weights.any()
    given = scenario('"moons"', '"logistic"', "weights = [1, 2, 3]").trainer(seed=5)
    assert given.weights.tolist() == [1, 2, 3]


def refusal(content):
    with pytest.raises(ScenarioError) as caught:
        parse(content, "my.toml")
    return str(caught.value).removeprefix("my.toml: ")


def test_an_objective_without_a_kind_is_refused():
    content = text('"line"', '"least_squares"').replace('kind = "least_squares"', "bias = true")
    assert refusal(content).startswith(
        "the key `kind` is missing in [objective]; it is one of: least_squares, polynomial, logistic, softmax, network"
    )


@pytest.mark.parametrize(
    ("data", "objective", "expected"),
    [
        ('"moons"', '"least_squares"', '`objective.kind` = "least_squares": predicts a number, but the data has 2 cl'),
        ('"moons"', '"polynomial"', '`objective.kind` = "polynomial": predicts a number, but the data has 2 classes'),
        (CARS, '"polynomial"', '`objective.kind` = "polynomial": is for data with one feature, but there are 8'),
        ('"line"', '"polynomial"\ndegree = 0', "`objective.degree` = 0: must be a whole number of at least 1"),
        ('"line"', '"logistic"', '`objective.kind` = "logistic": tells classes apart, but in this data there is a nu'),
        ('"line"', '"softmax"', '`objective.kind` = "softmax": tells classes apart, but in this data there is a nu'),
        ('"blobs"', '"logistic"', '`objective.kind` = "logistic": tells two classes apart, but the data has 3'),
        ('"moons"', '"network"\nloss = "mse"', '`objective.loss` = "mse": is for numbers, but the data has 2 classes'),
        ('"line"', '"network"\nloss = "softmax_cross_entropy"', "tells classes apart, but in this data there is a num"),
        ('"blobs"', '"network"\nloss = "binary_cross_entropy"', "tells two classes apart, but the data has 3"),
        ('"xor"', '"network"\nactivation = "softplus"', "is not one of: tanh, relu, sigmoid, gelu, silu, linear"),
        ('"xor"', '"network"\nhidden = [3, 0]', "`objective.hidden[1]` = 0: must be a whole number of at least 1"),
        ('"xor"', '"network"\nhidden = 3', "`objective.hidden` = 3: must be a list"),
        ('"xor"', '"network"\nscale = 0.5', '`objective.scale` = 0.5: must be left out, unless initialisation = "nor'),
        ('"xor"', '"network"\nhidden = [5000, 5000]', "would have 25,025,001 weights on this data; at most 5,000,000"),
        ('"xor"', '"network"\nl2 = -1', "`objective.l2` = -1: must be a number of at least 0"),
        ('"xor"', '"logistic"\nl1 = inf', "`objective.l1` = inf: must be finite"),
        ('"xor"', '"logistic"\nprecision = "float16"', "is not one of: float64, float32"),
        (
            '"xor"',
            '"logistic"\nhidden = [3]',
            "unknown key `hidden` in [objective]; known are: kind, l1, l2, precision",
        ),
    ],
)
def test_what_cannot_be_trained_is_refused_in_words(data, objective, expected):
    message = refusal(text(data, objective))
    assert expected in message
    assert message.isprintable()
    assert len(message) < 200


def test_weights_must_fit_the_network():
    message = refusal(text('"xor"', '"network"\nhidden = [2]', "weights = [1, 2]"))
    assert message == "`training.weights` = [1, 2]: holds 2 numbers, but the model has 9 weights"
