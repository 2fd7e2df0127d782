"""The minibatch limit on least squares of any width, against every batch there is and against the P⁴ map."""

from itertools import product

import numpy as np
import pytest

from engine.model.least_squares import LeastSquares
from engine.model.regularisation import Regularised
from engine.probes import MinibatchTheory, Quadratic
from engine.probes.noise import rank_one
from engine.probes.noise.rank_one import RankOne
from engine.training.knobs import Knobs
from engine.training.trainer import Trainer


def unequal(examples, features, seed=0, tails=1.0):
    """Least squares on features of very unequal sizes; tails: how unequal the rows are."""
    generator = np.random.default_rng(seed)
    inputs = generator.standard_normal((examples, features))
    inputs *= np.exp(tails * generator.standard_normal((examples, features)))
    inputs *= 10.0 ** np.linspace(-1.5, 1.5, features)
    return LeastSquares(inputs, inputs @ np.ones(features) + generator.standard_normal(examples))


def growth(objective, knobs, rate, steps=400):
    """What a step multiplies the second moments of (w, v) with in the end, over all batches of two that there are."""
    rows = objective.examples[:, : len(objective.weight_names)]
    size = rows.shape[1]
    steps_of = []
    for pair in product(range(len(rows)), repeat=2):
        matrix = rows[list(pair)].T @ rows[list(pair)]  # 2/B times the sum
        upper = np.hstack([np.eye(size) - rate * matrix, -rate * knobs.momentum * np.eye(size)])
        steps_of.append(np.vstack([upper, np.hstack([matrix, knobs.momentum * np.eye(size)])]))
    stack = np.array(steps_of)
    moments = np.eye(2 * size)
    for _ in range(steps):
        moments = np.mean(stack @ moments @ stack.transpose(0, 2, 1), axis=0)
        length = np.linalg.norm(moments)
        moments /= length
    return length


@pytest.mark.parametrize("momentum", [0.0, 0.5])
def test_the_second_moments_over_all_batches_stand_still_at_the_limit(momentum):
    objective = unequal(8, 13)
    objective = LeastSquares(objective.inputs[:, :12] / objective.inputs[:, :12].std(axis=0), objective.targets)
    knobs = Knobs(batch_size=2, momentum=momentum, sampling="with_replacement")
    limit = MinibatchTheory(objective).limit(knobs)
    assert (limit.kind, len(objective.weight_names)) == ("exact", 13)
    # What no batch moves stands still for ever, so below the limit it is 1 at the most, and above it more.
    assert growth(objective, knobs, 0.97 * limit.value) <= 1 + 1e-6
    assert growth(objective, knobs, 1.03 * limit.value) > 1.001


@pytest.mark.parametrize("batch", [1, 8, 32, 100])
@pytest.mark.parametrize(("optimizer", "momentum"), [("sgd", 0.0), ("sgd", 0.9), ("nesterov", 0.5)])
def test_the_two_ways_agree_where_both_know(batch, optimizer, momentum):
    objective = unequal(300, 5)
    knobs = Knobs(
        batch_size=batch, optimizer=optimizer, momentum=momentum, weight_decay=0.1, sampling="with_replacement"
    )
    expected = Quadratic.of(objective).largest_stable_learning_rate(knobs)
    theory = MinibatchTheory(objective)
    theory.quadratic = None  # as of a wide one
    assert theory.limit(knobs).value == pytest.approx(expected.value, rel=1e-3)


def test_a_penalty_is_part_of_the_curvature():
    objective = unequal(200, 20)
    plain, penalised = (
        MinibatchTheory(o).limit(Knobs(batch_size=4)).value
        for o in (objective, Regularised(objective, l1=0.0, l2=1e6, penalised=np.ones(21, dtype=bool)))
    )
    assert 0 < penalised < plain


@pytest.mark.parametrize("batch", [2, 16, 64])
def test_trainings_blow_up_above_the_limit_and_not_below_it(batch):
    objective = unequal(500, 16, tails=0.0)
    knobs = Knobs(batch_size=batch)
    limit = MinibatchTheory(objective).limit(knobs)
    assert limit.note == "as if batches were independent"

    def end(rate):
        trainer = Trainer(objective, np.zeros(17), knobs=Knobs(rate, batch), seed=1)
        trainer.run(60 * 500 // batch)
        return trainer.loss() if trainer.blew_up_at is None else np.inf

    assert limit.value < 0.99 * 2 / np.linalg.eigvalsh(objective._hessian)[-1]
    assert end(0.8 * limit.value) < objective.loss(np.zeros(17))
    assert end(1.5 * limit.value) > 1e6 * objective.loss(np.zeros(17))


def test_of_too_many_examples_the_long_ones_stand_for_all():
    objective = unequal(10_000, 40)
    share = Knobs(batch_size=32).covariance_share(10_000)
    rows, few = RankOne.of(objective), None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rank_one, "_MOST_NUMBERS", 3e6)
        few = RankOne.of(objective)
    assert (rows.exact, few.exact, few.num_seen) == (True, False, 1784)
    limits = [
        it.largest_stable_learning_rate(2 / it.curvatures[-1], share, lambda rate: plain_gain(it.curvatures, rate))  # noqa: B023
        for it in (rows, few)
    ]
    assert limits[1] == pytest.approx(limits[0], rel=0.1)


def plain_gain(curvatures, rate):
    """That of gradient descent without momentum: η²/(1 − (1 − ηλ_a)(1 − ηλ_b))."""
    keep = 1 - rate * curvatures
    return rate**2 / (1 - np.outer(keep, keep))


def test_all_examples_make_no_noise_and_other_optimizers_no_theory():
    theory = MinibatchTheory(unequal(100, 20))
    full = theory.limit(Knobs(sampling="full_batch"))
    assert full.value == pytest.approx(2 / np.linalg.eigvalsh(theory._objective._hessian)[-1])
    assert theory.limit(Knobs(optimizer="adam")).kind == "unknown"
