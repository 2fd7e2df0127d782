import numpy as np
import pytest

from engine.model.least_squares import LeastSquares
from engine.training.knobs import Knobs
from engine.training.trainer import Trainer


def by_hand():
    # x = 1, 2; y = 1, 3. At w = 2, b = 1: residuals 2·1 + 1 − 1 = 2 and 2·2 + 1 − 3 = 2.
    return LeastSquares(np.array([[1.0], [2.0]]), np.array([1.0, 3.0])), np.array([2.0, 1.0])


@pytest.fixture(params=[(50, 1, True), (50, 1, False), (40, 8, True), (40, 8, False), (1, 3, True)])
def random_case(request):
    """An objective, weights, and a random direction of unit length."""
    examples, features, bias = request.param
    generator = np.random.default_rng(examples + features + bias)
    inputs, targets = generator.standard_normal((examples, features)), generator.standard_normal(examples)
    objective = LeastSquares(inputs, targets, bias=bias)
    weights, direction = generator.standard_normal((2, features + bias))
    return objective, weights, direction / np.linalg.norm(direction)


def test_loss_worked_by_hand():
    objective, weights = by_hand()
    assert objective.loss(weights) == 4.0  # (2² + 2²)/2


def test_gradient_worked_by_hand():
    objective, weights = by_hand()
    # 2/2 (2·1 + 2·2) = 6 for w, 2/2 (2 + 2) = 4 for b.
    assert objective.gradient(weights).tolist() == [6.0, 4.0]


def test_one_step_worked_by_hand():
    objective, weights = by_hand()
    trainer = Trainer(objective, weights, knobs=Knobs(learning_rate=0.25, batch_size=2))
    trainer.step()
    assert trainer.weights == pytest.approx([0.5, 0.0], rel=0, abs=1e-15)  # 2 − 0.25·6, 1 − 0.25·4


def test_without_a_bias_worked_by_hand():
    objective = LeastSquares(np.array([[1.0], [2.0]]), np.array([1.0, 3.0]), bias=False)
    # At w = 2: residuals 1 and 1; loss (1 + 1)/2, gradient 2/2 (1·1 + 1·2).
    assert objective.loss(np.array([2.0])) == 1.0
    assert objective.gradient(np.array([2.0])).tolist() == [3.0]


def test_gradient_agrees_with_central_differences_of_the_loss(random_case):
    objective, weights, direction = random_case
    h = 1e-4  # exact for a quadratic but for rounding: 1e-16/1e-4 = 1e-12 of a loss of about 10
    slope = (objective.loss(weights + h * direction) - objective.loss(weights - h * direction)) / (2 * h)
    assert slope == pytest.approx(objective.gradient(weights) @ direction, abs=1e-9)


def test_hessian_vector_product_agrees_with_central_differences_of_the_gradient(random_case):
    objective, weights, direction = random_case
    h = 1e-4
    change = (objective.gradient(weights + h * direction) - objective.gradient(weights - h * direction)) / (2 * h)
    np.testing.assert_allclose(change, objective.hessian_vector_product(weights, direction), atol=1e-9)


def test_losses_agree_with_loss(random_case):
    objective, weights, direction = random_case
    many = weights + np.linspace(-5, 5, 11)[:, None] * direction
    one_by_one = [objective.loss(one) for one in many]
    np.testing.assert_allclose(objective.losses(many), one_by_one, rtol=1e-11, atol=1e-12)


def test_the_gradient_vanishes_at_the_minimum(random_case):
    objective, weights, _ = random_case
    minimum = objective.minimum()
    assert np.linalg.norm(objective.gradient(minimum)) < 1e-13 * len(objective.examples)
    assert objective.loss(minimum) <= objective.loss(weights)


def test_predictions_are_targets_plus_residuals(random_case):
    objective, weights, _ = random_case
    predictions = objective.predict(weights, objective.inputs)
    np.testing.assert_allclose(predictions, objective.targets + objective.residuals(weights), atol=1e-14)


def test_float32_is_float64_to_its_rounding(random_case):
    objective, weights, direction = random_case
    single = LeastSquares(objective.inputs, objective.targets, bias=objective.bias, dtype=np.float32)
    assert single.examples.dtype == np.float32
    # Numbers of about 1, rounded to 6e-8; sums of at most 50 of them.
    assert single.loss(weights) == pytest.approx(objective.loss(weights), rel=1e-5)
    np.testing.assert_allclose(single.gradient(weights), objective.gradient(weights), rtol=0, atol=1e-5)
    np.testing.assert_allclose(single.losses(weights[None]), objective.losses(weights[None]), rtol=1e-5)
    for one, other in [
        (single.minimum(), objective.minimum()),
        (single.hessian_vector_product(weights, direction), objective.hessian_vector_product(weights, direction)),
    ]:
        assert one.dtype == np.float64
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", ["inputs", "targets"])
@pytest.mark.filterwarnings("error")
def test_data_that_is_not_finite_shows_as_a_loss_that_is_not(bad, place, capfd):
    data = {"inputs": np.arange(10.0)[:, None], "targets": np.ones(10)}
    data[place][3] = bad
    objective = LeastSquares(**data)
    assert objective.minimum() is None
    assert not np.isfinite(objective.loss(np.ones(2)))
    assert not np.isfinite(objective.losses(np.ones((3, 2)))).any()
    assert capfd.readouterr() == ("", "")  # LAPACK, written in Fortran, would print


@pytest.mark.parametrize(
    ("inputs", "targets"),
    [((5,), (5,)), ((5, 2), (4,)), ((5, 2), (5, 1)), ((0, 2), (0,)), ((5, 2, 2), (5,))],
)
def test_shapes_that_do_not_match_are_refused(inputs, targets):
    with pytest.raises(ValueError, match=r"inputs .* and targets .* are needed"):
        LeastSquares(np.ones(inputs), np.ones(targets))


def test_names_are_one_for_each_weight():
    assert LeastSquares(np.ones((3, 2)), np.ones(3)).weight_names == ("w0", "w1", "bias")
    with pytest.raises(ValueError, match="3 weight names are needed, not 2"):
        LeastSquares(np.ones((3, 2)), np.ones(3), weight_names=("a", "b"))


@pytest.mark.parametrize("spread", [1.0, 1e-5])  # of one column beside another: well and badly conditioned
def test_the_minimum_of_many_examples_is_that_of_lapack(spread):
    random = np.random.default_rng(0)
    inputs = random.normal(size=(70_000, 3))
    inputs[:, 2] = inputs[:, 1] + spread * inputs[:, 2]
    targets = inputs @ [1.0, -2.0, 0.5] + 3.0 + random.normal(size=len(inputs))
    expected = np.linalg.lstsq(np.column_stack([inputs, np.ones(len(inputs))]), targets, rcond=None)[0]
    np.testing.assert_allclose(LeastSquares(inputs, targets).minimum(), expected, rtol=1e-9)
