import numpy as np
import pytest

from engine import probes
from engine.model.landscape_objective import quadratic, tilted, two_minima
from engine.model.landscape_shapes import Ravine
from engine.model.least_squares import LeastSquares
from engine.training.knobs import Knobs
from engine.training.trainer import Trainer

INDEPENDENT = {"sampling": "with_replacement"}
OPTIMIZERS = [
    {"optimizer": "sgd"},
    {"optimizer": "sgd", "momentum": 0.9},
    {"optimizer": "nesterov", "momentum": 0.9},
    {"optimizer": "sgd", "momentum": 0.5, "weight_decay": 0.3},
    {"optimizer": "nesterov", "momentum": 0.5, "weight_decay": 0.3},
]


def steady_values(objective, knobs, of_weights, steps=200_000):
    """The mean of a function of the weights after a beginning, and its standard error from 50 blocks' means."""
    trainer = Trainer(objective, objective.minimum(), knobs=knobs)
    trainer.run(2000)
    values = []
    while sum(map(len, values)) < steps:
        values.append(of_weights(trainer.advance(steps).weights[1:]))
    blocks = np.array([block.mean() for block in np.array_split(np.concatenate(values), 50)])
    return blocks.mean(), blocks.std(ddof=1) / np.sqrt(50)


def second_moments(objective, knobs, rate):
    """(4P², 4P²) z zᵀ → E z′z′ᵀ of the state z = (w − w*, v), by the Kronecker products of every example's step."""
    weights = np.zeros(len(objective.weight_names))
    size, examples = len(weights), len(objective.examples)
    hessians = [2 * np.outer(row, row) for row in objective.examples[:, :size]]
    nesterov = knobs.optimizer == "nesterov"

    def step(matrix):
        beta, decayed = knobs.momentum, matrix + knobs.weight_decay * np.eye(size)
        velocity = np.hstack([decayed, beta * np.eye(size)])
        move = np.hstack([decayed, np.zeros((size, size))]) + beta * velocity if nesterov else velocity
        return np.vstack([np.eye(size, 2 * size) - rate * move, velocity])

    # A minibatch's step is the mean of its examples' steps: the mean's own product, and their covariance/B.
    mean = step(np.mean(hessians, axis=0))
    squares = sum(np.kron(step(matrix), step(matrix)) for matrix in hessians) / examples
    return np.kron(mean, mean) + (squares - np.kron(mean, mean)) / knobs.batch_size


@pytest.mark.parametrize("knobs", OPTIMIZERS, ids=str)
@pytest.mark.parametrize("batch_size", [1, 8])
def test_the_stochastic_limit_is_where_the_second_moments_begin_to_grow(make_line, knobs, batch_size):
    objective = make_line(40)
    knobs = Knobs(batch_size=batch_size, **INDEPENDENT, **knobs)
    limit = probes.Quadratic.of(objective).largest_stable_learning_rate(knobs)
    assert limit.kind == "exact"
    growth = [
        np.abs(np.linalg.eigvals(second_moments(objective, knobs, share * limit.value))).max()
        for share in (0.999, 1.001)
    ]
    assert growth[0] < 1 < growth[1]


def test_the_stochastic_limit_of_one_weight_by_hand():
    # w′ = (1 − ηh)w: E(1 − ηh)² = 1 at η = 2E h/E h². Here h = 2x² = 2, 18: 20/(4 + 324)/2 = 0.06098.
    objective = LeastSquares(np.array([[1.0], [3.0]]), np.zeros(2), bias=False)
    limit = probes.Quadratic.of(objective).largest_stable_learning_rate(Knobs(batch_size=1, **INDEPENDENT))
    assert limit.value == pytest.approx(20 / 164, rel=1e-6)


def test_the_stochastic_limit_by_simulation():
    # The same example. After 3 steps E w² is q³ with q = E(1 − ηh)², and 1 where η is the limit.
    limit, generator, repeats = 20 / 164, np.random.default_rng(0), 1_000_000
    for share in (0.8, 1.0, 1.2):
        factors = 1 - share * limit * generator.choice([2.0, 18.0], (3, repeats))
        squares = np.prod(factors, axis=0) ** 2
        assert abs(np.log(squares.mean())) < 4 * squares.std() / np.sqrt(repeats) or share != 1
        assert (squares.mean() > 1) == (share > 1) or share == 1


def test_two_minima_differ_in_their_stochastic_limit():
    # Wu, Ma & E 2018; the numbers are in the docstring of `TwoMinima`, from 2E h/E h² with h = 0.2, 3.8.
    knobs = Knobs(batch_size=1, **INDEPENDENT)
    alike, apart = (probes.Quadratic(two_minima(), np.array([where])) for where in (0.0, 1.0))
    assert alike.largest_stable_learning_rate(knobs).value == pytest.approx(1.0, rel=1e-6)
    assert apart.largest_stable_learning_rate(knobs).value == pytest.approx(0.5525, abs=5e-5)
    assert apart.largest_stable_learning_rate(knobs).kind == "estimate"
    assert apart.noise_floor(0.1, knobs).kind == "unknown"


def test_the_stochastic_limit_of_the_full_batch_is_the_other_one(make_line):
    objective = make_line()
    for knobs in (Knobs(sampling="full_batch"), Knobs(batch_size=256), Knobs(batch_size=1000)):
        trainer = Trainer(objective, np.zeros(2), knobs=knobs)
        limit = probes.Quadratic.of(objective).largest_stable_learning_rate(knobs)
        assert limit.value == pytest.approx(probes.largest_stable_learning_rate(trainer).value)
        assert limit.kind == "exact"


def test_the_stochastic_limit_grows_with_the_batch(make_line):
    theory = probes.Quadratic.of(make_line())
    sizes = (1, 2, 4, 8, 16, 32, 64, 128, 256)
    limits = [theory.largest_stable_learning_rate(Knobs(batch_size=size)).value for size in sizes]
    assert (np.diff(limits) > 0).all()


@pytest.mark.parametrize("rate", [0.05, 0.3])
@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_the_variance_of_additive_noise_has_the_closed_form(rate, momentum):
    # Result 5: Var w = ηs²(1 + β)/((1 − β)L(2(1 + β) − ηL)) with L = 3 and s² = 2²/B.
    theory = probes.Quadratic.of(quadratic((3.0,), noise=2.0, examples=64))
    knobs = Knobs(momentum=momentum, batch_size=4, **INDEPENDENT)
    expected = rate * 1 * (1 + momentum) / ((1 - momentum) * 3 * (2 * (1 + momentum) - rate * 3))
    assert theory.covariance(rate, knobs)[0, 0] == pytest.approx(expected, rel=1e-6)
    assert theory.noise_floor(rate, knobs).value == pytest.approx(0.5 * 3 * expected, rel=1e-6)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_the_variance_of_additive_noise_by_simulation(momentum):
    objective = quadratic((3.0,), noise=2.0, examples=64)
    knobs = Knobs(learning_rate=0.1, momentum=momentum, batch_size=4, **INDEPENDENT)
    expected = 0.1 * (1 + momentum) / ((1 - momentum) * 3 * (2 * (1 + momentum) - 0.3))
    variance, error = steady_values(objective, knobs, lambda weights: weights[:, 0] ** 2)
    assert abs(variance - expected) < 4 * error
    assert error < 0.03 * expected  # so that the test says something


@pytest.mark.parametrize("knobs", OPTIMIZERS, ids=str)
def test_the_noise_floor_by_simulation(make_line, knobs):
    objective = make_line()
    knobs = Knobs(learning_rate=0.1, batch_size=8, **INDEPENDENT, **knobs)
    floor = probes.Quadratic.of(objective).noise_floor(0.1, knobs)
    assert floor.kind == "exact"
    loss, error = steady_values(objective, knobs, objective.losses)
    minimum = objective.loss(objective.minimum())
    assert abs(loss - floor.value) < 4 * error
    assert error < 0.05 * (floor.value - minimum)


def test_the_full_batch_has_no_noise(make_line):
    objective = make_line()
    floor = probes.Quadratic.of(objective).noise_floor(0.05, Knobs(sampling="full_batch"))
    assert floor.kind == "exact"
    assert floor.value == pytest.approx(objective.loss(objective.minimum()), rel=1e-12)


def test_weight_decay_moves_the_floor_of_the_full_batch(make_line):
    objective = make_line()
    knobs = Knobs(sampling="full_batch", weight_decay=0.5)
    trainer = Trainer(objective, np.zeros(2), knobs=knobs)
    trainer.run(2000)
    floor = probes.Quadratic.of(objective).noise_floor(0.05, knobs)
    assert floor.value == pytest.approx(trainer.loss(), rel=1e-9)


def test_above_the_limit_there_is_no_floor(make_line):
    theory = probes.Quadratic.of(make_line())
    for knobs in (Knobs(batch_size=2, **INDEPENDENT), Knobs(sampling="full_batch")):
        limit = theory.largest_stable_learning_rate(knobs).value
        assert np.isfinite(theory.noise_floor(0.99 * limit, knobs).value)
        assert theory.noise_floor(1.01 * limit, knobs).value == np.inf


def test_directions_without_curvature_do_no_harm():
    # Two features that are the same: the Hessian has a zero eigenvalue.
    x = np.random.default_rng(0).standard_normal(200)
    twice, once = (LeastSquares(inputs, 3 * x + 1, bias=False) for inputs in (np.stack([x, x], 1), x[:, None]))
    floors = [
        probes.Quadratic.of(each).noise_floor(rate, Knobs(batch_size=5)) for each, rate in ((twice, 0.05), (once, 0.1))
    ]
    assert floors[0].value == pytest.approx(floors[1].value, rel=1e-9)


def test_adaptive_methods_have_no_theory(make_line):
    theory = probes.Quadratic.of(make_line())
    for measured in (
        theory.noise_floor(0.1, Knobs(optimizer="adam")),
        theory.largest_stable_learning_rate(Knobs(optimizer="adam")),
    ):
        assert np.isnan(measured.value)
        assert (measured.kind, measured.note) == ("unknown", "no theory of adam")


def test_of_many_examples_a_sample_is_taken_and_said_so(make_line):
    theory = probes.Quadratic.of(make_line(5000))
    knobs = Knobs(batch_size=8, **INDEPENDENT)
    for measured in (theory.noise_floor(0.1, knobs), theory.largest_stable_learning_rate(knobs)):
        assert (measured.kind, measured.note) == ("estimate", "from 4,096 of 5,000 examples")


def test_there_is_no_theory_of_what_is_no_quadratic_or_is_not_finite(make_plane):
    assert probes.Quadratic.of(tilted(Ravine())) is None
    assert probes.Quadratic.of(make_plane(100, 20)) is None  # too many weights
    assert probes.Quadratic.of(LeastSquares(np.array([[np.nan], [1.0]]), np.ones(2))) is None
    assert probes.Quadratic.of(quadratic((-1.0, 2.0))) is None
