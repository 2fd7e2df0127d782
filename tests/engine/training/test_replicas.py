from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.landscape_objective import tilted, two_minima
from engine.model.landscape_shapes import Quadratic
from engine.model.least_squares import LeastSquares
from engine.model.networks import Network
from engine.model.regularisation import Regularised
from engine.training.knobs import SAMPLINGS, Knobs
from engine.training.optimizers import OPTIMIZERS
from engine.training.replicas import Cloud, Replicas
from engine.training.schedules import CONSTANT, Cosine, Plateau
from engine.training.trainer import Trainer


class PlainLeastSquares:
    """Least squares that nobody has a quicker way for."""

    def __init__(self, *arguments):
        self._objective = LeastSquares(*arguments)

    def stacked_gradients(self):
        return None

    def quadratic_forms(self):
        return None

    def __getattr__(self, name):
        return getattr(self._objective, name)


def problems():
    generator = np.random.default_rng(0)
    inputs, targets = generator.standard_normal((60, 3)), generator.standard_normal(60)
    return {
        "least squares": LeastSquares(inputs, targets),
        "one by one": PlainLeastSquares(inputs, targets),
        "quadratic": tilted(Quadratic((1.0, 0.3), 0.5), noise=1.0, examples=60),
        "two minima": two_minima(60),
        "network": Network(inputs, targets, hidden=(4, 3)),
        "binary": Network(inputs, targets > 0, hidden=(3,), loss="binary_cross_entropy", activation="gelu"),
        "softmax": Network(inputs, np.arange(60) % 3, num_outputs=3, hidden=(4,), loss="softmax_cross_entropy"),
        "outputs": Network(inputs, inputs[:, :2] ** 2, num_outputs=2, hidden=(4,), loss="huber", activation="silu"),
        "ridge": Regularised(LeastSquares(inputs, targets), l2=0.1),
        "lasso": Regularised(LeastSquares(inputs, targets), l1=0.1, penalised=np.array([True, True, False, False])),
        "decayed network": Regularised(Network(inputs, targets, hidden=(4,)), l1=0.01, l2=0.02),
        "softmax regression": Network(inputs, np.arange(60) % 3, num_outputs=3, loss="softmax_cross_entropy"),
    }


PROBLEMS = problems()
SEEDS = (0, 3, 2**40)
CHANGES = st.one_of(
    st.tuples(st.just("learning_rate"), st.sampled_from([0.0005, 0.002])),
    st.tuples(st.just("batch_size"), st.integers(1, 70)),
    st.tuples(st.just("momentum"), st.sampled_from([0.0, 0.5])),
    st.tuples(st.just("optimizer"), st.sampled_from(sorted(OPTIMIZERS))),
    st.tuples(st.just("sampling"), st.sampled_from(SAMPLINGS)),
    st.tuples(st.just("schedule"), st.sampled_from([CONSTANT, Cosine(steps=50), Plateau(patience=1)])),
    st.tuples(st.just("weight_decay"), st.sampled_from([0.0, 0.1])),
    st.tuples(st.just("gradient_clip"), st.sampled_from([0.5, float("inf")])),
)


def trainers_of(objective, knobs, seeds=SEEDS):
    start = np.linspace(0.7, -0.2, len(objective.weight_names))
    return [Trainer(objective, start, knobs=knobs, seed=seed) for seed in seeds]


def assert_agree(replicas, trainers):
    # Numbers of about 1. Over a few hundred steps of SGD roundings of 1e-16 add up to some hundred of them, but the
    # adaptive methods divide by the size of the gradient, and so do not let them decay. One wrong batch makes 1e-3.
    np.testing.assert_allclose(replicas.weights, [trainer.weights for trainer in trainers], rtol=1e-7, atol=1e-9)
    assert {(trainer.steps, trainer.examples) for trainer in trainers} == {(replicas.steps, replicas.examples)}


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_replica_agrees_with_a_trainer_of_its_seed(problem, optimizer):
    objective, knobs = PROBLEMS[problem], Knobs(0.01, 16, optimizer=optimizer, momentum=0.5)
    trainers = trainers_of(objective, knobs)
    replicas = Replicas(objective, trainers[0].initial_weights, knobs, SEEDS)
    for steps in (1, 200):
        replicas.run(steps)
        for trainer in trainers:
            trainer.run(steps)
        assert_agree(replicas, trainers)


@given(problem=st.sampled_from(sorted(PROBLEMS)), flight=st.lists(st.tuples(st.integers(0, 40), CHANGES), max_size=5))
def test_knob_changes_act_on_all_replicas_as_on_trainers(problem, flight):
    # So slow that the adaptive methods do not come to the minimum, where they bounce and roundings grow.
    objective, knobs = PROBLEMS[problem], Knobs(0.001, 16)
    trainers = trainers_of(objective, knobs)
    replicas = Replicas(objective, trainers[0].initial_weights, knobs, SEEDS)
    for steps, (knob, value) in [*flight, (50, ("momentum", 0.0))]:
        replicas.run(steps)
        for trainer in trainers:
            trainer.run(steps)
        trainers[0].set_knob(knob, value)
        for each in (replicas, *trainers):  # a schedule that watched the loss leaves every trainer another rate
            each.knobs = trainers[0].knobs
    assert_agree(replicas, trainers)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_every_replica_has_its_own_plateau(make_line, optimizer):
    objective, knobs = make_line(60), Knobs(0.3, 4, optimizer=optimizer, schedule=Plateau(patience=0, factor=0.5))
    trainers = trainers_of(objective, knobs)
    replicas = Replicas(objective, trainers[0].initial_weights, knobs, SEEDS)
    differed = 0
    for _ in range(20):
        replicas.run(11)
        for trainer in trainers:
            trainer.run(11)
        differed += len({trainer.learning_rate for trainer in trainers}) > 1
        assert_agree(replicas, trainers)
    assert differed


@pytest.mark.parametrize("problem", ["least squares", "one by one", "network", "two minima"])
@pytest.mark.parametrize("optimizer", ["sgd", "nesterov", "adam"])
def test_learning_rates_may_differ_between_replicas(problem, optimizer):
    objective, rates = PROBLEMS[problem], [0.001, 0.004, 0.001]
    knobs = Knobs(0.5, 16, optimizer=optimizer, momentum=0.5, schedule=Cosine(steps=150, floor=0.1))
    trainers = trainers_of(objective, knobs)
    for trainer, rate in zip(trainers, rates, strict=True):
        trainer.knobs = replace(knobs, learning_rate=rate)
    replicas = Replicas(objective, trainers[0].initial_weights, knobs, SEEDS, learning_rates=rates)
    replicas.run(100)
    for trainer in trainers:
        trainer.run(100)
    assert_agree(replicas, trainers)
    for each in (replicas, *trainers):  # the knob is for all of them
        each.knobs = replace(knobs, learning_rate=0.002)
        each.run(20)
    assert_agree(replicas, trainers)


def test_as_many_learning_rates_as_seeds_are_needed(make_line):
    with pytest.raises(ValueError, match="3 learning rates are needed, not 2"):
        Replicas(make_line(), np.zeros(2), Knobs(), SEEDS, learning_rates=[0.1, 0.2])


@pytest.mark.parametrize("sampling", SAMPLINGS)
@pytest.mark.parametrize("examples", [1, 300, 5000])
def test_replicas_get_the_minibatches_of_their_seeds(make_line, sampling, examples):
    objective, knobs = make_line(examples), Knobs(0.01, 64, sampling=sampling)
    trainers = trainers_of(objective, knobs)
    replicas = Replicas(objective, trainers[0].initial_weights, knobs, SEEDS)
    replicas.run(250)
    for trainer in trainers:
        trainer.run(250)
    assert_agree(replicas, trainers)


def test_many_replicas_are_taken_in_parts(make_plane):
    objective, knobs, seeds = make_plane(3000, 20), Knobs(0.01, 1000), range(9)
    trainers = trainers_of(objective, knobs, seeds)
    replicas = Replicas(objective, trainers[0].initial_weights, knobs, seeds)
    replicas.run(20)
    for trainer in trainers:
        trainer.run(20)
    assert_agree(replicas, trainers)


def test_what_one_replica_does_is_not_the_others_business(make_line):
    starts = np.array([[1.0, 1.0], [1e308, 1e308], [2.0, 0.0]])
    replicas = Replicas(make_line(), starts, Knobs(optimizer="adam"), [0, 1, 2])
    replicas.run(100)
    alone = Replicas(make_line(), starts[2:], Knobs(optimizer="adam"), [2])
    alone.run(100)
    np.testing.assert_allclose(replicas.weights[2], alone.weights[0], rtol=1e-9)
    cloud = replicas.cloud()
    assert np.isfinite(cloud.losses).tolist() == [True, False, True]
    assert cloud.mean == pytest.approx(cloud.losses[[0, 2]].mean())


def test_the_cloud_holds_the_losses_over_all_examples(make_line):
    objective = make_line()
    replicas = Replicas(objective, np.zeros(2), Knobs(), range(20))
    replicas.run(50)
    cloud = replicas.cloud()
    assert cloud.step == 50
    assert cloud.losses == pytest.approx([objective.loss(weights) for weights in cloud.weights])
    assert len(np.unique(cloud.losses)) == 20


def test_the_mean_loss_is_that_of_the_replicas_that_have_one():
    cloud = Cloud(0, np.zeros((4, 1)), np.array([3.0, np.nan, 1.0, 2.0]))
    assert cloud.mean == 2.0
    assert np.isnan(Cloud(0, np.zeros((1, 1)), np.array([np.inf])).mean)


@pytest.mark.parametrize(("weights", "seeds"), [(np.zeros(3), [0]), (np.zeros((2, 2)), [0]), (np.zeros(2), [])])
def test_weights_and_seeds_must_fit(make_line, weights, seeds):
    with pytest.raises(ValueError, match="needed"):
        Replicas(make_line(), weights, Knobs(), seeds)


def test_the_spread_of_a_cloud_is_the_stationary_variance_of_sgd():
    # Result 5 of test_known_results.py: Var w = ηs²/(L(2 − ηL)) for gradient noise of variance s². Here L = 1, and a
    # batch of one that is drawn with replacement has s = 1. The variance of 2,000 normal numbers is known to 3.2 %.
    objective = tilted(Quadratic((1.0, 1.0)), noise=1.0, examples=64)
    replicas = Replicas(objective, np.zeros(2), Knobs(0.2, 1, sampling="with_replacement"), range(1000))
    replicas.run(60)  # (1 − 0.2)⁶⁰ = 1.5e-6 of the beginning is left
    assert replicas.weights.var() == pytest.approx(0.2 / (2 - 0.2), rel=4 * np.sqrt(2 / 2000))
