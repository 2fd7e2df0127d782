import numpy as np
import pytest

from engine import probes
from engine.model.features import Polynomial, PolynomialLeastSquares
from engine.model.least_squares import LeastSquares
from engine.model.networks import Network
from engine.model.regularisation import Regularised
from engine.training.knobs import Knobs
from engine.training.trainer import Trainer


def by_hand():
    # f(w, b) = mean of squared errors of w·x + b at (1, 1), (2, 3): 4 at w = 2, b = 1, gradient (6, 4).
    inner = LeastSquares(np.array([[1.0], [2.0]]), np.array([1.0, 3.0]))
    return Regularised(inner, l1=0.5, l2=0.25, penalised=np.array([True, False])), np.array([2.0, 1.0])


@pytest.fixture(params=["least_squares", "network"])
def random_case(request, make_plane):
    if request.param == "least_squares":
        inner, penalised = make_plane(40, 3), None
    else:
        random = np.random.default_rng(0)
        labels = random.integers(3, size=40).astype(float)
        inner = Network(
            random.standard_normal((40, 2)), labels, hidden=(4,), num_outputs=3, loss="softmax_cross_entropy"
        )
        penalised = ~inner.is_bias
    weights, direction = np.random.default_rng(1).standard_normal((2, len(inner.weight_names)))
    return Regularised(inner, l1=0.3, l2=0.2, penalised=penalised), weights, direction


def test_worked_by_hand():
    regularised, weights = by_hand()
    assert regularised.loss(weights) == 4 + 0.5 * 2 + 0.25 * 4
    assert regularised.losses(weights[None]) == pytest.approx([6])
    assert regularised.gradient(weights).tolist() == [6 + 0.5 + 2 * 0.25 * 2, 4]


def test_one_step_worked_by_hand():
    regularised, weights = by_hand()
    trainer = Trainer(regularised, weights, knobs=Knobs(learning_rate=0.25, batch_size=2))
    trainer.step()
    assert trainer.weights == pytest.approx([2 - 0.25 * 7.5, 0], abs=1e-14)
    assert trainer.history.tail(1)[0, 0] == pytest.approx(6)  # the penalty is part of the recorded loss


def test_derivatives_agree_with_central_differences(random_case):
    regularised, weights, direction = random_case
    h = 1e-6
    above, below = weights + h * direction, weights - h * direction
    slope = (regularised.loss(above) - regularised.loss(below)) / (2 * h)
    assert slope == pytest.approx(regularised.gradient(weights) @ direction, rel=1e-7)
    change = (regularised.gradient(above) - regularised.gradient(below)) / (2 * h)
    np.testing.assert_allclose(regularised.hessian_vector_product(weights, direction), change, rtol=1e-6, atol=1e-7)


def test_a_step_takes_the_gradient_of_its_minibatch_and_of_the_penalty(random_case):
    regularised, weights, _ = random_case
    trainer = Trainer(regularised, weights, knobs=Knobs(0.01, 7))
    for _ in range(12):
        before = trainer.weights
        gradient = probes.minibatch_gradient(regularised.objective, before, trainer.upcoming_batch())
        penalty = np.where(regularised.penalised, 0.3 * np.sign(before) + 0.4 * before, 0)
        trainer.step()
        np.testing.assert_allclose(trainer.weights, before - 0.01 * (gradient + penalty), atol=1e-13)


def test_l2_alone_is_ridge_regression(make_plane):
    plane = make_plane(60, 4)
    regularised = Regularised(plane, l2=0.5, penalised=np.array([True] * 4 + [False]))
    # The gradient 2/N Aᵀ(Aw − y) + 2 l2 Mw vanishes, M having ones for the weights that count.
    design = np.hstack([plane.inputs, np.ones((60, 1))])
    best = np.linalg.solve(design.T @ design / 60 + 0.5 * np.diag([1, 1, 1, 1, 0]), design.T @ plane.targets / 60)
    assert np.linalg.norm(regularised.gradient(best)) < 1e-14
    trainer = Trainer(regularised, np.zeros(5), knobs=Knobs(0.2, 60))
    trainer.run(500)
    np.testing.assert_allclose(trainer.weights, best, atol=1e-12)


def test_without_a_penalty_all_is_as_it_was(make_plane):
    plane = make_plane(30, 2)
    regularised = Regularised(plane)
    weights = np.ones(3)
    assert regularised.loss(weights) == plane.loss(weights)
    assert regularised.minimum() is plane.minimum()
    assert Regularised(plane, l2=0.1).minimum() is None
    assert regularised.predict(weights, plane.inputs).tolist() == plane.predict(weights, plane.inputs).tolist()
    one, other = (Trainer(objective, weights, knobs=Knobs(0.1, 8)) for objective in (plane, regularised))
    one.run(50)
    other.run(50)
    assert one.weights.tobytes() == other.weights.tobytes()
    assert one.history.tail(50).tobytes() == other.history.tail(50).tobytes()


def test_what_only_some_objectives_offer_is_passed_on():
    regularised = Regularised(Network(np.ones((2, 1)), np.array([0.0, 1.0]), loss="binary_cross_entropy"), l1=1)
    assert regularised.num_classes == 2
    assert regularised.probabilities(np.zeros(2), np.ones((1, 1))).tolist() == [[0.5, 0.5]]
    with pytest.raises(AttributeError):
        _ = regularised.altitude


@pytest.mark.parametrize("arguments", [{"l1": -1}, {"l2": np.inf}, {"l2": np.nan}, {"penalised": np.ones(3, bool)}])
def test_what_is_impossible_is_refused(arguments, make_line):
    with pytest.raises(ValueError, match=r"l1 and l2|penalised"):
        Regularised(make_line(), **arguments)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_weights_that_are_not_finite_show(bad, make_line):
    regularised = Regularised(make_line(), l1=0.1, l2=0.1)
    trainer = Trainer(regularised, np.array([bad, 1.0]), knobs=Knobs(0.1, 8))
    trainer.run(3)
    assert trainer.blew_up_at == 0


def test_polynomial_features_are_powers_of_equal_size():
    inputs = np.random.default_rng(0).uniform(2, 8, (100, 1))
    features = Polynomial(4, inputs)
    columns = features(inputs)
    np.testing.assert_allclose(columns.mean(axis=0), 0, atol=1e-13)
    np.testing.assert_allclose(columns.std(axis=0), 1)
    assert features(inputs[:3]).tolist() == columns[:3].tolist()  # the standardisation stays that of the first


def test_a_polynomial_is_fitted_exactly():
    x = np.linspace(-2, 5, 40)[:, None]
    y = (1 - 2 * x + 0.5 * x**3)[:, 0]
    objective = PolynomialLeastSquares(x, y, Polynomial(3, x))
    assert objective.weight_names == ("x", "x^2", "x^3", "bias")
    assert objective.inputs.tolist() == x.tolist()
    assert objective.loss(objective.minimum()) < 1e-20
    np.testing.assert_allclose(objective.predict(objective.minimum(), np.array([[10.0]])), [481], rtol=1e-10)


def test_a_polynomial_of_equal_inputs_is_no_error():
    x = np.full((5, 1), 3.0)
    assert not Polynomial(3, x)(x).any()


@pytest.mark.parametrize(("degree", "shape"), [(0, (5, 1)), (2, (5, 2)), (2, (5,))])
def test_a_polynomial_of_something_else_is_refused(degree, shape):
    with pytest.raises(ValueError, match=r"degree must be|of one feature"):
        Polynomial(degree, np.ones(shape))


@pytest.mark.parametrize("work", [np.inf, 1.0])
def test_sums_by_parts_are_those_over_all_examples(random_case, work):
    regularised, weights = random_case[:2]
    sums = probes.Sums(regularised, part_work=work)
    np.testing.assert_allclose(probes.finish(sums.gradient(weights)), regularised.gradient(weights), rtol=1e-12)
    assert regularised.effort(7) == regularised.objective.effort(7) > 0
