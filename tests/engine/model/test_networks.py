import gc
import weakref
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.activations import ACTIVATIONS
from engine.model.example_losses import LOSSES
from engine.model.initialisation import initial_weights
from engine.model.network_kernel import matrices
from engine.model.networks import Network, WeightNames
from engine.training.knobs import Knobs
from engine.training.trainer import Trainer

NUM_OUTPUTS = {"mse": 2, "mae": 2, "huber": 2, "binary_cross_entropy": 1, "softmax_cross_entropy": 3}
PAIRS = pytest.mark.parametrize(("activation", "loss"), list(product(ACTIVATIONS, LOSSES)))


def make(activation="tanh", loss="mse", *, hidden=(5, 4), examples=30, seed=0, dtype=np.float64, features=3):
    """A network on random data, and weights that are no special ones."""
    random = np.random.default_rng(seed)
    num_outputs = NUM_OUTPUTS[loss]
    inputs = random.standard_normal((examples, features))
    if LOSSES[loss](num_outputs, np.float64).num_classes:
        targets = random.integers(max(num_outputs, 2), size=examples).astype(float)
    else:
        targets = random.standard_normal((examples, num_outputs))
    network = Network(
        inputs, targets, hidden=hidden, num_outputs=num_outputs, activation=activation, loss=loss, dtype=dtype
    )
    return network, random.standard_normal(len(network.weight_names))


def unit_vector(size, seed=1):
    vector = np.random.default_rng(seed).standard_normal(size)
    return vector / np.linalg.norm(vector)


def by_hand():
    # Two inputs, one hidden ReLU unit, one output: w₁ = (1, 2), b₁ = −1; w₂ = 3, b₂ = 0.5.
    # x = (1, 1): h = 1 + 2 − 1 = 2, z = 6.5; y = 6, r = 0.5.
    # x = (0, 0): h = max(−1, 0) = 0, z = 0.5; y = 1, r = −0.5.
    inputs, targets = np.array([[1.0, 1.0], [0.0, 0.0]]), np.array([6.0, 1.0])
    return Network(inputs, targets, hidden=(1,), activation="relu"), np.array([1.0, 2.0, -1.0, 3.0, 0.5])


def test_loss_worked_by_hand():
    network, weights = by_hand()
    assert network.loss(weights) == 0.25  # (0.5² + 0.5²)/2
    assert network.predict(weights, network.inputs).tolist() == [6.5, 0.5]


def test_gradient_worked_by_hand():
    network, weights = by_hand()
    # Slopes by z: 2/2·r = 0.5, −0.5. Output layer: 0.5·2 − 0.5·0 = 1, bias 0.
    # Hidden unit: 0.5·3 = 1.5 and, below the kink, 0.
    assert network.gradient(weights).tolist() == [1.5, 1.5, 1.5, 1.0, 0.0]


def test_one_step_worked_by_hand():
    network, weights = by_hand()
    trainer = Trainer(network, weights, knobs=Knobs(learning_rate=0.5, batch_size=2))
    trainer.step()
    assert trainer.weights.tolist() == [0.25, 1.25, -1.75, 2.5, 0.5]
    assert trainer.history.tail(1)[:2, 0].tolist() == [0.25, np.sqrt(3 * 1.5**2 + 1)]


def test_the_order_of_the_weights_is_that_of_their_names():
    names = WeightNames((2, 1, 1))
    assert list(names) == ["first.w[0,0]", "first.w[1,0]", "first.b[0]", "second.w[0,0]", "second.b[0]"]
    assert names[-1] == names[4]
    assert names[1:3] == ("first.w[1,0]", "first.b[0]")
    with pytest.raises(IndexError):
        names[5]


def test_names_of_many_weights_cost_nothing():
    names = WeightNames((784, 256, 128, 10))
    assert len(names) == 785 * 256 + 257 * 128 + 129 * 10
    assert names[-1] == "third.b[9]"


@PAIRS
def test_gradient_agrees_with_central_differences_of_the_loss(activation, loss):
    network, weights = make(activation, loss)
    direction = unit_vector(len(weights))
    h = 1e-6  # truncation h² and rounding 1e-16/h; no kink lies within h of these weights
    slope = (network.loss(weights + h * direction) - network.loss(weights - h * direction)) / (2 * h)
    assert slope == pytest.approx(network.gradient(weights) @ direction, rel=1e-7, abs=1e-8)


@PAIRS
def test_hessian_vector_product_agrees_with_central_differences_of_the_gradient(activation, loss):
    network, weights = make(activation, loss)
    direction = unit_vector(len(weights))
    h = 1e-6
    change = (network.gradient(weights + h * direction) - network.gradient(weights - h * direction)) / (2 * h)
    np.testing.assert_allclose(network.hessian_vector_product(weights, direction), change, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("hidden", [(), (4,), (3, 3, 3)])
def test_any_number_of_hidden_layers(loss, hidden):
    network, weights = make(loss=loss, hidden=hidden)
    direction = unit_vector(len(weights))
    h = 1e-6
    slope = (network.loss(weights + h * direction) - network.loss(weights - h * direction)) / (2 * h)
    assert slope == pytest.approx(network.gradient(weights) @ direction, rel=1e-7, abs=1e-8)


@given(st.integers(0, 2**32), st.sampled_from(sorted(LOSSES)), st.sampled_from(["tanh", "gelu", "silu", "sigmoid"]))
def test_the_hessian_is_symmetric(seed, loss, activation):
    network, weights = make(activation, loss, seed=seed)
    first, second = unit_vector(len(weights), seed), unit_vector(len(weights), seed + 1)
    one = first @ network.hessian_vector_product(weights, second)
    other = second @ network.hessian_vector_product(weights, first)
    assert one == pytest.approx(other, rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("loss", LOSSES)
def test_the_recorded_loss_and_gradient_are_those_of_the_minibatch(loss):
    network, weights = make(loss=loss, examples=30)
    trainer = Trainer(network, weights, knobs=Knobs(learning_rate=0.01, batch_size=8))
    for _ in range(12):  # the last batch of an epoch has 6
        chosen, before = trainer.upcoming_batch(), trainer.weights
        alone = Network(
            network.inputs[chosen], network.targets[chosen], hidden=(5, 4), num_outputs=NUM_OUTPUTS[loss], loss=loss
        )
        trainer.step()
        recorded_loss, recorded_norm = trainer.history.tail(1)[:2, 0]
        gradient = alone.gradient(before)
        assert recorded_loss == pytest.approx(alone.loss(before), rel=1e-12)
        assert recorded_norm == pytest.approx(np.linalg.norm(gradient), rel=1e-12)
        np.testing.assert_allclose(trainer.weights, before - 0.01 * gradient, atol=1e-14)


@pytest.mark.parametrize("loss", LOSSES)
def test_the_grouping_of_steps_does_not_matter(loss):
    network, weights = make(loss=loss, examples=30)
    together, apart = (Trainer(network, weights, knobs=Knobs(0.01, 8)) for _ in range(2))
    together.run(60)
    for steps in (1, 2, 7, 20, 30):
        apart.run(steps)
    assert together.weights.tobytes() == apart.weights.tobytes()
    assert together.history.tail(60).tobytes() == apart.history.tail(60).tobytes()


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("examples", [30, 20_000])  # in one block, and in several
def test_a_loss_does_not_depend_on_its_neighbours(loss, examples):
    network, weights = make(loss=loss, examples=examples, hidden=(16,))
    many = weights + np.linspace(-1, 1, 5)[:, None] * unit_vector(len(weights))
    losses = network.losses(many)
    assert losses.tolist() == [network.loss(one) for one in many]
    assert losses[3:].tolist() == network.losses(many[3:]).tolist()


@pytest.mark.parametrize("loss", LOSSES)
def test_blocks_are_a_mean_over_all_examples(loss):
    network, weights = make(loss=loss, examples=20_000, hidden=(16,))
    parts = [slice(0, 5000), slice(5000, 20_000)]
    halves = [
        Network(network.inputs[part], network.targets[part], hidden=(16,), num_outputs=NUM_OUTPUTS[loss], loss=loss)
        for part in parts
    ]
    direction = unit_vector(len(weights))
    for name, arguments in (("loss", ()), ("gradient", ()), ("hessian_vector_product", (direction,))):
        first, second, whole = (getattr(one, name)(weights, *arguments) for one in (*halves, network))
        np.testing.assert_allclose(whole, 0.25 * first + 0.75 * second, rtol=1e-9, atol=1e-12)


def test_float32_trains_in_float32_and_answers_in_float64():
    network, weights = make("relu", "softmax_cross_entropy", dtype=np.float32)
    exact, _ = make("relu", "softmax_cross_entropy")
    assert network.examples.dtype == np.float32
    for name, arguments in (("loss", ()), ("gradient", ()), ("hessian_vector_product", (unit_vector(len(weights)),))):
        value = np.asarray(getattr(network, name)(weights, *arguments))
        assert value.dtype == np.float64
        np.testing.assert_allclose(value, getattr(exact, name)(weights, *arguments), rtol=1e-4, atol=1e-6)
    trainers = [Trainer(one, weights, knobs=Knobs(0.1, 8)) for one in (network, exact)]
    for trainer in trainers:
        trainer.run(50)
    np.testing.assert_allclose(trainers[0].weights, trainers[1].weights, atol=1e-4)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@PAIRS
def test_data_that_is_not_finite_shows_as_a_loss_that_is_not(bad, activation, loss):
    good, weights = make(activation, loss)
    inputs, targets = good.inputs.copy(), good.targets.copy()
    if activation in {"tanh", "sigmoid", "relu"} and np.isinf(bad):
        targets[3] = bad  # an infinite input only saturates these
    else:
        inputs[3, 1] = bad
    network = Network(inputs, targets, hidden=(5, 4), num_outputs=NUM_OUTPUTS[loss], activation=activation, loss=loss)
    if activation != "silu" or np.isnan(bad):
        assert not np.isfinite(network.loss(weights))
    trainer = Trainer(network, weights, knobs=Knobs(0.1, 8))
    trainer.run(10)
    network.gradient(weights)
    network.hessian_vector_product(weights, weights)
    network.predict(weights, inputs)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e300])
@PAIRS
def test_weights_that_are_not_finite_raise_nothing(bad, activation, loss):
    network, weights = make(activation, loss)
    weights[[0, -1]] = bad
    losses = network.losses(np.stack([weights, weights]))
    assert not np.isnan(bad) or np.isnan(losses).all()
    assert Trainer(network, weights, knobs=Knobs(0.1, 8)).run(5) <= 5
    network.gradient(weights)
    network.hessian_vector_product(weights, weights)
    network.predict(weights, network.inputs)


@pytest.mark.parametrize("logit", [40.0, 1e3, 1e100])
def test_saturated_logistic_regression_stays_finite(logit):
    network = Network(np.array([[1.0], [1.0]]), np.array([1.0, 0.0]), loss="binary_cross_entropy")
    # −log σ(z) + −log(1 − σ(z)) = z + 2 log(1 + e⁻ᶻ), which is z from 40 on but for a rounding.
    assert network.loss(np.array([logit, 0.0])) == pytest.approx(logit / 2, rel=1e-15)
    assert network.gradient(np.array([logit, 0.0])).tolist() == [0.5, 0.5]


def test_a_tiny_loss_keeps_its_digits():
    network = Network(np.array([[1.0]]), np.array([1.0]), loss="binary_cross_entropy")
    assert network.loss(np.array([50.0, 0.0])) == pytest.approx(np.exp(-50), rel=1e-12)
    assert network.gradient(np.array([50.0, 0.0]))[0] == pytest.approx(-np.exp(-50), rel=1e-12)


@pytest.mark.parametrize("logit", [1e3, 1e100])
def test_saturated_softmax_regression_stays_finite(logit):
    network = Network(np.array([[1.0]]), np.array([0.0]), num_outputs=3, loss="softmax_cross_entropy")
    wrong = np.array([0.0, logit, 0.0, 0.0, 0.0, 0.0])
    assert network.loss(wrong) == logit
    assert network.gradient(wrong)[:3].tolist() == [-1.0, 1.0, 0.0]
    assert network.loss(-wrong) == pytest.approx(np.log(2))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_activations_saturate_without_losing_their_slope_to_nan(activation):
    function = ACTIVATIONS[activation](np.float64)
    z = np.array([-1e4, -800.0, -30.0, 30.0, 800.0, 1e4])
    a, slope, curvature = (np.empty_like(z) for _ in range(3))
    with np.errstate(over="ignore"):
        function.value(z, a)
        function.slope(z, a, slope)
        function.curvature(z, a, curvature)
    expected = {"tanh": 0.0, "sigmoid": 0.0}.get(activation, 1.0)
    assert slope[-3:] == pytest.approx([expected] * 3, abs=1e-10)
    assert slope[:3] == pytest.approx([1.0 if activation == "linear" else 0.0] * 3, abs=1e-10)
    assert curvature == pytest.approx(np.zeros(6), abs=1e-10)


def test_predictions_compare_with_targets():
    binary, weights = make(loss="binary_cross_entropy")
    shares = binary.probabilities(weights, binary.inputs)
    np.testing.assert_allclose(shares.sum(axis=1), 1)
    np.testing.assert_allclose(binary.predict(weights, binary.inputs), shares[:, 1])
    logits = binary.outputs(weights, binary.inputs)[:, 0]
    np.testing.assert_allclose(shares[:, 1], 1 / (1 + np.exp(-logits)))
    softmax, weights = make(loss="softmax_cross_entropy")
    shares = softmax.probabilities(weights, softmax.inputs)
    assert softmax.predict(weights, softmax.inputs).tolist() == shares.argmax(axis=1).tolist()
    np.testing.assert_allclose(
        softmax.loss(weights), -np.log(shares[np.arange(30), softmax.targets.astype(int)]).mean()
    )
    with pytest.raises(ValueError, match="cross-entropy"):
        make()[0].probabilities(weights, softmax.inputs)


def test_a_kernel_is_gone_when_nobody_needs_it():
    network, weights = by_hand()  # probes make kernels many times a second, with room for all weights
    rows = np.zeros((2, 1, len(weights)))
    kernel = network.kernel(rows[0], rows[1], 2)
    kernel.gradient(*kernel.fetch([network.bind(np.arange(2))]), kernel.rows[0])
    alive = weakref.ref(kernel)
    gc.disable()
    del kernel
    gc.enable()
    assert alive() is None


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("features", [3, 200, 2000])  # whose rows are fetched all at once, a few, one at a time
def test_every_row_of_a_chunk_has_its_own_minibatch(loss, features):
    network, weights = make(loss=loss, features=features)
    random = np.random.default_rng(5)
    sizes = [16] * 7 + [5] + [16] * 9 + [1]  # the ends of epochs are shorter
    rows = np.zeros((2, len(sizes) + 3, len(weights)))
    rows[0] = weights * random.uniform(0.1, 0.3, (len(rows[0]), 1))
    kernel = network.kernel(rows[0], rows[1], 16)
    for count in (len(sizes), 2, 9):
        minibatches = [random.choice(30, size, replace=False) for size in sizes[:count]]
        for fetched, row in zip(kernel.fetch([network.bind(b) for b in minibatches]), kernel.rows, strict=False):
            kernel.gradient(fetched, row)
        losses = kernel.batch_losses(np.array(sizes[:count], dtype=float))
        for minibatch, row, gradient, value in zip(minibatches, *rows, losses, strict=False):
            alone = network.restricted(minibatch)
            np.testing.assert_allclose(value, alone.loss(row), rtol=1e-12)
            np.testing.assert_allclose(gradient, alone.gradient(row), rtol=1e-9, atol=1e-13)


def test_a_network_and_its_parts_may_be_asked_in_turn():
    network, weights = make(examples=40)
    parts = [network.restricted(np.arange(10)), network.restricted(slice(10, 40))]
    for _ in range(2):
        whole, (first, rest) = network.loss(weights), (part.loss(weights) for part in parts)
        np.testing.assert_allclose(whole, (10 * first + 30 * rest) / 40, rtol=1e-13)
        gradients = [part.gradient(weights) for part in parts]
        np.testing.assert_allclose(
            network.gradient(weights), (10 * gradients[0] + 30 * gradients[1]) / 40, rtol=1e-9, atol=1e-14
        )


def test_biases_are_known():
    network, _ = by_hand()
    assert network.is_bias.tolist() == [False, False, True, False, True]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"loss": "hinge"}, "loss must be one of mse, mae, huber"),
        ({"activation": "softplus"}, "activation must be one of linear, tanh"),
        ({"hidden": (3, 0)}, "at least 1 wide, not 0"),
        ({"num_outputs": 2}, "targets of 2 outputs are needed"),
        ({"num_outputs": 2, "loss": "binary_cross_entropy"}, "needs one output, not 2"),
        ({"loss": "softmax_cross_entropy"}, "at least two outputs, not 1"),
        ({"num_outputs": 2, "loss": "softmax_cross_entropy"}, "class numbers 0 to 1 are needed, not 2"),
        ({"weight_names": ("w",)}, "4 weight names are needed, not 1"),
    ],
)
def test_what_does_not_fit_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Network(np.ones((3, 3)), np.array([0.0, 1.0, 2.0]), **arguments)


@pytest.mark.parametrize(("inputs", "targets"), [((3,), (3,)), ((3, 2), (2,)), ((0, 2), (0,))])
def test_shapes_that_do_not_match_are_refused(inputs, targets):
    with pytest.raises(ValueError, match="as many targets"):
        Network(np.ones(inputs), np.ones(targets))


def test_initial_weights_have_the_variance_of_their_kind():
    widths = (300, 200, 100)
    for kind, variances in {"glorot": (2 / 500, 2 / 300), "he": (2 / 300, 2 / 200), "normal": (0.01, 0.01)}.items():
        layers = matrices(initial_weights(kind, widths, seed=3), widths)
        for layer, variance in zip(layers, variances, strict=True):
            # 20,000 numbers or more: the standard error of a normal variance is √(2/20,000) = 1 %
            assert layer[:-1].var() == pytest.approx(variance, rel=0.04)
            assert not layer[-1].any()
    assert not initial_weights("zeros", widths, seed=3).any()
    assert initial_weights("he", widths, seed=3).tobytes() == initial_weights("he", widths, seed=3).tobytes()
    with pytest.raises(ValueError, match="initialisation must be one of"):
        initial_weights("orthogonal", widths, seed=3)
