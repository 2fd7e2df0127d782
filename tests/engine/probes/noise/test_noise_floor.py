"""The noise floor of epochs against closed forms, against the simulation of the benchmark, and measured."""

import itertools
import math

import numpy as np
import pytest

import scenarios
from engine import probes
from engine.model.landscape_objective import quadratic
from engine.model.least_squares import LeastSquares
from engine.runs.run import Run
from engine.serving.display import Display
from engine.training.knobs import Knobs
from engine.training.schedules import parse
from engine.training.trainer import Trainer
from tests.benchmarks.floors import Problem, drawn, simulate


def excess(objective, knobs, **options):
    """The predicted height above the minimum, and the kind."""
    floor = probes.MinibatchTheory(objective).noise_floor(knobs.learning_rate, knobs, **options)
    return floor.value - objective.loss(objective.minimum()), floor.kind


def measured(objective, knobs, **effort):
    pieces = probes.MinibatchTheory(objective).measured_noise_floor(knobs.learning_rate, knobs, probes.Effort(**effort))
    return probes.finish(pieces)


def test_the_floor_of_additive_noise_by_hand():
    # Curvature 2, per-example variance 4, batches of 8 of 256: 32 an epoch. Within an epoch the noise has the
    # covariance s² N/(N − 1) (δ − 1/32), for its sum is 0; epochs are independent. The weight is −η Σ aᵗ noise, with
    # a = 1 − 2η and t steps ago, and p of these are of the present epoch.
    objective, batches = quadratic((2.0,), noise=2.0, examples=256), 32
    noise = 4 / 8 * 256 / 255 * (np.eye(batches) - 1 / batches)
    epoch = 0.98 ** np.arange(batches)
    earlier = epoch @ noise @ epoch / (1 - 0.98 ** (2 * batches))
    present = [epoch[:p] @ noise[:p, :p] @ epoch[:p] + 0.98 ** (2 * p) * earlier for p in range(batches)]
    value, kind = excess(objective, Knobs(learning_rate=0.01, batch_size=8))
    assert kind == "exact"
    assert value == pytest.approx(0.5 * 2 * 0.01**2 * np.mean(present), rel=1e-9)


@pytest.mark.parametrize("method", [{}, {"momentum": 0.6}, {"optimizer": "nesterov", "momentum": 0.6}])
def test_the_floor_over_all_orders_of_four_examples_is_exact(method):
    # Three batches of 2, 2 and 1: of all 120 orders, each as likely, by the moments of an epoch's affine map.
    objective, rate = quadratic((3.0,), noise=2.0, examples=5), 0.2
    tilts, beta, nesterov = objective.examples[:, 0], method.get("momentum", 0.0), "optimizer" in method
    steps = []
    for order in itertools.permutations(range(5)):
        state, passed = np.hstack([np.eye(2), np.zeros((2, 1))]), []
        for batch in (order[:2], order[2:4], order[4:]):
            passed.append(state)
            gradient = 3 * state[0] + [0, 0, tilts[list(batch)].mean()]
            velocity = beta * state[1] + gradient
            state = np.stack([state[0] - rate * (gradient + beta * velocity if nesterov else velocity), velocity])
        steps.append((passed, state))
    moments = np.zeros((2, 2))
    for _ in range(200):
        moments = np.mean([m[:, :2] @ moments @ m[:, :2].T + np.outer(m[:, 2], m[:, 2]) for _, m in steps], axis=0)
    squares = [m[0, :2] @ moments @ m[0, :2] + m[0, 2] ** 2 for passed, _ in steps for m in passed]
    value, kind = excess(objective, Knobs(learning_rate=rate, batch_size=2, **method))
    assert kind == "exact"
    assert value == pytest.approx(0.5 * 3 * np.mean(squares), rel=1e-9)


SETTINGS = [  # scenario, knobs, what was predicted before, times too high
    ("line-fit", {"learning_rate": 0.05, "batch_size": 32}, 4.4),
    ("line-fit", {"learning_rate": 0.002, "batch_size": 2}, 6.5),
    ("smooth-batches", {"learning_rate": 0.05, "batch_size": 128}, 19.5),
    ("slow-down", {"learning_rate": 0.005, "batch_size": 4}, 4.7),
    ("line-fit", {"learning_rate": 0.3, "batch_size": 100, "momentum": 0.5, "weight_decay": 0.1}, None),
    ("slow-down", {"learning_rate": 0.2, "batch_size": 100, "momentum": 0.9, "optimizer": "nesterov"}, None),
    ("fuel-economy", {"learning_rate": 0.1, "batch_size": 100}, 0.5),
]


@pytest.mark.parametrize(("name", "knobs", "before"), SETTINGS)
def test_the_floor_of_presets_by_simulation(name, knobs, before):
    objective, knobs = scenarios.load(name).run().trainer.objective, Knobs(**knobs)
    mean, error = simulate(
        Problem.of(objective), knobs.learning_rate, knobs, replicas=300, epochs=30, burn_in=60 if before else 30
    )
    value, _ = excess(objective, knobs)
    assert error < 0.03 * mean
    assert value == pytest.approx(mean, rel=0.05 if name == "slow-down" else 0.1, abs=3 * error)
    if before:
        drawn_again, _ = excess(objective, Knobs(**{**vars(knobs), "sampling": "with_replacement"}))
        assert drawn_again / value == pytest.approx(before, rel=0.1)


@pytest.mark.parametrize("method", [{}, {"momentum": 0.7}])
def test_one_order_for_ever_has_the_floor_of_that_order(make_line, method):
    objective = make_line()
    knobs = Knobs(learning_rate=0.2, batch_size=48, sampling="shuffled_once", **method)
    values = []
    for seed in range(3):
        trainer = Trainer(objective, objective.minimum(), knobs=knobs, seed=seed)
        value, kind = excess(objective, knobs, order=trainer.fixed_order())
        trainer.run(600)  # a hundred epochs of 6 steps, each like the one before
        losses = objective.losses(np.concatenate([trainer.advance(1).weights[1:].copy() for _ in range(6)]))
        assert kind == "exact"
        assert value == pytest.approx(losses.mean() - objective.loss(objective.minimum()), rel=1e-6)
        values.append(value)
    assert max(values) > 1.2 * min(values)


def test_asking_for_the_order_changes_nothing(make_line):
    knobs = Knobs(sampling="shuffled_once")
    asked, left = (Trainer(make_line(), np.zeros(2), knobs=knobs) for _ in range(2))
    order = asked.fixed_order()
    for trainer in (asked, left):
        trainer.run(20)
    assert asked.weights.tobytes() == left.weights.tobytes()
    assert (asked.fixed_order() == order).all()
    assert sorted(order) == list(range(256))
    asked.sampling = "reshuffled"
    assert asked.fixed_order() is None


CROWDED = [
    (drawn(60, 6, heavy=False), {"learning_rate": 0.05, "batch_size": 1}),
    (drawn(20, 2, heavy=False), {"learning_rate": 0.2, "batch_size": 8}),
]


@pytest.mark.parametrize(("objective", "knobs"), CROWDED)
def test_where_theory_is_too_rough_the_floor_is_measured(objective, knobs):
    knobs = Knobs(**knobs)
    value, kind = excess(objective, knobs)
    assert (math.isnan(value), kind) == (True, "unknown")
    floor = measured(objective, knobs)
    height = floor.value - objective.loss(objective.minimum())
    assert (floor.kind, 0 < floor.error < 0.031 * height) == ("measured", True)
    mean, error = simulate(Problem.of(objective), knobs.learning_rate, knobs, replicas=300, epochs=60, burn_in=60)
    assert height == pytest.approx(mean, rel=0.04, abs=3 * math.hypot(error, floor.error))


def test_measured_and_predicted_agree(make_line):
    objective, knobs = make_line(), Knobs(learning_rate=0.1, batch_size=32, weight_decay=0.1)
    lowest = objective.loss(objective.minimum())
    floor = measured(objective, knobs)
    assert floor.value - lowest == pytest.approx(excess(objective, knobs)[0], rel=0.03, abs=3 * floor.error)


@pytest.mark.parametrize("knobs", [{"optimizer": "adam"}, {"gradient_clip": 0.5}])
def test_without_a_theory_the_floor_is_measured(make_line, knobs):
    objective, knobs = make_line(), Knobs(learning_rate=0.05, batch_size=8, **knobs)
    assert excess(objective, knobs)[1] == "unknown"
    floor, seen = measured(objective, knobs, tolerance=0.05), []
    trainer = Trainer(objective, objective.minimum(), knobs=knobs)
    trainer.run(500)
    while len(seen) < 20_000:
        seen.extend(objective.losses(trainer.advance(1000).weights[1:]))
    lowest = objective.loss(objective.minimum())
    assert np.mean(seen) - lowest == pytest.approx(floor.value - lowest, rel=0.2)


def test_many_weights_are_measured_and_more_are_not(make_plane):
    knobs = Knobs(learning_rate=0.02, batch_size=16)
    assert measured(make_plane(100, 20), knobs, tolerance=0.1).kind == "measured"
    assert probes.MinibatchTheory(make_plane(100, 80)).measured_noise_floor(0.02, knobs) is None


def test_what_cannot_be_measured_is_not(make_line):
    theory = probes.MinibatchTheory(make_line())
    for knobs in (Knobs(schedule=parse("cosine:steps=9")), Knobs(sampling="shuffled_once")):
        assert theory.measured_noise_floor(0.1, knobs) is None
    assert probes.MinibatchTheory(quadratic((-1.0, 2.0))).measured_noise_floor(0.1, Knobs()) is None


def test_a_rate_at_which_nothing_settles_has_no_floor():
    blown = measured(drawn(60, 6, heavy=False), Knobs(learning_rate=2.0, batch_size=8))
    assert blown.value == math.inf
    without_noise = LeastSquares(np.arange(6.0)[:, None], 2 * np.arange(6.0))
    floor = measured(without_noise, Knobs(learning_rate=0.01, batch_size=2))
    assert floor.value == pytest.approx(0.0, abs=1e-20)


def test_too_little_work_says_that_it_was_too_little():
    slow = Knobs(learning_rate=1e-5, batch_size=1, sampling="with_replacement")
    floor = measured(drawn(60, 6, heavy=False), slow, work=6e7)
    assert floor.kind == "unknown"
    assert floor.note in ("still rising 960 steps after the minimum", "the loss bursts too unevenly to have a mean")
    assert measured(drawn(60, 6, heavy=False), Knobs(batch_size=1), work=1e6).note == "takes too long to measure"


def test_a_frame_measures_a_little_and_remembers():
    run = Run(Trainer(drawn(60, 6, heavy=False), np.zeros(7), knobs=Knobs(learning_rate=0.05, batch_size=8)))
    instruments = Display().instruments(run)
    seen = [instruments.read(fresh=True)]
    assert (seen[0].noise_floor.kind, seen[0].noise_floor.note) == ("unknown", "is being measured")
    assert not instruments.is_up_to_date(fresh=True)
    while not instruments.is_up_to_date(fresh=True):
        seen.append(instruments.read(fresh=True))
    assert len(seen) > 2
    floor = seen[-1].noise_floor
    assert floor.kind == "measured"
    run.set_knob("batch_size", 16)
    assert instruments.read(fresh=True).noise_floor.kind == "unknown"
    run.set_knob("batch_size", 8)
    assert instruments.read(fresh=True).noise_floor == floor
    run.advance(1)
    assert instruments.read(fresh=True).noise_floor == floor
