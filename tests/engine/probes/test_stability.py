import numpy as np
import pytest

from engine import probes
from engine.model.landscape_objective import quadratic, tilted, two_minima
from engine.model.landscape_shapes import Ravine
from engine.model.least_squares import LeastSquares
from engine.model.networks import Network
from engine.probes import stability
from engine.training.knobs import Knobs
from engine.training.trainer import Trainer


@pytest.mark.parametrize(
    ("curvature", "knobs", "expected"),
    [
        (2.0, Knobs(), 1.0),
        (2.0, Knobs(momentum=0.9), 1.9),
        (8.0, Knobs(momentum=0.5), 0.375),
        (2.0, Knobs(weight_decay=2.0), 0.5),
        (2.0, Knobs(optimizer="nesterov"), 1.0),
        (2.0, Knobs(optimizer="nesterov", momentum=0.5), 3 / 4),
        (2.0, Knobs(optimizer="rmsprop"), 1.0),
        (1.0, Knobs(optimizer="adam"), 38.0),  # Cohen et al. 2022: 38/η
        (0.0, Knobs(momentum=0.9), np.inf),
        (-1.0, Knobs(), np.inf),
    ],
)
def test_edges(curvature, knobs, expected):
    assert probes.edge(curvature, knobs) == pytest.approx(expected)


def test_the_edge_of_unknown_curvature_is_unknown():
    assert np.isnan(probes.edge(np.nan, Knobs()))


LINEAR = [
    {"optimizer": optimizer, "momentum": momentum, "weight_decay": decay}
    for optimizer in ("sgd", "nesterov")
    for momentum in (0.0, 0.5, 0.9)
    for decay in (0.0, 0.7)
]


@pytest.mark.parametrize("knobs", LINEAR, ids=str)
def test_full_batch_descent_diverges_exactly_above_the_limit(knobs):
    # Result 2. Along the steep direction the weight is multiplied by about −(1 ± 0.01) a step at 1 % off.
    objective = quadratic((1.0, 5.0), rotation=30.0)
    limit = probes.largest_stable_learning_rate(Trainer(objective, np.ones(2), knobs=Knobs(**knobs)))
    assert limit.kind == "exact"
    lengths = []
    for share in (0.99, 1.01):
        rate = share * limit.value
        trainer = Trainer(objective, np.ones(2), knobs=Knobs(learning_rate=rate, sampling="full_batch", **knobs))
        trainer.run(3000)
        lengths.append(np.linalg.norm(trainer.weights))
    assert lengths[0] < 0.1
    assert lengths[1] > 10


@pytest.mark.parametrize("decay", [0.0, 0.5])
@pytest.mark.parametrize("optimizer", ["adam", "adamw", "rmsprop"])
def test_the_limit_of_adaptive_methods_is_that_of_the_preconditioned_hessian(optimizer, decay):
    # Frozen averages of squares, and full-batch steps by hand: w′ = w − ηP⁻¹m.
    objective = quadratic((1.0, 5.0), rotation=30.0)
    knobs = Knobs(learning_rate=0.01, optimizer=optimizer, weight_decay=decay, sampling="full_batch")
    trainer = Trainer(objective, np.array([2.0, 3.0]), knobs=knobs)
    trainer.run(20)
    limit = probes.largest_stable_learning_rate(trainer)
    assert limit.kind == "estimate"
    assert "preconditioned" in limit.note
    beta, correction = (0.0, 1.0) if optimizer == "rmsprop" else (0.9, 1 - 0.999**20)
    preconditioner = np.sqrt(trainer.checkpoint().rows[2, :2] / correction) + 1e-8
    matrix = probes.hessian(objective, np.zeros(2)) + (0 if optimizer == "adamw" else decay) * np.eye(2)
    shrink = decay if optimizer == "adamw" else 0.0
    for share, stable in ((0.999, True), (1.001, False)):
        rate = share * limit.value
        gradient = (1 - beta) * matrix
        new = np.block([[gradient, beta * np.eye(2)]])  # m′ over (w, m)
        scaled = rate * new / preconditioner[:, None]
        step = np.block([[(1 - rate * shrink) * np.eye(2), np.zeros((2, 2))]]) - scaled
        assert (np.abs(np.linalg.eigvals(np.vstack([step, new]))).max() < 1) == stable


@pytest.mark.parametrize("optimizer", ["adagrad", "rmsprop", "adam", "adamw"])
def test_adaptive_methods_are_unknown_until_they_have_averaged_enough(make_line, optimizer):
    trainer = Trainer(make_line(), np.zeros(2), knobs=Knobs(optimizer="sgd"))
    trainer.run(50)
    trainer.optimizer = optimizer
    for taken in (0, 15):
        trainer.run(taken)
        limit = probes.largest_stable_learning_rate(trainer)
        assert np.isnan(limit.value)
        assert (limit.kind, limit.note) == ("unknown", f"{optimizer} has averaged {taken} of 16 squares")
    trainer.step()
    assert np.isfinite(probes.largest_stable_learning_rate(trainer).value)


def test_clipping_is_mentioned(make_line):
    trainer = Trainer(make_line(), np.zeros(2), knobs=Knobs(gradient_clip=1.0))
    assert "clipped" in probes.largest_stable_learning_rate(trainer).note


def test_quadratics_are_told_from_others(make_plane):
    generator = np.random.default_rng(0)
    assert probes.is_quadratic(make_plane(50, 5), generator.standard_normal(6))
    assert probes.is_quadratic(quadratic((-1.0, 5.0), noise=2.0), np.array([3.0, 4.0]))
    assert not probes.is_quadratic(tilted(Ravine()), np.ones(2))
    assert not probes.is_quadratic(two_minima(), np.zeros(1))


def test_a_large_model_is_told_from_a_quadratic_by_few_numbers(monkeypatch):
    generator = np.random.default_rng(0)
    network = Network(generator.standard_normal((20, 500)), generator.standard_normal(20), hidden=(520,))
    asked = []

    def counting(objective, weights, examples):
        asked.append(len(examples) * len(weights))
        return example_gradients(objective, weights, examples)

    example_gradients = stability.example_gradients
    monkeypatch.setattr(stability, "example_gradients", counting)
    weights = generator.standard_normal(len(network.weight_names)) / 20
    assert not probes.is_quadratic(network, weights)
    assert max(asked) < 2**19  # a paused network of this size took a second for it


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_is_reported(make_line, bad):
    data = LeastSquares(np.array([[bad], [1.0]]), np.ones(2))
    limit = probes.largest_stable_learning_rate(Trainer(data, np.zeros(2), knobs=Knobs()))
    assert limit.kind == "unknown"
    for optimizer in ("sgd", "adam"):
        trainer = Trainer(make_line(), np.array([bad, 0.0]), knobs=Knobs(optimizer=optimizer))
        trainer.step()
        probes.largest_stable_learning_rate(trainer)


@pytest.mark.parametrize("optimizer", ["sgd", "nesterov", "adam", "adamw"])
@pytest.mark.parametrize(("momentum", "decay"), [(0.0, 0.0), (0.9, 0.0), (0.5, 0.1)])
def test_the_curvature_at_the_edge_is_that_whose_edge_is_the_rate(optimizer, momentum, decay):
    knobs = Knobs(optimizer=optimizer, momentum=momentum, weight_decay=decay)
    curvature = probes.curvature_at_edge(0.03, knobs)
    assert probes.edge(curvature, knobs) == pytest.approx(0.03, rel=1e-12)
    assert probes.curvature_at_edge(0.0, knobs) == np.inf


def test_the_curvature_at_the_edge_of_gradient_descent_is_two_over_the_rate():
    assert probes.curvature_at_edge(0.05, Knobs()) == pytest.approx(40)
    assert probes.curvature_at_edge(0.05, Knobs(momentum=0.5)) == pytest.approx(60)


def test_the_standard_error_of_a_sampled_curvature_covers_the_whole():
    generator = np.random.default_rng(3)
    network = Network(generator.standard_normal((6000, 8)), generator.standard_normal(6000), hidden=(10,))
    weights = 0.5 * generator.standard_normal(len(network.weight_names))
    whole = probes.finish(probes.Sums(network).hessian_product(weights)(direction := np.eye(len(weights))[3]))[3]
    sums = probes.Sums(network, most_work=1e5)
    assert sums.note
    sampled = probes.finish(sums.hessian_product(weights)(direction))[3]
    error = probes.finish(sums.curvature_error(weights, direction))
    assert abs(sampled - whole) < 4 * error < abs(whole)
    assert probes.finish(probes.Sums(network).curvature_error(weights, direction)) == 0.0
