"""Logistic and softmax regression end where scikit-learn's solvers do."""

import numpy as np
import pytest

from engine.model.networks import Network
from engine.model.regularisation import Regularised

linear_model = pytest.importorskip(
    "sklearn.linear_model", reason="scikit-learn is not installed; it is what these results are compared with"
)


@pytest.mark.parametrize("num_classes", [2, 4])
def test_the_minimum_of_a_regression_of_classes(num_classes):
    random = np.random.default_rng(0)
    labels = random.integers(num_classes, size=300).astype(float)
    inputs = random.standard_normal((300, 3)) + np.eye(num_classes, 3)[labels.astype(int)]
    # Its C is the inverse weight of ½|w|² against the sum over examples: l2 = 1/(2·C·N), biases left out.
    theirs = linear_model.LogisticRegression(C=2.0, tol=1e-12, max_iter=10_000).fit(inputs, labels)
    binary = num_classes == 2
    ours = Network(
        inputs,
        labels,
        num_outputs=1 if binary else num_classes,
        loss="binary_cross_entropy" if binary else "softmax_cross_entropy",
    )
    weights = np.vstack([theirs.coef_.T, theirs.intercept_]).ravel()
    regularised = Regularised(ours, l2=1 / (2 * 2.0 * 300), penalised=~ours.is_bias)
    assert np.linalg.norm(regularised.gradient(weights)) < 1e-6
    np.testing.assert_allclose(ours.probabilities(weights, inputs), theirs.predict_proba(inputs), atol=1e-12)
    predictions = ours.predict(weights, inputs)
    assert (predictions > 0.5 if binary else predictions).tolist() == theirs.predict(inputs).tolist()
