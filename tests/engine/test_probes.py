import numpy as np
import pytest

from engine import probes
from engine.least_squares import LeastSquares
from engine.trainer import Knobs, Trainer


def test_sharpness_is_the_largest_eigenvalue_of_the_hessian(make_plane):
    objective = make_plane(50, 6)
    design = np.hstack([objective.inputs, np.ones((50, 1))])
    expected = np.linalg.eigvalsh(2 / 50 * design.T @ design)[-1]
    assert probes.sharpness(objective, np.zeros(7)) == pytest.approx(expected, rel=1e-12)


def test_sharpness_worked_by_hand():
    # One feature 1, 3, no bias: the Hessian is 2/2 (1² + 3²) = 10.
    objective = LeastSquares(np.array([[1.0], [3.0]]), np.zeros(2), bias=False)
    assert probes.sharpness(objective, np.zeros(1)) == pytest.approx(10)


def test_sharpness_of_data_that_is_not_finite_is_nan():
    objective = LeastSquares(np.array([[np.nan], [1.0]]), np.ones(2))
    assert np.isnan(probes.sharpness(objective, np.zeros(2)))


@pytest.mark.parametrize(
    ("sharpness", "momentum", "expected"), [(2.0, 0.0, 1.0), (2.0, 0.9, 1.9), (8.0, 0.5, 0.375), (0.0, 0.9, np.inf)]
)
def test_largest_stable_learning_rate(sharpness, momentum, expected):
    assert probes.largest_stable_learning_rate(sharpness, momentum) == pytest.approx(expected)


def test_largest_stable_learning_rate_of_unknown_sharpness_is_unknown():
    assert np.isnan(probes.largest_stable_learning_rate(np.nan, 0.0))


def test_the_full_batch_gradient_is_the_true_one(make_plane):
    objective = make_plane(100, 5)
    trainer = Trainer(objective, np.ones(6), knobs=Knobs(batch_size=100))
    # The cosine is right to a few roundings, 1e-15; the arc cosine makes √(2e-15) rad = 3e-6° of that.
    assert probes.gradient_angle(trainer) < 1e-5


def test_gradient_angle_is_between_the_next_minibatch_and_all():
    # At w = (0, 0): example 0 has the gradient (−2, 0), example 1 (0, −2), all of them (−1, −1).
    objective = LeastSquares(np.eye(2), np.ones(2), bias=False)
    trainer = Trainer(objective, np.zeros(2), knobs=Knobs(batch_size=1))
    assert probes.gradient_angle(trainer) == pytest.approx(45)


def test_gradient_angle_is_unknown_where_the_gradient_vanishes():
    objective = LeastSquares(np.eye(2), np.ones(2), bias=False)
    trainer = Trainer(objective, np.ones(2), knobs=Knobs(batch_size=1))
    assert np.isnan(probes.gradient_angle(trainer))


def test_asking_for_the_angle_changes_nothing(make_line):
    asked, left = (Trainer(make_line(), np.zeros(2), knobs=Knobs(batch_size=10)) for _ in range(2))
    for trainer in (asked, left):
        for _ in range(60):
            if trainer is asked:
                probes.gradient_angle(trainer)
            trainer.step()
    assert asked.weights.tobytes() == left.weights.tobytes()


def test_loss_grid_has_the_first_weight_along_its_rows(make_line):
    objective = make_line()
    first, second = np.linspace(-1, 1, 3), np.linspace(0, 5, 4)
    grid = probes.loss_grid(objective, first, second)
    expected = [[objective.loss(np.array([w, b])) for w in first] for b in second]
    np.testing.assert_allclose(grid, expected, rtol=1e-12)
