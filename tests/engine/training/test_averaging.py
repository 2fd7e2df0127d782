"""Averages of the weights: what they are, and that they disturb nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.runs.run import Run
from engine.training.averages import ExponentialAverage, PolyakAverage
from engine.training.knobs import Knobs
from engine.training.trainer import Trainer

STEPS = 500


def run_of(objective, *observers, **knobs):
    trainer = Trainer(objective, np.zeros(len(objective.weight_names)), knobs=Knobs(**knobs))
    run = Run(trainer)
    run.observers.extend(observers)
    return run


def iterates(objective, steps, **knobs):
    """(steps, P) the weights after each update."""
    trainer = run_of(objective, **knobs).trainer
    rows = []
    for _ in range(steps):
        trainer.step()
        rows.append(trainer.weights)
    return np.array(rows)


@pytest.fixture(scope="module")
def plain_sgd(make_plane):
    """An objective, and the weights after each of its first STEPS updates."""
    objective = make_plane(50, 3)
    return objective, iterates(objective, STEPS)


def recorded(run):
    trainer = run.trainer
    return trainer.weights.tobytes(), trainer.history.tail(trainer.steps).tobytes(), run.status


@given(groups=st.lists(st.integers(1, 300), min_size=1, max_size=4), start=st.integers(0, STEPS - 1))
def test_averages_are_their_formulas_however_steps_are_grouped(plain_sgd, groups, start):
    objective, weights = plain_sgd
    mean, exponential = PolyakAverage(start), ExponentialAverage(0.95)
    run = run_of(objective, mean, exponential)
    turn = 0
    while run.trainer.steps < STEPS:
        run.advance(min(groups[turn % len(groups)], STEPS - run.trainer.steps))
        turn += 1
    np.testing.assert_allclose(mean.weights, weights[start:].mean(axis=0), rtol=0, atol=1e-14)
    expected = weights[0]
    for row in weights[1:]:
        expected = 0.95 * expected + 0.05 * row
    np.testing.assert_allclose(exponential.weights, expected, rtol=0, atol=1e-14)


def test_averages_agree_with_pytorch(make_plane):
    torch = pytest.importorskip("torch")
    from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

    objective = make_plane(50, 3)
    mean, exponential = PolyakAverage(start=10), ExponentialAverage(0.9)
    run_of(objective, mean, exponential).advance(200)
    model = torch.nn.Linear(4, 1, bias=False, dtype=torch.float64)
    theirs_mean, theirs_exponential = AveragedModel(model), AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.9))
    for step, row in enumerate(iterates(objective, 200)):
        model.weight.data[0] = torch.from_numpy(row)
        theirs_exponential.update_parameters(model)
        if step >= 10:
            theirs_mean.update_parameters(model)
    np.testing.assert_allclose(mean.weights, theirs_mean.module.weight.data[0], rtol=1e-12)
    np.testing.assert_allclose(exponential.weights, theirs_exponential.module.weight.data[0], rtol=1e-12)


def test_a_watched_run_has_the_same_bits(make_plane):
    objective = make_plane(100, 8)
    watched, alone = run_of(objective, PolyakAverage(), ExponentialAverage()), run_of(objective)
    for run in (watched, alone):
        run.advance(300)
        run.set_knob("optimizer", "adam")
        run.advance(300)
    assert recorded(watched) == recorded(alone)


def test_the_mean_of_a_staggering_run_is_nearer_the_minimum(make_line):
    objective = make_line()
    mean = PolyakAverage(start=100)
    run = run_of(objective, mean, batch_size=2, learning_rate=0.1, sampling="with_replacement")
    run.advance(5000)
    excess = run.evaluations.training_loss[-100:].mean() - objective.loss(objective.minimum())
    assert mean.loss(objective) - objective.loss(objective.minimum()) < excess / 20


def test_before_anything_was_seen_there_is_no_average(make_line):
    objective, mean = make_line(), PolyakAverage(start=50)
    run = run_of(objective, mean)
    run.advance(50)
    assert mean.weights is None
    assert np.isnan(mean.loss(objective))
    run.advance(1)
    assert mean.weights.tolist() == run.trainer.weights.tolist()


def test_without_memory_the_exponential_average_is_the_present(make_line):
    average = ExponentialAverage(decay=0.0)
    run = run_of(make_line(), average)
    run.advance(77)
    assert average.weights.tolist() == run.trainer.weights.tolist()


@pytest.mark.filterwarnings("error")
def test_a_run_that_blows_up_takes_its_average_along(make_line):
    mean, exponential = PolyakAverage(), ExponentialAverage()
    run = run_of(make_line(), mean, exponential, learning_rate=5.0)
    run.advance(10_000)
    assert run.advance(5) == 0
    for average in (mean, exponential):
        assert not np.isfinite(average.loss(run.trainer.objective))


@pytest.mark.parametrize(
    "make", [lambda: PolyakAverage(-1), lambda: ExponentialAverage(1.0), lambda: ExponentialAverage(-0.1)]
)
def test_impossible_averages_are_refused(make):
    with pytest.raises(ValueError, match="must be at least 0"):
        make()
