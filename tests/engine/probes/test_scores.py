"""Scores against figures worked by hand, and against scikit-learn's."""

import math

import numpy as np
import pytest

from engine import probes
from engine.model.landscape_objective import two_minima
from engine.model.least_squares import LeastSquares
from engine.model.networks import Network
from engine.model.regularisation import Regularised


def test_a_line_by_hand():
    line = LeastSquares(np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 2.0, 6.0]))
    found = probes.scores(line, np.array([2.0, 1.0]))  # predicts 1, 3, 5: residuals 0, 1, -1
    assert found.rmse == pytest.approx(math.sqrt(2 / 3))
    assert found.r_squared == pytest.approx(1 - 2 / 14)  # around the mean 3: 4 + 1 + 9
    assert math.isnan(found.accuracy)
    penalised = probes.scores(Regularised(line, l2=3.0), np.array([2.0, 1.0]))
    assert penalised == found  # a penalty is no error of prediction
    assert probes.scores(line, np.array([2.0, 1.0]), np.array([0, 1])).rmse == pytest.approx(math.sqrt(1 / 2))


def test_targets_that_are_all_alike_have_no_r_squared():
    flat = LeastSquares(np.array([[0.0], [1.0]]), np.array([2.0, 2.0]))
    found = probes.scores(flat, np.array([0.0, 1.0]))
    assert found.rmse == 1
    assert math.isnan(found.r_squared)


@pytest.mark.parametrize("classes", [2, 3])
def test_classes_by_hand(classes):
    inputs = np.eye(classes)
    labels = np.arange(classes, dtype=float)
    labels[0] = 1  # and so one is wrong
    outputs = 1 if classes == 2 else classes
    loss = "binary_cross_entropy" if classes == 2 else "softmax_cross_entropy"
    model = Network(inputs, labels, num_outputs=outputs, loss=loss)
    weights = np.array([-3.0, 3.0, 0.0]) if classes == 2 else np.vstack([9 * np.eye(3), np.zeros(3)]).ravel()
    assert probes.scores(model, weights).accuracy == pytest.approx(1 - 1 / classes)
    assert probes.scores(model, np.full_like(weights, np.nan)).accuracy == 0  # no prediction is a right one


def test_a_landscape_has_no_scores():
    found = probes.scores(two_minima(), np.zeros(1))
    assert math.isnan(found.rmse)
    assert math.isnan(found.accuracy)
    assert found.examples == 0


def test_scores_are_those_of_scikit_learn():
    metrics = pytest.importorskip("sklearn.metrics", reason="scikit-learn is not installed")
    random = np.random.default_rng(1)
    inputs, targets = random.standard_normal((50, 3)), random.standard_normal(50)
    line, weights = LeastSquares(inputs, targets), random.standard_normal(4)
    found, predicted = probes.scores(line, weights), line.predict(weights, inputs)
    assert found.r_squared == pytest.approx(metrics.r2_score(targets, predicted), rel=1e-12)
    assert found.rmse == pytest.approx(metrics.root_mean_squared_error(targets, predicted), rel=1e-12)
