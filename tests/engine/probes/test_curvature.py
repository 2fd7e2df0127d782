import numpy as np
import pytest

from engine import probes
from engine.model.landscape_objective import quadratic
from engine.model.least_squares import LeastSquares
from engine.model.networks import Network
from engine.probes.curvature import lanczos_pieces
from engine.probes.pieces import at_once, finish


def random_symmetric(size, seed=0):
    matrix = np.random.default_rng(seed).standard_normal((size, size))
    return matrix + matrix.T


def test_sharpness_is_the_largest_eigenvalue_of_the_hessian(make_plane):
    objective = make_plane(50, 6)
    design = np.hstack([objective.inputs, np.ones((50, 1))])
    expected = np.linalg.eigvalsh(2 / 50 * design.T @ design)[-1]
    sharpness = probes.sharpness(objective, np.zeros(7))
    assert sharpness.value == pytest.approx(expected, rel=1e-12)
    assert sharpness.kind == "exact"


def test_sharpness_worked_by_hand():
    # One feature 1, 3, no bias: the Hessian is 2/2 (1² + 3²) = 10.
    objective = LeastSquares(np.array([[1.0], [3.0]]), np.zeros(2), bias=False)
    assert probes.sharpness(objective, np.zeros(1)).value == pytest.approx(10)


def test_sharpness_may_be_negative():
    assert probes.sharpness(quadratic((-3.0, -1.0)), np.ones(2)).value == pytest.approx(-1)


def test_sharpness_of_data_that_is_not_finite_is_unknown():
    objective = LeastSquares(np.array([[np.nan], [1.0]]), np.ones(2))
    sharpness = probes.sharpness(objective, np.zeros(2))
    assert np.isnan(sharpness.value)
    assert (sharpness.kind, sharpness.note) == ("unknown", "the Hessian is not finite")


def test_above_64_weights_sharpness_comes_from_lanczos_and_says_so(make_plane):
    objective = make_plane(400, 99)
    expected = np.linalg.eigvalsh(probes.hessian(objective, np.zeros(100)))[-1]
    sharpness = probes.sharpness(objective, np.zeros(100))
    # The error of a Ritz value is at most its residual, which ends at 1e-6 of it.
    assert sharpness.value == pytest.approx(expected, rel=1e-6)
    assert sharpness.kind == "estimate"
    assert sharpness.note.startswith("Lanczos, ")


@pytest.mark.parametrize("size", [1, 2, 3, 10, 65, 200, 500])
@pytest.mark.parametrize("seed", range(3))
def test_lanczos_finds_the_end_of_random_spectra(size, seed):
    matrix = random_symmetric(size, seed)
    values = np.linalg.eigvalsh(matrix)
    pair = probes.lanczos(matrix.dot, size)
    assert pair.value == pytest.approx(values[-1], abs=2e-6 * np.abs(values).max())
    assert pair.value <= values[-1] + 1e-12 * np.abs(values).max()
    assert np.linalg.norm(pair.vector) == pytest.approx(1)
    residual = np.linalg.norm(matrix @ pair.vector - pair.value * pair.vector)
    assert residual == pytest.approx(pair.error, abs=1e-10 * np.abs(values).max())
    assert pair.products <= 128


def test_lanczos_needs_few_products_where_one_eigenvalue_stands_out():
    size = 10_000
    diagonal = np.linspace(0, 1, size)
    diagonal[17] = 50
    pair = probes.lanczos(lambda vector: diagonal * vector, size)
    assert pair.value == pytest.approx(50, rel=1e-6)
    assert abs(pair.vector[17]) == pytest.approx(1, abs=1e-6)
    assert pair.products <= 24


def test_lanczos_says_how_far_it_came_where_it_ran_out_of_products():
    diagonal = np.linspace(0, 1, 5000) ** 0.1  # crowded at the top
    pair = probes.lanczos(lambda vector: diagonal * vector, 5000, probes.Precision(products=10))
    assert pair.products == 10
    assert pair.value < 1 <= pair.value + 10 * pair.error
    assert pair.error > 1e-6


def test_lanczos_is_the_same_every_time():
    matrix = random_symmetric(100)
    one, other = (probes.lanczos(matrix.dot, 100) for _ in range(2))
    assert one.value == other.value
    assert one.vector.tobytes() == other.vector.tobytes()


def test_lanczos_of_nothing_and_of_the_identity():
    assert probes.lanczos(np.zeros_like, 100).value == 0
    assert probes.lanczos(np.copy, 100).value == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("size", [3, 100])
def test_an_operator_that_is_not_finite_gives_nan(bad, size):
    assert np.isnan(probes.top_eigenpair(lambda vector: vector * bad, size).value)


def test_the_memory_of_lanczos_is_bounded():
    # 2²³ numbers allow 2 vectors of 4 million, but never fewer than 20.
    calls = []
    diagonal = np.linspace(1, 2, 400_000)

    def product(vector):
        calls.append(1)
        return diagonal * vector

    probes.lanczos(product, len(diagonal), probes.Precision(tolerance=0))
    assert len(calls) == 20


@pytest.mark.parametrize("hidden", [(8, 8), (20, 10)])
def test_lanczos_on_a_network_finds_its_sharpness(hidden):
    generator = np.random.default_rng(0)
    inputs = generator.standard_normal((100, 2))
    network = Network(inputs, np.sin(inputs[:, 0]), hidden=hidden, activation="tanh")
    weights = generator.standard_normal(len(network.weight_names)) * 0.5
    assert len(weights) > 64
    expected = np.linalg.eigvalsh(probes.hessian(network, weights))
    sharpness = probes.sharpness(network, weights)
    assert sharpness.kind == "estimate"
    assert sharpness.value == pytest.approx(expected[-1], abs=2e-6 * np.abs(expected).max())


def spectrum(values, seed=0):
    """A symmetric matrix with these eigenvalues, in directions of no axis."""
    vectors = np.linalg.qr(np.random.default_rng(seed).standard_normal((len(values), len(values))))[0]
    return (vectors * values) @ vectors.T


def test_a_warm_start_takes_five_products_and_is_as_right_as_it_says():
    values = np.concatenate([[5.0, 4.0, 3.9], np.linspace(-1, 3, 297)])
    warm, matrix = probes.WarmStart(), spectrum(values)
    drift = spectrum(np.linspace(-0.01, 0.01, 300), seed=1)
    finish(lanczos_pieces(at_once(matrix.dot), 300, probes.Precision(1e-3, 100), warm))
    for moved in range(1, 6):
        now = matrix + moved * drift
        pair = finish(lanczos_pieces(at_once(now.dot), 300, probes.Precision(5e-3, 100), warm))
        true = np.linalg.eigvalsh(now)[-1]
        assert pair.products <= 6
        assert 0 <= true - pair.value <= pair.error


def test_a_warm_start_finds_a_direction_that_was_not_there():
    values = np.concatenate([[5.0, 4.0, 3.9], np.linspace(-1, 3, 297)])
    warm, matrix = probes.WarmStart(), spectrum(values)
    finish(lanczos_pieces(at_once(matrix.dot), 300, probes.Precision(1e-3, 100), warm))
    new = np.random.default_rng(7).standard_normal(300)
    new /= np.linalg.norm(new)
    grown = matrix + 8 * np.outer(new, new)
    for _ in range(3):
        pair = finish(lanczos_pieces(at_once(grown.dot), 300, probes.Precision(5e-3, 100), warm))
    assert pair.value == pytest.approx(np.linalg.eigvalsh(grown)[-1], rel=1e-2)


def test_a_second_eigenvalue_that_settles_first_is_not_taken_for_the_largest():
    # A start that has next to nothing of the largest one's direction, as a tenth of chance starts have.
    values = np.concatenate([np.linspace(-0.1, 0.3, 297), [0.6, 1.0, 1.15]])
    vectors = np.linalg.qr(np.random.default_rng(5).standard_normal((300, 300)))[0]
    start = np.random.default_rng(0).standard_normal(300)
    start /= np.linalg.norm(start)
    largest = vectors[:, -1] - (1 - 3e-4) * (vectors[:, -1] @ start) * start
    others = np.linalg.qr(np.column_stack([largest, vectors[:, :-1]]))[0]
    matrix = (others * np.roll(values, 1)) @ others.T
    pair = probes.lanczos(matrix.dot, 300, probes.Precision(1e-3, 48))
    assert pair.value == pytest.approx(1.15, rel=1e-3)
    assert pair.products >= 24
